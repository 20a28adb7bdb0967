-- name: look_at_session^
-- The person of a running sign-in that was not idle for too long; leaves no trace of activity.
select a.account_id, a.person_id, a.username, a.role, p.language, p.name, s.began_at, s.ends_at
  from triage.sessions s join triage.accounts a using (account_id) join triage.people p using (person_id)
 where s.token_digest = :token_digest and s.ended_at is null and s.ends_at > :now and s.seen_at > :idle_since
   and a.is_active and p.is_active;

-- name: touch_session!
-- A person of a running sign-in was seen to do something.
update triage.sessions set seen_at = :now where token_digest = :token_digest and seen_at < :now;

-- name: end_session!
-- Sign out.
update triage.sessions set ended_at = :now where token_digest = :token_digest and ended_at is null;

-- name: find_called
-- Whom the newest calling of each subject and purpose has called, with the newest state of each person's alerts.
select distinct on (l.subject_id, l.purpose, l.person_id)
       l.subject_id, l.purpose, l.level, l.person_id, l.channel, l.state
  from notifier.for_triage_alerts l
  join (select subject_id, purpose, max(number) as number from triage.assignments
         where subject_id = any (:ids::uuid[]) group by subject_id, purpose) n
    on n.subject_id = l.subject_id and n.purpose::text = l.purpose and n.number = l.number
 order by l.subject_id, l.purpose, l.person_id, l.planned_at desc;

-- name: find_unwell
-- Processes without a heartbeat, and living ones with troubles. One that was replaced by another of its service is
-- forgotten after a while; the last one of a service never is.
select h.service, h.instance, h.at, h.troubles
  from infra.heartbeats h
 where case when h.at >= :silent_since then h.troubles not in ('{}', '[]')
            else h.at > :replaced_before
                 or not exists (select from infra.heartbeats o
                                 where o.service = h.service and (o.at >= :silent_since or o.at > h.at)) end
 order by h.service, h.instance;

-- name: find_refusing_phones
-- People on call whose phones refuse our texts.
select r.person_id, r.since, p.name
  from notifier.for_triage_refusing_phones r join triage.people p using (person_id)
 where p.is_active and exists (select from triage.shifts s where s.person_id = r.person_id and s.during @> :now::timestamptz)
 order by r.since, r.person_id;

-- name: find_marked_phones
-- Numbers of people on call that the provider says cannot be reached or take no texts, as long as the directory holds them.
select m.person_id, m.mark, m.error_code, m.since, f.position, p.name
  from notifier.for_triage_marked_phones m
  join triage.phones f on f.person_id = m.person_id and f.number_token = m.number_token
  join triage.people p on p.person_id = m.person_id
 where p.is_active and m.since > :marked_since
   and exists (select from triage.shifts s where s.person_id = m.person_id and s.during @> :now::timestamptz)
 order by m.since, m.person_id, f.position;

-- name: find_told_failures
-- Failures of the last hour that are about our number (30001), our account (30002) or our wording (30007).
select error_code, count(*) as times, max(ended_at) as last_at
  from notifier.for_triage_alerts
 where error_code in ('30001', '30002', '30007') and ended_at > :since
 group by error_code order by error_code;

-- name: find_untold_partners^
-- Notices of the last hour that no system of a body took: it was tried for a day, or told that it is gone for good.
select count(*) as times, max(ended_at) as last_at from notifier.for_triage_untold_partners where ended_at > :since;

-- name: find_area_names
-- The closest area with a name of each case. Only Chinese division codes lie inside one another.
select c.case_id, n.name_zh, n.name_en
  from triage.cases c
 cross join lateral (
       select e.name_zh, e.name_en from triage.areas e
        where e.system = c.area_system and e.edition = c.area_edition
          and (e.code = c.area_code
               or (e.system = 'CN-XZQH' and starts_with(c.area_code, rtrim(e.code, '0'))))
        order by length(rtrim(e.code, '0')) desc limit 1) n
 where c.case_id = any (:ids::uuid[]);

-- name: find_silence^
-- Who last silenced which alarms at a desk.
select actor, at, detail from triage.timeline
 where subject_id = :desk_id and kind = 'alarm_silenced' order by at desc, entry_id desc limit 1;

-- name: find_alias$
-- The case of an alias, exercises and canaries left out.
select case_id from triage.cases where alias = :alias and not is_canary;

-- name: find_case_version$
-- The version a case now has.
select version from triage.cases where case_id = :case_id;

-- name: find_contacts
-- When the contacts of a case began, and when what they said was committed.
select r.report_id as contact_id, i.channel::text as channel, i.began_at, i.received_at
  from triage.case_reports r join ingest.for_triage_reports i using (report_id) where r.case_id = :case_id
union all
select u.update_id, u.channel::text, u.began_at, u.received_at
  from triage.case_reports r join ingest.for_triage_updates u using (report_id) where r.case_id = :case_id
 order by 3, 1;

-- name: find_teams
-- Teams that a case can be given to, the desk left out.
select team_id, name_zh, name_en, is_last_resort from triage.teams where not is_desk order by name_en;

