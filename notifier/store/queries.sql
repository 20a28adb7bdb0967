-- name: apply_subject^
-- Take the newer state of a case or desk and lock its row; nothing when what we have is as new. A row that this
-- statement made has never been locked by another: its xmax is 0.
insert into notifier.subjects as s
    (subject_id, subject_kind, version, alias, time_zone, is_canary, correlation_id, causation_id, traceparent)
values
    (:subject_id, :subject_kind, :version, :alias, :time_zone, :is_canary,
     :correlation_id, :causation_id, :traceparent)
on conflict (subject_id) do update
   set version = excluded.version, alias = excluded.alias, time_zone = excluded.time_zone,
       correlation_id = excluded.correlation_id, causation_id = excluded.causation_id,
       traceparent = excluded.traceparent
 where s.version < excluded.version
returning subject_id, subject_kind, version, alias, time_zone, is_canary, correlation_id, causation_id, traceparent,
          xmax = 0 as is_new;

-- name: lock_subject^
-- Lock a subject: whoever changes one of its escalations does this first.
select subject_id, subject_kind, version, alias, time_zone, is_canary, correlation_id, causation_id, traceparent
  from notifier.subjects where subject_id = :subject_id for update;

-- name: find_subject^
-- The subject of an escalation, without a lock.
select s.subject_id, s.subject_kind, s.version, s.alias, s.time_zone, s.is_canary, s.correlation_id,
       s.causation_id, s.traceparent
  from notifier.subjects s join notifier.escalations e using (subject_id) where e.escalation_id = :escalation_id;

-- name: next_told_version$
-- The version of the next event about a subject.
update notifier.subjects set told_version = told_version + 1 where subject_id = :subject_id returning told_version;

-- name: find_escalations
-- All escalations of a subject, the newest of each purpose first.
select escalation_id, subject_id, purpose, number, status, urgency, team_id, first_responder_id,
       excluded_responders, declined_by, ladder, deadline_at, started_at, next_due_at, exhausted_at,
       acknowledged_by, acknowledged_at, acknowledged_via, begun_at, handed_back_at, handed_back_by,
       facts_at, facts_closed_at, facts_closed_for, arrived_at, checked_in_at, needs_help_at, needs_help_by,
       not_reached_at, left_at
  from notifier.escalations where subject_id = :subject_id order by purpose, number desc;

-- name: find_callings
-- How the callings of a subject stand that are of a purpose or call responders, the newest first. Who is kept out of a case
-- may be so before anybody is called anew for it.
select status, acknowledged_by, begun_at is not null as is_begun, handed_back_at is not null as is_handed_back, purpose,
       arrived_at is not null as has_arrived, left_at is not null as has_left,
       excluded_responders || array(select x.person_id from triage.for_notifier_exclusions x where x.case_id = subject_id)
           as excluded
  from notifier.escalations where subject_id = :subject_id and purpose in ('respond', :purpose) order by number desc;

-- name: find_escalation^
-- One escalation.
select escalation_id, subject_id, purpose, number, status, urgency, team_id, first_responder_id,
       excluded_responders, declined_by, ladder, deadline_at, started_at, next_due_at, exhausted_at,
       acknowledged_by, acknowledged_at, acknowledged_via, begun_at, handed_back_at, handed_back_by,
       facts_at, facts_closed_at, facts_closed_for, arrived_at, checked_in_at, needs_help_at, needs_help_by,
       not_reached_at, left_at
  from notifier.escalations where escalation_id = :escalation_id;

-- name: lock_escalation^
-- One escalation, locked before any of its alerts; its subject is locked.
select escalation_id, subject_id, purpose, number, status, urgency, team_id, first_responder_id,
       excluded_responders, declined_by, ladder, deadline_at, started_at, next_due_at, exhausted_at,
       acknowledged_by, acknowledged_at, acknowledged_via, begun_at, handed_back_at, handed_back_by,
       facts_at, facts_closed_at, facts_closed_for, arrived_at, checked_in_at, needs_help_at, needs_help_by,
       not_reached_at, left_at
  from notifier.escalations where escalation_id = :escalation_id for no key update;

-- name: claim_due_escalations
-- Escalations whose next step is due, locked with their subjects; those another worker holds are passed over.
select e.escalation_id, e.subject_id, e.purpose, e.number, e.status, e.urgency, e.team_id, e.first_responder_id,
       e.excluded_responders, e.declined_by, e.ladder, e.deadline_at, e.started_at, e.next_due_at, e.exhausted_at,
       e.acknowledged_by, e.acknowledged_at, e.acknowledged_via, e.begun_at, e.handed_back_at, e.handed_back_by,
       e.facts_at, e.facts_closed_at, e.facts_closed_for, e.arrived_at, e.checked_in_at, e.needs_help_at,
       e.needs_help_by, e.not_reached_at, e.left_at,
       s.subject_kind, s.version, s.alias, s.time_zone, s.is_canary, s.correlation_id, s.causation_id, s.traceparent
  from notifier.escalations e join notifier.subjects s on s.subject_id = e.subject_id
 where e.next_due_at <= :now
 order by e.next_due_at limit :at_most
   for update of s, e skip locked;

