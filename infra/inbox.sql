-- name: service$
-- The name this session's rows are marked with.
select infra.service();

-- name: claim$
-- Write that this event is handled, and say whether it failed before; nothing when it already was handled.
-- A second delivery waits here for the first to end.
insert into infra.inbox (event_id) values (:event_id)
on conflict do nothing
returning exists (select from infra.attempts a where a.subscriber = infra.service() and a.event_id = inbox.event_id);

-- name: missed
-- Events for this subscriber without an inbox row, in order per key, since an instant and older than a grace. One that
-- waits for its retry is left out, and the later ones of its key with it. A name is a type without its version.
-- reason: the grace is measured on the clock that stamped the rows, and decides nothing about a case.
select o.id, o.type, o.key, o.body, o.correlation_id, o.causation_id, o.traceparent, o.written_at
from infra.outbox o
where o.written_at >= :since::timestamptz
    and o.written_at < clock_timestamp() - :grace::interval
    and substring(o.type from '^(.*)[.]v[0-9]+$') = any(:names::text[])
    and not exists (
        select from infra.inbox i where i.subscriber = infra.service() and i.event_id = o.id
    )
    and not exists (
        select from infra.attempts a join infra.outbox w on w.id = a.event_id
        where a.subscriber = infra.service() and a.key = o.key and a.retry_at > :now and w.seq <= o.seq
    )
order by o.seq
limit :most;

-- name: horizon^
-- Where the floor may rise to: the oldest event not handled, or else a margin longer than any transaction lives.
-- reason: as above; the margin covers rows stamped before the look and committed after it.
select
    least(
        clock_timestamp() - :margin::interval,
        (
            select min(o.written_at)
            from infra.outbox o
            where o.written_at >= :since::timestamptz
                and substring(o.type from '^(.*)[.]v[0-9]+$') = any(:names::text[])
                and not exists (
                    select from infra.inbox i where i.subscriber = infra.service() and i.event_id = o.id
                )
        )
    ) as complete_before;

-- name: count_failure$
-- Count a failure of the event's own; returns how many there were.
insert into infra.attempts (event_id, key, attempts, retry_at, error)
values (:event_id, :key, 1, :now::timestamptz + interval '1 second', :error)
on conflict (subscriber, event_id) do update set
    attempts = infra.attempts.attempts + 1,
    retry_at = :now::timestamptz + interval '1 second' * (2 ^ least(infra.attempts.attempts, 6)),
    error = excluded.error
returning attempts;

-- name: forget_failures!
-- The event is handled or dead-lettered.
delete from infra.attempts where event_id = :event_id;

-- name: dead_letter$
-- Keep an event that no handler could take; nothing when it is kept already.
insert into infra.dead_letters (id, event_id, topic, type, key, body, error, attempts, dead_lettered_at)
values (:id, :event_id, :topic, :type, :key, :body, :error, :attempts, :now)
on conflict (subscriber, event_id) do nothing
returning true;
