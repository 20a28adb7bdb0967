-- migrate:up

-- How a person wants to be reached (schemas/ways.py): in which order by urgency, and when it is quiet.
create table triage.preferences (
    person_id uuid primary key references triage.people,
    preferences jsonb not null check (jsonb_typeof(preferences) = 'object'),
    changed_at timestamptz not null
);

create view triage.for_notifier_preferences as
    select person_id, preferences from triage.preferences;

grant select, insert, update on triage.preferences to hotline_triage;
grant select on triage.for_notifier_preferences to hotline_notifier;

-- migrate:down
