-- name: lock$
-- Let one request at a time act for a key (a phone, an idempotency key) until the transaction ends.
select pg_advisory_xact_lock(hashtextextended(encode(:token::bytea, 'hex'), 0));

-- name: add_report$
-- Keep a new report whole, by one statement: its state at version 1, the contact it came by, its data key, its event,
-- and the request it answers, if that has a key. Nothing, when the reference is taken or the request was answered.
-- One look at the index for each token: under `= any(…)` the plan that is kept for a young table would read all of it.
with begun as (
    select where not exists (
        select from unnest(:reference_tokens::bytea[]) token
        where (select true from ingest.reports where reference_token = token)
    )
), request as (
    insert into ingest.requests (key_token, body_token, report_id, answer, answered_at)
    select :key_token::bytea, :body_token::bytea, :report_id, :answer::bytea, :received_at
    from begun
    where :key_token::bytea is not null
        and not exists (
            select from unnest(:key_tokens::bytea[]) token
            where (select true from ingest.requests where key_token = token)
        )
    on conflict do nothing
    returning report_id
), taken as (
    select from begun where :key_token::bytea is null
    union all
    select from request
), report as (
    insert into ingest.reports (
        report_id, kind, channel, jurisdiction, area_system, area_edition, area_code, language, reporter_role,
        answers, facts, time_zone, happened_at, first_known_at, told_at, began_at, received_at, linked_report_id,
        code, code_token, reference_token, is_canary, correlation_id, way_back, area_place, partner_token
    )
    select
        :report_id, :kind, :channel, :jurisdiction, :area_system, :area_edition, :area_code, :language,
        :reporter_role, :answers, :facts, :time_zone, :happened_at, :first_known_at, :told_at, :began_at,
        :received_at, :linked_report_id, :code, :code_token, :reference_token, :is_canary, :correlation_id,
        :way_back::bytea, :area_place, :partner_token::bytea
    from taken
    returning report_id
), state as (
    insert into ingest.report_states (report_id, kind, danger_now) select report_id, :kind, :danger_now from report
), contact as (
    insert into ingest.contacts (
        contact_id, provider, provider_sid, kind, channel, phone_token, report_id, began_at, received_at
    )
    select
        :contact_id, :provider, :provider_sid::text, :kind, :channel, :phone_token::bytea, report_id, :began_at,
        :received_at
    from report
), vault_key as (
    insert into infra.vault_keys (subject_kind, subject_id, master_key_id, wrapped, recovery_wrapped, created_at)
    select :subject_kind, :subject_id, :master_key_id, :wrapped, :recovery_wrapped, :received_at from report
), event as (
    insert into infra.outbox
        (id, topic, type, key, version, body, correlation_id, causation_id, traceparent, occurred_at)
    select
        :event_id, :topic, :type, :key, :version, :body, :correlation_id, :causation_id, :traceparent, :occurred_at
    from report
)
select true from report;

-- name: add_update!
-- Keep what was added to a report, what is known of it now, and the contact it came by, in one round trip.
with state as (
    update ingest.report_states set version = :version, kind = :report_kind, danger_now = :danger_now
    where report_id = :report_id
), added as (
    insert into ingest.updates (
        update_id, report_id, version, kind, channel, answers, facts, began_at, received_at, way_back
    ) values (
        :update_id, :report_id, :version, :kind, :channel, :answers, :facts, :began_at, :received_at,
        :way_back::bytea
    )
)
insert into ingest.contacts (
    contact_id, provider, provider_sid, kind, channel, phone_token, report_id, update_id, began_at, received_at
) values (
    :contact_id, :provider, :provider_sid::text, :kind, :channel, :phone_token::bytea, :report_id, :update_id,
    :began_at, :received_at
);

-- name: lock_report^
-- The state of a report, locked, with what its events and updates need.
select s.version, s.kind, s.danger_now, r.channel, r.jurisdiction, r.area_system, r.area_edition, r.area_code,
       r.language, r.reporter_role, r.received_at, r.is_canary, r.correlation_id, r.code
from ingest.report_states s
join ingest.reports r using (report_id)
where s.report_id = :report_id
for update of s;

-- name: contact_report$
-- The report of a contact that was taken already.
select report_id from ingest.contacts where provider = :provider and provider_sid = :provider_sid;

-- name: made_report$
-- Whether a contact made its report.
select exists (
    select from ingest.contacts where provider = :provider and provider_sid = :provider_sid and update_id is null
);

-- name: known_sids
-- Which of the provider's ids were taken already.
select provider_sid from ingest.contacts where provider = :provider and provider_sid = any(:sids);

-- name: reports_of_phone
-- The reports a phone contacted us about, newest contact first.
select report_id, r.received_at, max(c.received_at) as contacted_at
from ingest.contacts c
join ingest.reports r using (report_id)
where c.phone_token = any(:phone_tokens)
group by report_id, r.received_at
order by r.received_at desc
limit 5;

-- name: report_of_code^
-- The report that a code opens.
select report_id, received_at, language, jurisdiction, time_zone from ingest.reports
where code_token = any(:code_tokens);

-- name: report_of_partner^
-- A report, if this body's system filed it.
select report_id, received_at from ingest.reports
where report_id = :report_id and partner_token = any(:partner_tokens::bytea[]);

-- name: state_word$
-- What triage has the reporter told of a report.
select state from triage.for_ingest_states where report_id = :report_id order by changed_at desc limit 1;

-- name: areas
-- The areas that can be chosen on the form.
select system, edition, code, name_zh, name_en, jurisdiction from triage.for_ingest_areas
order by jurisdiction, code;

-- name: find_request^
-- The answer to a request that was answered already.
select key_token, body_token, report_id, answer from ingest.requests where key_token = any(:key_tokens);

