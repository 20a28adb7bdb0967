-- migrate:up

-- A shift keeps why it exists: which kind of rule made it, and in whose place. Older shifts have their kind alone.
alter table triage.shifts
    add column grounds jsonb not null default '{}' check (jsonb_typeof(grounds) = 'object'),
    drop constraint shifts_because_check,
    add constraint shifts_because_check check (because in ('rotation', 'by_hand', 'override', 'swap'));

-- migrate:down
