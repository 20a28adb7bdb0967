-- migrate:up

-- Answers to the questions of decision trees that somebody at the desk asked for: beside the reports, as desk_answers are.
-- `rule` names the question; `pack` and `case_version` are what was on the screen.
create table triage.step_answers (
    answer_id uuid primary key,
    case_id uuid not null references triage.cases,
    rule text not null check (rule ~ '^[a-z0-9][a-z0-9_-]*$'),
    value text not null check (value in ('yes', 'no', 'does_not_know', 'would_not_say')),
    asked_of text not null check (asked_of in ('reporter', 'child', 'professional', 'somebody_else')),
    asked_at timestamptz not null,
    pack text not null,
    case_version integer not null,
    recorded_by uuid not null references triage.people,
    recorded_at timestamptz not null,
    check (asked_at <= recorded_at)
);
create index step_answers_case on triage.step_answers (case_id, asked_at);
create trigger step_answers_are_insert_only before update or delete or truncate on triage.step_answers
    for each statement execute function infra.refuse_change();

grant select, insert on triage.step_answers to hotline_triage;

-- migrate:down
