-- name: end_calling!
-- End the calling for one purpose: something newer holds, or it is no longer needed.
update triage.assignments set status = :status, ended_at = :now,
       taken_by = coalesce(taken_by, :taken_by::uuid),
       taken_at = case when taken_by is null and :taken_by::uuid is not null then :now else taken_at end
 where subject_id = :subject_id and purpose = :purpose and status = 'calling';

-- name: make_assignment$
-- End what was calling for this purpose, which the count makes sure of, and make the next assignment; its number.
with ended as (
    update triage.assignments set status = 'ended', ended_at = :made_at
     where subject_id = :subject_id::uuid and purpose = :purpose::triage.purpose and status = 'calling'
    returning number
)
insert into triage.assignments
    (subject_id, subject_kind, purpose, number, status, urgency, team_id, first_responder_id, excluded_responders,
     ladder, because, reasons, made_at, deadline_at)
select :subject_id::uuid, :subject_kind, :purpose::triage.purpose, 1 + last.number, :status, :urgency, :team_id,
       :first_responder_id, :excluded_responders, :ladder, :because, :reasons, :made_at, :deadline_at
  from (select count(*) from ended) as earlier,
       (select coalesce(max(number), 0) as number from triage.assignments
         where subject_id = :subject_id::uuid and purpose = :purpose::triage.purpose) as last
returning number;

-- name: find_ground
-- What calling for a case rests on: the ladder of the team, who is kept off, the clocks that run, what was found and
-- counted, and, a row each, who of the team is on call and can be reached, in roster order, with how many cases they
-- now have.
with on_call as (
    select s.person_id, s.level::text as level, s.position, p.language, p.languages, p.skills
      from triage.shifts s join triage.people p using (person_id)
     where s.team_id = :team_id and s.during @> :now::timestamptz and p.is_active
       and (p.is_loopback or exists (select from triage.phones f where f.person_id = p.person_id and f.verified_at is not null))
), loads as (
    select taken_by, count(*) as open_cases from triage.cases
     where status = 'open' and taken_by = any (array(select person_id from on_call)) group by taken_by
)
select t.ladder,
       array(select e.person_id from triage.exclusions e where e.case_id = :case_id::uuid order by e.person_id)
           as excluded,
       array(select k.name from triage.clocks k where k.case_id = :case_id::uuid and k.ended_at is null) as running,
       (select k.due_at from triage.clocks k
         where k.case_id = :case_id::uuid and k.ended_at is null and k.name = 'response') as response_due,
       array(select distinct e ->> 'factor' from triage.assessments s, jsonb_array_elements(s.reasons) e
              where s.case_id = :case_id::uuid and e ->> 'polarity' = 'positive'
                and e ->> 'certainty' in ('stated', 'hedged')) as factors,
       o.person_id, o.level, o.position, o.language, o.languages, o.skills, coalesce(l.open_cases, 0) as open_cases
  from triage.teams t left join on_call o on true left join loads l on l.taken_by = o.person_id
 where t.team_id = :team_id
 order by o.position, o.person_id;

-- name: find_newest
-- The newest assignment of each purpose.
select distinct on (purpose) subject_id, subject_kind, purpose, number, status, urgency, team_id, first_responder_id,
       excluded_responders, ladder, because, made_at, deadline_at, taken_by, taken_at
  from triage.assignments where subject_id = :subject_id order by purpose, number desc;

-- name: find_is_acknowledged$
-- Whether somebody took what an assignment calls for, as the notifier said.
select exists (select from triage.escalations x
                where x.subject_id = :subject_id and x.purpose = :purpose::text::triage.purpose
                  and x.number = :number and x.acknowledged_by is not null);

-- name: mark_taken!
-- Record on an assignment who took it, as the notifier said; the alarm that nobody takes this calling ends by it.
with settled as (
    update triage.alarms set settled_at = :now, settled_by = :taken_by
     where split_part(kind, '/', 1) = 'exhausted' and detail ->> 'purpose' = :purpose::text
       and subject_id = :subject_id and settled_at is null
)
update triage.assignments set taken_by = :taken_by, taken_at = :taken_at
 where subject_id = :subject_id and purpose = :purpose::text::triage.purpose and number = :number;

-- name: mirror_escalation^
-- Keep what the notifier says of an escalation, unless something newer is known. Gives what was known before (locked
-- before it is written, which the count makes sure of) and the newest number of this calling.
with before as (
    select version, acknowledged_by, declined_by, exhausted_at, begun_at, handed_back_at, facts_at, facts_closed_at,
           arrived_at, checked_in_at, needs_help_at, not_reached_at, left_at
      from triage.escalations where escalation_id = :escalation_id for update
), kept as (
    insert into triage.escalations
        (escalation_id, subject_id, purpose, number, version, status, started_at, acknowledged_by, acknowledged_at,
         acknowledged_via, declined_by, exhausted_at, begun_at, handed_back_at, handed_back_by, facts_at,
         facts_closed_at, facts_closed_for, arrived_at, checked_in_at, needs_help_at, needs_help_by, not_reached_at,
         left_at)
    select :escalation_id, :subject_id::uuid, :purpose::triage.purpose, :number, :version, :status, :started_at,
           :acknowledged_by, :acknowledged_at, :acknowledged_via, :declined_by, :exhausted_at, :begun_at,
           :handed_back_at, :handed_back_by, :facts_at, :facts_closed_at, :facts_closed_for, :arrived_at,
           :checked_in_at, :needs_help_at, :needs_help_by, :not_reached_at, :left_at
      from (select count(*) from before) as earlier
    on conflict (escalation_id) do update
       set version = excluded.version, status = excluded.status, acknowledged_by = excluded.acknowledged_by,
           acknowledged_at = excluded.acknowledged_at, acknowledged_via = excluded.acknowledged_via,
           declined_by = excluded.declined_by, exhausted_at = excluded.exhausted_at, begun_at = excluded.begun_at,
           handed_back_at = excluded.handed_back_at, handed_back_by = excluded.handed_back_by,
           facts_at = excluded.facts_at, facts_closed_at = excluded.facts_closed_at,
           facts_closed_for = excluded.facts_closed_for, arrived_at = excluded.arrived_at,
           checked_in_at = excluded.checked_in_at, needs_help_at = excluded.needs_help_at,
           needs_help_by = excluded.needs_help_by, not_reached_at = excluded.not_reached_at, left_at = excluded.left_at
     where triage.escalations.version < excluded.version
)
select before.*, newest.number as newest_number
  from (select max(number) as number from triage.assignments
         where subject_id = :subject_id::uuid and purpose = :purpose::triage.purpose) as newest
  left join before on true;
