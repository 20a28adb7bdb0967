-- name: find_team^
-- A team.
select team_id, slug, name_zh, name_en, jurisdiction, time_zone, is_desk, is_last_resort, ladder
  from triage.teams where team_id = :team_id;

-- name: find_load^
-- How many live cases a team can hold beside one another (null: no limit), and how many it holds besides one.
select t.capacity, (select count(*) from triage.cases c
                     where c.team_id = t.team_id and c.status <> 'closed' and not c.is_canary
                       and c.case_id <> :besides) as open_cases
  from triage.teams t where t.team_id = :team_id;

-- name: find_teams
-- Every team.
select team_id, slug, name_zh, name_en, jurisdiction, time_zone, is_desk, is_last_resort, ladder
  from triage.teams order by slug;

-- name: find_teams_for
-- The last-resort team, and every team that covers an area, with each prefix by which it does. Beside each the time
-- zone of the area, of the longest code that begins it, and, of a team with a capacity, how many live cases it holds.
select t.team_id, t.time_zone, t.is_last_resort, t.capacity, a.prefix,
       case when t.capacity is null then 0
            else (select count(*) from triage.cases c
                   where c.team_id = t.team_id and c.status <> 'closed' and not c.is_canary) end as open_cases,
       (select e.time_zone from triage.areas e
         where e.system = :system and e.edition = :edition and starts_with(:code::text, rtrim(e.code, '0'))
         order by length(rtrim(e.code, '0')) desc limit 1) as area_zone
  from triage.teams t
  left join triage.team_areas a
    on a.team_id = t.team_id and a.system = :system and a.edition = :edition and starts_with(:code::text, a.prefix)
 where a.prefix is not null or t.is_last_resort
 order by a.prefix, t.team_id;

-- name: find_people
-- Everybody, with whether a proven phone or loopback reaches them, and whether they are back and wait for a PIN.
select p.person_id, p.handle, p.name, p.language, p.is_active, p.is_loopback, p.back_at,
       p.is_active and p.back_at is not null and p.pin_hash is null as awaits_secrets,
       p.is_active and (p.is_loopback or exists (select from triage.phones f where f.person_id = p.person_id and f.verified_at is not null))
           as is_reachable
  from triage.people p order by p.handle;

-- name: lock_person^
-- Somebody who works here, their row locked.
select person_id, handle, version from triage.people where person_id = :person_id and is_active for update;

-- name: remove_phone!
-- A phone is no longer somebody's.
delete from triage.phones where person_id = :person_id and position = :position;

-- name: touch_person!
-- Something of a person has changed.
update triage.people set version = version + 1 where person_id = :person_id;

-- name: save_person!
-- Write a person who is known by their handle.
insert into triage.people (person_id, handle, name, language, languages, skills, pin_hash, is_loopback)
values (:person_id, :handle, :name, :language, :languages, :skills, :pin_hash, :is_loopback)
on conflict (handle) do update
   set name = excluded.name, language = excluded.language, languages = excluded.languages, skills = excluded.skills,
       pin_hash = excluded.pin_hash, is_loopback = excluded.is_loopback, version = triage.people.version + 1;

-- name: save_able!
-- Write what a person who is known by their handle is able to do and speaks, and whether they agreed to drills at night.
update triage.people
   set language = :language, languages = :languages, skills = :skills, drills_at_night = :drills_at_night,
       version = version + 1
 where handle = :handle
   and (language, languages, skills, drills_at_night)
       is distinct from (:language::text, :languages::text[], :skills::text[], :drills_at_night::bool);

-- name: save_phone!
-- Write a person's phone that is known to be theirs.
insert into triage.phones (person_id, position, number, number_token, can_sms, can_voice, region, verified_at)
values (:person_id, :position, :number, :number_token, true, true, :region, :now)
on conflict (person_id, position) do update
   set number = excluded.number, number_token = excluded.number_token, region = excluded.region,
       verified_at = excluded.verified_at;

