-- name: plan_sample!
-- Plan the sample of a week; one that is planned stays as it is.
insert into triage.samples (week, begins_at, ends_at, due_at) values (:week, :begins_at, :ends_at, :due_at)
on conflict (week) do nothing;

-- name: next_due$
-- When the next sample is due.
select min(due_at) from triage.samples where drawn_at is null;

-- name: lock_due^
-- The oldest sample that is due, locked; what another process draws is passed over.
select week, begins_at, ends_at, due_at from triage.samples where drawn_at is null and due_at <= :now
 order by week limit 1 for update skip locked;

-- name: find_frame
-- The cases opened in a week as they stand now, canaries left out: what a sample is drawn from. Raised are those that
-- were by a given instant, the same for every week however late it is drawn.
select c.case_id, c.urgency::text as urgency, c.status = 'closed' as is_closed,
       exists (select from triage.timeline t where t.subject_id = c.case_id and t.kind = 'raised'
                  and t.at < :raised_by) as is_raised
  from triage.cases c
 where c.opened_at >= :begins_at and c.opened_at < :ends_at and not c.is_canary;

-- name: keep_sample!
-- Keep that a week's sample was drawn, by which seed, and from how many cases of each urgency.
with drawn as (
    update triage.samples set drawn_at = :now, seed = :seed, cases = :cases, raised = :raised
     where week = :week and drawn_at is null
)
insert into triage.sample_strata (week, urgency, cases, drawn)
select :week, new.urgency, new.cases, new.drawn
  from unnest(:urgencies::text[], :of_cases::int[], :drawn::int[]) as new (urgency, cases, drawn);

-- name: keep_entries!
-- Keep the drawn cases as they stand, with the gravest urgency that the machine gave each: immediate, where it could
-- not judge one at all.
insert into triage.sample_entries (entry_id, week, place, case_id, urgency, engine_urgency, was_closed)
select new.entry_id, :week, new.place, new.case_id, new.urgency, coalesce(judged.urgency, 'immediate'), new.was_closed
  from unnest(:entry_ids::uuid[], :case_ids::uuid[], :urgencies::text[], :were_closed::bool[])
       with ordinality as new (entry_id, case_id, urgency, was_closed, place)
  left join lateral (
       select a.urgency::text as urgency from triage.assessments a where a.case_id = new.case_id
        order by array_position(array['immediate', 'urgent', 'priority', 'routine'], a.urgency::text) limit 1) judged
    on true;

-- name: find_raises
-- How many cases each drawn week had before one, and how many of them had been raised.
select cases, raised from triage.samples
 where week >= :since and week < :week and drawn_at is not null order by week;

-- name: find_awaiting
-- Drawn cases (all, or one) that wait for a reading by a person who neither read them nor knows the case: who opened
-- its page, a tree of it or its sheet of facts, did anything in it, has it, or is kept out of it.
select e.entry_id, e.week, e.place, e.case_id, s.drawn_at, c.time_zone, c.jurisdiction
  from triage.sample_entries e join triage.samples s using (week) join triage.cases c using (case_id)
 where e.truth is null and (:entry_id::uuid is null or e.entry_id = :entry_id)
   and c.taken_by is distinct from :reader
   and not exists (select from triage.second_readings r where r.entry_id = e.entry_id and r.reader = :reader)
   and not exists (select from triage.timeline t
                    where t.subject_id = e.case_id and t.actor = :reader::uuid::text)
   and not exists (select from triage.exclusions x where x.case_id = e.case_id and x.person_id = :reader)
   and not exists (select from infra.audit a
                    where a.case_id = e.case_id and a.actor = :reader::uuid::text
                      and a.action in ('case_shown', 'tree_shown', 'recording_heard', 'facts_shown'))
 order by e.week, e.place limit 200;

-- name: lock_entry^
-- A drawn case, its row locked: one reading of it is kept at a time.
select entry_id, week, place, case_id from triage.sample_entries where entry_id = :entry_id for update;

-- name: add_reading!
-- Keep what a reader found.
insert into triage.second_readings (entry_id, reader, urgency, certainty, read_at)
values (:entry_id, :reader, :urgency, :certainty, :now);

-- name: find_readings
-- What readers of a drawn case found, in the order they read.
select urgency::text as urgency from triage.second_readings where entry_id = :entry_id order by read_at, reader;

-- name: settle_entry!
-- Keep what readers found together.
update triage.sample_entries set truth = :truth, settled_at = :now where entry_id = :entry_id and truth is null;

-- name: find_own
-- What a person has read lately, the newest first.
select e.entry_id, e.week, e.place, r.urgency::text as urgency, r.read_at
  from triage.second_readings r join triage.sample_entries e using (entry_id)
 where r.reader = :reader order by r.read_at desc limit 20;

-- name: find_outcome^
-- What a person read, and what engine and desk had said: then and now.
select e.entry_id, e.week, e.place, e.case_id, r.urgency::text as read_urgency, r.certainty,
       e.engine_urgency::text as engine_urgency, e.urgency::text as desk_urgency, e.was_closed,
       c.urgency::text as urgency, c.status, c.version, c.alias
  from triage.second_readings r join triage.sample_entries e using (entry_id) join triage.cases c using (case_id)
 where e.entry_id = :entry_id and r.reader = :reader;
