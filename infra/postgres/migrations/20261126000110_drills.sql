-- migrate:up

-- A drill is called for as a case is, and is none: it has no clocks, no place in the queue and no figures.
alter table notifier.subjects
    drop constraint subjects_subject_kind_check,
    add constraint subjects_subject_kind_check check (subject_kind in ('case', 'desk', 'report', 'trial', 'drill'));
create index subjects_drills on notifier.subjects (subject_id) where subject_kind = 'drill';

-- How the calling of a drill stands: taken, at the end of its ladder (`exhausted_at`), or ended because real work came.
create view notifier.for_triage_drills as
    select s.subject_id as drill_id, e.status, e.started_at, e.exhausted_at, e.acknowledged_by, e.acknowledged_at,
           e.declined_by, e.needs_help_by
      from notifier.subjects s join notifier.escalations e using (subject_id) where s.subject_kind = 'drill';
grant select on notifier.for_triage_drills to hotline_triage;

-- Whoever has agreed to be called in drills at night.
alter table triage.people add column drills_at_night bool not null default false;

-- Drills that were called. `called_by`: a person, or the account of whoever ran the command. `over_by`: when the last rung
-- and the wait after it are over.
create table triage.drills (
    drill_id uuid primary key,
    alias text not null,
    team_id uuid not null references triage.teams,
    urgency text not null check (urgency in ('immediate', 'urgent', 'priority', 'routine')),
    ladder jsonb not null check (jsonb_typeof(ladder -> 'rungs') = 'array'),
    is_at_night bool not null,
    called_by text not null,
    called_at timestamptz not null,
    over_by timestamptz not null check (over_by > called_at)
);
create index drills_called_at on triage.drills (called_at);
create trigger drills_are_insert_only before update or delete or truncate on triage.drills
    for each statement execute function infra.refuse_change();
grant select, insert on triage.drills to hotline_triage;

-- migrate:down
