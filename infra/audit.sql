-- name: lock_chain^
-- Wait until nobody else is adding to a chain; held until the transaction ends. Gives the service that is adding.
select infra.service() as service, pg_advisory_xact_lock(hashtextextended('audit ' || :chain, 0));

-- name: lock_chains
-- The same for several chains, one after the other as they are given; a row for each.
select infra.service() as service, pg_advisory_xact_lock(hashtextextended('audit ' || chain, 0))
from (select chain from unnest(:chains::text[]) with ordinality as given (chain, at) order by at) ordered;

-- name: find_case_head$
-- The digest of the newest entry of a case.
select digest from infra.audit where case_id = :case_id order by seq desc limit 1;

-- name: find_case_heads
-- The same for several cases; a row for each.
select given.case_id,
       (select digest from infra.audit a where a.case_id = given.case_id order by seq desc limit 1) as digest
from unnest(:case_ids::uuid[]) as given (case_id);

-- name: find_subject_head$
-- The digest of the newest entry of a subject outside any case.
select digest from infra.audit
where subject_id = :subject_id and subject_kind = :subject_kind and case_id is null
order by seq desc limit 1;

-- name: add_entry!
-- Add an entry at the end of its chain.
insert into infra.audit
(id, service, at, actor, purpose, action, subject_kind, subject_id, case_id, shown, previous_digest, digest)
values
(:id, :service, :at, :actor, :purpose, :action, :subject_kind, :subject_id, :case_id, :shown, :previous_digest, :digest);

-- name: add_entries*!
-- Add entries, each at the end of a chain of its own.
insert into infra.audit
(id, service, at, actor, purpose, action, subject_kind, subject_id, case_id, shown, previous_digest, digest)
values
(:id, :service, :at, :actor, :purpose, :action, :subject_kind, :subject_id, :case_id, :shown, :previous_digest, :digest);

-- name: find_case_entries
-- The chain of a case, oldest first.
select id, service, at, actor, purpose, action, subject_kind, subject_id, case_id, shown, previous_digest, digest
from infra.audit where case_id = :case_id order by seq;

-- name: find_subject_entries
-- The chain of a subject outside any case, oldest first.
select id, service, at, actor, purpose, action, subject_kind, subject_id, case_id, shown, previous_digest, digest
from infra.audit
where subject_id = :subject_id and subject_kind = :subject_kind and case_id is null
order by seq;
