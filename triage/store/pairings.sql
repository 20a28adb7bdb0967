-- name: lock_families!
-- Lock cases with those inside them and those they are inside of, always in the same order.
select from triage.cases
 where case_id in (
       select unnest(:case_ids::uuid[])
       union all
       select other_id from triage.pairings
        where case_id = any (:case_ids::uuid[]) and says = 'same_matter' and undone_at is null
       union all
       select case_id from triage.pairings
        where other_id = any (:case_ids::uuid[]) and says = 'same_matter' and undone_at is null)
 order by case_id for update;

-- name: add_pairing!
-- Keep what a person said of two cases.
insert into triage.pairings (pairing_id, case_id, other_id, says, said_by, said_at)
values (:pairing_id, :case_id, :other_id, :says, :said_by, :now);

-- name: undo_pairing!
-- Undo what was said of two cases.
update triage.pairings set undone_by = :undone_by, undone_at = :now
 where pairing_id = :pairing_id and undone_at is null;

-- name: find_standing
-- What stands about a case, told from its side: the other case, and whether that one is inside this, or this inside it.
select p.pairing_id, p.says, p.said_by, p.said_at, o.case_id as other_id, o.alias, o.urgency, o.status, o.opened_at,
       o.unread_since, o.taken_by, o.closed_at,
       p.says = 'same_matter' and p.other_id = o.case_id as is_inside,
       p.says = 'same_matter' and p.case_id = o.case_id as is_around
  from triage.pairings p
  join triage.cases o on o.case_id = case when p.case_id = :case_id::uuid then p.other_id else p.case_id end
 where :case_id::uuid in (p.case_id, p.other_id) and p.undone_at is null
 order by p.said_at, p.pairing_id;

-- name: find_around$
-- The case that a case is inside of.
select case_id from triage.pairings where other_id = :case_id and says = 'same_matter' and undone_at is null;

-- name: find_inside
-- The cases inside a case, in the order they were put there.
select other_id from triage.pairings
 where case_id = :case_id and says = 'same_matter' and undone_at is null order by said_at, pairing_id;

-- name: find_gravest_inside$
-- The gravest urgency of the cases inside a case that are not closed.
select c.urgency::text from triage.pairings p join triage.cases c on c.case_id = p.other_id
 where p.case_id = :case_id and p.says = 'same_matter' and p.undone_at is null and c.status <> 'closed'
 order by array_position(array['immediate', 'urgent', 'priority', 'routine'], c.urgency::text) limit 1;

-- name: find_reports_inside
-- The reports of the cases inside a case, in the order they came.
select r.report_id from triage.pairings p join triage.case_reports r on r.case_id = p.other_id
 where p.case_id = :case_id and p.says = 'same_matter' and p.undone_at is null order by r.joined_at, r.report_id;

-- name: find_related
-- Every report of some cases and of all that people tied to them, or whose reporters did, however far, with what
-- became of each case. How many are asked for is hidden from the planner, which would make a plan for each number.
with recursive family (case_id) as (
    select unnest(array(select unnest(:case_ids::uuid[])))
    union
    select tied.case_id from family f cross join lateral (
        select p.other_id as case_id from triage.pairings p
         where p.case_id = f.case_id and p.undone_at is null and p.says <> 'not_same'
        union all
        select p.case_id from triage.pairings p
         where p.other_id = f.case_id and p.undone_at is null and p.says <> 'not_same'
        union all
        select o.case_id from triage.case_reports r join ingest.for_triage_reports i using (report_id)
          join triage.case_reports o on o.report_id = i.linked_report_id
         where r.case_id = f.case_id) tied
)
select r.report_id, c.case_id, i.received_at, c.status = 'closed' as is_closed,
       c.first_action_at is not null as was_acted_on
  from family f join triage.cases c using (case_id) join triage.case_reports r using (case_id)
  join ingest.for_triage_reports i using (report_id)
 order by i.received_at, r.report_id;

-- name: find_shown
-- What of some cases is shown beside another one.
select c.case_id, c.alias, c.urgency, c.status, c.opened_at, c.unread_since, c.taken_by, c.time_zone,
       t.name_zh as team_zh, t.name_en as team_en,
       (select count(*) from triage.case_reports r where r.case_id = c.case_id) as reports
  from triage.cases c join triage.teams t using (team_id) where c.case_id = any (:case_ids::uuid[]);