-- name: add_escalation!
-- Begin the calling for an assignment.
insert into notifier.escalations
    (escalation_id, subject_id, purpose, number, status, urgency, team_id, first_responder_id, excluded_responders,
     ladder, deadline_at, started_at, next_due_at, exhausted_at, acknowledged_by, acknowledged_at, acknowledged_via)
values
    (:escalation_id, :subject_id, :purpose, :number, :status, :urgency, :team_id, :first_responder_id,
     :excluded_responders, :ladder, :deadline_at, :started_at, :next_due_at, :exhausted_at, :acknowledged_by,
     :acknowledged_at, :acknowledged_via);

-- name: change_escalation!
-- Write what may change of an escalation; its subject is locked.
update notifier.escalations
   set status = :status, next_due_at = :next_due_at, declined_by = :declined_by, exhausted_at = :exhausted_at,
       acknowledged_by = :acknowledged_by, acknowledged_at = :acknowledged_at, acknowledged_via = :acknowledged_via,
       begun_at = :begun_at, handed_back_at = :handed_back_at, handed_back_by = :handed_back_by,
       facts_at = :facts_at, facts_closed_at = :facts_closed_at, facts_closed_for = :facts_closed_for,
       arrived_at = :arrived_at, checked_in_at = :checked_in_at, needs_help_at = :needs_help_at,
       needs_help_by = :needs_help_by, not_reached_at = :not_reached_at, left_at = :left_at
 where escalation_id = :escalation_id;

-- name: change_steps!
-- Write what their steps change of escalations; their subjects are locked.
update notifier.escalations e
   set status = s.status, next_due_at = s.next_due_at, exhausted_at = s.exhausted_at
  from unnest(:escalations::uuid[], :statuses::text[], :dues::timestamptz[], :exhausted::timestamptz[])
       s (escalation_id, status, next_due_at, exhausted_at)
 where e.escalation_id = s.escalation_id;

-- name: mark_left!
-- Who said in a call that asked after them that they have left is at the place of this case no more.
update notifier.escalations set left_at = :now
 where subject_id = :subject_id and acknowledged_by = :person_id and arrived_at is not null and left_at is null;

-- name: postpone_escalation!
-- Look at an escalation again later: its step could not be written.
update notifier.escalations set next_due_at = :until where escalation_id = :escalation_id and next_due_at is not null;

-- name: add_empty_level!
-- Keep that a level had nobody new to call.
insert into notifier.empty_levels (escalation_id, level, found_at)
values (:escalation_id, :level, :now) on conflict do nothing;

-- name: find_alerts
-- The calls and messages of escalations that the ladder counts. One that a digest tells of fares as the digest does.
select a.escalation_id, a.person_id, a.level, a.channel, a.attempt, a.planned_at,
       case when a.state = 'queued' then coalesce(d.state, a.state) else a.state end as state, a.is_everybody,
       coalesce(a.error_code, d.error_code) as error_code, coalesce(a.ended_at, d.ended_at) as ended_at,
       coalesce(a.stalled_at, d.stalled_at) is not null as is_stalled
  from notifier.alerts a left join notifier.alerts d on d.alert_id = a.folded_into
 where a.escalation_id = any(:escalations::uuid[]) and a.kind = 'alert';

-- name: find_roster
-- Who is on call for a team at an instant, in roster order, then those already known; the channels that reach each, and
-- whether their phone refuses our texts, and how they want to be reached. A number that takes no texts is rung all the same.
-- The canary's person is reached by loopback alone, and only for the canary. How many are known is hidden from the
-- planner, which would make a plan for each number; making one takes longer than the reading.
select w.level, w.person_id, r.is_loopback, r.can_sms, r.can_voice, r.can_webhook, r.can_email,
       exists (select from notifier.refusing_phones n where n.person_id = w.person_id) as is_refusing,
       (select c.preferences from triage.for_notifier_preferences c where c.person_id = w.person_id) as preferences
  from (select level, person_id, position from triage.for_notifier_shifts
         where team_id = :team_id::uuid and during @> :now::timestamptz
        union all
        select null, k.person_id, null from unnest(array(select unnest(:known::uuid[]))) k (person_id)) w
  left join lateral (
        select p.is_loopback,
               coalesce(bool_or(f.can_sms and m.mark is null and g.region is null), false) as can_sms,
               coalesce(bool_or(f.can_sms and m.mark is null and g.region is not null), false) as can_webhook,
               coalesce(bool_or(f.can_voice), false) as can_voice,
               exists (select from triage.for_notifier_emails e where e.person_id = p.person_id)
               and exists (select from notifier.routes o where o.channel = 'email') as can_email
          from triage.for_notifier_people p
          left join triage.for_notifier_phones f on f.person_id = p.person_id
          left join notifier.routes g on g.channel = 'webhook' and g.region = f.region
          left join notifier.marked_phones m
            on m.person_id = f.person_id and m.number_token = f.number_token and m.since > :marked_since
         where p.is_active and p.person_id = w.person_id and p.is_loopback = :is_canary
         group by p.person_id, p.is_loopback) r on true
 order by w.level, w.position, w.person_id;

