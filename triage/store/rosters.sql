-- name: lock_rosters!
-- One roster is applied at a time.
select pg_advisory_xact_lock(7402111003);

-- name: save_team!
-- Write a team, known by its slug.
insert into triage.teams
    (team_id, slug, name_zh, name_en, jurisdiction, time_zone, is_desk, is_last_resort, ladder, capacity)
values (:team_id, :slug, :name_zh, :name_en, :jurisdiction, :time_zone, :is_desk, :is_last_resort, :ladder, :capacity);

-- name: save_capacity!
-- Write how many live cases a team can hold; null is no limit.
update triage.teams set capacity = :capacity, version = version + 1
 where slug = :slug and capacity is distinct from :capacity::int;

-- name: save_team_area!
-- Let a team cover what begins with a code.
insert into triage.team_areas (team_id, system, edition, prefix) values (:team_id, :system, :edition, :prefix);

-- name: save_area!
-- Write an area with its names.
insert into triage.areas (system, edition, code, name_zh, name_en, jurisdiction, time_zone, is_reserved)
values (:system, :edition, :code, :name_zh, :name_en, :jurisdiction, :time_zone, :is_reserved)
on conflict (system, edition, code) do update
   set name_zh = excluded.name_zh, name_en = excluded.name_en, time_zone = excluded.time_zone;

-- name: save_roster!
-- Keep the rules of a team's roster.
insert into triage.rosters (team_id, rules, digest, applied_at, applied_by, made_until)
values (:team_id, :rules, :digest, :now, :applied_by, :made_until)
on conflict (team_id) do update
   set rules = excluded.rules, digest = excluded.digest, applied_at = excluded.applied_at,
       applied_by = excluded.applied_by, made_until = excluded.made_until, version = triage.rosters.version + 1;

-- name: extend_roster!
-- Remember until when shifts are made.
update triage.rosters set made_until = :made_until where team_id = :team_id;

-- name: find_rosters
-- The rules of every team, and until when their shifts are made.
select team_id, rules, digest, applied_at, made_until from triage.rosters order by team_id;

-- name: cut_shifts!
-- End at an instant the shifts of a team that began before it.
update triage.shifts set during = tstzrange(lower(during), :now::timestamptz)
 where team_id = :team_id and lower(during) < :now and upper(during) > :now;

-- name: drop_shifts!
-- Drop the shifts of a team from an instant on.
delete from triage.shifts where team_id = :team_id and lower(during) >= :now;

-- name: add_shift!
-- Put somebody on call.
insert into triage.shifts (shift_id, team_id, person_id, level, position, during, because, grounds)
values (:shift_id, :team_id, :person_id, :level, :position,
        tstzrange(:begins_at::timestamptz, :ends_at::timestamptz), :because, :grounds);

-- name: find_shifts
-- Shifts of reachable people that touch a stretch of time. A phone that is known to be silent reaches nobody, nor does a
-- loopback, but for a team that covers what is reserved for the canary.
select s.team_id, p.handle, s.level, s.position, lower(s.during) as begins_at, upper(s.during) as ends_at, s.because,
       s.grounds
  from triage.shifts s join triage.people p using (person_id)
 where s.during && tstzrange(:begin::timestamptz, :end::timestamptz) and p.is_active
   and case when p.is_loopback
            then exists (select from triage.team_areas c join triage.areas a using (system, edition)
                          where c.team_id = s.team_id and a.is_reserved and starts_with(a.code, c.prefix))
            else exists (select from triage.phones f
                          where f.person_id = p.person_id and f.verified_at is not null
                            and (f.person_id, f.position) not in (select * from unnest(:silent::uuid[], :positions::int[]))) end
 order by s.team_id, s.level, lower(s.during), s.position;

-- name: find_team_shifts
-- The shifts of a team that touch a stretch of time, whether their people can be reached or not.
select p.handle, s.level, s.position, lower(s.during) as begins_at, upper(s.during) as ends_at, s.because, s.grounds
  from triage.shifts s join triage.people p using (person_id)
 where s.team_id = :team_id and s.during && tstzrange(:begin::timestamptz, :end::timestamptz)
 order by s.level, lower(s.during), s.position, p.handle;

-- name: find_on_call
-- Whoever has a shift of a team at a level at an instant, reachable or not.
select p.person_id, p.handle, s.level, s.position, lower(s.during) as begins_at, upper(s.during) as ends_at, s.because,
       s.grounds
  from triage.shifts s join triage.people p using (person_id)
 where s.team_id = :team_id and s.level = :level and s.during @> :at::timestamptz
 order by s.position, p.handle;

-- name: find_shifts_of
-- The shifts of a person in a team at a level that touch a stretch of time.
select lower(during) as begins_at, upper(during) as ends_at from triage.shifts
 where team_id = :team_id and level = :level and person_id = :person_id
   and during && tstzrange(:begin::timestamptz, :end::timestamptz)
 order by during;
