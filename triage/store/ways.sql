-- name: find_phones
-- The phones of a person, with what is known of each: proven or not, marked by the provider, refusing our texts.
select f.position, f.number, f.can_sms, f.can_voice, f.verified_at, m.mark, m.error_code,
       exists (select from notifier.for_triage_refusing_phones r where r.person_id = f.person_id) as is_refusing
  from triage.phones f
  left join notifier.for_triage_marked_phones m
    on m.person_id = f.person_id and m.number_token = f.number_token and m.since > :marked_since
 where f.person_id = :person_id order by f.position;

-- name: find_email^
-- Where a person is written to.
select address, verified_at from triage.emails where person_id = :person_id;

-- name: has_phone$
-- Whether a number is a person's already; tokens under every key of the ring.
select exists (select from triage.phones where person_id = :person_id and number_token = any(:tokens::bytea[]));

-- name: add_phone$
-- A phone that is not proven yet, in a place that none had before: what was tried there is not taken for this one.
insert into triage.phones (person_id, position, number, number_token, region, verified_at)
select :person_id, 1 + greatest((select max(position) from triage.phones where person_id = :person_id::uuid),
                                (select max(position) from triage.trials where person_id = :person_id::uuid), 0),
       :number, :number_token, :region, null
returning position;

-- name: prove_phone!
-- A phone is known to be its person's.
update triage.phones set verified_at = :now where person_id = :person_id and position = :position;

-- name: prove_email!
-- So is an address.
update triage.emails set verified_at = :now where person_id = :person_id;

-- name: has_way$
-- Whether a person has something in a place that a channel can use.
select case when :position = 0 then :channel = 'email' and exists (select from triage.emails where person_id = :person_id::uuid)
            else exists (select from triage.phones
                          where person_id = :person_id::uuid and position = :position
                            and ((:channel = 'sms' and can_sms) or (:channel = 'voice' and can_voice))) end;

-- name: add_trial!
-- A way is to be tried.
insert into triage.trials (trial_id, person_id, position, channel, kind, asked_by, asked_at, expires_at)
values (:trial_id, :person_id, :position, :channel, :kind, :asked_by, :now, :expires_at);

-- name: count_codes$
-- How many codes were asked for a person since an instant.
select count(*) from triage.trials where person_id = :person_id and kind = 'code' and asked_at > :since;

-- name: end_codes!
-- No code that was sent to a place until now proves it any more.
update triage.trials set expires_at = :now
 where person_id = :person_id and position = :position and kind = 'code' and expires_at > :now and passed_at is null;

-- name: lock_code^
-- The code of a place that can still be given, with the digests of all that was sent or said for it.
select t.trial_id, t.wrong_codes,
       array(select c.code_hmac from notifier.for_triage_codes c where c.trial_id = t.trial_id) as digests
  from triage.trials t
 where t.person_id = :person_id and t.position = :position and t.kind = 'code' and t.passed_at is null
   and t.expires_at > :now and t.wrong_codes < 5
 order by t.asked_at desc limit 1 for update of t;

-- name: count_wrong!
-- A wrong code.
update triage.trials set wrong_codes = wrong_codes + 1 where trial_id = :trial_id;

-- name: pass_code!
-- The right one.
update triage.trials set passed_at = :now where trial_id = :trial_id;

-- name: find_trials
-- What was tried of a person since an instant, newest first, and what became of it.
select t.trial_id, t.position, t.channel, t.kind, t.asked_at, t.expires_at, t.wrong_codes, t.passed_at, n.state,
       n.error_code, n.sent_at
  from triage.trials t left join notifier.for_triage_trials n using (trial_id)
 where t.person_id = :person_id and t.asked_at > :since order by t.asked_at desc;

-- name: find_preferences$
-- How a person wants to be reached.
select preferences from triage.preferences where person_id = :person_id;

-- name: save_preferences!
-- Write it.
insert into triage.preferences (person_id, preferences, changed_at) values (:person_id, :preferences, :now)
on conflict (person_id) do update set preferences = excluded.preferences, changed_at = excluded.changed_at;

-- name: try_lock_tests$
-- Whether this transaction is the one that plans tests.
select pg_try_advisory_xact_lock(hashtext('phone tests'));

-- name: find_proven
-- Every proven phone of active people, with whose it is, what the provider says of it and how they want to be reached.
select f.person_id, p.handle, p.name, f.position, f.can_sms and m.mark is null as can_sms, f.can_voice, f.verified_at,
       w.preferences, coalesce(m.mark = 'dead', false) as is_dead
  from triage.phones f
  join triage.people p using (person_id)
  left join triage.preferences w using (person_id)
  left join notifier.for_triage_marked_phones m
    on m.person_id = f.person_id and m.number_token = f.number_token and m.since > :marked_since
 where p.is_active and not p.is_loopback and f.verified_at is not null
 order by f.person_id, f.position;

-- name: find_tests
-- The tests of proven phones since an instant, newest first, and what became of each.
select t.person_id, t.position, t.channel, t.asked_at, n.state, n.error_code
  from triage.trials t
  join triage.phones f using (person_id, position)
  left join notifier.for_triage_trials n using (trial_id)
 where t.kind = 'test' and t.asked_at > :since and t.asked_at >= f.verified_at
 order by t.asked_at desc;

-- name: find_unreachable
-- People with a shift until an instant whom no proven phone reaches.
select p.person_id, p.name
  from triage.people p
 where p.is_active and not p.is_loopback
   and not exists (select from triage.phones f where f.person_id = p.person_id and f.verified_at is not null)
   and exists (select from triage.shifts s
                where s.person_id = p.person_id and s.during && tstzrange(:now::timestamptz, :until::timestamptz))
 order by p.handle;
