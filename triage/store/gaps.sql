-- name: accept_gap!
-- A supervisor let a level stand uncovered.
insert into triage.accepted_gaps (gap_id, team_id, level, during, act, reason, accepted_by, accepted_at)
values (:gap_id, :team_id, :level, tstzrange(:begins_at::timestamptz, :ends_at::timestamptz), :act, :reason,
        :accepted_by, :now);

-- name: find_accepted_gaps
-- What was let stand uncovered and is not over.
select team_id, level, lower(during) as begins_at, upper(during) as ends_at
  from triage.accepted_gaps where upper(during) > :now order by team_id, level, during;

-- name: find_gap_calls
-- Of which gaps the manager was called.
select team_id, level, lower(during) as begins_at, upper(during) as ends_at from triage.gap_calls;

-- name: add_gap_call!
-- The manager is called about a gap.
insert into triage.gap_calls (team_id, level, during, called_at)
values (:team_id, :level, tstzrange(:begins_at::timestamptz, :ends_at::timestamptz), :now);

-- name: forget_gap_calls!
-- Forget the calls about gaps that are no more: those that touch none of these.
delete from triage.gap_calls c
 where not exists (select from unnest(:team_ids::uuid[], :levels::text[], :begins::timestamptz[], :ends::timestamptz[])
                              as g (team_id, level, begins_at, ends_at)
                    where g.team_id = c.team_id and g.level = c.level
                      and c.during && tstzrange(g.begins_at, g.ends_at));
