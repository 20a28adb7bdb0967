-- name: lock$
-- Let one request at a time act for a key (a phone, an idempotency key) until the transaction ends.
select pg_advisory_xact_lock(hashtextextended(encode(:token::bytea, 'hex'), 0));

-- name: add_report!
-- Keep a new report, its state at version 1 and the contact it came by, in one round trip.
with report as (
    insert into ingest.reports (
        report_id, kind, channel, jurisdiction, area_system, area_edition, area_code, language, reporter_role,
        answers, facts, time_zone, happened_at, first_known_at, told_at, began_at, received_at, linked_report_id,
        code, code_token, reference_token, is_canary, correlation_id
    ) values (
        :report_id, :kind, :channel, :jurisdiction, :area_system, :area_edition, :area_code, :language,
        :reporter_role, :answers, :facts, :time_zone, :happened_at, :first_known_at, :told_at, :began_at,
        :received_at, :linked_report_id, :code, :code_token, :reference_token, :is_canary, :correlation_id
    )
), state as (
    insert into ingest.report_states (report_id, kind, danger_now) values (:report_id, :kind, :danger_now)
)
insert into ingest.contacts (
    contact_id, provider, provider_sid, kind, channel, phone_token, report_id, began_at, received_at
) values (
    :contact_id, :provider, :provider_sid::text, :kind, :channel, :phone_token::bytea, :report_id, :began_at,
    :received_at
);

-- name: add_update!
-- Keep what was added to a report, what is known of it now, and the contact it came by, in one round trip.
with state as (
    update ingest.report_states set version = :version, kind = :report_kind, danger_now = :danger_now
    where report_id = :report_id
), added as (
    insert into ingest.updates (
        update_id, report_id, version, kind, channel, answers, facts, began_at, received_at
    ) values (
        :update_id, :report_id, :version, :kind, :channel, :answers, :facts, :began_at, :received_at
    )
)
insert into ingest.contacts (
    contact_id, provider, provider_sid, kind, channel, phone_token, report_id, update_id, began_at, received_at
) values (
    :contact_id, :provider, :provider_sid::text, :kind, :channel, :phone_token::bytea, :report_id, :update_id,
    :began_at, :received_at
);

-- name: has_reference$
-- Whether a reference is taken.
select exists (select from ingest.reports where reference_token = any(:reference_tokens));

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

-- name: state_word$
-- What triage has the reporter told of a report.
select state from triage.for_ingest_states where report_id = :report_id order by changed_at desc limit 1;

-- name: areas
-- The areas that can be chosen on the form.
select system, edition, code, name_zh, name_en, jurisdiction from triage.for_ingest_areas
order by jurisdiction, code;

-- name: jurisdiction_of_area$
-- The jurisdiction of the longest listed area whose code begins the given one.
select jurisdiction from triage.for_ingest_areas
where system = :system and starts_with(:code, rtrim(code, '0')) order by length(rtrim(code, '0')) desc limit 1;

-- name: find_request^
-- The answer to a request that was answered already.
select key_token, body_token, report_id, answer from ingest.requests where key_token = any(:key_tokens);

-- name: add_request!
-- Keep the answer to a request.
insert into ingest.requests (key_token, body_token, report_id, answer, answered_at)
values (:key_token, :body_token, :report_id, :answer, :answered_at);

-- name: conversation^
-- The dialogue by SMS about a report.
select language, stage, question, is_repeated from ingest.conversations where report_id = :report_id;

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
-- How many attempts at a reference, and from a source, were wrong lately.
select count(*) filter (where reference_token = any(:reference_tokens)) as by_reference,
       count(*) filter (where source_token = any(:source_tokens)) as by_source
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
