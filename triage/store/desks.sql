-- name: add_desk!
-- Begin to watch the presence at a desk; a desk that is watched already stays as it is.
insert into triage.desks (desk_id, alias, asked_at) values (:desk_id, :alias, :now) on conflict (desk_id) do nothing;

-- name: lock_desk^
-- The desk with the newest confirmation of anybody still there who works here, its row locked.
select d.desk_id, d.alias, d.version, d.asked_at, d.absent_since,
       (select max(a.confirmed_at) from triage.presence a join triage.people p using (person_id)
         where a.desk_id = d.desk_id and a.left_at is null and p.is_active) as confirmed_at
  from triage.desks d for update of d;

-- name: find_desk^
-- The desk with the newest confirmation of anybody still there who works here.
select d.desk_id, d.alias, d.version, d.asked_at, d.absent_since,
       (select max(a.confirmed_at) from triage.presence a join triage.people p using (person_id)
         where a.desk_id = d.desk_id and a.left_at is null and p.is_active) as confirmed_at
  from triage.desks d;

-- name: save_desk!
-- Write what may change about a desk.
update triage.desks set version = :version, absent_since = :absent_since where desk_id = :desk_id;

-- name: confirm_presence!
-- Somebody is at the desk.
insert into triage.presence (desk_id, person_id, confirmed_at) values (:desk_id, :person_id, :now)
on conflict (desk_id, person_id) do update
   set confirmed_at = greatest(triage.presence.confirmed_at, excluded.confirmed_at), left_at = null;

-- name: leave_desk!
-- Somebody leaves the desk.
update triage.presence set left_at = :now where desk_id = :desk_id and person_id = :person_id and left_at is null;

-- name: find_present
-- Who is at the desk, by newest confirmation.
select a.person_id, p.name, a.confirmed_at from triage.presence a join triage.people p using (person_id)
 where a.left_at is null and p.is_active and a.confirmed_at > :since order by a.confirmed_at desc;

-- name: raise_alarm!
-- Sound an alarm; one of the same kind and subject that sounds already goes on.
insert into triage.alarms (alarm_id, kind, subject_id, detail, raised_at)
values (:alarm_id, :kind, :subject_id, :detail, :now)
on conflict (kind, subject_id) where settled_at is null do nothing;

-- name: was_alarmed$
-- Whether an alarm of a kind about a subject was raised or settled since an instant.
select exists (select from triage.alarms
                where kind = :kind and subject_id = :subject_id and greatest(raised_at, settled_at) > :since);

-- name: find_alarm_kind$
-- The kind of an alarm, with what of its subject it is about.
select kind from triage.alarms where alarm_id = :alarm_id;

-- name: settle_alarm!
-- A named person has seen to an alarm.
update triage.alarms set settled_at = :now, settled_by = :settled_by
 where alarm_id = :alarm_id and settled_at is null;

-- name: settle_alarms_of!
-- What a named person did ends the alarms of a kind about a subject.
update triage.alarms set settled_at = :now, settled_by = :settled_by
 where kind = :kind and subject_id = :subject_id and settled_at is null;

-- name: find_alarms
-- Open alarms that nothing else says anyway: about a responder in danger first, all of them; then 200 more at most, of
-- danger first, then about cases, the newest first. With each how many stand.
with standing as (
    select a.alarm_id, a.kind, a.subject_id, a.detail, a.raised_at, c.alias,
           split_part(a.kind, '/', 1) = any(:of_responder::text[]) as is_of_responder,
           split_part(a.kind, '/', 1) = any(:of_danger::text[]) as is_of_danger
      from triage.alarms a left join triage.cases c on c.case_id = a.subject_id
     where a.settled_at is null and a.kind <> all(:derived::text[])
), ranked as (
    select s.*, count(*) over () as standing,
           row_number() over (order by is_of_responder desc, is_of_danger desc, alias is null, raised_at desc) as place,
           count(*) filter (where is_of_responder) over () as of_responder
      from standing s
)
select alarm_id, kind, subject_id, detail, raised_at, standing, alias
  from ranked where place <= of_responder + 200 order by place;

-- name: find_dead_letters
-- Events that no handler could take and nobody has seen to.
select d.id, d.subscriber, d.event_id, d.type, d.key, d.error, d.attempts, d.dead_lettered_at, r.case_id
  from infra.dead_letters d left join triage.case_reports r on r.report_id = d.key
 where d.settled_at is null order by d.dead_lettered_at desc limit 200;

-- name: settle_dead_letter$
-- A named person has seen to an event that no handler could take; whose it was.
update infra.dead_letters set settled_at = :now, settled_by = :settled_by where id = :id and settled_at is null
returning key;
