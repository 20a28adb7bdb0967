-- name: lock_drills!
-- One transaction at a time calls a drill, until it ends.
select pg_advisory_xact_lock(hashtext('drills'));

-- name: add_drill!
-- Keep a drill that is called.
insert into triage.drills (drill_id, alias, team_id, urgency, ladder, is_at_night, called_by, called_at, over_by)
values (:drill_id, :alias, :team_id, :urgency, :ladder, :is_at_night, :called_by, :called_at, :over_by);

-- name: find_area^
-- The widest area that a team covers.
select system, edition, prefix as code from triage.team_areas
 where team_id = :team_id order by length(prefix), prefix limit 1;

-- name: is_drilling$
-- Whether a drill of a team is being called, or waits for the notifier.
select exists (select from triage.drills d left join notifier.for_triage_drills n using (drill_id)
                where d.team_id = :team_id
                  and (n.status = 'calling' or (n.status is null and d.called_at > :since)));

-- name: find_drills
-- The newest drills, of everybody or one alone, with how their calling stands.
select d.drill_id, d.alias, d.urgency, d.ladder, d.is_at_night, d.called_by, d.called_at, d.over_by, t.slug,
       t.name_zh, t.name_en, t.time_zone, n.status, n.started_at, n.exhausted_at, n.acknowledged_by,
       n.acknowledged_at, n.needs_help_by
  from triage.drills d join triage.teams t using (team_id) left join notifier.for_triage_drills n using (drill_id)
 where :drill_id::uuid is null or d.drill_id = :drill_id
 order by d.called_at desc limit 50;

-- name: find_drill_alerts
-- Every call and message of a drill, as they were planned.
select a.level, a.person_id, a.channel, a.state, a.planned_at, a.sent_at, a.delivered_at, a.answered_at, a.answer,
       row_number() over (partition by a.person_id, a.channel order by a.planned_at, a.alert_id) as attempt
  from notifier.for_triage_alerts a where a.subject_id = :drill_id order by a.planned_at, a.person_id, a.channel;

-- name: find_empty_levels
-- Levels of a drill that had nobody new to call.
select level from notifier.for_triage_empty_levels where subject_id = :drill_id;

-- name: find_on_call_during
-- Who is on call for a team in a stretch at these levels, and whether they agreed to drills at night.
select s.person_id, bool_and(p.drills_at_night) as drills_at_night
  from triage.shifts s join triage.people p using (person_id)
 where s.team_id = :team_id and s.level::text = any(:levels::text[]) and p.is_active and not p.is_loopback
   and s.during && tstzrange(:begin, :until)
 group by s.person_id;

-- name: find_people
-- Those a drill called, with their sealed names.
select person_id, handle, name from triage.people where person_id = any(:people::uuid[]);
