-- name: start_clocks!
-- Start clocks; one of the same name that runs already goes on.
insert into triage.clocks (clock_id, case_id, name, started_at, due_at, owner, on_breach, source, is_legal)
select new.clock_id, :case_id, new.name, new.started_at, new.due_at, new.owner, new.on_breach, new.source, new.is_legal
  from unnest(:clock_ids::uuid[], :names::text[], :started_ats::timestamptz[], :due_ats::timestamptz[],
              :owners::text[], :on_breaches::text[], :sources::text[], :are_legal::bool[])
       as new (clock_id, name, started_at, due_at, owner, on_breach, source, is_legal)
on conflict (case_id, name) where ended_at is null do nothing;

-- name: restart_clocks!
-- Start clocks anew: those of the same names that run end first, which the count makes sure of.
with new as (
    select * from unnest(:clock_ids::uuid[], :names::text[], :started_ats::timestamptz[], :due_ats::timestamptz[],
                         :owners::text[], :on_breaches::text[], :sources::text[], :are_legal::bool[])
        as new (clock_id, name, started_at, due_at, owner, on_breach, source, is_legal)
), ended as (
    update triage.clocks k set ended_at = new.started_at from new
     where k.case_id = :case_id and k.name = new.name and k.ended_at is null
    returning k.clock_id
)
insert into triage.clocks (clock_id, case_id, name, started_at, due_at, owner, on_breach, source, is_legal)
select new.clock_id, :case_id, new.name, new.started_at, new.due_at, new.owner, new.on_breach, new.source, new.is_legal
  from new cross join (select count(*) from ended) as earlier;

-- name: bring_forward!
-- Let a running clock that was not missed end sooner; never later.
update triage.clocks set due_at = greatest(started_at, :due_at)
 where case_id = :case_id and name = :name and ended_at is null and breached_at is null and due_at > :due_at;

-- name: end_clocks!
-- End clocks with what was answered.
update triage.clocks set ended_at = :now, answer = :answer
 where case_id = :case_id and name = any (:names::text[]) and ended_at is null;

-- name: find_running
-- The running clocks of a case, soonest first.
select clock_id, name, started_at, due_at, breached_at, owner, on_breach, source, is_legal
  from triage.clocks where case_id = :case_id and ended_at is null order by due_at, name;

-- name: find_was_left$
-- Whether the newest clock of a name ended since its case was closed.
select answer ->> 'via' is not distinct from 'closing' from triage.clocks
 where case_id = :case_id and name = :name order by started_at desc, clock_id desc limit 1;

-- name: next_due$
-- When the next clock falls due, those set aside (by case or clock) left out.
select min(k.due_at) from triage.clocks k
 where k.ended_at is null and k.breached_at is null
   and k.case_id <> all (:set_aside::uuid[]) and k.clock_id <> all (:set_aside::uuid[]);

-- name: due_case$
-- One case with a clock that fell due; what others work on now, or is set aside (case or clock), is passed over.
select c.case_id from triage.cases c
  join triage.clocks k on k.case_id = c.case_id
 where k.ended_at is null and k.breached_at is null and k.due_at <= :now
   and c.case_id <> all (:set_aside::uuid[]) and k.clock_id <> all (:set_aside::uuid[])
 order by k.due_at limit 1 for update of c skip locked;

-- name: find_due
-- The clocks of a case that fell due, soonest first, those set aside left out.
select clock_id, name from triage.clocks
 where case_id = :case_id and ended_at is null and breached_at is null and due_at <= :now
   and clock_id <> all (:set_aside::uuid[])
 order by due_at, name;

-- name: breach_clock^
-- Record a clock as missed, once; an instant at which something begins is none to miss.
update triage.clocks
   set breached_at = case when name not in ('begin_calling', 'safety_ends') then :now::timestamptz end,
       ended_at = case when name in ('begin_calling', 'safety_ends') then :now::timestamptz end
 where clock_id = :clock_id and ended_at is null and breached_at is null
returning name, due_at, owner, on_breach, is_legal;
