-- migrate:up

-- How many live cases a team can hold beside one another; null is no limit. A full team still gets what nobody else
-- covers as well.
alter table triage.teams add column capacity int check (capacity > 0);
create index cases_of_team on triage.cases (team_id) where status <> 'closed' and not is_canary;

-- Why the team of a case has it: words of triage.domain.assignment.Because.
alter table triage.cases add column team_reasons text[] not null default '{}';

-- migrate:down
