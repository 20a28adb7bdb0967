-- name: find_there
-- Who is at the child's place: the last sign of each, the longest silent first. Answers to a check-in are signs too.
select person_id, sign_at from (
    select acknowledged_by as person_id, max(arrived_at) as arrived_at, max(left_at) as left_at,
           max(greatest(arrived_at, checked_in_at)) as sign_at
      from triage.escalations
     where subject_id = :case_id and purpose in ('respond', 'check_in') and acknowledged_by is not null
     group by acknowledged_by) said
 where arrived_at is not null and (left_at is null or left_at < arrived_at)
 order by sign_at, person_id;

-- name: find_phones
-- The sealed phones of people in the order in which they are to be rung.
select person_id, number from triage.phones where person_id = any (:people::uuid[]) order by person_id, position;

-- name: find_skills$
-- What a person can do, as codes.
select skills from triage.people where person_id = :person_id;
