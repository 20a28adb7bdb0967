-- migrate:up

-- Roles are cluster-wide: other databases of the cluster may have them already.
do $$
declare service text;
begin
    foreach service in array array['ingest', 'triage', 'notifier', 'relay'] loop
        begin
            execute format('create role hotline_%I nologin', service);
        exception when duplicate_object or unique_violation then null;
        end;
    end loop;
end $$;

create schema infra;
create schema ingest;
create schema triage;
create schema notifier;
grant usage on schema infra, ingest, triage, notifier to hotline_ingest, hotline_triage, hotline_notifier, hotline_relay;

-- The service a session acts for, as its rows in the shared schema are marked.
create function infra.service() returns text language sql stable as
    $$ select replace(current_user::text, 'hotline_', '') $$;

-- Events, written in the transaction of the change they tell of, kept 30 days.
create table infra.outbox (
    id uuid primary key,
    seq bigint generated always as identity,
    producer text not null default infra.service(),
    topic text not null,
    type text not null,
    key uuid not null,
    version int not null check (version > 0),
    body jsonb not null,
    correlation_id uuid not null,
    causation_id uuid not null,
    traceparent text not null check (traceparent ~ '^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$'),
    occurred_at timestamptz not null,
    written_at timestamptz not null default clock_timestamp(),
    published_at timestamptz
);
create index outbox_unpublished on infra.outbox (seq) where published_at is null;
create index outbox_written on infra.outbox (written_at, type);

-- Events a subscriber has handled, written in its handler's transaction.
create table infra.inbox (
    subscriber text not null default infra.service(),
    event_id uuid not null,
    handled_at timestamptz not null default clock_timestamp(),
    primary key (subscriber, event_id)
);
create index inbox_handled on infra.inbox (handled_at);

-- Events that failed by their own fault, counted whichever path delivered them.
create table infra.attempts (
    subscriber text not null default infra.service(),
    event_id uuid not null,
    key uuid not null,
    attempts int not null check (attempts > 0),
    retry_at timestamptz not null,
    error text not null,
    primary key (subscriber, event_id)
);

create table infra.dead_letters (
    id uuid primary key,
    subscriber text not null default infra.service(),
    event_id uuid not null,
    topic text not null,
    type text not null,
    key uuid not null,
    body jsonb not null,
    error text not null,
    attempts int not null,
    dead_lettered_at timestamptz not null,
    settled_at timestamptz,
    settled_by text,
    unique (subscriber, event_id)
);
create index dead_letters_open on infra.dead_letters (dead_lettered_at) where settled_at is null;
-- One that was tried again and failed again is open again: a settled row must not hide it.
create function infra.reopen_dead_letter() returns trigger language plpgsql security definer set search_path = '' as $$
begin
    update infra.dead_letters
       set settled_at = null, settled_by = null, error = new.error, attempts = new.attempts,
           dead_lettered_at = new.dead_lettered_at
     where subscriber = new.subscriber and event_id = new.event_id and settled_at is not null;
    return new;
end $$;
create trigger dead_letter_reopens before insert on infra.dead_letters
    for each row execute function infra.reopen_dead_letter();

-- Every look and every change a person makes; insert only, digests chained per case.
create table infra.audit (
    id uuid primary key,
    seq bigint generated always as identity,
    service text not null default infra.service(),
    at timestamptz not null,
    actor text not null,
    purpose text not null,
    action text not null,
    subject_kind text not null,
    subject_id uuid not null,
    case_id uuid,
    shown jsonb not null default '[]',
    previous_digest bytea,
    digest bytea not null unique
);
create index audit_case on infra.audit (case_id, seq desc);
create index audit_subject on infra.audit (subject_id, seq desc);

create function infra.refuse_change() returns trigger language plpgsql as $$
begin
    raise exception '%.% is insert only', tg_table_schema, tg_table_name;
end $$;
create trigger audit_is_insert_only before update or delete or truncate on infra.audit
    for each statement execute function infra.refuse_change();

-- Data keys, one a subject, wrapped by the master key and by the offline recovery key.
create table infra.vault_keys (
    subject_kind text not null,
    subject_id uuid not null,
    master_key_id text not null,
    wrapped bytea not null,
    recovery_wrapped bytea not null,
    created_at timestamptz not null,
    primary key (subject_kind, subject_id)
);
create index vault_keys_by_master on infra.vault_keys (master_key_id);
create table infra.vault_state (
    name text primary key,
    value bytea not null,
    at timestamptz not null
);

-- One row a process: it is alive, and what it watches held at that instant.
create table infra.heartbeats (
    service text not null default infra.service(),
    instance text not null,
    at timestamptz not null,
    troubles jsonb not null default '[]',
    primary key (service, instance)
);

-- Token buckets for sends, by account, number and channel.
create table infra.send_buckets (
    name text primary key,
    tokens double precision not null,
    filled_at timestamptz not null
);

-- The offset of the clock in tests; empty in production.
create table infra.clock (
    only_row bool primary key default true check (only_row),
    offset_by interval not null
);

-- A service writes only its own rows of the shared tables; the relay marks what it has published.
alter table infra.outbox enable row level security;
create policy own_rows on infra.outbox for insert with check (producer = infra.service());
create policy readable on infra.outbox for select using (true);
create policy published on infra.outbox for update to hotline_relay using (true);
create policy expired on infra.outbox for delete to hotline_relay using (true);
alter table infra.inbox enable row level security;
create policy own_rows on infra.inbox using (subscriber = infra.service());
create policy expired on infra.inbox for delete to hotline_relay using (true);
create policy readable on infra.inbox for select to hotline_relay using (true);
alter table infra.attempts enable row level security;
create policy own_rows on infra.attempts using (subscriber = infra.service());
alter table infra.dead_letters enable row level security;
create policy own_rows on infra.dead_letters for insert with check (subscriber = infra.service());
create policy readable on infra.dead_letters for select using (true);
create policy settled on infra.dead_letters for update to hotline_triage using (true);
alter table infra.heartbeats enable row level security;
create policy own_rows on infra.heartbeats using (service = infra.service()) with check (service = infra.service());
create policy readable on infra.heartbeats for select using (true);

grant select, insert on infra.outbox, infra.dead_letters, infra.audit
    to hotline_ingest, hotline_triage, hotline_notifier, hotline_relay;
grant select, update (published_at), delete on infra.outbox to hotline_relay;
grant update (settled_at, settled_by) on infra.dead_letters to hotline_triage;
grant select, insert, update, delete on infra.inbox, infra.attempts, infra.heartbeats
    to hotline_ingest, hotline_triage, hotline_notifier, hotline_relay;
grant select, insert, update on infra.vault_keys, infra.vault_state, infra.send_buckets
    to hotline_ingest, hotline_triage, hotline_notifier;
grant select on infra.vault_state, infra.clock to hotline_ingest, hotline_triage, hotline_notifier, hotline_relay;

-- migrate:down
