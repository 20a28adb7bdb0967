-- migrate:up

-- Many cases at once for one person are told in one text, a digest: an alert of its own, which no single case stops.
-- `folded_into`: the digest that tells of this alert in its stead; it fares as its digest does.
alter table notifier.alerts
    drop constraint alerts_kind_check,
    add constraint alerts_kind_check check (kind in ('alert', 'link', 'taken', 'code', 'test', 'digest')),
    add column folded_into uuid references notifier.alerts,
    add constraint alerts_folded_check check (folded_into is null or (kind = 'alert' and not is_immediate));
create index alerts_folded on notifier.alerts (folded_into) where folded_into is not null;
create index alerts_of_person on notifier.alerts (person_id, planned_at) where not is_immediate;

create or replace view notifier.for_triage_alerts as
    select a.alert_id, e.subject_id, e.purpose, e.number, a.level, a.person_id, a.channel,
           case when a.state = 'queued' then coalesce(d.state, a.state) else a.state end as state, a.planned_at,
           coalesce(a.sent_at, d.sent_at) as sent_at, coalesce(a.delivered_at, d.delivered_at) as delivered_at,
           a.answered_at, coalesce(a.ended_at, d.ended_at) as ended_at, coalesce(a.error_code, d.error_code) as error_code,
           a.is_repeat, a.answer
      from notifier.alerts a join notifier.escalations e using (escalation_id)
      left join notifier.alerts d on d.alert_id = a.folded_into
     where a.kind = 'alert';

-- migrate:down