-- name: forget_routes!
-- Whatever an earlier process could send by.
delete from notifier.routes;

-- name: add_routes!
-- What this process can send by.
insert into notifier.routes (channel, region)
select channel, region from unnest(:channels::text[], :regions::text[]) r (channel, region) on conflict do nothing;

-- name: add_alerts!
-- Write messages and calls before they are sent. What a digest tells of is with it, and due for nobody.
insert into notifier.alerts
    (alert_id, escalation_id, kind, person_id, level, channel, attempt, is_everybody, is_immediate, keys,
     planned_at, valid_until, folded_into, state, due_at)
select alert_id, escalation_id, kind, person_id, level, channel, attempt, is_everybody, is_immediate, keys,
       :now, valid_until, folded_into, case when folded_into is null then 'planned' else 'queued' end,
       case when folded_into is null then coalesce(due_at, :now) end
  from unnest(:alert_id::uuid[], :escalation_id::uuid[], :kind::text[], :person_id::uuid[], :level::text[],
              :channel::text[], :attempt::int[], :is_everybody::bool[], :is_immediate::bool[], :keys::text[],
              :valid_until::timestamptz[], :due_at::timestamptz[], :folded_into::uuid[])
       a (alert_id, escalation_id, kind, person_id, level, channel, attempt, is_everybody, is_immediate, keys,
          valid_until, due_at, folded_into)
on conflict (escalation_id, person_id, channel, kind, attempt) do nothing;

-- name: find_pair$
-- The first part of the reply pair a person has for an escalation; it is in use from now.
update notifier.reply_pairs set used_at = :now
 where person_id = :person_id and escalation_id = :escalation_id returning base;

-- name: lock_pairs!
-- One transaction at a time gives pairs to a person, and to whoever shares a phone with them, until it ends: others would
-- try the same one. They are waited for in the order of their locks.
select pg_advisory_xact_lock(hashtext('reply pairs'), k.lock)
  from (select distinct hashtext(p::text) & 2147483647 as lock
          from unnest(array(select :person_id::uuid
                            union all
                            select o.person_id from triage.for_notifier_phones f
                              join triage.for_notifier_phones o using (number_token)
                             where f.person_id = (select :person_id::uuid))) p order by 1) k;

-- name: try_people$
-- Lock people, and whoever shares a phone with one of them, one after the other, in the order of their locks; the first that
-- another transaction holds, or nothing.
select k.lock
  from (select distinct hashtext(p::text) & 2147483647 as lock
          from unnest(array(select unnest(:people::uuid[])
                            union all
                            select unnest(array(select o.person_id from triage.for_notifier_phones o
                                                 where o.number_token = f.number_token))
                              from triage.for_notifier_phones f
                             where f.person_id = any(array(select unnest(:people::uuid[]))))) p order by 1) k
 where not pg_try_advisory_xact_lock(hashtext('reply pairs'), k.lock) limit 1;

-- name: holds_later$
-- Whether this transaction holds somebody whose lock comes after one: then it must not wait for that.
select exists (
        select from pg_locks
         where locktype = 'advisory' and pid = pg_backend_pid() and objsubid = 2
           and classid = (hashtext('reply pairs')::bigint & 4294967295)::oid and objid::bigint > :lock);

-- name: wait_for!
-- Wait for a person whom another transaction holds.
select pg_advisory_xact_lock(hashtext('reply pairs'), :lock);

-- name: find_pairs_in_use^
-- The pairs that must not be given to a person yet, theirs and those of whoever shares a phone with them, and whether they
-- have one for an escalation. Who it is is hidden from the planner, which would make a plan for each person.
select coalesce(array_agg(p.base), '{}') as bases,
       coalesce(bool_or(p.escalation_id = :escalation_id and p.person_id = :person_id::uuid), false) as is_given
  from notifier.reply_pairs p
 where p.person_id = any(array(select :person_id::uuid
                               union all
                               select o.person_id from triage.for_notifier_phones f
                                 join triage.for_notifier_phones o using (number_token)
                                where f.person_id = (select :person_id::uuid)))
   and (p.used_at > :since or p.escalation_id = :escalation_id
        or exists (select from notifier.escalations e where e.escalation_id = p.escalation_id and e.next_due_at is not null));

-- name: give_pair$
-- Give a pair to a person for an escalation; nothing when somebody else just gave it away.
insert into notifier.reply_pairs as p (person_id, base, escalation_id, used_at)
values (:person_id, :base, :escalation_id, :now)
on conflict (person_id, base) do update set escalation_id = excluded.escalation_id, used_at = excluded.used_at
 where p.used_at <= :since