-- name: deactivate!
-- Somebody is here no more: nothing reaches them and they sign in nowhere.
with gone as (
    update triage.people set is_active = false, version = version + 1 where person_id = :person_id
), ended as (
    update triage.sessions s set ended_at = :now from triage.accounts a
     where a.person_id = :person_id and s.account_id = a.account_id and s.ended_at is null
)
update triage.accounts set is_active = false, version = version + 1 where person_id = :person_id;

-- name: bring_back$
-- Somebody who had left is here again: without a PIN, and with nothing proven. Their sign-in stays shut until it is written
-- anew. False when they never left.
with back as (
    update triage.people set is_active = true, back_at = :now, pin_hash = null, version = version + 1
     where person_id = :person_id and not is_active and not is_loopback returning person_id
), phones as (
    update triage.phones f set verified_at = null from back where f.person_id = back.person_id
), emails as (
    update triage.emails e set verified_at = null from back where e.person_id = back.person_id
), codes as (
    update triage.trials t set expires_at = :now from back
     where t.person_id = back.person_id and t.kind = 'code' and t.expires_at > :now and t.passed_at is null
)
select exists (select from back);

-- name: find_cases_of
-- The live cases that somebody has taken, or at whose place they are.
select c.case_id from triage.cases c
 where c.status <> 'closed' and not c.is_canary
   and (c.taken_by = :person_id
        or exists (select from triage.escalations e
                    where e.subject_id = c.case_id and e.acknowledged_by = :person_id and e.arrived_at is not null
                      and (e.left_at is null or e.left_at < e.arrived_at)))
 order by c.opened_at;

-- name: save_email!
-- Write where a person is written to; an address that is not proven yet has no instant.
insert into triage.emails (person_id, address, verified_at) values (:person_id, :address, :verified_at)
on conflict (person_id) do update set address = excluded.address, verified_at = excluded.verified_at;

-- name: forget_email!
-- A person is written to no more.
delete from triage.emails where person_id = :person_id;

-- name: save_account!
-- Write a sign-in. Whoever is signed in under an earlier password is so no longer; of who is not here it stays shut.
with ended as (
    update triage.sessions s set ended_at = :now from triage.accounts a
     where a.person_id = :person_id and s.account_id = a.account_id and s.ended_at is null
)
insert into triage.accounts (account_id, person_id, username, password_hash, role)
values (:account_id, :person_id, :username, :password_hash, :role)
on conflict (person_id) do update
   set password_hash = excluded.password_hash, failures = 0, locked_until = null,
       is_active = (select p.is_active from triage.people p where p.person_id = excluded.person_id),
       version = triage.accounts.version + 1;

-- name: find_account^
-- The sign-in of a username.
select a.account_id, a.person_id, a.username, a.password_hash, a.role, a.is_active, a.failures, a.locked_until,
       p.language, p.name, p.handle
  from triage.accounts a join triage.people p using (person_id) where a.username = :username;

-- name: record_failure!
-- Count a wrong password; from the fifth on the account rests.
update triage.accounts
   set failures = failures + 1, locked_until = case when failures >= 4 then :locked_until::timestamptz end
 where account_id = :account_id;

-- name: begin_session!
-- A right password: count anew and keep the digest of the cookie.
with cleared as (
    update triage.accounts set failures = 0, locked_until = null where account_id = :account_id
)
insert into triage.sessions (token_digest, account_id, began_at, seen_at, ends_at)
values (:token_digest, :account_id, :now, :now, :ends_at);

-- name: see_session^
-- The person of a running sign-in; remembers that they were seen.
update triage.sessions s set seen_at = :now
  from triage.accounts a join triage.people p using (person_id)
 where s.token_digest = :token_digest and s.ended_at is null and s.ends_at > :now
   and a.account_id = s.account_id and a.is_active and p.is_active
returning a.account_id, a.person_id, a.username, a.role, p.language, p.name, s.began_at, s.ends_at;

-- name: end_session!
-- Sign out.
update triage.sessions set ended_at = :now where token_digest = :token_digest and ended_at is null;
