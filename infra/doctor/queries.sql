-- name: durability^
-- What the server promises of a commit, and who else keeps it. A login without rights sees no standbys.
select
    current_setting('server_version_num')::int as version,
    current_setting('fsync') as fsync,
    current_setting('full_page_writes') as full_page_writes,
    current_setting('synchronous_commit') as synchronous_commit,
    current_setting('synchronous_standby_names') <> '' as names_standbys,
    current_setting('archive_mode') <> 'off' as archives,
    pg_has_role(current_user, 'pg_monitor', 'usage') as sees_standbys,
    (select count(*) from pg_stat_replication where sync_state in ('sync', 'quorum')) as standbys,
    a.last_archived_time, a.last_failed_time
from pg_stat_archiver a;

-- name: roles
-- The services' roles, and whether this login may act as them.
select wanted.name, r.oid is not null as is_there, coalesce(pg_has_role(current_user, r.oid, 'member'), false) as is_ours
from unnest(:roles::text[]) wanted (name) left join pg_roles r on r.rolname = wanted.name;

-- name: grants
-- Tables and views of the services with what each role may do with them.
select n.nspname as owner, c.relname as name, c.relkind = 'v' as is_view, wanted.name as role,
    has_table_privilege(wanted.name, c.oid, 'select') as reads,
    has_table_privilege(wanted.name, c.oid, 'insert, update, delete') as writes
from pg_class c
join pg_namespace n on n.oid = c.relnamespace
cross join unnest(:roles::text[]) wanted (name)
where n.nspname = any (:schemas::text[]) and c.relkind in ('r', 'v')
order by 1, 2, 4;

-- name: shared_grants
-- Roles that cannot write one of the shared tables they need.
select t.name as table_name, wanted.name as role
from unnest(:roles::text[]) wanted (name)
cross join unnest(array['outbox', 'inbox', 'heartbeats', 'dead_letters']) t (name)
where not has_table_privilege(wanted.name, 'infra.' || t.name, 'insert')
order by 1, 2;

-- name: database_time$
-- The database's clock.
-- reason: it is compared with ours.
select clock_timestamp();

-- name: dead_letters$
-- How many events no handler could take and nobody has seen to.
select count(*) from infra.dead_letters where settled_at is null;

-- name: vault_canary$
-- Whether a canary was ever sealed here.
select exists (select from infra.vault_state where name = 'canary');

-- name: teams
-- Every team that people are called from.
select team_id, is_desk, is_last_resort, is_reserved from triage.for_notifier_teams order by team_id;

-- name: shifts
-- All shifts of active people: they also tell which levels a team has.
select s.team_id, s.level, s.person_id, lower(s.during) as begins, upper(s.during) as ends, p.is_loopback
from triage.for_notifier_shifts s
join triage.for_notifier_people p on p.person_id = s.person_id and p.is_active
order by s.team_id, s.level, begins;

-- name: unreachable
-- Active people who are on call in a time and have no phone.
select distinct p.person_id
from triage.for_notifier_people p
join triage.for_notifier_shifts s
    on s.person_id = p.person_id and s.during && tstzrange(:begins::timestamptz, :ends::timestamptz)
where p.is_active
    and not p.is_loopback
    and not exists (select from triage.for_notifier_phones f where f.person_id = p.person_id)
order by 1;
