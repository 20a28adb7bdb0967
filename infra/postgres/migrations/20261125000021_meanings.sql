-- migrate:up

-- What a model made of the words of a report, and of which version. What was judged before this existed is not read
-- again: a person may have lowered it since.
alter table triage.case_reports
    add column meaning_version int not null default 0 check (meaning_version >= 0),
    add column meaning jsonb;
update triage.case_reports set meaning_version = report_version;
create index case_reports_unread_meaning on triage.case_reports (joined_at, report_id)
    where report_version > meaning_version;

-- migrate:down
