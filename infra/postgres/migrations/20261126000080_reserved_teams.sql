-- migrate:up

-- Of a team also whether it covers what is reserved for the canary: there alone a loopback counts as somebody.
create or replace view triage.for_notifier_teams as
select t.team_id, t.is_desk, t.is_last_resort, t.jurisdiction,
       exists (select from triage.team_areas c join triage.areas a using (system, edition)
                where c.team_id = t.team_id and a.is_reserved and starts_with(a.code, c.prefix)) as is_reserved
  from triage.teams t;

-- migrate:down
