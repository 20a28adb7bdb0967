-- migrate:up

-- The ages, in completed months, that words told of the child whom a report is about. Null: judged before this was kept.
alter table triage.assessments add column ages_told smallint[];

-- migrate:down
