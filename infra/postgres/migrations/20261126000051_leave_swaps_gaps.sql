-- migrate:up

-- Somebody is away, at every level of every team. What was withdrawn counts until it was.
create table triage.leaves (
    leave_id uuid primary key,
    person_id uuid not null references triage.people,
    during tstzrange not null check (not isempty(during) and not lower_inf(during) and not upper_inf(during)),
    taken_by uuid not null references triage.people,
    taken_at timestamptz not null,
    withdrawn_by uuid references triage.people,
    withdrawn_at timestamptz,
    version int not null default 1 check (version > 0),
    check ((withdrawn_by is null) = (withdrawn_at is null)),
    constraint leaves_once exclude using gist (person_id with =, during with &&) where (withdrawn_at is null)
);
create index leaves_during on triage.leaves using gist (during);

-- A swap of shifts: asked for, and granted by somebody who has no part in it. The taker has the giver's stretch, and the
-- giver the taker's where there is one to give back.
create table triage.swaps (
    swap_id uuid primary key,
    team_id uuid not null references triage.teams,
    giver_id uuid not null references triage.people,
    taker_id uuid not null references triage.people check (taker_id <> giver_id),
    level triage.level not null,
    during tstzrange not null check (not isempty(during) and not lower_inf(during) and not upper_inf(during)),
    back_level triage.level,
    back_during tstzrange check (
        not isempty(back_during) and not lower_inf(back_during) and not upper_inf(back_during)),
    asked_by uuid not null references triage.people,
    asked_at timestamptz not null,
    decided_by uuid references triage.people,
    decided_at timestamptz,
    is_granted bool,
    version int not null default 1 check (version > 0),
    check ((back_level is null) = (back_during is null)),
    check ((decided_by is null) = (decided_at is null) and (decided_by is null) = (is_granted is null)),
    check (not is_granted or decided_by not in (asked_by, giver_id, taker_id))
);
create index swaps_granted on triage.swaps (team_id, decided_at) where is_granted;

-- A level that a supervisor let stand uncovered: which stretch, by which act, and why, sealed.
create table triage.accepted_gaps (
    gap_id uuid primary key,
    team_id uuid not null references triage.teams,
    level triage.level not null,
    during tstzrange not null check (not isempty(during)),
    act text not null check (act ~ '^[a-z][a-z_]*$'),
    reason bytea not null,
    accepted_by uuid not null references triage.people,
    accepted_at timestamptz not null
);
create index accepted_gaps_during on triage.accepted_gaps using gist (team_id, during);
create trigger accepted_gaps_are_insert_only before update or delete or truncate on triage.accepted_gaps
    for each statement execute function infra.refuse_change();

-- Of which gaps the manager was called; a row goes when its gap is no more, so that the next one calls again.
create table triage.gap_calls (
    team_id uuid not null references triage.teams,
    level triage.level not null,
    during tstzrange not null check (not isempty(during)),
    called_at timestamptz not null,
    primary key (team_id, level, during)
);

grant select, insert, update (withdrawn_by, withdrawn_at, version) on triage.leaves to hotline_triage;
grant select, insert, update (decided_by, decided_at, is_granted, version) on triage.swaps to hotline_triage;
grant select, insert on triage.accepted_gaps to hotline_triage;
grant select, insert, delete on triage.gap_calls to hotline_triage;

-- migrate:down
