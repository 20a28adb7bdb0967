-- migrate:up

-- Callings that nobody has taken: what was ever acknowledged goes on to say `calling`, and is not read for them.
create index assignments_unanswered on triage.assignments (subject_id) where status = 'calling' and taken_by is null;

-- migrate:down
