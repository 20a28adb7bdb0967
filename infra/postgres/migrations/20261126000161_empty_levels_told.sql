-- migrate:up

-- Whether people are still called for it.
create or replace view notifier.for_triage_empty_levels as
    select e.subject_id, e.purpose, e.number, l.level, l.found_at, e.next_due_at is not null as is_calling
      from notifier.empty_levels l join notifier.escalations e using (escalation_id);

-- migrate:down
