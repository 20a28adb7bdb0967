-- migrate:up

-- Exclusion constraints compare ids and ranges together.
create extension if not exists btree_gist with schema public;

create domain triage.urgency as text check (value in ('immediate', 'urgent', 'priority', 'routine'));
create domain triage.level as text check (value in ('first', 'backup', 'lead', 'manager'));
create domain triage.purpose as text check (value in ('respond', 'read', 'emergency_service', 'presence'));

-- People who work for the hotline or can be called by it. Names and numbers are sealed.
create table triage.people (
    person_id uuid primary key,
    -- How roster files name a person; it says nothing about them.
    handle text not null unique check (handle ~ '^[a-z0-9-]+$'),
    name bytea not null,
    language text not null check (language in ('zh', 'en')),
    languages text[] not null default '{}',
    skills text[] not null default '{}',
    pin_hash text check (pin_hash like '$argon2%'),
    is_active bool not null default true,
    is_loopback bool not null default false,
    version int not null default 1 check (version > 0)
);

create table triage.phones (
    person_id uuid not null references triage.people,
    position int not null check (position > 0),
    number bytea not null,
    number_token bytea not null,
    can_sms bool not null default true,
    can_voice bool not null default true,
    primary key (person_id, position),
    check (can_sms or can_voice)
);
create index phones_token on triage.phones (number_token);

create table triage.accounts (
    account_id uuid primary key,
    person_id uuid not null unique references triage.people,
    username text not null unique check (username = lower(username) and username <> ''),
    password_hash text not null check (password_hash like '$argon2%'),
    role text not null check (role in ('duty_officer', 'supervisor', 'manager')),
    is_active bool not null default true,
    failures int not null default 0 check (failures >= 0),
    locked_until timestamptz,
    version int not null default 1 check (version > 0)
);

-- Sign-ins at the desk; only a digest of the cookie is kept.
create table triage.sessions (
    token_digest bytea primary key,
    account_id uuid not null references triage.accounts,
    began_at timestamptz not null,
    seen_at timestamptz not null,
    ends_at timestamptz not null check (ends_at > began_at),
    ended_at timestamptz
);
create index sessions_account on triage.sessions (account_id) where ended_at is null;

-- A team covers areas. The last-resort team and a desk keep their ladder here, so that no pack is needed to call them.
create table triage.teams (
    team_id uuid primary key,
    slug text not null unique check (slug ~ '^[a-z0-9-]+$'),
    name_zh text not null check (name_zh <> ''),
    name_en text not null check (name_en <> ''),
    jurisdiction text not null,
    time_zone text not null,
    is_desk bool not null default false,
    is_last_resort bool not null default false,
    ladder jsonb,
    version int not null default 1 check (version > 0),
    check (ladder is not null or not (is_desk or is_last_resort))
);
create unique index teams_one_last_resort on triage.teams (is_last_resort) where is_last_resort;
create unique index teams_one_desk on triage.teams (is_desk) where is_desk;

create table triage.team_areas (
    team_id uuid not null references triage.teams,
    system text not null,
    edition text not null,
    prefix text not null check (prefix <> ''),
    primary key (system, edition, prefix, team_id)
);

-- Areas with their names and time zone. A reserved one is never offered: the canary lives there.
create table triage.areas (
    system text not null,
    edition text not null,
    code text not null,
    name_zh text not null,
    name_en text not null,
    jurisdiction text not null,
    time_zone text not null,
    is_reserved bool not null default false,
    primary key (system, edition, code)
);

-- The rules of who is on call, as applied from a file; shifts are made from them ahead of time.
create table triage.rosters (
    team_id uuid primary key references triage.teams,
    rules jsonb not null,
    digest bytea not null,
    applied_at timestamptz not null,
    applied_by text not null,
    made_until timestamptz not null,
    version int not null default 1 check (version > 0)
);

create table triage.shifts (
    shift_id uuid primary key,
    team_id uuid not null references triage.teams,
    person_id uuid not null references triage.people,
    level triage.level not null,
    position int not null check (position > 0),
    during tstzrange not null check (not isempty(during) and not lower_inf(during) and not upper_inf(during)),
    because text not null check (because in ('rotation', 'override')),
    constraint shifts_once exclude using gist
        (team_id with =, (level::text) with =, person_id with =, during with &&)
);
create index shifts_during on triage.shifts using gist (team_id, during);

