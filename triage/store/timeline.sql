-- name: add_entry!
-- Write down what happened.
insert into triage.timeline (entry_id, subject_id, kind, actor, at, detail, note)
values (:entry_id, :subject_id, :kind, :actor, :at, :detail, :note);

-- name: add_entries!
-- Write down several things that happened, in one statement.
insert into triage.timeline (entry_id, subject_id, kind, actor, at, detail)
select new.entry_id, :subject_id, new.kind, new.actor, new.at, new.detail
  from unnest(:entry_ids::uuid[], :kinds::text[], :actors::text[], :ats::timestamptz[], :details::jsonb[])
       as new (entry_id, kind, actor, at, detail);

-- name: find_entries
-- What happened to a case or desk, and every alert sent for it, in order.
select entry_id, kind, actor, at, detail, note from triage.timeline where subject_id = :subject_id
union all
select alert_id, 'alert_' || state, coalesce(person_id::text, 'notifier'),
       coalesce(ended_at, answered_at, delivered_at, sent_at, planned_at),
       jsonb_build_object('purpose', purpose, 'number', number, 'level', level, 'person_id', person_id,
                          'channel', channel, 'state', state, 'planned_at', planned_at, 'sent_at', sent_at,
                          'delivered_at', delivered_at, 'answered_at', answered_at, 'error_code', error_code,
                          'is_repeat', is_repeat, 'answer', answer),
       null
  from notifier.for_triage_alerts where subject_id = :subject_id
 order by 4, 1;
