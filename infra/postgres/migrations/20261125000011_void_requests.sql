-- migrate:up

-- A raise ends an open request for a lower urgency: decided at an instant, by nobody, neither granted nor refused.
alter table triage.urgency_requests
    drop constraint urgency_requests_check1,
    add constraint urgency_requests_decision check (
        (decided_by is null) = (is_granted is null) and (decided_by is null or decided_at is not null)
    );

-- migrate:down