-- name: add_request$
-- Keep the answer to a request; nothing, when it was answered already.
insert into ingest.requests (key_token, body_token, report_id, answer, answered_at)
values (:key_token, :body_token, :report_id, :answer, :answered_at)
on conflict do nothing
returning true;

-- name: conversation^
-- The dialogue by SMS about a report.
select language, stage, question, is_repeated from ingest.conversations where report_id = :report_id;

-- name: last_stage$
-- Where the newest dialogue by SMS with a phone stands.
select v.stage from ingest.contacts c join ingest.conversations v using (report_id)
where c.phone_token = any(:phone_tokens)
order by v.changed_at desc
limit 1;

-- name: save_conversation!
-- Keep where a dialogue by SMS stands.
insert into ingest.conversations (
    report_id, phone_token, language, stage, question, is_repeated, changed_at
) values (
    :report_id, :phone_token, :language, :stage, :question::text, :is_repeated, :changed_at
)
on conflict (report_id) do update set stage = excluded.stage, question = excluded.question,
    is_repeated = excluded.is_repeated, changed_at = excluded.changed_at;

-- name: add_call!
-- Note a call when it arrives; once.
insert into ingest.calls (provider, provider_sid, phone_token, jurisdiction, language, began_at)
values (:provider, :provider_sid, :phone_token::bytea, :jurisdiction, :language, :began_at)
on conflict do nothing;

-- name: lock_call^
-- A call, locked.
select jurisdiction, language, report_id, began_at, ended_at from ingest.calls
where provider = :provider and provider_sid = :provider_sid
for update;

-- name: set_call_language!
-- The language chosen on a call.
update ingest.calls set language = :language where provider = :provider and provider_sid = :provider_sid;

-- name: set_call_report!
-- The report that a call became.
update ingest.calls set report_id = :report_id where provider = :provider and provider_sid = :provider_sid;

-- name: end_call!
-- Note that a call is over.
update ingest.calls set ended_at = :ended_at
where provider = :provider and provider_sid = :provider_sid and ended_at is null;

-- name: unreported_calls
-- Calls that began long ago and became no report: their end was never told.
select provider, provider_sid from ingest.calls where report_id is null and began_at < :began_before;

-- name: reported_calls
-- Which of the provider's calls have become a report.
select provider_sid from ingest.calls
where provider = :provider and provider_sid = any(:sids) and report_id is not null;

-- name: note_recording!
-- Note a recording, once; told of again, what is still missing is asked for at once.
insert into ingest.recordings (recording_id, report_id, provider, provider_sid, seconds, received_at, due_at)
values (:recording_id, :report_id, :provider, :provider_sid, :seconds::int, :received_at, :received_at)
on conflict (provider, provider_sid) do update
    set seconds = coalesce(recordings.seconds, excluded.seconds), due_at = least(recordings.due_at, excluded.due_at)
    where recordings.sound is null;

-- name: known_recordings
-- Which of the provider's recordings were noted already.
select provider_sid from ingest.recordings where provider = :provider and provider_sid = any(:sids);

-- name: claim_recordings
-- Recordings whose sound is due, left to this caller until `leased_until`.
update ingest.recordings r set due_at = :leased_until, attempts = attempts + 1
from (
    select recording_id from ingest.recordings where sound is null and due_at <= :now
    order by due_at limit :most for update skip locked
) claimed
where r.recording_id = claimed.recording_id
returning r.recording_id, r.report_id, r.provider_sid, r.attempts;

-- name: keep_sound!
-- Keep the sound of a recording; the first that comes stays.
update ingest.recordings
set sound = :sound, content_type = :content_type, fetched_at = :fetched_at, due_at = null, trouble = null
where recording_id = :recording_id and sound is null;

-- name: put_off_recording!
-- Note why a recording could not be had, and when it is asked for again.
update ingest.recordings set due_at = :due_at, trouble = :trouble
where recording_id = :recording_id and sound is null;

-- name: next_recording$
-- When the next recording is due.
select min(due_at) from ingest.recordings where sound is null;

-- name: late_recordings$
-- How many recordings were told of long ago and are not here.
select count(*) from ingest.recordings where sound is null and received_at < :received_before;

-- name: add_attempt!
-- Note an attempt at a code.
insert into ingest.code_attempts (attempt_id, reference_token, source_token, was_right, attempted_at)
values (:attempt_id, :reference_token, :source_token, :was_right, :attempted_at);

-- name: wrong_attempts^
-- How many attempts at a reference, from a source, and from that source at that reference, were wrong lately.
select count(*) filter (where reference_token = any(:reference_tokens)) as by_reference,
       count(*) filter (where source_token = any(:source_tokens)) as by_source,
       count(*) filter (
           where reference_token = any(:reference_tokens) and source_token = any(:source_tokens)
       ) as by_both
from ingest.code_attempts
where not was_right and attempted_at > :since
    and (reference_token = any(:reference_tokens) or source_token = any(:source_tokens));

-- name: forget_attempts!
-- Forget attempts that no limit counts any more, so many at a time.
delete from ingest.code_attempts where attempt_id in (
    select attempt_id from ingest.code_attempts where attempted_at < :before order by attempted_at limit :most
);

-- name: swept_at$
-- When a list at the provider was last swept.
select swept_at from ingest.sweeps where kind = :kind;

-- name: set_swept_at!
-- Note a complete sweep.
insert into ingest.sweeps (kind, swept_at) values (:kind, :swept_at)
on conflict (kind) do update set swept_at = excluded.swept_at;

-- name: messages_to_take
-- Which of what came to the alert number was no answer of a responder.
select provider_sid from notifier.for_ingest_messages where provider_sid = any(:sids) and not is_answer;