create table triage.cases (
    case_id uuid primary key,
    alias text not null unique,
    version int not null default 0 check (version >= 0),
    urgency triage.urgency not null,
    status text not null default 'open' check (status in ('open', 'stood_down', 'closed')),
    team_id uuid not null references triage.teams,
    jurisdiction text not null,
    area_system text not null,
    area_edition text not null,
    area_code text,
    time_zone text not null,
    language text not null,
    opened_at timestamptz not null,
    changed_at timestamptz not null,
    read_at timestamptz,
    read_by uuid references triage.people,
    unread_since timestamptz,
    taken_by uuid references triage.people,
    taken_at timestamptz,
    taken_via text check (taken_via in ('sms', 'key', 'page', 'desk', 'loopback')),
    first_action_at timestamptz,
    child_safe_until timestamptz,
    is_unread_report bool not null default false,
    is_canary bool not null default false,
    stood_down_by uuid references triage.people,
    stood_down_at timestamptz,
    closed_by uuid references triage.people,
    closed_at timestamptz,
    retention_class text not null default 'case',
    is_held bool not null default false,
    correlation_id uuid not null,
    traceparent text not null,
    check ((read_at is null) = (read_by is null)),
    check ((taken_by is null) = (taken_at is null) and (taken_by is null) = (taken_via is null)),
    -- Only a named person brings a case to rest or to its end.
    check ((status = 'stood_down') = (stood_down_by is not null and stood_down_at is not null)),
    check ((status = 'closed') = (closed_by is not null and closed_at is not null))
);
create index cases_live on triage.cases (opened_at) where status <> 'closed' and not is_canary;
-- How many cases somebody has now, asked for everybody on call whenever one is assigned.
create index cases_taken on triage.cases (taken_by) where status = 'open';

-- Every report is in exactly one case.
create table triage.case_reports (
    report_id uuid primary key,
    case_id uuid not null references triage.cases,
    report_version int not null check (report_version >= 0),
    joined_at timestamptz not null
);
create index case_reports_case on triage.case_reports (case_id);

-- Judgements of the engine; reasons hold offsets into the words, never the words.
create table triage.assessments (
    assessment_id uuid primary key,
    case_id uuid not null references triage.cases,
    report_id uuid not null references triage.case_reports,
    report_version int not null,
    urgency triage.urgency not null,
    reasons jsonb not null check (jsonb_typeof(reasons) = 'array'),
    ask jsonb not null check (jsonb_typeof(ask) = 'array'),
    what_would_change jsonb not null check (jsonb_typeof(what_would_change) = 'array'),
    pack text not null,
    semantic text not null,
    assessed_at timestamptz not null
);
create index assessments_report on triage.assessments (case_id, report_id, assessed_at desc);

-- The calling of people for a case or a desk, numbered per subject and purpose.
create table triage.assignments (
    subject_id uuid not null,
    subject_kind text not null check (subject_kind in ('case', 'desk')),
    purpose triage.purpose not null,
    number int not null check (number > 0),
    status text not null check (status in ('calling', 'taken_at_desk', 'stood_down', 'ended')),
    urgency triage.urgency not null,
    team_id uuid not null references triage.teams,
    first_responder_id uuid references triage.people,
    excluded_responders uuid[] not null default '{}',
    ladder jsonb not null,
    because text not null,
    reasons jsonb not null default '[]',
    made_at timestamptz not null,
    deadline_at timestamptz not null,
    taken_by uuid references triage.people,
    taken_at timestamptz,
    ended_at timestamptz,
    primary key (subject_id, purpose, number),
    check ((taken_by is null) = (taken_at is null)),
    check (status <> 'taken_at_desk' or taken_by is not null),
    check ((purpose = 'presence') = (subject_kind = 'desk'))
);
create unique index assignments_one_active on triage.assignments (subject_id, purpose) where status = 'calling';

-- Deadlines of a case, each with its owner and source. Missed once, recorded once.
create table triage.clocks (
    clock_id uuid primary key,
    case_id uuid not null references triage.cases,
    name text not null check (name ~ '^[a-z][a-z0-9_]*$'),
    started_at timestamptz not null,
    due_at timestamptz not null,
    ended_at timestamptz,
    answer jsonb,
    breached_at timestamptz,
    owner text not null,
    on_breach text not null,
    source text not null,
    is_legal bool not null default false,
    check (due_at >= started_at),
    check (answer is null or ended_at is not null)
);
create unique index clocks_one_running on triage.clocks (case_id, name) where ended_at is null;
create index clocks_due on triage.clocks (due_at) where ended_at is null and breached_at is null;

create table triage.timeline (
    entry_id uuid primary key,
    subject_id uuid not null,
    kind text not null check (kind ~ '^[a-z][a-z_]*$'),
    actor text not null,
    at timestamptz not null,
    detail jsonb not null default '{}' check (jsonb_typeof(detail) = 'object'),
    note bytea
);
create index timeline_subject on triage.timeline (subject_id, at, entry_id);
create trigger timeline_is_insert_only before update or delete or truncate on triage.timeline
    for each statement execute function infra.refuse_change();