returning base;

-- name: find_next_step$
-- The next instant at which a step is due for any worker.
select least((select min(next_due_at) from notifier.escalations where next_due_at is not null),
             (select min(look_at) from notifier.watched_reports where look_at is not null));

-- name: find_next_due$
-- The next instant at which anything is due for any worker.
select least((select min(next_due_at) from notifier.escalations where next_due_at is not null),
             (select min(due_at) from notifier.alerts where due_at is not null),
             (select min(look_at) from notifier.watched_reports where look_at is not null));

-- name: claim_alerts
-- Lease alerts that need an act: a planned one a send, a sending one a look-up, any other to be stopped. One row at
-- least, without an alert when there is none, tells when the next one is due.
with immediate as (
    select alert_id from notifier.alerts where is_immediate and due_at <= :now
     order by due_at limit :immediate for update skip locked),
others as (
    select alert_id from notifier.alerts where not is_immediate and due_at <= :now
     order by due_at limit :others for update skip locked),
claimed as (
    update notifier.alerts a
       set due_at = :lease_until, leased_by = :worker, fence = a.fence + 1
      from (select alert_id from immediate union all select alert_id from others) due
     where a.alert_id = due.alert_id
    returning a.alert_id, a.state, a.fence, a.is_immediate)
select n.next_due_at, c.alert_id, c.state, c.fence, c.is_immediate
  from (select min(due_at) as next_due_at from notifier.alerts where due_at > :now) n left join claimed c on true;

-- name: release_leases!
-- Give back what this worker held when it ended, or holds without acting on it, so that nobody waits for the lease. A
-- row that somebody changes at this moment is left: waiting for it could meet one who waits for us.
update notifier.alerts set due_at = :now
 where alert_id in (
        select alert_id from notifier.alerts
         where leased_by = :worker and due_at > :now and due_at <= :lease_until and fence > 0
           and not alert_id = any(:acting::uuid[])
           for update skip locked);

-- name: begin_send$
-- The last look before a send: the lease, the fence, whether its person still wants it, and the escalation, and the intent
-- to send, with the page and the digest of the code that are sent, in one statement: a process that stops here holds no row
-- that others wait for.
with begun as (
    update notifier.alerts a
       set state = 'sending', sending_at = :now, is_repeat = a.is_repeat or a.state = 'sending',
           phone_position = :phone_position
      from notifier.escalations e
     where a.alert_id = :alert_id and e.escalation_id = a.escalation_id
       and a.fence = :fence and a.due_at > :now and a.valid_until > :now and a.state in ('planned', 'sending')
       and not a.is_unwanted
       and (a.kind in ('taken', 'notice', 'code', 'test') or (a.kind <> 'digest' and e.next_due_at is not null)
            or (a.kind = 'digest' and exists (
                select from notifier.alerts f join notifier.escalations w on w.escalation_id = f.escalation_id
                 where f.folded_into = a.alert_id and w.next_due_at is not null)))
    returning a.alert_id
), page as (
    insert into notifier.links (token_hmac, escalation_id, person_id, made_at, expires_at, digest_id)
    select :token_hmac, :escalation_id, :person_id, :now, :expires_at, :digest_id
      from begun where :token_hmac::bytea is not null
), code as (
    insert into notifier.codes (trial_id, code_hmac, drawn_at)
    select :trial_id, :code_hmac, :now from begun where :code_hmac::bytea is not null
    on conflict do nothing
)
select alert_id from begun;

-- name: give_up_send!
-- An alert that may no longer be sent: too old, or nobody is to be called any more, or its person not. The ladder looks at
-- once.
with locked as materialized (
    select e.escalation_id, e.next_due_at from notifier.escalations e join notifier.alerts a using (escalation_id)
     where a.alert_id = :alert_id for no key update of e),
given_up as (
    update notifier.alerts a
       set state = case when a.valid_until <= :now then 'expired' else 'cancelled' end, ended_at = :now, due_at = null
      from locked l
     where a.alert_id = :alert_id and l.escalation_id = a.escalation_id and a.fence = :fence
       and a.state in ('planned', 'sending')
       and (a.valid_until <= :now or a.is_unwanted
            or (a.kind not in ('taken', 'code', 'test', 'digest', 'notice') and l.next_due_at is null)
            or (a.kind = 'digest' and not exists (
                select from notifier.alerts f join notifier.escalations w on w.escalation_id = f.escalation_id
                 where f.folded_into = a.alert_id and w.next_due_at is not null)))
    returning a.escalation_id, a.kind)
update notifier.escalations e set next_due_at = least(e.next_due_at, :now) from given_up g
 where e.escalation_id = g.escalation_id and g.kind = 'alert' and e.next_due_at is not null;

