-- name: find_handled
-- What was done with the cases opened between two instants, and the groups each is in: those of its first report.
select c.language, r.channel, r.reporter_role, c.area_system, c.area_edition, c.area_code,
       coalesce(t.is_raised, false) as is_raised, coalesce(t.is_lowered, false) as is_lowered,
       c.status = 'closed' as is_closed,
       case when t.taken_at is not null then greatest(interval '0', t.taken_at - coalesce(a.made_at, c.opened_at))
            end as waited
  from triage.cases c
  left join lateral (
       select i.channel::text as channel, i.reporter_role::text as reporter_role
         from triage.case_reports m join ingest.for_triage_reports i using (report_id)
        where m.case_id = c.case_id order by m.joined_at, m.report_id limit 1) r on true
  left join lateral (
       select bool_or(e.kind = 'raised' and e.actor <> 'triage') as is_raised, bool_or(e.kind = 'lowered') as is_lowered,
              min(e.at) filter (where e.kind = 'taken_at_desk'
                                   or e.kind = 'taken' and e.detail ->> 'purpose' = 'respond') as taken_at
         from triage.timeline e
        where e.subject_id = c.case_id and e.kind in ('raised', 'lowered', 'taken', 'taken_at_desk')) t on true
  left join triage.assignments a on a.subject_id = c.case_id and a.purpose = 'respond' and a.number = 1
 where c.opened_at >= :begins_at and c.opened_at < :ends_at and not c.is_canary;

-- name: find_read
-- The drawn cases of some weeks whose truth is settled, with what their first two readers found.
select e.week, e.urgency::text as urgency, e.engine_urgency::text as engine_urgency, e.truth::text as truth,
       s.cases as stratum, n.readings, c.language, r.channel, r.reporter_role, c.area_system, c.area_edition,
       c.area_code
  from triage.sample_entries e
  join triage.sample_strata s using (week, urgency)
  join triage.cases c using (case_id)
  left join lateral (
       select i.channel::text as channel, i.reporter_role::text as reporter_role
         from triage.case_reports m join ingest.for_triage_reports i using (report_id)
        where m.case_id = c.case_id order by m.joined_at, m.report_id limit 1) r on true
  cross join lateral (
       select array_agg(x.urgency::text order by x.read_at, x.reader) as readings
         from triage.second_readings x where x.entry_id = e.entry_id) n
 where e.week >= :first_week and e.week <= :last_week and e.truth is not null;

-- name: find_unsettled
-- The urgencies of which cases were drawn in one of some weeks and none of that week is settled.
select distinct s.urgency::text as urgency from triage.sample_strata s
 where s.week >= :first_week and s.week <= :last_week
   and not exists (select from triage.sample_entries e
                    where e.week = s.week and e.urgency = s.urgency and e.truth is not null);

-- name: find_progress^
-- How many cases were drawn for some weeks, and how many of them are settled.
select count(*) as drawn, count(truth) as settled
  from triage.sample_entries where week >= :first_week and week <= :last_week;

-- name: find_area_names
-- The names of areas by their codes.
select system, edition, code, name_zh, name_en
  from triage.areas join unnest(:systems::text[], :editions::text[], :codes::text[]) as asked (system, edition, code)
 using (system, edition, code);
