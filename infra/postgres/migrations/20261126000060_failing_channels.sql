-- migrate:up

-- Since when an alert is known not to be brought: its provider is away, or took it and tells nothing of its delivery. It may
-- still arrive; the ladder does not wait for it. `phone_position`: which of the person's numbers it went to.
alter table notifier.alerts add column stalled_at timestamptz;
alter table notifier.alerts add column phone_position int check (phone_position > 0);

-- Alerts also go by e-mail and through a country's own gateway; what is told beside an alert goes as a text of some kind.
alter table notifier.alerts drop constraint alerts_channel_check;
alter table notifier.alerts add constraint alerts_channel_check
    check (channel in ('sms', 'voice', 'loopback', 'email', 'webhook'));
alter table notifier.alerts drop constraint alerts_check2;
alter table notifier.alerts add constraint alerts_told_in_writing
    check (kind = 'alert' or channel in ('sms', 'email', 'webhook'));

-- What the desk is told of for an hour: by these the provider speaks of our number, our account or our wording.
create index alerts_told on notifier.alerts (ended_at) where error_code in ('30001', '30002', '30007');

-- Numbers that the provider says cannot be reached (`dead`) or take no text: until the directory has another number in
-- that place, something arrives there, or a month is over.
create table notifier.marked_phones (
    person_id uuid not null,
    number_token bytea not null,
    mark text not null check (mark in ('dead', 'no_texts')),
    error_code text not null,
    since timestamptz not null,
    primary key (person_id, number_token)
);

create view notifier.for_triage_marked_phones as
    select person_id, number_token, mark, error_code, since from notifier.marked_phones;

grant select, insert, update, delete on notifier.marked_phones to hotline_notifier;
grant select on notifier.for_triage_marked_phones to hotline_triage;

-- migrate:down
