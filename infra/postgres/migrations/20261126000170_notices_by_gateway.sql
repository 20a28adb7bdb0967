-- migrate:up

-- A notice to a reporter goes through the gateway of the country of their number, where there is one, as texts to responders do.
alter table notifier.alerts
    drop constraint alerts_notice_check,
    add constraint alerts_notice_check check (kind <> 'notice' or (channel in ('sms', 'webhook') and not is_immediate));

-- migrate:down
