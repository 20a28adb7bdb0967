-- migrate:up

-- What the desk recorded of a responder at a child's place: when it last heard of them, and when it was told that they had
-- left. A later sign of their own holds over it.
create table triage.heard_of (
    case_id uuid not null references triage.cases,
    person_id uuid not null references triage.people,
    heard_at timestamptz not null,
    left_at timestamptz,
    primary key (case_id, person_id)
);
grant select, insert, update on triage.heard_of to hotline_triage;

-- migrate:down
