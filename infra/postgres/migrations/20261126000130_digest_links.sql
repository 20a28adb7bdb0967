-- migrate:up

-- The page behind a digest's link lists the cases that wait for its person, after the PIN. `digest_id`: null behind the
-- link of one case.
alter table notifier.links add column digest_id uuid references notifier.alerts;

-- migrate:down
