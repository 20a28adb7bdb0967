-- name: try_lock$
-- Become the active relay, if no other is. The lock lives and dies with this connection.
select pg_try_advisory_lock(7402110998);

-- name: unpublished
-- The oldest events that are not published. Never "seq above the last": transactions commit out of order.
select id, topic, type, key, body, correlation_id, causation_id, traceparent, occurred_at
from infra.outbox
where published_at is null
order by seq
limit :most;

-- name: mark_published!
-- The broker has these. How many they are is hidden from the planner, which would make a plan for each number.
update infra.outbox set published_at = :published_at where id = any(array(select unnest(:ids::uuid[])));

-- name: delete_expired!
-- Forget events past their days, a few at a time, and never one that was not published.
delete from infra.outbox
where id in (
    select id from infra.outbox where written_at < :before and published_at is not null order by written_at limit 5000
);

-- name: delete_expired_inbox!
-- Forget that events were handled once their outbox rows are long gone.
delete from infra.inbox
where (subscriber, event_id) in (
    select subscriber, event_id from infra.inbox where handled_at < :before order by handled_at limit 5000
);
