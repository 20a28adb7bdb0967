-- migrate:up

-- When somebody whose part had ended was brought back. Links made before it open nothing; while `pin_hash` is null after
-- it, they wait for a PIN and a password of their own. Null for who was always here.
alter table triage.people add column back_at timestamptz;

create or replace view triage.for_notifier_people as
    select person_id, name, language, pin_hash, is_loopback, is_active, back_at from triage.people;

-- migrate:down
