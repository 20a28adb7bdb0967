-- migrate:up

-- The country of a number (ISO 3166, such as CN), by which a gateway of that country is chosen; null where it is not known.
alter table triage.phones add column region text check (region ~ '^[A-Z]{2}$');

create or replace view triage.for_notifier_phones as
    select person_id, position, number, number_token, can_sms, can_voice, region from triage.phones;

-- Where a person is written to. Sealed under the person, field `email`.
create table triage.emails (
    person_id uuid primary key references triage.people,
    address bytea not null
);

create view triage.for_notifier_emails as
    select person_id, address from triage.emails;

grant select, insert, update, delete on triage.emails to hotline_triage;
grant select on triage.for_notifier_emails to hotline_notifier;

-- What this hotline can send by beside its provider of texts and calls, by the settings of the process that started last:
-- e-mail (no region), and a gateway for the texts to each of these countries.
create table notifier.routes (
    channel text not null check (channel in ('email', 'webhook')),
    region text not null default '',
    primary key (channel, region),
    check ((channel = 'webhook') = (region ~ '^[A-Z]{2}$'))
);

grant select, insert, delete on notifier.routes to hotline_notifier;

-- migrate:down