-- name: record_sent$
-- The provider has taken an alert. If its escalation ended meanwhile, it is to be stopped at once, which is told, also when
-- an earlier request for it was stopped already; else a text is looked at again when nothing was told of its delivery.
update notifier.alerts a
   set sids = case when :sid = any(a.sids) then a.sids else array_append(a.sids, :sid) end,
       state = case when a.state in ('planned', 'sending') then 'queued' else a.state end,
       sent_at = coalesce(a.sent_at, :now),
       stalled_at = case when a.state not in ('planned', 'sending') then a.stalled_at end,
       is_silenced = a.is_silenced and :sid = any(a.sids),
       due_at = case when a.is_unwanted and (not :sid = any(a.sids) or not a.is_silenced and a.ended_at is null)
                     then :now::timestamptz
                     when a.kind in ('alert', 'digest') and a.channel in ('sms', 'webhook') and not a.is_unwanted
                          and (a.state in ('planned', 'sending') or a.state in ('queued', 'sent') and a.stalled_at is null)
                     then coalesce(a.sent_at, :now) + :report_within::interval
                     when a.state in ('planned', 'sending', 'queued', 'sent') then null
                     else a.due_at end
 where a.alert_id = :alert_id
returning a.is_unwanted and due_at is not null;

-- name: record_failed!
-- The provider will never take an alert; the ladder looks at once for another channel. The escalation is always written,
-- also when it is due already: a step that is being written at this moment has not seen the failure.
with locked as materialized (
    select e.escalation_id from notifier.escalations e join notifier.alerts a using (escalation_id)
     where a.alert_id = :alert_id for no key update of e),
failed as (
    update notifier.alerts a set state = 'failed', error_code = :error_code, ended_at = :now, due_at = null
     where a.alert_id = :alert_id and a.escalation_id = (select escalation_id from locked)
       and a.fence = :fence and a.state in ('planned', 'sending')
    returning a.escalation_id, a.kind, a.person_id, a.phone_position),
refusing as (
    insert into notifier.refusing_phones (person_id, since)
    select person_id, :now from failed where :error_code = '21610' on conflict do nothing),
marked as (
    insert into notifier.marked_phones (person_id, number_token, mark, error_code, since)
    select d.person_id, f.number_token, :mark::text, :error_code, :now
      from failed d join triage.for_notifier_phones f on f.person_id = d.person_id and f.position = d.phone_position
     where :mark::text is not null
    on conflict (person_id, number_token) do update
       set mark = excluded.mark, error_code = excluded.error_code, since = excluded.since)
update notifier.escalations e set next_due_at = least(e.next_due_at, :now) from failed f
 where e.escalation_id = f.escalation_id and f.kind = 'alert' and e.next_due_at is not null;

-- name: try_later!
-- The provider surely has not taken it: plan it again.
update notifier.alerts set state = 'planned', sending_at = null, due_at = :due_at, error_code = :error_code
 where alert_id = :alert_id and fence = :fence and state in ('planned', 'sending');

-- name: retry_at_once!
-- What waited for a provider that is there again. One that somebody acts on at this moment is left to its fence.
update notifier.alerts set due_at = :now
 where alert_id in (
        select alert_id from notifier.alerts
         where state = 'planned' and error_code = :error_code and channel = any(:channels::text[]) and due_at > :now
           for update skip locked);

-- name: look_later!
-- Perhaps the provider has taken it: look again, as long as nothing else has told.
update notifier.alerts set due_at = :due_at, error_code = :error_code
 where alert_id = :alert_id and fence = :fence and state = 'sending';

-- name: stall$
-- An alert is not brought for the moment: the ladder looks at once for another channel, and this one is still tried. One
-- that the provider has is not looked at again. Nothing when it was settled, or is to be stopped.
with locked as materialized (
    select e.escalation_id from notifier.escalations e join notifier.alerts a using (escalation_id)
     where a.alert_id = :alert_id for no key update of e),
stalled as (
    update notifier.alerts a
       set stalled_at = coalesce(a.stalled_at, :now), error_code = :error_code,
           due_at = case when a.state in ('planned', 'sending') then a.due_at end
     where a.alert_id = :alert_id and a.escalation_id = (select escalation_id from locked) and a.fence = :fence
       and not a.is_unwanted
       and (a.state in ('queued', 'sent') or (a.state in ('planned', 'sending') and a.stalled_at is null))
    returning a.escalation_id, a.kind)
update notifier.escalations e set next_due_at = least(e.next_due_at, :now) from stalled s
 where e.escalation_id = s.escalation_id and s.kind = 'alert' and e.next_due_at is not null
returning e.escalation_id;

-- name: look_at_call_later!
-- Somebody was still on the line: look again, in case nobody tells of its end.
update notifier.alerts set due_at = :due_at where alert_id = :alert_id and fence = :fence and state = 'connected';

-- name: find_own_sid$
-- Which of the provider's messages or calls, newest first, an alert may take for its own: one that belongs to no alert. A
-- list of calls does not tell whose they are, so there must be more than others to that person that nobody is sure of:
-- those whose answer is awaited, and those that were sent again.
with strays as (
    select sid, place from unnest(:sids::text[]) with ordinality listed (sid, place)
     where not exists (select from notifier.alerts k where k.sids @> array[listed.sid])),