-- A lower urgency is asked for by one named person and granted or refused by another.
create table triage.urgency_requests (
    request_id uuid primary key,
    case_id uuid not null references triage.cases,
    urgency_from triage.urgency not null,
    urgency_to triage.urgency not null,
    reason bytea not null,
    asked_by uuid not null references triage.people,
    asked_at timestamptz not null,
    decided_by uuid references triage.people,
    decided_at timestamptz,
    is_granted bool,
    check (decided_by <> asked_by),
    check ((decided_by is null) = (decided_at is null) and (decided_by is null) = (is_granted is null))
);
create unique index urgency_requests_one_open on triage.urgency_requests (case_id) where decided_at is null;

-- Conflict of interest: people who are not called to a case.
create table triage.exclusions (
    case_id uuid not null references triage.cases,
    person_id uuid not null references triage.people,
    reason text not null,
    added_by text not null,
    added_at timestamptz not null,
    primary key (case_id, person_id)
);

-- A desk is a team's; its version counts the changes told to others.
create table triage.desks (
    desk_id uuid primary key references triage.teams,
    alias text not null unique,
    version int not null default 0 check (version >= 0),
    asked_at timestamptz not null,
    absent_since timestamptz
);

create table triage.presence (
    desk_id uuid not null references triage.desks,
    person_id uuid not null references triage.people,
    confirmed_at timestamptz not null,
    left_at timestamptz,
    primary key (desk_id, person_id)
);

-- What the notifier last said of each escalation; it alone writes acknowledgements.
create table triage.escalations (
    escalation_id uuid primary key,
    subject_id uuid not null,
    purpose triage.purpose not null,
    number int not null,
    version int not null check (version > 0),
    status text not null check (status in ('calling', 'exhausted', 'acknowledged', 'superseded', 'ended')),
    started_at timestamptz not null,
    acknowledged_by uuid,
    acknowledged_at timestamptz,
    acknowledged_via text,
    declined_by uuid[] not null default '{}',
    exhausted_at timestamptz,
    begun_at timestamptz,
    handed_back_at timestamptz,
    handed_back_by uuid,
    check ((acknowledged_by is null) = (acknowledged_at is null))
);
create index escalations_subject on triage.escalations (subject_id, purpose, number);

create table triage.sheets (
    case_id uuid primary key references triage.cases,
    sheet bytea not null,
    sealed_at timestamptz not null
);

-- What the desk must look at beside its cases; ended by a named person.
create table triage.alarms (
    alarm_id uuid primary key,
    kind text not null check (kind ~ '^[a-z][a-z_]*$'),
    subject_id uuid,
    detail jsonb not null default '{}',
    raised_at timestamptz not null,
    settled_at timestamptz,
    settled_by uuid references triage.people,
    check ((settled_at is null) = (settled_by is null))
);
create unique index alarms_open_once on triage.alarms (kind, subject_id) nulls not distinct where settled_at is null;

create view triage.for_ingest_states as
    select r.report_id,
           case when c.status = 'closed' then 'outcome_available'
                when c.taken_at is not null then 'taken'
                when a.made_at is not null then 'passed_on'
                when c.read_at is not null then 'read'
                else 'received' end as state,
           case when c.status = 'closed' then c.closed_at
                else coalesce(c.taken_at, a.made_at, c.read_at, r.joined_at) end as changed_at
      from triage.case_reports r
      join triage.cases c using (case_id)
      left join lateral (select min(made_at) as made_at from triage.assignments
                          where subject_id = c.case_id and purpose = 'respond') a on true;

create view triage.for_ingest_areas as
    select system, edition, code, name_zh, name_en, jurisdiction from triage.areas where not is_reserved;

create view triage.for_notifier_shifts as
    select team_id, level::text as level, position, person_id, during from triage.shifts;

create view triage.for_notifier_people as
    select person_id, name, language, pin_hash, is_loopback, is_active from triage.people;

create view triage.for_notifier_phones as
    select person_id, position, number, number_token, can_sms, can_voice from triage.phones;

create view triage.for_notifier_cases as
    select report_id, case_id from triage.case_reports;

create view triage.for_notifier_facts as
    select case_id, sheet from triage.sheets;

create view triage.for_notifier_teams as
    select team_id, is_desk, is_last_resort, jurisdiction from triage.teams;

grant select, insert, update, delete on all tables in schema triage to hotline_triage;
revoke update, delete on triage.timeline from hotline_triage;
revoke delete on triage.cases, triage.case_reports, triage.assessments, triage.assignments, triage.clocks
    from hotline_triage;
revoke insert, update, delete on
    triage.for_ingest_states, triage.for_ingest_areas, triage.for_notifier_shifts, triage.for_notifier_people,
    triage.for_notifier_phones, triage.for_notifier_cases, triage.for_notifier_facts, triage.for_notifier_teams
    from hotline_triage;
grant select on triage.for_ingest_states, triage.for_ingest_areas to hotline_ingest;
grant select on triage.for_notifier_shifts, triage.for_notifier_people, triage.for_notifier_phones,
    triage.for_notifier_cases, triage.for_notifier_facts, triage.for_notifier_teams to hotline_notifier;

-- migrate:down
