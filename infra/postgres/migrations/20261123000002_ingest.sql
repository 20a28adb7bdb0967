-- migrate:up

-- What one reporter told us, once. Never changed: later words are updates.
create table ingest.reports (
    report_id uuid primary key,
    kind text not null,
    channel text not null check (channel in ('web', 'api', 'sms', 'voice')),
    jurisdiction text not null,
    area_system text not null,
    area_edition text not null,
    area_code text,
    language text not null,
    reporter_role text not null,
    answers jsonb not null check (jsonb_typeof(answers) = 'object'),
    facts bytea not null,
    time_zone text not null,
    happened_at timestamptz,
    first_known_at timestamptz,
    told_at timestamptz,
    began_at timestamptz not null,
    received_at timestamptz not null,
    linked_report_id uuid references ingest.reports,
    code bytea not null,
    code_token bytea not null unique,
    reference_token bytea not null unique,
    is_canary bool not null default false,
    retention_class text not null default 'report',
    correlation_id uuid not null,
    check (linked_report_id <> report_id)
);
create index reports_linked on ingest.reports (linked_report_id);
create trigger report_is_immutable before update or delete or truncate on ingest.reports
    for each statement execute function infra.refuse_change();

-- What is known of a report by now: the row that is locked, and whose version rises, with every change.
create table ingest.report_states (
    report_id uuid primary key references ingest.reports,
    version int not null default 1 check (version > 0),
    kind text not null
        check (kind in ('report', 'update', 'consultation', 'chasing', 'wrong_number', 'nothing_said')),
    danger_now text not null
        check (danger_now in ('yes', 'no', 'does_not_know', 'would_not_say', 'not_asked')),
    has_legal_hold bool not null default false
);

-- Words and answers added to a report; `version` is the report's version that each made.
create table ingest.updates (
    update_id uuid primary key,
    report_id uuid not null references ingest.reports,
    version int not null check (version > 1),
    kind text not null
        check (kind in ('report', 'update', 'consultation', 'chasing', 'wrong_number', 'nothing_said')),
    channel text not null check (channel in ('web', 'api', 'sms', 'voice')),
    answers jsonb not null check (jsonb_typeof(answers) = 'object'),
    facts bytea not null,
    began_at timestamptz not null,
    received_at timestamptz not null,
    unique (report_id, version)
);
create trigger update_is_immutable before update or delete or truncate on ingest.updates
    for each statement execute function infra.refuse_change();

-- Every contact, of whatever kind: one message, call, recording or form, and the report it belongs to.
create table ingest.contacts (
    contact_id uuid primary key,
    provider text not null,
    provider_sid text,
    kind text not null
        check (kind in ('report', 'update', 'consultation', 'chasing', 'wrong_number', 'nothing_said')),
    channel text not null check (channel in ('web', 'api', 'sms', 'voice')),
    phone_token bytea,
    report_id uuid not null references ingest.reports,
    update_id uuid references ingest.updates,
    began_at timestamptz not null,
    received_at timestamptz not null,
    unique (provider, provider_sid)
);
create index contacts_phone on ingest.contacts (phone_token, received_at desc) where phone_token is not null;
create index contacts_report on ingest.contacts (report_id);

-- Requests that were answered: the same request again gets the first answer again.
create table ingest.requests (
    key_token bytea primary key,
    body_token bytea not null,
    report_id uuid not null references ingest.reports,
    answer bytea not null,
    answered_at timestamptz not null
);

-- Where a dialogue by SMS stands; one a report.
create table ingest.conversations (
    report_id uuid primary key references ingest.reports,
    phone_token bytea not null,
    language text not null,
    stage text not null check (stage in ('unanswered', 'consent', 'asking', 'finished', 'declined', 'ended')),
    question text,
    is_repeated bool not null default false,
    changed_at timestamptz not null,
    check ((stage = 'asking') = (question is not null))
);