doubtful as (
    select coalesce(sum((o.state = 'sending')::int + o.is_repeat::int), 0) as others
      from notifier.alerts a
      join notifier.alerts o on o.person_id = a.person_id and o.channel = 'voice' and o.alert_id <> a.alert_id
                            and o.planned_at > a.planned_at - interval '10 minutes'
     where a.alert_id = :alert_id and a.channel = 'voice')
select sid from strays where (select count(*) from strays) > (select others from doubtful) order by place limit 1;

-- name: record_silenced!
-- An alert was stopped at the provider, or could no longer be.
update notifier.alerts set is_silenced = true, due_at = null where alert_id = :alert_id and fence = :fence;

-- name: silence_later!
-- An alert could not be stopped now: try again.
update notifier.alerts set due_at = :due_at where alert_id = :alert_id and fence = :fence and ended_at is null;

-- name: stop_alerts!
-- Nobody is to be called any more: planned alerts never begin, queued and ringing ones are to be stopped.
update notifier.alerts
   set ended_at = case when state = 'planned' then :now::timestamptz else ended_at end,
       due_at = case when state in ('planned', 'sent') then null when state = 'sending' then due_at else :now end,
       is_unwanted = true,
       state = case when state = 'planned' then 'cancelled' else state end
 where escalation_id = :escalation_id and kind not in ('taken', 'digest') and alert_id is distinct from :answering::uuid
   and state in ('planned', 'sending', 'queued', 'sent', 'ringing', 'connected');

-- name: stop_alerts_of!
-- A person has declined: their planned alerts never begin, and their other phone stops ringing.
update notifier.alerts
   set ended_at = case when state = 'planned' then :now::timestamptz else ended_at end,
       due_at = case when state in ('planned', 'sent') then null when state = 'sending' then due_at else :now end,
       is_unwanted = true,
       state = case when state = 'planned' then 'cancelled' else state end
 where escalation_id = :escalation_id and person_id = :person_id and kind not in ('taken', 'digest')
   and alert_id is distinct from :answering::uuid and state in ('planned', 'sending', 'queued', 'sent', 'ringing', 'connected');

-- name: find_called
-- Who was called for an escalation and has not declined; those who declined too where everybody is asked for.
select distinct on (a.person_id) a.person_id, a.level
  from notifier.alerts a join notifier.escalations e using (escalation_id)
 where a.escalation_id = :escalation_id and a.kind = 'alert' and a.channel <> 'loopback'
   and a.sending_at is not null and (:is_everybody::bool or not a.person_id = any(e.declined_by))
 order by a.person_id, a.planned_at;

-- name: mark_answered!
-- The alert through which an answer came, else the newest of that person, says so.
update notifier.alerts
   set state = 'answered', answer = :answer, answered_at = :now, ended_at = coalesce(ended_at, :now), due_at = null
 where alert_id = coalesce(:alert_id::uuid, (
        select alert_id from notifier.alerts
         where escalation_id = :escalation_id and person_id = :person_id and kind = 'alert'
           and channel = any(:channels::text[])
         order by sending_at is null, planned_at desc limit 1));

-- name: apply_statuses
-- Statuses of the provider, one of each alert: states move one way only; a failure or an unanswered call makes the ladder
-- look at once. Tells of each whether a digest is not brought, whether the alert is now to be stopped, and whether a step is
-- due. What another transaction holds is not waited for, which could wait for us: it is left out, to be told again. How
-- many there are is hidden from the planner, which would make a plan for each number.
with told as materialized (
    select * from unnest(array(select unnest(:alert_id::uuid[])), array(select unnest(:sid::text[])),
                         array(select unnest(:state::text[])), array(select unnest(:error_code::text[])),
                         array(select unnest(:mark::text[])), array(select unnest(:asks_for_a_step::bool[])))
                  t (alert_id, sid, state, error_code, mark, asks_for_a_step)),
news as materialized (
    select t.*, a.escalation_id, t.asks_for_a_step and a.kind = 'alert' as is_for_ladder
      from told t join notifier.alerts a using (alert_id)
     where notifier.state_rank(a.state) < notifier.state_rank(t.state)),
ladders as materialized (
    select escalation_id from notifier.escalations
     where escalation_id in (select escalation_id from news where is_for_ladder) for no key update skip locked),
free as materialized (
    select alert_id from notifier.alerts
     where alert_id in (select alert_id from news
                         where not is_for_ladder or escalation_id in (select escalation_id from ladders))
       for no key update skip locked),
