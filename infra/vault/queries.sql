-- name: find_key^
-- The data key of a subject. It is settled when no transaction still running made it, so that a rollback cannot take
-- it back: age() counts from this transaction's own number, and what it made itself is never older.
select master_key_id, wrapped, age(xmin) > 0 as is_settled
from infra.vault_keys
where subject_kind = :kind and subject_id = :id;

-- name: add_key!
-- Keep the data key of a new subject; waits for, and yields to, whoever is adding one at this moment.
insert into infra.vault_keys (subject_kind, subject_id, master_key_id, wrapped, recovery_wrapped, created_at)
-- reason: a note of when the row was made, on which nothing is decided
values (:subject_kind, :subject_id, :master_key_id, :wrapped, :recovery_wrapped, clock_timestamp())
on conflict do nothing;

-- name: find_strange_master_keys
-- Master keys that wrap something and are not known here.
select distinct master_key_id from infra.vault_keys where master_key_id <> all (:known::text[]) order by 1;

-- name: find_state^
-- One remembered fact of the vault.
select value, at from infra.vault_state where name = :name;

-- name: add_state!
-- Remember a fact unless it is known already.
insert into infra.vault_state (name, value, at) values (:name, :value, :at) on conflict do nothing;

-- name: set_state!
-- Remember a fact in place of what was known.
insert into infra.vault_state (name, value, at) values (:name, :value, :at)
on conflict (name) do update set value = excluded.value, at = excluded.at;

-- name: count_stale$
-- How many data keys are not wrapped by the current master key and for the current recovery key.
select count(*) from infra.vault_keys
where master_key_id <> :master_key_id or substring(recovery_wrapped from 2 for 8) <> :recovery_id;

-- name: find_stale
-- The next such data keys after a subject, locked.
select subject_kind, subject_id, master_key_id, wrapped from infra.vault_keys
where (master_key_id <> :master_key_id or substring(recovery_wrapped from 2 for 8) <> :recovery_id)
and (subject_kind, subject_id) > (:after_kind::text, :after_id::uuid)
order by subject_kind, subject_id
limit :batch
for update;

-- name: rewrap_keys*!
-- Keep data keys as wrapped anew.
update infra.vault_keys
set master_key_id = :master_key_id, wrapped = :wrapped, recovery_wrapped = :recovery_wrapped
where subject_kind = :kind and subject_id = :id;

-- name: count_unlike$
-- How many data keys another master key wraps.
select count(*) from infra.vault_keys where master_key_id <> :master_key_id;

-- name: find_unlike
-- The next such data keys after a subject, locked.
select subject_kind, subject_id, recovery_wrapped from infra.vault_keys
where master_key_id <> :master_key_id and (subject_kind, subject_id) > (:after_kind::text, :after_id::uuid)
order by subject_kind, subject_id
limit :batch
for update;

-- name: draw_keys
-- Data keys drawn by chance, always with those of one subject.
select subject_kind, subject_id, recovery_wrapped from infra.vault_keys
order by subject_kind = :kind and subject_id = :id desc, random()
limit :count;
