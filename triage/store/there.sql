-- name: find_there
-- Who is at the child's place: the last sign of each, the longest silent first. Answers to a check-in are signs too, and
-- so is what the desk heard of them; who left as it was told is there again with a later sign of their own.
select person_id, greatest(sign_at, h.heard_at) as sign_at from (
    select subject_id as case_id, acknowledged_by as person_id, max(arrived_at) as arrived_at, max(left_at) as left_at,
           max(greatest(arrived_at, checked_in_at)) as sign_at
      from triage.escalations
     where subject_id = :case_id and purpose in ('respond', 'check_in') and acknowledged_by is not null
     group by subject_id, acknowledged_by) said
  left join triage.heard_of h using (person_id, case_id)
 where arrived_at is not null and (said.left_at is null or said.left_at < arrived_at)
   and (h.left_at is null or h.left_at < sign_at)
 order by greatest(sign_at, h.heard_at), person_id;

-- name: keep_heard!
-- The desk heard of somebody; what it was told before of their having left stands.
insert into triage.heard_of (case_id, person_id, heard_at, left_at)
values (:case_id, :person_id, :now::timestamptz, case when :has_left then :now::timestamptz end)
on conflict (case_id, person_id) do update
   set heard_at = excluded.heard_at, left_at = coalesce(excluded.left_at, triage.heard_of.left_at);

-- name: find_asked_after^
-- Who is called because they did not check in, whether their time to answer still runs, and whose silence alarms.
select (select a.first_responder_id from triage.assignments a
         where a.subject_id = :case_id and a.purpose = 'check_in' and a.status = 'calling') as called,
       exists (select from triage.clocks k
                where k.case_id = :case_id and k.name = 'check_in_call' and k.ended_at is null
                  and k.breached_at is null) as is_ringing,
       (select nullif(a.detail ->> 'person', 'None')::uuid from triage.alarms a
         where a.kind = 'responder_silent' and a.subject_id = :case_id and a.settled_at is null) as alarmed;

-- name: find_alarmed
-- Whom an alarm of a kind that sounds about a case names, in the order in which it was sounded for them.
select named.person_id::uuid from triage.alarms a,
       jsonb_array_elements_text(jsonb_build_array(a.detail -> 'person') || coalesce(a.detail -> 'others', '[]'))
           with ordinality as named (person_id, place)
 where a.kind = :kind and a.subject_id = :case_id and a.settled_at is null and named.person_id <> 'None'
 order by named.place;

-- name: add_to_alarm!
-- An alarm of a kind that sounds about a case is about somebody else besides.
update triage.alarms
   set detail = detail || jsonb_build_object('others', coalesce(detail -> 'others', '[]') || to_jsonb(:person_id::text))
 where kind = :kind and subject_id = :case_id and settled_at is null;

-- name: settle_company!
-- Nobody asks any more who goes with somebody who must not go alone: what alarmed of it ends, by whoever took the case
-- from them or closed it, else in the name of whoever had it (an alarm ends by a person).
update triage.alarms a set settled_at = :now, settled_by = coalesce(:by::uuid, asked.person_id)
  from (select (detail ->> 'person')::uuid as person_id from triage.alarms
         where kind = 'never_alone' and subject_id = :case_id and settled_at is null) as asked
 where a.subject_id = :case_id and a.kind in ('never_alone', 'clock_missed/company') and a.settled_at is null;

-- name: find_phones
-- The sealed phones of people in the order in which they are to be rung.
select person_id, number from triage.phones where person_id = any (:people::uuid[]) order by person_id, position;

-- name: find_skills$
-- What a person can do, as codes.
select skills from triage.people where person_id = :person_id;
