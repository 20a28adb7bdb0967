-- name: find_steps
-- The events that a report led to, with the instants at which they were made.
-- reason: the bound only keeps the look short, on the clock that stamped the rows.
select o.type, o.occurred_at
from infra.outbox first
join infra.outbox o on o.correlation_id = first.correlation_id and o.written_at >= first.written_at
where first.key = :report_id
    and first.type = 'report.received.v1'
    and first.written_at > clock_timestamp() - interval '10 minutes'
order by o.seq;

-- name: is_taken$
-- Whether a report is taken, as its reporter is told.
select exists (select from triage.for_ingest_states where report_id = :report_id and state = 'taken');
