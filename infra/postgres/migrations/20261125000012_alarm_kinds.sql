-- migrate:up

-- An alarm may say what of its subject it is about, after a slash: `clock_missed/arrival`, `exhausted/read`. Each
-- sounds by itself, since one alarm of a kind is open for a subject.
alter table triage.alarms
    drop constraint alarms_kind_check,
    add constraint alarms_kind_check check (kind ~ '^[a-z][a-z_]*(/[a-z][a-z0-9_]*)?$');

-- migrate:down
