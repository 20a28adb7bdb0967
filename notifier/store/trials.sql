-- name: add_trial!
-- Try a way to a person: a subject of its own for which nobody is called, and the one message or call. A text goes through
-- the gateway of its country where there is one. Nothing when it was written already.
with subject as (
    insert into notifier.subjects (subject_id, subject_kind, version, alias, time_zone, is_canary, correlation_id,
                                   causation_id, traceparent)
    values (:trial_id, 'trial', 1, 'TRIAL', 'UTC', false, :correlation_id, :causation_id, :traceparent)
    on conflict do nothing returning subject_id),
calling as (
    insert into notifier.escalations (escalation_id, subject_id, purpose, number, status, urgency, team_id, ladder,
                                      deadline_at, started_at)
    select :escalation_id, subject_id, 'presence', 1, 'ended', 'routine', :person_id, :ladder, :now, :now from subject
    returning escalation_id)
insert into notifier.alerts (alert_id, escalation_id, kind, person_id, level, channel, attempt, is_immediate, keys,
                             planned_at, valid_until, due_at)
select :alert_id, escalation_id, :kind, :person_id, 'first',
       case when :channel = 'sms'
                 and exists (select from triage.for_notifier_trials t
                               join notifier.routes r on r.channel = 'webhook' and r.region = t.region
                              where t.trial_id = :trial_id::uuid)
            then 'webhook' else :channel end,
       1, false, :keys, :now, :valid_until, :now
  from calling;

-- name: answer_test$
-- The newest test that was texted to people and that nobody has answered, is answered; nothing where there is none.
update notifier.alerts
   set state = 'answered', answer = 'take', answered_at = :now, ended_at = coalesce(ended_at, :now), due_at = null
 where alert_id = (
        select alert_id from notifier.alerts
         where person_id = any(:people::uuid[]) and not is_immediate and planned_at > :since
           and kind = 'test' and channel in ('sms', 'webhook') and sending_at is not null and answered_at is null
         order by sending_at desc limit 1)
returning person_id;

-- name: add_code!
-- Keep the digest of a code that is about to be sent or said.
insert into notifier.codes (trial_id, code_hmac, drawn_at) values (:trial_id, :code_hmac, :now) on conflict do nothing;
