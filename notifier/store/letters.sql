-- name: load_letters
-- All that is needed to write alerts, read without a lock. A trial goes where it was asked for, whatever is known of that
-- phone. How many alerts are asked for is hidden from the planner: a plan made for each number takes ten times as long to
-- make as to run, and no plan would be kept.
select a.alert_id, a.escalation_id, a.kind, a.person_id, a.channel, a.attempt, a.keys, a.is_immediate, a.valid_until,
       a.sending_at, a.state, a.is_unwanted, a.sids, e.purpose, e.number, e.urgency, e.deadline_at, e.ladder, e.acknowledged_by,
       e.next_due_at is not null as is_calling, s.subject_id, s.subject_kind, s.alias, s.time_zone, s.is_canary, s.correlation_id,
       coalesce(p.language, 'zh') as language, t.name as taker_name,
       case when s.subject_kind = 'trial' then array_remove(array[k.address], null) else u.phones end as phones,
       case when s.subject_kind = 'trial' then array_remove(array[k.position], null) else u.positions end as positions,
       case when s.subject_kind = 'trial' then array_remove(array[k.trial_id is null], true) else u.marks end as marks,
       case when s.subject_kind = 'trial' then k.address
            else (select m.address from triage.for_notifier_emails m where m.person_id = a.person_id) end as email,
       w.preferences,
       exists (select from notifier.alerts f
                where f.escalation_id = a.escalation_id and f.person_id = a.person_id and f.channel = a.channel
                  and f.kind = a.kind and f.attempt = a.attempt - 1
                  and f.error_code = any(:other_sender::text[])) as is_other_sender,
       r.base, (select count(*) from notifier.alerts f
                 where f.escalation_id = a.escalation_id and f.person_id = a.person_id and f.channel = a.channel
                   and f.state in ('failed', 'undelivered') and f.attempt < a.attempt) as failures
  from notifier.alerts a
  join notifier.escalations e using (escalation_id)
  join notifier.subjects s using (subject_id)
  left join triage.for_notifier_people p using (person_id)
  left join triage.for_notifier_people t on t.person_id = e.acknowledged_by
  left join notifier.reply_pairs r on r.person_id = a.person_id and r.escalation_id = a.escalation_id
  left join triage.for_notifier_preferences w on w.person_id = a.person_id
  left join triage.for_notifier_trials k on k.trial_id = e.subject_id
 cross join lateral (
       select coalesce(array_agg(f.number order by f.position), '{}') as phones,
              coalesce(array_agg(f.position order by f.position), '{}') as positions,
              coalesce(array_agg(m.mark is not null order by f.position), '{}') as marks
         from triage.for_notifier_phones f
         left join notifier.routes g on g.channel = 'webhook' and g.region = f.region
         left join notifier.marked_phones m
           on m.person_id = f.person_id and m.number_token = f.number_token
          and m.since > a.planned_at - :mark_lasts::interval
        where f.person_id = a.person_id
          and case a.channel when 'voice' then f.can_voice
                             when 'sms' then f.can_sms and g.region is null and m.mark is null
                             when 'webhook' then f.can_sms and g.region is not null and m.mark is null end) u
 where a.alert_id = any(array(select unnest(:alert_ids::uuid[])));
