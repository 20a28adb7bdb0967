-- migrate:up

-- Responders who texted STOP, or whose provider refused a text with 21610 for that: until START, or a text that arrives.
create table notifier.refusing_phones (
    person_id uuid primary key,
    since timestamptz not null
);

create view notifier.for_triage_refusing_phones as
    select person_id, since from notifier.refusing_phones;

grant select, insert, delete on notifier.refusing_phones to hotline_notifier;
grant select on notifier.for_triage_refusing_phones to hotline_triage;

-- migrate:down
