-- migrate:up

-- The weekly sample for a second reading: one row a week (its Monday, on the wall clock of the desk), planned before it
-- is due. What was drawn, from how many, and by which seed never changes afterwards.
create table triage.samples (
    week date primary key check (extract(isodow from week) = 1),
    begins_at timestamptz not null,
    ends_at timestamptz not null,
    due_at timestamptz not null,
    drawn_at timestamptz,
    seed text,
    cases int,
    raised int,
    check (begins_at < ends_at and ends_at <= due_at),
    check (raised between 0 and cases),
    check ((drawn_at is null) = (seed is null)
           and (drawn_at is null) = (cases is null) and (drawn_at is null) = (raised is null)),
    check (drawn_at >= due_at)
);
create index samples_due on triage.samples (due_at) where drawn_at is null;

-- Of each urgency how many cases the week had and how many were drawn: what each drawn case stands for.
create table triage.sample_strata (
    week date not null references triage.samples,
    urgency triage.urgency not null,
    cases int not null,
    drawn int not null check (drawn > 0 and drawn <= cases),
    primary key (week, urgency)
);

-- A drawn case as it stood then. Its place says nothing about it. Settled by two readings that agree, or by a third.
create table triage.sample_entries (
    entry_id uuid primary key,
    week date not null,
    place int not null check (place > 0),
    case_id uuid not null unique references triage.cases,
    urgency triage.urgency not null,
    engine_urgency triage.urgency not null,
    was_closed bool not null,
    truth triage.urgency,
    settled_at timestamptz,
    unique (week, place),
    foreign key (week, urgency) references triage.sample_strata (week, urgency),
    check ((truth is null) = (settled_at is null))
);
create index sample_entries_awaiting on triage.sample_entries (week, place) where truth is null;

-- What a person found who saw the words and answers alone.
create table triage.second_readings (
    entry_id uuid not null references triage.sample_entries,
    reader uuid not null references triage.people,
    urgency triage.urgency not null,
    certainty text not null check (certainty in ('sure', 'fairly_sure', 'unsure')),
    read_at timestamptz not null,
    primary key (entry_id, reader)
);
create trigger second_readings_are_insert_only before update or delete or truncate on triage.second_readings
    for each statement execute function infra.refuse_change();
create trigger sample_strata_are_insert_only before update or delete or truncate on triage.sample_strata
    for each statement execute function infra.refuse_change();

-- Figures and samples look at the cases of a week or month.
create index cases_opened on triage.cases (opened_at) where not is_canary;

grant select, insert on triage.sample_strata, triage.second_readings to hotline_triage;
grant select, insert, update (drawn_at, seed, cases, raised) on triage.samples to hotline_triage;
grant select, insert, update (truth, settled_at) on triage.sample_entries to hotline_triage;

-- migrate:down
