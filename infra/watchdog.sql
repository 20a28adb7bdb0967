-- name: heartbeats
-- What each process last said of itself.
select service, instance, at, troubles from infra.heartbeats order by service, instance;

-- name: oldest_unpublished$
-- How long the oldest event has waited to be published; nothing when none waits.
-- reason: measured on the clock that stamped the rows.
select clock_timestamp() - min(written_at) from infra.outbox where published_at is null;
