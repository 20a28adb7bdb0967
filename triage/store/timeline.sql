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
-- What happened to a case or desk, every alert sent for it, every answer that nothing else tells of (`replied_…`, its
-- words sealed under the person; `replied_besides`: words beside an answer that is told), and levels nobody was called at.
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
union all
select answer_id, 'replied_' || case when is_told then 'besides' else effect end, person_id::text, answered_at,
       jsonb_build_object('purpose', purpose, 'number', number, 'via', via, 'act', act),
       case when says_more or effect = 'asked_back' then words end
  from (select answer_id, effect, person_id, answered_at, purpose, number, via, act, words,
               coalesce(says_more, words is not null) as says_more,
               effect in ('taken', 'declined', 'begun', 'handed_back', 'arrived', 'checked_in', 'needs_help',
                          'not_reached', 'left') as is_told
          from notifier.for_triage_answers where subject_id = :subject_id and act <> 'pin') answers
 where not is_told or says_more
union all
select md5(purpose || number || level)::uuid, 'level_empty', 'notifier', found_at,
       jsonb_build_object('purpose', purpose, 'number', number, 'level', level), null
  from notifier.for_triage_empty_levels where subject_id = :subject_id
 order by 4, 1;
