-- name: find_leaves
-- Leave that touches what is after an instant, of everybody; what was withdrawn counts until it was.
select p.handle, lower(l.during) as begins_at, least(upper(l.during), l.withdrawn_at) as ends_at
  from triage.leaves l join triage.people p using (person_id)
 where upper(l.during) > :since and (l.withdrawn_at is null or l.withdrawn_at > greatest(lower(l.during), :since))
 order by lower(l.during), p.handle;

-- name: has_leave$
-- Whether somebody is on leave at some time of a stretch.
select exists (select from triage.leaves where person_id = :person_id and withdrawn_at is null
                  and during && tstzrange(:begin::timestamptz, :end::timestamptz));

-- name: add_leave!
-- Somebody is away.
insert into triage.leaves (leave_id, person_id, during, taken_by, taken_at)
values (:leave_id, :person_id, tstzrange(:begins_at::timestamptz, :ends_at::timestamptz), :taken_by, :now);

-- name: lock_leave^
-- Somebody's leave, its row locked.
select leave_id, person_id, lower(during) as begins_at, upper(during) as ends_at, withdrawn_at, version
  from triage.leaves where leave_id = :leave_id for update;

-- name: withdraw_leave!
-- A leave is taken back.
update triage.leaves set withdrawn_by = :by, withdrawn_at = :now, version = version + 1 where leave_id = :leave_id;

-- name: find_granted_swaps
-- Granted swaps of a team that touch what is after an instant, in the order in which they were granted.
select w.swap_id, g.handle as giver, t.handle as taker, w.level, lower(w.during) as begins_at,
       upper(w.during) as ends_at, w.back_level, lower(w.back_during) as back_begins_at,
       upper(w.back_during) as back_ends_at, w.decided_at
  from triage.swaps w join triage.people g on g.person_id = w.giver_id join triage.people t on t.person_id = w.taker_id
 where w.team_id = :team_id and w.is_granted and greatest(upper(w.during), upper(w.back_during)) > :since
 order by w.decided_at, w.swap_id;

-- name: find_swapping_teams
-- The teams in which somebody has a part in a granted swap of what is after an instant.
select distinct team_id from triage.swaps
 where is_granted and :person_id in (giver_id, taker_id)
   and greatest(upper(during), upper(back_during)) > :since;

-- name: add_swap!
-- A swap is asked for.
insert into triage.swaps
    (swap_id, team_id, giver_id, taker_id, level, during, back_level, back_during, asked_by, asked_at)
values (:swap_id, :team_id, :giver_id, :taker_id, :level, tstzrange(:begins_at::timestamptz, :ends_at::timestamptz),
        :back_level, case when :back_begins_at::timestamptz is not null
                          then tstzrange(:back_begins_at::timestamptz, :back_ends_at::timestamptz) end, :asked_by, :now);

-- name: lock_swap^
-- A swap, its row locked.
select swap_id, team_id, giver_id, taker_id, level, lower(during) as begins_at, upper(during) as ends_at, back_level,
       lower(back_during) as back_begins_at, upper(back_during) as back_ends_at, asked_by, decided_at, version
  from triage.swaps where swap_id = :swap_id for update;

-- name: decide_swap!
-- A swap is granted or refused.
update triage.swaps set decided_by = :by, decided_at = :now, is_granted = :is_granted, version = version + 1
 where swap_id = :swap_id;

-- name: find_coming_leaves
-- Leave that is not over nor taken back, of one person or of everybody.
select l.leave_id, l.person_id, lower(l.during) as begins_at, upper(l.during) as ends_at, l.version
  from triage.leaves l
 where l.withdrawn_at is null and upper(l.during) > :now
   and (:person_id::uuid is null or l.person_id = :person_id)
 order by lower(l.during), l.leave_id;

-- name: find_coming_swaps
-- Swaps of what is not over, asked for, granted or refused: those of one person or of everybody.
select w.swap_id, w.team_id, w.giver_id, w.taker_id, w.level, lower(w.during) as begins_at, upper(w.during) as ends_at,
       w.back_level, lower(w.back_during) as back_begins_at, upper(w.back_during) as back_ends_at, w.asked_by,
       w.asked_at, w.decided_at, w.is_granted, w.version
  from triage.swaps w
 where greatest(upper(w.during), upper(w.back_during)) > :now
   and (:person_id::uuid is null or :person_id in (w.giver_id, w.taker_id, w.asked_by))
 order by w.decided_at is not null, lower(w.during), w.swap_id;
