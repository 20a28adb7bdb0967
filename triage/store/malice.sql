-- name: add_mark!
-- Mark a case as suspected malicious.
insert into triage.malice_marks (mark_id, case_id, reason, marked_by, marked_at)
values (:mark_id, :case_id, :reason, :marked_by, :now);

-- name: find_mark^
-- The mark of a case.
select mark_id, reason, marked_by, marked_at from triage.malice_marks where case_id = :case_id and ended_at is null;

-- name: end_mark!
-- End the mark of a case: by a person, or by a report from somebody else.
update triage.malice_marks set ended_at = :now, ended_by = :ended_by, ended_by_report = :ended_by_report
 where case_id = :case_id and ended_at is null;
