-- name: open_letters
-- Events that no handler could take and nobody has seen to, oldest first.
select id, subscriber, event_id, topic, type, key, error, attempts, dead_lettered_at, settled_at, settled_by
from infra.dead_letters
where settled_at is null
order by dead_lettered_at;

-- name: letter^
-- One dead letter, settled or not, with its event and whether that is still kept.
select d.id, d.subscriber, d.event_id, d.topic, d.type, d.key, d.body, d.error, d.attempts, d.dead_lettered_at,
    d.settled_at, d.settled_by, exists (select from infra.outbox o where o.id = d.event_id) as is_kept
from infra.dead_letters d
where d.id = :id;

-- name: act_as
-- Act as a service until the transaction ends.
select set_config('role', 'hotline_' || :service, true);

-- name: forget_handled!
-- The subscriber has not handled this event after all: its catch-up takes it again.
delete from infra.inbox where event_id = :event_id;

-- name: forget_attempts!
-- Count failures from the beginning.
delete from infra.attempts where event_id = :event_id;

-- name: settle!
-- Somebody has seen to it.
update infra.dead_letters set settled_at = :now, settled_by = :settled_by where id = :id and settled_at is null;