-- name: find_recordings
-- The recordings of a case: whether their sound is here, and whether anybody has listened to it.
select r.recording_id, r.report_id, r.seconds, r.received_at, r.sound is not null as is_here,
       exists (select from triage.timeline t where t.subject_id = c.case_id and t.kind = 'recording_heard'
                  and t.detail ->> 'recording' = r.recording_id::text) as is_heard
  from triage.case_reports c join ingest.for_triage_recordings r using (report_id)
 where c.case_id = :case_id order by r.received_at, r.recording_id;

-- name: find_sound^
-- The sealed sound of a recording of a case.
select r.report_id, r.sound, r.content_type
  from triage.case_reports c join ingest.for_triage_recordings r using (report_id)
 where c.case_id = :case_id and r.recording_id = :recording_id;

-- name: has_heard$
-- Whether a person has listened to a recording before.
select exists (select from triage.timeline where subject_id = :case_id and kind = 'recording_heard'
                  and actor = :actor and detail ->> 'recording' = :recording);

-- name: find_report_outlines
-- What of the reports of a case needs no opening: how and by whom they came, and the instants they tell of.
select i.report_id, i.channel::text as channel, i.kind::text as kind, i.reporter_role::text as reporter_role,
       i.language, i.happened_at, i.first_known_at, i.told_at, i.began_at, i.received_at
  from triage.case_reports r join ingest.for_triage_reports i using (report_id) where r.case_id = :case_id;

-- name: find_lines
-- Of every live case what the views of the queue ask for, in the order of the queue.
select c.case_id, c.status, c.unread_since, c.taken_by, k.clocks, a.status as calling_status,
       x.status as escalation_status
  from triage.cases c
  left join lateral (
       select min(due_at) filter (where name <> 'begin_calling') as next_due,
              coalesce(jsonb_agg(jsonb_build_object('name', name, 'breached_at', breached_at) order by due_at), '[]')
                  as clocks
         from triage.clocks where case_id = c.case_id and ended_at is null) k on true
  left join lateral (
       select number, status from triage.assignments
        where subject_id = c.case_id and purpose = 'respond' order by number desc limit 1) a on true
  left join triage.escalations x on x.subject_id = c.case_id and x.purpose = 'respond' and x.number = a.number
 where c.status <> 'closed' and not c.is_canary
 order by array_position(array['immediate', 'urgent', 'priority', 'routine'], c.urgency::text),
          k.next_due nulls last, c.opened_at;

-- name: find_alarming
-- Live cases that alarm by themselves: immediate and unread, or called to the end and taken by nobody.
select c.case_id, c.alias, c.urgency, c.unread_since, c.taken_by, a.number as calling_number,
       a.status as calling_status, x.status as escalation_status
  from triage.cases c
  left join lateral (
       select number, status from triage.assignments
        where subject_id = c.case_id and purpose = 'respond' order by number desc limit 1) a on true
  left join triage.escalations x on x.subject_id = c.case_id and x.purpose = 'respond' and x.number = a.number
 where c.status <> 'closed' and not c.is_canary
   and ((c.urgency = 'immediate' and c.unread_since is not null)
        or (x.status = 'exhausted' and c.taken_by is null and a.status = 'calling'))
 order by c.urgency <> 'immediate', c.opened_at;

-- name: find_empty_levels
-- Levels of what live cases are being called for that were skipped, lowest first. One is told already where the alarm
-- that nobody there is on call was raised, or seen to, for this calling.
select c.case_id, c.alias, l.purpose, l.number, max(l.found_at) as found_at,
       array_agg(l.level order by array_position(array['first', 'backup', 'lead', 'manager'], l.level)) as levels
  from notifier.for_triage_empty_levels l
  join triage.cases c on c.case_id = l.subject_id
  join triage.assignments a on a.subject_id = l.subject_id and a.purpose::text = l.purpose and a.number = l.number
 where l.is_calling and c.status <> 'closed' and not c.is_canary
   and not exists (select from triage.alarms o
                    where o.subject_id = c.case_id and o.kind = 'nobody_on_call/' || l.level and l.purpose = 'respond'
                      and (o.settled_at is null or o.settled_at >= a.made_at))
 group by c.case_id, c.alias, l.purpose, l.number
 order by 5, 1, 3;

-- name: find_alarm_subjects
-- Of some alarms the team they are about, or that of the case, and the time zone there.
select a.alarm_id, coalesce(t.name_zh, u.name_zh) as team_zh, coalesce(t.name_en, u.name_en) as team_en,
       coalesce(c.time_zone, t.time_zone) as time_zone
  from triage.alarms a
  left join triage.teams t on t.team_id = a.subject_id
  left join triage.cases c on c.case_id = a.subject_id
  left join triage.teams u on u.team_id = c.team_id
 where a.alarm_id = any (:ids::uuid[]);

-- name: find_callable
-- Of every team that a case can be given to the people who are on call now or will be, whoever is now first.
select s.team_id, s.person_id, bool_or(s.during @> :now::timestamptz) as is_now
  from triage.shifts s join triage.people p using (person_id) join triage.teams t using (team_id)
 where upper(s.during) > :now and p.is_active and not p.is_loopback and not t.is_desk
 group by s.team_id, s.person_id
 order by s.team_id, is_now desc, s.person_id;
