-- name: append!
-- Write an event; its producer is the role that acts.
insert into infra.outbox
    (id, topic, type, key, version, body, correlation_id, causation_id, traceparent, occurred_at)
values
    (:event_id, :topic, :type, :key, :version, :body, :correlation_id, :causation_id, :traceparent, :occurred_at);