-- Calls: noted when they arrive, given their report as soon as something was said or the call is over.
create table ingest.calls (
    provider text not null,
    provider_sid text not null,
    phone_token bytea,
    jurisdiction text not null,
    language text not null,
    report_id uuid references ingest.reports,
    began_at timestamptz not null,
    ended_at timestamptz,
    primary key (provider, provider_sid)
);
create index calls_unreported on ingest.calls (began_at) where report_id is null;

-- The sound of what was said after the tone: noted with its contact, fetched from the provider afterwards, sealed
-- (subject report, field `recording`). Until it is there, `due_at` says when it is asked for next.
create table ingest.recordings (
    recording_id uuid primary key,
    report_id uuid not null references ingest.reports,
    provider text not null,
    provider_sid text not null,
    seconds int check (seconds >= 0),
    sound bytea check (octet_length(sound) between 1 and 17000000),
    content_type text check (content_type in ('audio/wav', 'audio/mpeg', 'audio/ogg')),
    received_at timestamptz not null,
    fetched_at timestamptz,
    due_at timestamptz,
    attempts int not null default 0 check (attempts >= 0),
    trouble text check (trouble in ('not_there', 'too_large', 'no_sound', 'refused', 'away')),
    unique (provider, provider_sid),
    check ((sound is null) = (content_type is null) and (sound is null) = (fetched_at is null)),
    check ((sound is null) = (due_at is not null))
);
-- What is sealed cannot be made smaller.
alter table ingest.recordings alter column sound set storage external;
create index recordings_due on ingest.recordings (due_at) where sound is null;
create index recordings_report on ingest.recordings (report_id);

-- Attempts at codes, limited by reference and by source.
create table ingest.code_attempts (
    attempt_id uuid primary key,
    reference_token bytea not null,
    source_token bytea not null,
    was_right bool not null,
    attempted_at timestamptz not null
);
create index code_attempts_reference on ingest.code_attempts (reference_token, attempted_at) where not was_right;
create index code_attempts_source on ingest.code_attempts (source_token, attempted_at) where not was_right;
create index code_attempts_age on ingest.code_attempts (attempted_at);

-- The instant of the last complete sweep of each list at the provider.
create table ingest.sweeps (
    kind text primary key check (kind in ('messages', 'calls', 'recordings')),
    swept_at timestamptz not null
);

create view ingest.for_triage_reports as
select r.report_id, s.version, s.kind, r.channel, r.jurisdiction, r.area_system, r.area_edition, r.area_code,
       r.language, r.reporter_role, s.danger_now, r.answers, r.facts, r.time_zone, r.happened_at,
       r.first_known_at, r.told_at, r.began_at, r.received_at, r.linked_report_id, r.is_canary, r.correlation_id
from ingest.reports r
join ingest.report_states s using (report_id);

create view ingest.for_triage_updates as
select update_id, report_id, version, kind, channel, answers, facts, began_at, received_at
from ingest.updates;

create view ingest.for_triage_recordings as
select recording_id, report_id, sound, content_type, seconds, received_at
from ingest.recordings;

create view ingest.for_notifier_reports as
select r.report_id, r.jurisdiction, r.area_system, r.area_edition, r.area_code, s.danger_now, r.received_at,
       r.is_canary
from ingest.reports r
join ingest.report_states s using (report_id);

grant select, insert on ingest.reports, ingest.updates, ingest.contacts, ingest.requests, ingest.code_attempts
    to hotline_ingest;
grant delete on ingest.code_attempts to hotline_ingest;
grant select, insert, update
    on ingest.report_states, ingest.conversations, ingest.calls, ingest.recordings, ingest.sweeps
    to hotline_ingest;
grant select on ingest.for_triage_reports, ingest.for_triage_updates, ingest.for_triage_recordings
    to hotline_triage;
grant select on ingest.for_notifier_reports to hotline_notifier;

-- migrate:down
