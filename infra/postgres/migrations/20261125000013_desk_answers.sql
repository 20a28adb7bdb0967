-- migrate:up

-- Answers to danger questions that somebody at the desk asked for after a report came. They stand beside what the
-- reporter said, which is never changed; classes and instants only, like the answers of a report.
create table triage.desk_answers (
    answer_id uuid primary key,
    case_id uuid not null references triage.cases,
    question text not null check (question ~ '^[a-z][a-z_]*$'),
    value text not null check (value ~ '^[a-z][a-z_]*$' and value <> 'not_asked'),
    asked_of text not null check (asked_of in ('reporter', 'child', 'professional', 'somebody_else')),
    asked_at timestamptz not null,
    recorded_by uuid not null references triage.people,
    recorded_at timestamptz not null,
    check (asked_at <= recorded_at)
);
create index desk_answers_case on triage.desk_answers (case_id, asked_at);
create trigger desk_answers_are_insert_only before update or delete or truncate on triage.desk_answers
    for each statement execute function infra.refuse_change();

grant select, insert on triage.desk_answers to hotline_triage;

-- migrate:down
