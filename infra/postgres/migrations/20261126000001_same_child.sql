-- migrate:up

-- Clues that reports tell of the same child: keyed tokens alone, never what they were made from. They die with the
-- row of their report. `key_version` names the master key under which a token was made.
create table triage.match_tokens (
    report_id uuid not null references triage.case_reports on delete cascade,
    token bytea not null,
    kind text not null check (kind ~ '^[a-z][a-z_]*$'),
    key_version text not null,
    primary key (report_id, token, kind)
);
create index match_tokens_token on triage.match_tokens (token) include (report_id, kind);

-- The master key under which the tokens of a report were made; those of another key, or of none, are made anew.
alter table triage.case_reports add column tokens_key text;
create index case_reports_tokens_key on triage.case_reports (tokens_key);

-- What named people said of two cases; it stands until somebody undoes it. *Same matter* puts `other_id` inside
-- `case_id`: both keep their reports, clocks and callings.
create table triage.pairings (
    pairing_id uuid primary key,
    case_id uuid not null references triage.cases,
    other_id uuid not null references triage.cases,
    says text not null check (says in ('same_child', 'same_matter', 'not_same')),
    said_by uuid not null references triage.people,
    said_at timestamptz not null,
    undone_by uuid references triage.people,
    undone_at timestamptz,
    check (case_id <> other_id),
    check ((undone_by is null) = (undone_at is null))
);
create unique index pairings_one_standing on triage.pairings
    (least(case_id, other_id), greatest(case_id, other_id)) where undone_at is null;
create unique index pairings_inside_one on triage.pairings (other_id) where says = 'same_matter' and undone_at is null;
create index pairings_case on triage.pairings (case_id) where undone_at is null;
create index pairings_other on triage.pairings (other_id) where undone_at is null;

grant select, insert, update, delete on triage.match_tokens to hotline_triage;
grant select, insert, update on triage.pairings to hotline_triage;

-- A report that names the reference of another one is about the same child.
create or replace view ingest.for_triage_reports as
select r.report_id, s.version, s.kind, r.channel, r.jurisdiction, r.area_system, r.area_edition, r.area_code,
       r.language, r.reporter_role, s.danger_now, r.answers, r.facts, r.time_zone, r.happened_at,
       r.first_known_at, r.told_at, r.began_at, r.received_at, r.linked_report_id, r.is_canary, r.correlation_id,
       r.reference_token
from ingest.reports r
join ingest.report_states s using (report_id);

-- migrate:down