moved as (
    update notifier.alerts a
       set state = t.state, error_code = coalesce(t.error_code, a.error_code),
           sids = case when t.sid = any(a.sids) then a.sids else array_append(a.sids, t.sid) end,
           sent_at = coalesce(a.sent_at, :now),
           delivered_at = case when t.state = 'delivered' then :now else a.delivered_at end,
           ended_at = case when notifier.state_rank(t.state) >= 5 then :now::timestamptz end,
           stalled_at = case when a.state not in ('planned', 'sending') then a.stalled_at end,
           is_silenced = a.is_silenced and t.sid = any(a.sids),
           due_at = case when notifier.state_rank(t.state) < 5 and a.is_unwanted
                              and not (a.is_silenced and t.sid = any(a.sids))
                         then :now::timestamptz
                         when t.state = 'connected' then :look_at::timestamptz
                         when t.state in ('queued', 'sent') and a.kind in ('alert', 'digest') and a.channel in ('sms', 'webhook')
                              and (a.stalled_at is null or a.state in ('planned', 'sending'))
                         then coalesce(a.sent_at, :now) + :report_within::interval end
      from news t
     where a.alert_id = t.alert_id and a.alert_id in (select alert_id from free)
       and notifier.state_rank(a.state) < notifier.state_rank(t.state)
    returning a.alert_id, a.escalation_id, a.kind, a.person_id, a.channel, a.phone_position, t.state, t.error_code, t.mark,
              t.is_for_ladder, a.is_unwanted and a.due_at <= :now as is_unwanted),
refusing as (
    insert into notifier.refusing_phones (person_id, since)
    select person_id, :now from moved where error_code = '21610' on conflict do nothing),
heard as (
    delete from notifier.refusing_phones r using moved m
     where r.person_id = m.person_id and m.channel = 'sms' and m.state = 'delivered'),
marked as (
    insert into notifier.marked_phones (person_id, number_token, mark, error_code, since)
    select distinct on (m.person_id, f.number_token) m.person_id, f.number_token, m.mark, m.error_code, :now
      from moved m join triage.for_notifier_phones f on f.person_id = m.person_id and f.position = m.phone_position
     where m.mark is not null order by m.person_id, f.number_token, m.mark
    on conflict (person_id, number_token) do update
       set mark = excluded.mark, error_code = excluded.error_code, since = excluded.since),
found_again as (
    delete from notifier.marked_phones d using moved m, triage.for_notifier_phones f
     where d.person_id = m.person_id and f.person_id = m.person_id and f.position = m.phone_position
       and f.number_token = d.number_token
       and (m.state = 'delivered' or (m.state = 'connected' and d.mark = 'dead'))),
stepped as (
    update notifier.escalations e set next_due_at = least(e.next_due_at, :now) from moved m
     where e.escalation_id = m.escalation_id and m.is_for_ladder and e.next_due_at is not null
    returning e.escalation_id)
select t.alert_id, coalesce(m.kind = 'digest' and t.asks_for_a_step, false) as is_lost_digest,
       coalesce(m.is_unwanted, false) as is_unwanted,
       coalesce(m.is_for_ladder and m.escalation_id in (select escalation_id from stepped), false) as is_step_due
  from told t
  left join moved m using (alert_id)
 where t.alert_id in (select alert_id from free) or t.alert_id not in (select alert_id from news);

-- name: find_open_call$
-- What somebody who rings back hears about: the place they are at, else what they are called for, else what they have, else
-- what they took of late and others are called for now, since they may be on their way.
select alert_id from (
    select a.alert_id, case when e.arrived_at is not null and e.left_at is null then 0
                            when e.status = 'acknowledged' then 2 else 3 end as rank,
           a.is_immediate, a.planned_at
      from notifier.escalations e
      join notifier.subjects s on s.subject_id = e.subject_id and s.subject_kind <> 'drill'
      join notifier.alerts a on a.escalation_id = e.escalation_id and a.person_id = e.acknowledged_by
     where e.acknowledged_by = any(:people::uuid[]) and e.purpose = 'respond' and a.kind = 'alert'
       and a.channel <> 'loopback' and e.acknowledged_at > :since
       and ((e.arrived_at is not null and e.left_at is null)
            or (e.status = 'acknowledged' and e.handed_back_at is null)
            or (e.status = 'superseded' and e.handed_back_at is null and e.left_at is null and e.acknowledged_at > :of_late))
    union all
    select a.alert_id, 1, a.is_immediate, a.planned_at
      from notifier.alerts a join notifier.escalations e using (escalation_id)
     where a.person_id = any(:people::uuid[]) and a.channel = 'voice' and e.next_due_at is not null
       and a.sending_at is not null) heard
 order by rank, is_immediate desc, planned_at desc limit 1;

-- name: find_people_by_phone
-- Whose phone a number is; tokens under every key of the ring.
select distinct p.person_id, p.language
  from triage.for_notifier_phones f join triage.for_notifier_people p using (person_id)
 where f.number_token = any(:tokens::bytea[]) and p.is_active order by p.person_id;

-- name: refuse_texts!
-- People whose phones refuse our texts from now on.
insert into notifier.refusing_phones (person_id, since) select unnest(:people::uuid[]), :now on conflict do nothing;

