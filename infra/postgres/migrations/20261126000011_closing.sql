-- migrate:up

-- Asking to close a case, and what became of it: granted, refused, or void since new words came (decided at an instant,
-- by nobody). Where anything calls for a second person (`grounds`), it is granted by one, never by who asked.
create table triage.closings (
    closing_id uuid primary key,
    case_id uuid not null references triage.cases,
    code text not null check (code ~ '^[a-z][a-z_]*$'),
    duplicate_of uuid references triage.cases check (duplicate_of <> case_id),
    steps text[] not null default '{}',
    has_outcome bool not null,
    is_disputed bool not null,
    grounds text[] not null,
    words bytea not null,
    seen_version int not null check (seen_version > 0),
    asked_by uuid not null references triage.people,
    asked_at timestamptz not null,
    decided_by uuid references triage.people,
    decided_at timestamptz,
    is_granted bool,
    check (decided_by <> asked_by),
    check (decided_at is not null or (decided_by is null and is_granted is null)),
    check (is_granted is null or decided_by is not null or (is_granted and cardinality(grounds) = 0))
);
create unique index closings_one_open on triage.closings (case_id) where decided_at is null;
create index closings_granted on triage.closings (case_id, decided_at desc) where is_granted;

-- Besides the check of the table, which wants a name: a case is closed by the person who asked for it, once it is granted.
create function triage.refuse_unasked_closing() returns trigger language plpgsql as $$
begin
    if not exists (select from triage.closings l
                    where l.case_id = new.case_id and l.is_granted
                      and l.asked_by = new.closed_by and l.decided_at = new.closed_at) then
        raise check_violation using message = 'a case is closed only as a named person asked and, where needed, a second one granted';
    end if;
    return new;
end
$$;
create trigger cases_are_closed_by_people before update of status on triage.cases for each row
    when (new.status = 'closed' and old.status <> 'closed') execute function triage.refuse_unasked_closing();
create trigger cases_are_not_opened_closed before insert on triage.cases for each row
    when (new.status = 'closed') execute function triage.refuse_unasked_closing();

grant select, insert, update on triage.closings to hotline_triage;

-- A closed case says `outcome_available` only where there is one to tell; a duplicate says what the case that is
-- followed in its stead says.
create or replace view triage.for_ingest_states as
    select r.report_id,
           case when c.status = 'closed' then case when l.has_outcome then 'outcome_available' else 'closed' end
                when c.taken_at is not null then 'taken'
                when a.made_at is not null then 'passed_on'
                when c.read_at is not null then 'read'
                else 'received' end as state,
           case when c.status = 'closed' then c.closed_at
                else coalesce(c.taken_at, a.made_at, c.read_at, r.joined_at) end as changed_at
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
           select case_id from followed order by step desc limit 1) f
      join triage.cases c on c.case_id = f.case_id
      left join lateral (select has_outcome from triage.closings
                          where case_id = c.case_id and is_granted order by decided_at desc limit 1) l on true
      left join lateral (select min(made_at) as made_at from triage.assignments
                          where subject_id = c.case_id and purpose = 'respond') a on true;

-- migrate:down
