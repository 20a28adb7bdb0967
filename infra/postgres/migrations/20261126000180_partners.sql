-- migrate:up

-- Which body's system filed a report with its key: a token of the body's name (`infra.vault`, purpose `partner`), for a name
-- may tell who reported. Null where nobody's did.
alter table ingest.reports add column partner_token bytea;

create view ingest.for_notifier_partners as
    select report_id, partner_token from ingest.reports where partner_token is not null;

grant select on ingest.for_notifier_partners to hotline_notifier;

-- A notice to such a body goes to its system, a channel of its own: an older process must not take it for a text.
alter table notifier.alerts
    drop constraint alerts_channel_check,
    add constraint alerts_channel_check
        check (channel in ('sms', 'voice', 'loopback', 'email', 'webhook', 'partner')),
    drop constraint alerts_told_in_writing,
    add constraint alerts_told_in_writing
        check (kind in ('alert', 'code', 'test') or channel in ('sms', 'email', 'webhook', 'partner')),
    drop constraint alerts_notice_check,
    add constraint alerts_notice_check
        check (kind <> 'notice' or (channel in ('sms', 'webhook', 'partner') and not is_immediate)),
    add constraint alerts_partner_check check (channel <> 'partner' or kind = 'notice');

-- What the desk is told of for an hour: notices that no system took. It was tried for a day, or the address is gone for good;
-- one that was held back (`unwritable`) is none.
create index alerts_untold_partners on notifier.alerts (ended_at) where channel = 'partner' and state in ('expired', 'failed');

create view notifier.for_triage_untold_partners as
    select alert_id, ended_at from notifier.alerts
     where channel = 'partner' and state in ('expired', 'failed') and (state = 'expired' or error_code <> 'unwritable');

grant select on notifier.for_triage_untold_partners to hotline_triage;

-- What became of a report that a body's system filed; once each. `alert_id`: null where it is not to be told.
create table notifier.partner_notices (
    report_id uuid not null,
    state text not null check (state in ('taken', 'closed')),
    alert_id uuid references notifier.alerts,
    because text not null check (because ~ '^[a-z_]+$'),
    decided_at timestamptz not null,
    primary key (report_id, state),
    check ((because = 'told') = (alert_id is not null))
);
grant select, insert on notifier.partner_notices to hotline_notifier;

-- migrate:down