-- name: allow_texts!
-- People whose phones take our texts again.
delete from notifier.refusing_phones where person_id = any(:people::uuid[]);

-- name: hurry_callings_of!
-- What people are called for now is looked at at once. One that somebody changes at this moment is left: waiting for it
-- could meet one who waits for us.
update notifier.escalations set next_due_at = least(next_due_at, :now)
 where escalation_id in (
        select e.escalation_id from notifier.escalations e
         where e.next_due_at is not null
           and exists (select from notifier.alerts a
                        where a.escalation_id = e.escalation_id and a.person_id = any(:people::uuid[]))
           for no key update skip locked);

-- name: find_person^
-- What is needed to speak to a person and to check who they are.
select person_id, name, language, pin_hash from triage.for_notifier_people where person_id = :person_id;

-- name: find_pairs
-- The pairs people hold, the latest used first, with what they stand for.
select r.person_id, r.base, r.escalation_id, s.alias, e.purpose, e.next_due_at is not null as is_active,
       s.subject_kind = 'drill' as is_drill,
       s.subject_kind <> 'drill' and e.acknowledged_by is not distinct from r.person_id
           and ((e.arrived_at is not null and e.left_at is null)
                or (e.status = 'acknowledged' and e.handed_back_at is null)) as is_held,
       s.subject_kind <> 'drill' and e.purpose = 'respond' and e.acknowledged_by is not distinct from r.person_id as is_taken
  from notifier.reply_pairs r join notifier.escalations e using (escalation_id) join notifier.subjects s using (subject_id)
 where r.person_id = any(:people::uuid[]) order by r.used_at desc;

-- name: find_answer^
-- The first answer to a repeated request of the provider.
select effect, act, escalation_id, person_id, answered_at from notifier.answers where provider_sid = :provider_sid;

-- name: add_answer!
-- Keep an answer with what it did, and what one without a pair may be about.
with kept as (
    insert into notifier.answers
        (answer_id, provider_sid, escalation_id, alert_id, person_id, via, act, effect, words, says_more, answered_at)
    values
        (:answer_id, :provider_sid, :escalation_id, :alert_id, :person_id, :via, :act, :effect, :words, :says_more, :now)
    on conflict (provider_sid) do nothing
    returning answer_id)
insert into notifier.answers_about (answer_id, escalation_id)
select answer_id, unnest(:about::uuid[]) from kept;

-- name: add_inbound!
-- Keep what came to the alert number and whether it was an answer.
insert into notifier.inbound (provider_sid, is_answer, received_at) values (:provider_sid, :is_answer, :now)
on conflict do nothing;

-- name: find_link^
-- The page behind a token, under any key of the ring, closed with the facts of its escalation. Whoever was switched off
-- has none any more, and who was brought back none from before.
select l.token_hmac, l.escalation_id, l.person_id, l.expires_at, coalesce(t.wrong_pins, l.wrong_pins) as wrong_pins,
       coalesce(l.closed_at, t.closed_at) as closed_at, l.digest_id
  from notifier.links l left join notifier.pin_tries t using (escalation_id, person_id)
 where l.token_hmac = any(:tokens::bytea[])
   and exists (select from triage.for_notifier_people p where p.person_id = l.person_id and p.is_active
               and (p.back_at is null or l.made_at >= p.back_at));

-- name: find_pins_closed$
-- When wrong PINs closed the facts of an escalation for a person.
select closed_at from notifier.pin_tries where escalation_id = :escalation_id and person_id = :person_id;

-- name: count_wrong_pin$
-- Count a wrong PIN, on the page or the phone; the third closes both.
insert into notifier.pin_tries as t (escalation_id, person_id, wrong_pins) values (:escalation_id, :person_id, 1)
on conflict (escalation_id, person_id) do update
   set wrong_pins = t.wrong_pins + 1, closed_at = case when t.wrong_pins = 2 then :now::timestamptz end
 where t.wrong_pins < 3
returning wrong_pins;

-- name: find_facts_shown$
-- When a person was first shown the facts of an escalation.
select min(answered_at) from notifier.answers
 where escalation_id = :escalation_id and person_id = :person_id and effect = 'facts_shown';

-- name: find_sheet$
-- The sealed sheet of facts of a case.
select sheet from triage.for_notifier_facts where case_id = :case_id;

-- name: find_teams
-- Every team, to choose a desk from.
select team_id, is_desk, is_last_resort, jurisdiction from triage.for_notifier_teams;

-- name: find_feed^
-- The running calendar of an address, under any key of the ring.
select feed_id, person_id, language from triage.for_notifier_feeds where token_hmac = any(:tokens::bytea[]);

-- name: find_own_shifts
-- The shifts of a person that are not over at an instant.
select team_id, level, position, lower(during) as begins_at, upper(during) as ends_at
  from triage.for_notifier_shifts where person_id = :person_id and upper(during) > :since order by during;
