-- name: lock_chain^
-- Wait until nobody else is adding to a chain; held until the transaction ends. Gives the service that is adding.
select infra.service() as service, pg_advisory_xact_lock(hashtextextended('audit ' || :chain, 0));

-- name: find_case_head$
-- The digest of the newest entry of a case.
select digest from infra.audit where case_id = :case_id order by seq desc limit 1;

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
