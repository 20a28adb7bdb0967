-- name: find_load^
-- What a person was told of lately that was not immediate: how many other cases, the last call, the last digest, and
-- since when and by which channel that one is not brought.
select count(distinct escalation_id) filter (where kind = 'alert' and escalation_id <> :escalation_id) as cases,
       max(planned_at) filter (where channel = 'voice' and folded_into is null) as last_call_at,
       max(planned_at) filter (where kind = 'digest') as last_digest_at,
       max(l.lost_at) as lost_at, case when max(l.lost_at) is not null then max(l.way) end as lost_channel
  from notifier.alerts
  left join (
        select channel as way, case when state in ('failed', 'undelivered', 'expired') then coalesce(ended_at, planned_at)
                             when state in ('planned', 'sending', 'queued', 'sent') then stalled_at end as lost_at
          from notifier.alerts
         where person_id = :person_id and not is_immediate and kind = 'digest' and planned_at > :since
         order by planned_at desc limit 1) l on true
 where person_id = :person_id and not is_immediate and kind in ('alert', 'digest') and planned_at > :since;

-- name: find_gathering$
-- The digest of a person that is not due yet: what is folded into it is told by it.
select alert_id from notifier.alerts
 where person_id = :person_id and not is_immediate and kind = 'digest' and state = 'planned' and leased_by is null
   and planned_at > :since and due_at > :now
 order by planned_at desc limit 1;

-- name: count_digests$
-- How many digests a person got by way of an escalation.
select count(*) from notifier.alerts
 where escalation_id = :escalation_id and person_id = :person_id and kind = 'digest';

-- name: hurry_folded
-- What a digest told of is looked at at once: it is not brought. Tells of each whether it was left, since somebody changes it
-- at this moment.
with folded as materialized (
    select e.escalation_id from notifier.escalations e
     where e.next_due_at is not null
       and exists (select from notifier.alerts f where f.folded_into = :alert_id and f.escalation_id = e.escalation_id)),
free as materialized (
    select escalation_id from notifier.escalations
     where escalation_id in (select escalation_id from folded) and next_due_at is not null
       for no key update skip locked),
hurried as (
    update notifier.escalations set next_due_at = least(next_due_at, :now)
     where escalation_id in (select escalation_id from free)
    returning escalation_id)
select f.escalation_id, h.escalation_id is null as is_left
  from folded f left join hurried h using (escalation_id) order by f.escalation_id;

-- name: hurry_left!
-- The same for one that was left: whoever changes it is waited for, by a statement that holds nothing they could wait for.
update notifier.escalations set next_due_at = least(next_due_at, :now)
 where escalation_id = :escalation_id and next_due_at is not null;

-- name: list_waiting
-- The cases a person is called for now and has not declined, the first due first.
select e.escalation_id, s.subject_id, s.subject_kind, s.alias, s.time_zone, e.urgency, e.deadline_at, r.base
  from notifier.escalations e
  join notifier.subjects s using (subject_id)
  left join notifier.reply_pairs r on r.escalation_id = e.escalation_id and r.person_id = :person_id
 where e.next_due_at is not null and e.purpose = any(:purposes::text[]) and s.subject_kind <> 'drill'
   and not :person_id::uuid = any(e.declined_by)
   and exists (select from notifier.alerts a
                where a.escalation_id = e.escalation_id and a.person_id = :person_id and a.kind = 'alert')
 order by e.deadline_at, e.started_at, e.escalation_id;
