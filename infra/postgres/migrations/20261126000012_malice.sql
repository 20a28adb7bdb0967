-- migrate:up

-- *Suspected malicious*: said of a case by a named person, with a sealed reason. It ends by a person, or by the next
-- report from somebody else.
create table triage.malice_marks (
    mark_id uuid primary key,
    case_id uuid not null references triage.cases,
    reason bytea not null,
    marked_by uuid not null references triage.people,
    marked_at timestamptz not null,
    ended_at timestamptz,
    ended_by uuid references triage.people,
    ended_by_report uuid,
    check ((ended_at is null) = (ended_by is null and ended_by_report is null)),
    check (ended_by is null or ended_by_report is null)
);
create unique index malice_marks_one on triage.malice_marks (case_id) where ended_at is null;

grant select, insert, update on triage.malice_marks to hotline_triage;

-- migrate:down
