-- migrate:up

-- What a reporter is told never goes back. A closed case says `outcome_available` only where there is one to tell; a
-- duplicate says what the case that is followed in its stead says, unless it had come further itself before it was closed.
create or replace view triage.for_ingest_states as
    select r.report_id, furthest.state, furthest.changed_at
      from triage.case_reports r
     cross join lateral (
           with recursive followed as (
               select r.case_id, 0 as step
                union all
               select d.duplicate_of, f.step + 1
                 from followed f
                 join triage.cases k on k.case_id = f.case_id and k.status = 'closed'
                cross join lateral (select duplicate_of from triage.closings
                                     where case_id = f.case_id and is_granted order by decided_at desc limit 1) d
                where d.duplicate_of is not null
           )
           select s.state, s.changed_at
             from followed f
             join triage.cases c on c.case_id = f.case_id
             left join lateral (select has_outcome, duplicate_of from triage.closings
                                 where case_id = c.case_id and is_granted order by decided_at desc limit 1) l on true
             left join lateral (select min(made_at) as made_at from triage.assignments
                                 where subject_id = c.case_id and purpose = 'respond') a on true
            cross join lateral (values
                  (5, case when l.has_outcome then 'outcome_available' else 'closed' end,
                      case when c.status = 'closed' and l.duplicate_of is null then c.closed_at end),
                  (4, 'taken', c.taken_at),
                  (3, 'passed_on', a.made_at),
                  (2, 'read', c.read_at),
                  (1, 'received', r.joined_at)) s (rank, state, changed_at)
            where s.changed_at is not null
            order by s.rank desc, f.step limit 1) furthest;

-- migrate:down
