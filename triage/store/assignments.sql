-- name: end_calling!
-- End the calling for one purpose: something newer holds, or it is no longer needed.
update triage.assignments set status = :status, ended_at = :now,
       taken_by = coalesce(taken_by, :taken_by::uuid),
       taken_at = case when taken_by is null and :taken_by::uuid is not null then :now else taken_at end
 where subject_id = :subject_id and purpose = :purpose and status = 'calling';

-- name: add_assignment$
-- Make the next assignment of a subject and purpose; returns its number.
insert into triage.assignments
    (subject_id, subject_kind, purpose, number, status, urgency, team_id, first_responder_id, excluded_responders,
     ladder, because, reasons, made_at, deadline_at)
select :subject_id::uuid, :subject_kind, :purpose::triage.purpose, 1 + coalesce(max(number), 0), :status, :urgency, :team_id,
       :first_responder_id, :excluded_responders, :ladder, :because, :reasons, :made_at, :deadline_at
  from triage.assignments where subject_id = :subject_id::uuid and purpose = :purpose::triage.purpose
returning number;

-- name: find_newest
-- The newest assignment of each purpose.
select distinct on (purpose) subject_id, subject_kind, purpose, number, status, urgency, team_id, first_responder_id,
       excluded_responders, ladder, because, made_at, deadline_at, taken_by, taken_at
  from triage.assignments where subject_id = :subject_id order by purpose, number desc;

-- name: mark_taken!
-- Record on an assignment who took it, as the notifier said.
update triage.assignments set taken_by = :taken_by, taken_at = :taken_at
 where subject_id = :subject_id and purpose = :purpose and number = :number;

-- name: lock_escalation^
-- What was last said of an escalation.
select escalation_id, version, number, status, acknowledged_by, declined_by, exhausted_at, begun_at, handed_back_at
  from triage.escalations where escalation_id = :escalation_id for update;

-- name: mirror_escalation!
-- Keep what the notifier says of an escalation.
insert into triage.escalations
    (escalation_id, subject_id, purpose, number, version, status, started_at, acknowledged_by, acknowledged_at,
     acknowledged_via, declined_by, exhausted_at, begun_at, handed_back_at, handed_back_by)
values
    (:escalation_id, :subject_id, :purpose, :number, :version, :status, :started_at, :acknowledged_by,
     :acknowledged_at, :acknowledged_via, :declined_by, :exhausted_at, :begun_at, :handed_back_at, :handed_back_by)
on conflict (escalation_id) do update
   set version = excluded.version, status = excluded.status, acknowledged_by = excluded.acknowledged_by,
       acknowledged_at = excluded.acknowledged_at, acknowledged_via = excluded.acknowledged_via,
       declined_by = excluded.declined_by, exhausted_at = excluded.exhausted_at, begun_at = excluded.begun_at,
       handed_back_at = excluded.handed_back_at, handed_back_by = excluded.handed_back_by
 where triage.escalations.version < excluded.version;
