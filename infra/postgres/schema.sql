

SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET transaction_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

--
-- Name: infra; Type: SCHEMA; Schema: -; Owner: -
--

CREATE SCHEMA infra;


--
-- Name: ingest; Type: SCHEMA; Schema: -; Owner: -
--

CREATE SCHEMA ingest;


--
-- Name: notifier; Type: SCHEMA; Schema: -; Owner: -
--

CREATE SCHEMA notifier;


--
-- Name: triage; Type: SCHEMA; Schema: -; Owner: -
--

CREATE SCHEMA triage;


--
-- Name: btree_gist; Type: EXTENSION; Schema: -; Owner: -
--

CREATE EXTENSION IF NOT EXISTS btree_gist WITH SCHEMA public;


--
-- Name: EXTENSION btree_gist; Type: COMMENT; Schema: -; Owner: -
--

COMMENT ON EXTENSION btree_gist IS 'support for indexing common datatypes in GiST';


--
-- Name: level; Type: DOMAIN; Schema: triage; Owner: -
--

CREATE DOMAIN triage.level AS text
	CONSTRAINT level_check CHECK ((VALUE = ANY (ARRAY['first'::text, 'backup'::text, 'lead'::text, 'manager'::text])));


--
-- Name: purpose; Type: DOMAIN; Schema: triage; Owner: -
--

CREATE DOMAIN triage.purpose AS text
	CONSTRAINT purpose_check CHECK ((VALUE = ANY (ARRAY['respond'::text, 'read'::text, 'emergency_service'::text, 'presence'::text, 'check_in'::text, 'safety'::text, 'roster'::text])));


--
-- Name: urgency; Type: DOMAIN; Schema: triage; Owner: -
--

CREATE DOMAIN triage.urgency AS text
	CONSTRAINT urgency_check CHECK ((VALUE = ANY (ARRAY['immediate'::text, 'urgent'::text, 'priority'::text, 'routine'::text])));


--
-- Name: refuse_change(); Type: FUNCTION; Schema: infra; Owner: -
--

CREATE FUNCTION infra.refuse_change() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
    raise exception '%.% is insert only', tg_table_schema, tg_table_name;
end $$;


--
-- Name: reopen_dead_letter(); Type: FUNCTION; Schema: infra; Owner: -
--

CREATE FUNCTION infra.reopen_dead_letter() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
    update infra.dead_letters
       set settled_at = null, settled_by = null, error = new.error, attempts = new.attempts,
           dead_lettered_at = new.dead_lettered_at
     where subscriber = new.subscriber and event_id = new.event_id and settled_at is not null;
    return new;
end $$;


--
-- Name: service(); Type: FUNCTION; Schema: infra; Owner: -
--

CREATE FUNCTION infra.service() RETURNS text
    LANGUAGE sql STABLE
    AS $$ select replace(current_user::text, 'hotline_', '') $$;


--
-- Name: state_rank(text); Type: FUNCTION; Schema: notifier; Owner: -
--

CREATE FUNCTION notifier.state_rank(state text) RETURNS integer
    LANGUAGE sql IMMUTABLE STRICT
    AS $$
    select case state
        when 'planned' then 0 when 'sending' then 1 when 'queued' then 2
        when 'sent' then 3 when 'ringing' then 3 when 'connected' then 4
        when 'answered' then 6 else 5 end
$$;


--
-- Name: refuse_unasked_closing(); Type: FUNCTION; Schema: triage; Owner: -
--

CREATE FUNCTION triage.refuse_unasked_closing() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
    if not exists (select from triage.closings l
                    where l.case_id = new.case_id and l.is_granted
                      and l.asked_by = new.closed_by and l.decided_at = new.closed_at) then
        raise check_violation using message = 'a case is closed only as a named person asked and, where needed, a second one granted';
    end if;
    return new;
end
$$;


SET default_tablespace = '';

SET default_table_access_method = heap;

--
-- Name: attempts; Type: TABLE; Schema: infra; Owner: -
--

CREATE TABLE infra.attempts (
    subscriber text DEFAULT infra.service() NOT NULL,
    event_id uuid NOT NULL,
    key uuid NOT NULL,
    attempts integer NOT NULL,
    retry_at timestamp with time zone NOT NULL,
    error text NOT NULL,
    CONSTRAINT attempts_attempts_check CHECK ((attempts > 0))
);


--
-- Name: audit; Type: TABLE; Schema: infra; Owner: -
--

CREATE TABLE infra.audit (
    id uuid NOT NULL,
    seq bigint NOT NULL,
    service text DEFAULT infra.service() NOT NULL,
    at timestamp with time zone NOT NULL,
    actor text NOT NULL,
    purpose text NOT NULL,
    action text NOT NULL,
    subject_kind text NOT NULL,
    subject_id uuid NOT NULL,
    case_id uuid,
    shown jsonb DEFAULT '[]'::jsonb NOT NULL,
    previous_digest bytea,
    digest bytea NOT NULL
);


--
-- Name: audit_seq_seq; Type: SEQUENCE; Schema: infra; Owner: -
--

ALTER TABLE infra.audit ALTER COLUMN seq ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME infra.audit_seq_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


--
-- Name: clock; Type: TABLE; Schema: infra; Owner: -
--

CREATE TABLE infra.clock (
    only_row boolean DEFAULT true NOT NULL,
    offset_by interval NOT NULL,
    CONSTRAINT clock_only_row_check CHECK (only_row)
);


--
-- Name: dead_letters; Type: TABLE; Schema: infra; Owner: -
--

CREATE TABLE infra.dead_letters (
    id uuid NOT NULL,
    subscriber text DEFAULT infra.service() NOT NULL,
    event_id uuid NOT NULL,
    topic text NOT NULL,
    type text NOT NULL,
    key uuid NOT NULL,
    body jsonb NOT NULL,
    error text NOT NULL,
    attempts integer NOT NULL,
    dead_lettered_at timestamp with time zone NOT NULL,
    settled_at timestamp with time zone,
    settled_by text
);


--
-- Name: heartbeats; Type: TABLE; Schema: infra; Owner: -
--

CREATE TABLE infra.heartbeats (
    service text DEFAULT infra.service() NOT NULL,
    instance text NOT NULL,
    at timestamp with time zone NOT NULL,
    troubles jsonb DEFAULT '[]'::jsonb NOT NULL
);


--
-- Name: inbox; Type: TABLE; Schema: infra; Owner: -
--

CREATE TABLE infra.inbox (
    subscriber text DEFAULT infra.service() NOT NULL,
    event_id uuid NOT NULL,
    handled_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);


--
-- Name: outbox; Type: TABLE; Schema: infra; Owner: -
--

CREATE TABLE infra.outbox (
    id uuid NOT NULL,
    seq bigint NOT NULL,
    producer text DEFAULT infra.service() NOT NULL,
    topic text NOT NULL,
    type text NOT NULL,
    key uuid NOT NULL,
    version integer NOT NULL,
    body jsonb NOT NULL,
    correlation_id uuid NOT NULL,
    causation_id uuid NOT NULL,
    traceparent text NOT NULL,
    occurred_at timestamp with time zone NOT NULL,
    written_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    published_at timestamp with time zone,
    CONSTRAINT outbox_traceparent_check CHECK ((traceparent ~ '^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$'::text)),
    CONSTRAINT outbox_version_check CHECK ((version > 0))
);


--
-- Name: outbox_seq_seq; Type: SEQUENCE; Schema: infra; Owner: -
--

ALTER TABLE infra.outbox ALTER COLUMN seq ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME infra.outbox_seq_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


--
-- Name: send_buckets; Type: TABLE; Schema: infra; Owner: -
--

CREATE TABLE infra.send_buckets (
    name text NOT NULL,
    tokens double precision NOT NULL,
    filled_at timestamp with time zone NOT NULL
);


--
-- Name: vault_keys; Type: TABLE; Schema: infra; Owner: -
--

CREATE TABLE infra.vault_keys (
    subject_kind text NOT NULL,
    subject_id uuid NOT NULL,
    master_key_id text NOT NULL,
    wrapped bytea NOT NULL,
    recovery_wrapped bytea NOT NULL,
    created_at timestamp with time zone NOT NULL
);


--
-- Name: vault_state; Type: TABLE; Schema: infra; Owner: -
--

CREATE TABLE infra.vault_state (
    name text NOT NULL,
    value bytea NOT NULL,
    at timestamp with time zone NOT NULL
);


--
-- Name: calls; Type: TABLE; Schema: ingest; Owner: -
--

CREATE TABLE ingest.calls (
    provider text NOT NULL,
    provider_sid text NOT NULL,
    phone_token bytea,
    jurisdiction text NOT NULL,
    language text NOT NULL,
    report_id uuid,
    began_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone
);


--
-- Name: code_attempts; Type: TABLE; Schema: ingest; Owner: -
--

CREATE TABLE ingest.code_attempts (
    attempt_id uuid NOT NULL,
    reference_token bytea NOT NULL,
    source_token bytea NOT NULL,
    was_right boolean NOT NULL,
    attempted_at timestamp with time zone NOT NULL
);


--
-- Name: contacts; Type: TABLE; Schema: ingest; Owner: -
--

CREATE TABLE ingest.contacts (
    contact_id uuid NOT NULL,
    provider text NOT NULL,
    provider_sid text,
    kind text NOT NULL,
    channel text NOT NULL,
    phone_token bytea,
    report_id uuid NOT NULL,
    update_id uuid,
    began_at timestamp with time zone NOT NULL,
    received_at timestamp with time zone NOT NULL,
    CONSTRAINT contacts_channel_check CHECK ((channel = ANY (ARRAY['web'::text, 'api'::text, 'sms'::text, 'voice'::text]))),
    CONSTRAINT contacts_kind_check CHECK ((kind = ANY (ARRAY['report'::text, 'update'::text, 'consultation'::text, 'chasing'::text, 'wrong_number'::text, 'nothing_said'::text])))
);


--
-- Name: conversations; Type: TABLE; Schema: ingest; Owner: -
--

CREATE TABLE ingest.conversations (
    report_id uuid NOT NULL,
    phone_token bytea NOT NULL,
    language text NOT NULL,
    stage text NOT NULL,
    question text,
    is_repeated boolean DEFAULT false NOT NULL,
    changed_at timestamp with time zone NOT NULL,
    CONSTRAINT conversations_check CHECK (((stage = 'asking'::text) = (question IS NOT NULL))),
    CONSTRAINT conversations_stage_check CHECK ((stage = ANY (ARRAY['unanswered'::text, 'consent'::text, 'asking'::text, 'finished'::text, 'declined'::text, 'ended'::text])))
);


--
-- Name: reports; Type: TABLE; Schema: ingest; Owner: -
--

CREATE TABLE ingest.reports (
    report_id uuid NOT NULL,
    kind text NOT NULL,
    channel text NOT NULL,
    jurisdiction text NOT NULL,
    area_system text NOT NULL,
    area_edition text NOT NULL,
    area_code text,
    language text NOT NULL,
    reporter_role text NOT NULL,
    answers jsonb NOT NULL,
    facts bytea NOT NULL,
    time_zone text NOT NULL,
    happened_at timestamp with time zone,
    first_known_at timestamp with time zone,
    told_at timestamp with time zone,
    began_at timestamp with time zone NOT NULL,
    received_at timestamp with time zone NOT NULL,
    linked_report_id uuid,
    code bytea NOT NULL,
    code_token bytea NOT NULL,
    reference_token bytea NOT NULL,
    is_canary boolean DEFAULT false NOT NULL,
    retention_class text DEFAULT 'report'::text NOT NULL,
    correlation_id uuid NOT NULL,
    way_back bytea,
    area_place text DEFAULT 'now'::text NOT NULL,
    partner_token bytea,
    CONSTRAINT reports_answers_check CHECK ((jsonb_typeof(answers) = 'object'::text)),
    CONSTRAINT reports_area_place_check CHECK ((area_place = ANY (ARRAY['now'::text, 'incident'::text, 'home'::text, 'carers'::text, 'registration'::text]))),
    CONSTRAINT reports_channel_check CHECK ((channel = ANY (ARRAY['web'::text, 'api'::text, 'sms'::text, 'voice'::text]))),
    CONSTRAINT reports_check CHECK ((linked_report_id <> report_id))
);


--
-- Name: for_notifier_partners; Type: VIEW; Schema: ingest; Owner: -
--

CREATE VIEW ingest.for_notifier_partners AS
 SELECT report_id,
    partner_token
   FROM ingest.reports
  WHERE (partner_token IS NOT NULL);


--
-- Name: report_states; Type: TABLE; Schema: ingest; Owner: -
--

CREATE TABLE ingest.report_states (
    report_id uuid NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    kind text NOT NULL,
    danger_now text NOT NULL,
    has_legal_hold boolean DEFAULT false NOT NULL,
    CONSTRAINT report_states_danger_now_check CHECK ((danger_now = ANY (ARRAY['yes'::text, 'no'::text, 'does_not_know'::text, 'would_not_say'::text, 'not_asked'::text]))),
    CONSTRAINT report_states_kind_check CHECK ((kind = ANY (ARRAY['report'::text, 'update'::text, 'consultation'::text, 'chasing'::text, 'wrong_number'::text, 'nothing_said'::text]))),
    CONSTRAINT report_states_version_check CHECK ((version > 0))
);


--
-- Name: for_notifier_reports; Type: VIEW; Schema: ingest; Owner: -
--

CREATE VIEW ingest.for_notifier_reports AS
 SELECT r.report_id,
    r.jurisdiction,
    r.area_system,
    r.area_edition,
    r.area_code,
    s.danger_now,
    r.received_at,
    r.is_canary
   FROM (ingest.reports r
     JOIN ingest.report_states s USING (report_id));


--
-- Name: updates; Type: TABLE; Schema: ingest; Owner: -
--

CREATE TABLE ingest.updates (
    update_id uuid NOT NULL,
    report_id uuid NOT NULL,
    version integer NOT NULL,
    kind text NOT NULL,
    channel text NOT NULL,
    answers jsonb NOT NULL,
    facts bytea NOT NULL,
    began_at timestamp with time zone NOT NULL,
    received_at timestamp with time zone NOT NULL,
    way_back bytea,
    CONSTRAINT updates_answers_check CHECK ((jsonb_typeof(answers) = 'object'::text)),
    CONSTRAINT updates_channel_check CHECK ((channel = ANY (ARRAY['web'::text, 'api'::text, 'sms'::text, 'voice'::text]))),
    CONSTRAINT updates_kind_check CHECK ((kind = ANY (ARRAY['report'::text, 'update'::text, 'consultation'::text, 'chasing'::text, 'wrong_number'::text, 'nothing_said'::text]))),
    CONSTRAINT updates_version_check CHECK ((version > 1))
);


--
-- Name: for_notifier_ways_back; Type: VIEW; Schema: ingest; Owner: -
--

CREATE VIEW ingest.for_notifier_ways_back AS
 SELECT reports.report_id,
    1 AS version,
    reports.way_back,
    reports.received_at
   FROM ingest.reports
  WHERE (reports.way_back IS NOT NULL)
UNION ALL
 SELECT updates.report_id,
    updates.version,
    updates.way_back,
    updates.received_at
   FROM ingest.updates
  WHERE (updates.way_back IS NOT NULL);


--
-- Name: recordings; Type: TABLE; Schema: ingest; Owner: -
--

CREATE TABLE ingest.recordings (
    recording_id uuid NOT NULL,
    report_id uuid NOT NULL,
    provider text NOT NULL,
    provider_sid text NOT NULL,
    seconds integer,
    sound bytea,
    content_type text,
    received_at timestamp with time zone NOT NULL,
    fetched_at timestamp with time zone,
    due_at timestamp with time zone,
    attempts integer DEFAULT 0 NOT NULL,
    trouble text,
    CONSTRAINT recordings_attempts_check CHECK ((attempts >= 0)),
    CONSTRAINT recordings_check CHECK ((((sound IS NULL) = (content_type IS NULL)) AND ((sound IS NULL) = (fetched_at IS NULL)))),
    CONSTRAINT recordings_check1 CHECK (((sound IS NULL) = (due_at IS NOT NULL))),
    CONSTRAINT recordings_content_type_check CHECK ((content_type = ANY (ARRAY['audio/wav'::text, 'audio/mpeg'::text, 'audio/ogg'::text]))),
    CONSTRAINT recordings_seconds_check CHECK ((seconds >= 0)),
    CONSTRAINT recordings_sound_check CHECK (((octet_length(sound) >= 1) AND (octet_length(sound) <= 17000000))),
    CONSTRAINT recordings_trouble_check CHECK ((trouble = ANY (ARRAY['not_there'::text, 'too_large'::text, 'no_sound'::text, 'refused'::text, 'away'::text])))
);
ALTER TABLE ONLY ingest.recordings ALTER COLUMN sound SET STORAGE EXTERNAL;


--
-- Name: for_triage_recordings; Type: VIEW; Schema: ingest; Owner: -
--

CREATE VIEW ingest.for_triage_recordings AS
 SELECT recording_id,
    report_id,
    sound,
    content_type,
    seconds,
    received_at
   FROM ingest.recordings;


--
-- Name: for_triage_reports; Type: VIEW; Schema: ingest; Owner: -
--

CREATE VIEW ingest.for_triage_reports AS
 SELECT r.report_id,
    s.version,
    s.kind,
    r.channel,
    r.jurisdiction,
    r.area_system,
    r.area_edition,
    r.area_code,
    r.language,
    r.reporter_role,
    s.danger_now,
    r.answers,
    r.facts,
    r.time_zone,
    r.happened_at,
    r.first_known_at,
    r.told_at,
    r.began_at,
    r.received_at,
    r.linked_report_id,
    r.is_canary,
    r.correlation_id,
    r.reference_token,
    r.area_place
   FROM (ingest.reports r
     JOIN ingest.report_states s USING (report_id));


--
-- Name: for_triage_updates; Type: VIEW; Schema: ingest; Owner: -
--

CREATE VIEW ingest.for_triage_updates AS
 SELECT update_id,
    report_id,
    version,
    kind,
    channel,
    answers,
    facts,
    began_at,
    received_at
   FROM ingest.updates;


--
-- Name: requests; Type: TABLE; Schema: ingest; Owner: -
--

CREATE TABLE ingest.requests (
    key_token bytea NOT NULL,
    body_token bytea NOT NULL,
    report_id uuid NOT NULL,
    answer bytea NOT NULL,
    answered_at timestamp with time zone NOT NULL
);


--
-- Name: sweeps; Type: TABLE; Schema: ingest; Owner: -
--

CREATE TABLE ingest.sweeps (
    kind text NOT NULL,
    swept_at timestamp with time zone NOT NULL,
    CONSTRAINT sweeps_kind_check CHECK ((kind = ANY (ARRAY['messages'::text, 'calls'::text, 'recordings'::text])))
);


--
-- Name: alerts; Type: TABLE; Schema: notifier; Owner: -
--

CREATE TABLE notifier.alerts (
    alert_id uuid NOT NULL,
    escalation_id uuid NOT NULL,
    kind text NOT NULL,
    person_id uuid NOT NULL,
    level text NOT NULL,
    channel text NOT NULL,
    attempt integer NOT NULL,
    is_everybody boolean DEFAULT false NOT NULL,
    is_immediate boolean NOT NULL,
    state text DEFAULT 'planned'::text NOT NULL,
    keys text,
    planned_at timestamp with time zone NOT NULL,
    valid_until timestamp with time zone NOT NULL,
    due_at timestamp with time zone,
    leased_by text,
    fence integer DEFAULT 0 NOT NULL,
    sending_at timestamp with time zone,
    is_repeat boolean DEFAULT false NOT NULL,
    is_unwanted boolean DEFAULT false NOT NULL,
    is_silenced boolean DEFAULT false NOT NULL,
    sids text[] DEFAULT '{}'::text[] NOT NULL,
    sent_at timestamp with time zone,
    delivered_at timestamp with time zone,
    answered_at timestamp with time zone,
    ended_at timestamp with time zone,
    error_code text,
    answer text,
    stalled_at timestamp with time zone,
    phone_position integer,
    folded_into uuid,
    CONSTRAINT alerts_answer_check CHECK ((answer = ANY (ARRAY['take'::text, 'decline'::text]))),
    CONSTRAINT alerts_attempt_check CHECK ((attempt > 0)),
    CONSTRAINT alerts_channel_check CHECK ((channel = ANY (ARRAY['sms'::text, 'voice'::text, 'loopback'::text, 'email'::text, 'webhook'::text, 'partner'::text]))),
    CONSTRAINT alerts_check CHECK ((valid_until > planned_at)),
    CONSTRAINT alerts_check1 CHECK (((channel = 'voice'::text) = (keys IS NOT NULL))),
    CONSTRAINT alerts_check3 CHECK (((state <> ALL (ARRAY['planned'::text, 'sending'::text])) OR (due_at IS NOT NULL))),
    CONSTRAINT alerts_check4 CHECK (((state <> 'sending'::text) OR (fence > 0))),
    CONSTRAINT alerts_check5 CHECK (((notifier.state_rank(state) >= 5) = (ended_at IS NOT NULL))),
    CONSTRAINT alerts_check6 CHECK (((state = 'answered'::text) = (answer IS NOT NULL))),
    CONSTRAINT alerts_fence_check CHECK ((fence >= 0)),
    CONSTRAINT alerts_folded_check CHECK (((folded_into IS NULL) OR ((kind = 'alert'::text) AND (NOT is_immediate)))),
    CONSTRAINT alerts_keys_check CHECK ((keys ~ '^[2-9]{3}$'::text)),
    CONSTRAINT alerts_kind_check CHECK ((kind = ANY (ARRAY['alert'::text, 'link'::text, 'taken'::text, 'code'::text, 'test'::text, 'digest'::text, 'notice'::text]))),
    CONSTRAINT alerts_level_check CHECK ((level = ANY (ARRAY['first'::text, 'backup'::text, 'lead'::text, 'manager'::text]))),
    CONSTRAINT alerts_notice_check CHECK (((kind <> 'notice'::text) OR ((channel = ANY (ARRAY['sms'::text, 'webhook'::text, 'partner'::text])) AND (NOT is_immediate)))),
    CONSTRAINT alerts_partner_check CHECK (((channel <> 'partner'::text) OR (kind = 'notice'::text))),
    CONSTRAINT alerts_phone_position_check CHECK ((phone_position > 0)),
    CONSTRAINT alerts_state_check CHECK ((state = ANY (ARRAY['planned'::text, 'sending'::text, 'queued'::text, 'sent'::text, 'ringing'::text, 'connected'::text, 'delivered'::text, 'undelivered'::text, 'failed'::text, 'unanswered'::text, 'cancelled'::text, 'expired'::text, 'answered'::text]))),
    CONSTRAINT alerts_told_in_writing CHECK (((kind = ANY (ARRAY['alert'::text, 'code'::text, 'test'::text])) OR (channel = ANY (ARRAY['sms'::text, 'email'::text, 'webhook'::text, 'partner'::text]))))
);


--
-- Name: answers; Type: TABLE; Schema: notifier; Owner: -
--

CREATE TABLE notifier.answers (
    answer_id uuid NOT NULL,
    provider_sid text,
    escalation_id uuid,
    alert_id uuid,
    person_id uuid NOT NULL,
    via text NOT NULL,
    act text NOT NULL,
    effect text NOT NULL,
    words bytea,
    answered_at timestamp with time zone NOT NULL,
    says_more boolean,
    CONSTRAINT answers_act_check CHECK ((act = ANY (ARRAY['take'::text, 'decline'::text, 'begun'::text, 'hand_back'::text, 'there'::text, 'need_help'::text, 'not_reached'::text, 'left'::text, 'who'::text, 'pin'::text, 'unclear'::text]))),
    CONSTRAINT answers_effect_check CHECK ((effect ~ '^[a-z_]+$'::text)),
    CONSTRAINT answers_via_check CHECK ((via = ANY (ARRAY['sms'::text, 'key'::text, 'page'::text, 'loopback'::text])))
);


--
-- Name: answers_about; Type: TABLE; Schema: notifier; Owner: -
--

CREATE TABLE notifier.answers_about (
    answer_id uuid NOT NULL,
    escalation_id uuid NOT NULL
);


--
-- Name: codes; Type: TABLE; Schema: notifier; Owner: -
--

CREATE TABLE notifier.codes (
    trial_id uuid NOT NULL,
    code_hmac bytea NOT NULL,
    drawn_at timestamp with time zone NOT NULL
);


--
-- Name: empty_levels; Type: TABLE; Schema: notifier; Owner: -
--

CREATE TABLE notifier.empty_levels (
    escalation_id uuid NOT NULL,
    level text NOT NULL,
    found_at timestamp with time zone NOT NULL,
    CONSTRAINT empty_levels_level_check CHECK ((level = ANY (ARRAY['first'::text, 'backup'::text, 'lead'::text, 'manager'::text])))
);


--
-- Name: escalations; Type: TABLE; Schema: notifier; Owner: -
--

CREATE TABLE notifier.escalations (
    escalation_id uuid NOT NULL,
    subject_id uuid NOT NULL,
    purpose text NOT NULL,
    number integer NOT NULL,
    status text NOT NULL,
    urgency text NOT NULL,
    team_id uuid NOT NULL,
    first_responder_id uuid,
    excluded_responders uuid[] DEFAULT '{}'::uuid[] NOT NULL,
    declined_by uuid[] DEFAULT '{}'::uuid[] NOT NULL,
    ladder jsonb NOT NULL,
    deadline_at timestamp with time zone NOT NULL,
    started_at timestamp with time zone NOT NULL,
    next_due_at timestamp with time zone,
    exhausted_at timestamp with time zone,
    acknowledged_by uuid,
    acknowledged_at timestamp with time zone,
    acknowledged_via text,
    begun_at timestamp with time zone,
    handed_back_at timestamp with time zone,
    handed_back_by uuid,
    facts_at timestamp with time zone,
    facts_closed_at timestamp with time zone,
    facts_closed_for uuid,
    arrived_at timestamp with time zone,
    checked_in_at timestamp with time zone,
    needs_help_at timestamp with time zone,
    needs_help_by uuid,
    not_reached_at timestamp with time zone,
    left_at timestamp with time zone,
    CONSTRAINT escalations_acknowledged_via_check CHECK ((acknowledged_via = ANY (ARRAY['sms'::text, 'key'::text, 'page'::text, 'desk'::text, 'loopback'::text]))),
    CONSTRAINT escalations_check CHECK (((status = ANY (ARRAY['calling'::text, 'exhausted'::text])) = (next_due_at IS NOT NULL))),
    CONSTRAINT escalations_check1 CHECK (((status <> 'exhausted'::text) OR (exhausted_at IS NOT NULL))),
    CONSTRAINT escalations_check2 CHECK (((acknowledged_by IS NULL) = (acknowledged_at IS NULL))),
    CONSTRAINT escalations_check3 CHECK (((acknowledged_by IS NULL) = (acknowledged_via IS NULL))),
    CONSTRAINT escalations_check4 CHECK (((status <> 'acknowledged'::text) OR (acknowledged_by IS NOT NULL))),
    CONSTRAINT escalations_check5 CHECK (((acknowledged_by IS NULL) OR (status <> ALL (ARRAY['calling'::text, 'exhausted'::text])))),
    CONSTRAINT escalations_check6 CHECK (((begun_at IS NULL) OR (acknowledged_by IS NOT NULL))),
    CONSTRAINT escalations_check7 CHECK (((handed_back_at IS NULL) = (handed_back_by IS NULL))),
    CONSTRAINT escalations_check8 CHECK (((handed_back_by IS NULL) OR (handed_back_by = acknowledged_by))),
    CONSTRAINT escalations_facts_closed_check CHECK (((facts_closed_at IS NULL) = (facts_closed_for IS NULL))),
    CONSTRAINT escalations_ladder_check CHECK ((jsonb_typeof((ladder -> 'rungs'::text)) = 'array'::text)),
    CONSTRAINT escalations_needs_help_check CHECK (((needs_help_at IS NULL) = (needs_help_by IS NULL))),
    CONSTRAINT escalations_number_check CHECK ((number > 0)),
    CONSTRAINT escalations_purpose_check CHECK ((purpose = ANY (ARRAY['respond'::text, 'read'::text, 'emergency_service'::text, 'presence'::text, 'check_in'::text, 'safety'::text, 'roster'::text]))),
    CONSTRAINT escalations_status_check CHECK ((status = ANY (ARRAY['calling'::text, 'exhausted'::text, 'acknowledged'::text, 'superseded'::text, 'ended'::text]))),
    CONSTRAINT escalations_there_check CHECK (((acknowledged_by IS NOT NULL) OR (COALESCE(facts_at, arrived_at, checked_in_at, not_reached_at, left_at) IS NULL))),
    CONSTRAINT escalations_urgency_check CHECK ((urgency = ANY (ARRAY['immediate'::text, 'urgent'::text, 'priority'::text, 'routine'::text])))
);


--
-- Name: inbound; Type: TABLE; Schema: notifier; Owner: -
--

CREATE TABLE notifier.inbound (
    provider_sid text NOT NULL,
    is_answer boolean NOT NULL,
    received_at timestamp with time zone NOT NULL
);


--
-- Name: for_ingest_messages; Type: VIEW; Schema: notifier; Owner: -
--

CREATE VIEW notifier.for_ingest_messages AS
 SELECT provider_sid,
    is_answer,
    received_at
   FROM notifier.inbound;


--
-- Name: for_triage_alerts; Type: VIEW; Schema: notifier; Owner: -
--

CREATE VIEW notifier.for_triage_alerts AS
 SELECT a.alert_id,
    e.subject_id,
    e.purpose,
    e.number,
    a.level,
    a.person_id,
    a.channel,
        CASE
            WHEN (a.state = 'queued'::text) THEN COALESCE(d.state, a.state)
            ELSE a.state
        END AS state,
    a.planned_at,
    COALESCE(a.sent_at, d.sent_at) AS sent_at,
    COALESCE(a.delivered_at, d.delivered_at) AS delivered_at,
    a.answered_at,
    COALESCE(a.ended_at, d.ended_at) AS ended_at,
    COALESCE(a.error_code, d.error_code) AS error_code,
    a.is_repeat,
    a.answer
   FROM ((notifier.alerts a
     JOIN notifier.escalations e USING (escalation_id))
     LEFT JOIN notifier.alerts d ON ((d.alert_id = a.folded_into)))
  WHERE (a.kind = 'alert'::text);


--
-- Name: for_triage_answers; Type: VIEW; Schema: notifier; Owner: -
--

CREATE VIEW notifier.for_triage_answers AS
 SELECT a.answer_id,
    e.subject_id,
    e.purpose,
    e.number,
    a.person_id,
    a.via,
    a.act,
    a.effect,
    a.words,
    a.answered_at,
    a.says_more
   FROM (notifier.answers a
     JOIN notifier.escalations e USING (escalation_id))
UNION ALL
 SELECT a.answer_id,
    n.subject_id,
    NULL::text AS purpose,
    NULL::integer AS number,
    a.person_id,
    a.via,
    a.act,
    a.effect,
    a.words,
    a.answered_at,
    a.says_more
   FROM (notifier.answers a
     LEFT JOIN ( SELECT DISTINCT b.answer_id,
            e.subject_id
           FROM (notifier.answers_about b
             JOIN notifier.escalations e USING (escalation_id))) n USING (answer_id))
  WHERE (a.escalation_id IS NULL);


--
-- Name: for_triage_codes; Type: VIEW; Schema: notifier; Owner: -
--

CREATE VIEW notifier.for_triage_codes AS
 SELECT trial_id,
    code_hmac
   FROM notifier.codes;


--
-- Name: subjects; Type: TABLE; Schema: notifier; Owner: -
--

CREATE TABLE notifier.subjects (
    subject_id uuid NOT NULL,
    subject_kind text NOT NULL,
    version integer NOT NULL,
    told_version integer DEFAULT 0 NOT NULL,
    alias text NOT NULL,
    time_zone text NOT NULL,
    is_canary boolean NOT NULL,
    correlation_id uuid NOT NULL,
    causation_id uuid NOT NULL,
    traceparent text NOT NULL,
    CONSTRAINT subjects_subject_kind_check CHECK ((subject_kind = ANY (ARRAY['case'::text, 'desk'::text, 'report'::text, 'trial'::text, 'drill'::text, 'notice'::text]))),
    CONSTRAINT subjects_told_version_check CHECK ((told_version >= 0)),
    CONSTRAINT subjects_version_check CHECK ((version >= 0))
);


--
-- Name: for_triage_drills; Type: VIEW; Schema: notifier; Owner: -
--

CREATE VIEW notifier.for_triage_drills AS
 SELECT s.subject_id AS drill_id,
    e.status,
    e.started_at,
    e.exhausted_at,
    e.acknowledged_by,
    e.acknowledged_at,
    e.declined_by,
    e.needs_help_by
   FROM (notifier.subjects s
     JOIN notifier.escalations e USING (subject_id))
  WHERE (s.subject_kind = 'drill'::text);


--
-- Name: for_triage_empty_levels; Type: VIEW; Schema: notifier; Owner: -
--

CREATE VIEW notifier.for_triage_empty_levels AS
 SELECT e.subject_id,
    e.purpose,
    e.number,
    l.level,
    l.found_at,
    (e.next_due_at IS NOT NULL) AS is_calling
   FROM (notifier.empty_levels l
     JOIN notifier.escalations e USING (escalation_id));


--
-- Name: marked_phones; Type: TABLE; Schema: notifier; Owner: -
--

CREATE TABLE notifier.marked_phones (
    person_id uuid NOT NULL,
    number_token bytea NOT NULL,
    mark text NOT NULL,
    error_code text NOT NULL,
    since timestamp with time zone NOT NULL,
    CONSTRAINT marked_phones_mark_check CHECK ((mark = ANY (ARRAY['dead'::text, 'no_texts'::text])))
);


--
-- Name: for_triage_marked_phones; Type: VIEW; Schema: notifier; Owner: -
--

CREATE VIEW notifier.for_triage_marked_phones AS
 SELECT person_id,
    number_token,
    mark,
    error_code,
    since
   FROM notifier.marked_phones;


--
-- Name: refusing_phones; Type: TABLE; Schema: notifier; Owner: -
--

CREATE TABLE notifier.refusing_phones (
    person_id uuid NOT NULL,
    since timestamp with time zone NOT NULL
);


--
-- Name: for_triage_refusing_phones; Type: VIEW; Schema: notifier; Owner: -
--

CREATE VIEW notifier.for_triage_refusing_phones AS
 SELECT person_id,
    since
   FROM notifier.refusing_phones;


--
-- Name: for_triage_trials; Type: VIEW; Schema: notifier; Owner: -
--

CREATE VIEW notifier.for_triage_trials AS
 SELECT e.subject_id AS trial_id,
    a.state,
    a.error_code,
    a.sent_at,
    a.ended_at
   FROM (notifier.alerts a
     JOIN notifier.escalations e USING (escalation_id))
  WHERE (a.kind = ANY (ARRAY['code'::text, 'test'::text]));


--
-- Name: for_triage_untold_partners; Type: VIEW; Schema: notifier; Owner: -
--

CREATE VIEW notifier.for_triage_untold_partners AS
 SELECT alert_id,
    ended_at
   FROM notifier.alerts
  WHERE ((channel = 'partner'::text) AND (state = ANY (ARRAY['expired'::text, 'failed'::text])) AND ((state = 'expired'::text) OR (error_code <> 'unwritable'::text)));


--
-- Name: for_triage_words; Type: VIEW; Schema: notifier; Owner: -
--

CREATE VIEW notifier.for_triage_words AS
 SELECT a.answer_id,
    a.person_id,
    a.words,
    a.answered_at,
    false AS is_beside,
    ARRAY( SELECT DISTINCT e.subject_id
           FROM (notifier.answers_about b
             JOIN notifier.escalations e USING (escalation_id))
          WHERE (b.answer_id = a.answer_id)) AS subjects
   FROM notifier.answers a
  WHERE ((a.escalation_id IS NULL) AND (a.words IS NOT NULL) AND COALESCE(a.says_more, (a.effect = 'asked_back'::text)))
UNION ALL
 SELECT a.answer_id,
    a.person_id,
    a.words,
    a.answered_at,
    true AS is_beside,
    ARRAY[e.subject_id] AS subjects
   FROM (notifier.answers a
     JOIN notifier.escalations e USING (escalation_id))
  WHERE ((a.words IS NOT NULL) AND a.says_more);


--
-- Name: links; Type: TABLE; Schema: notifier; Owner: -
--

CREATE TABLE notifier.links (
    token_hmac bytea NOT NULL,
    escalation_id uuid NOT NULL,
    person_id uuid NOT NULL,
    made_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    wrong_pins integer DEFAULT 0 NOT NULL,
    closed_at timestamp with time zone,
    digest_id uuid,
    CONSTRAINT links_check CHECK ((expires_at > made_at)),
    CONSTRAINT links_check1 CHECK (((wrong_pins = 3) = (closed_at IS NOT NULL))),
    CONSTRAINT links_wrong_pins_check CHECK (((wrong_pins >= 0) AND (wrong_pins <= 3)))
);


--
-- Name: notices; Type: TABLE; Schema: notifier; Owner: -
--

CREATE TABLE notifier.notices (
    report_id uuid NOT NULL,
    state text NOT NULL,
    alert_id uuid,
    because text NOT NULL,
    decided_at timestamp with time zone NOT NULL,
    CONSTRAINT notices_because_check CHECK ((because ~ '^[a-z_]+$'::text)),
    CONSTRAINT notices_check CHECK (((because = 'asked'::text) = (alert_id IS NOT NULL))),
    CONSTRAINT notices_state_check CHECK ((state = ANY (ARRAY['taken'::text, 'closed'::text])))
);


--
-- Name: partner_notices; Type: TABLE; Schema: notifier; Owner: -
--

CREATE TABLE notifier.partner_notices (
    report_id uuid NOT NULL,
    state text NOT NULL,
    alert_id uuid,
    because text NOT NULL,
    decided_at timestamp with time zone NOT NULL,
    CONSTRAINT partner_notices_because_check CHECK ((because ~ '^[a-z_]+$'::text)),
    CONSTRAINT partner_notices_check CHECK (((because = 'told'::text) = (alert_id IS NOT NULL))),
    CONSTRAINT partner_notices_state_check CHECK ((state = ANY (ARRAY['taken'::text, 'closed'::text])))
);


--
-- Name: pin_tries; Type: TABLE; Schema: notifier; Owner: -
--

CREATE TABLE notifier.pin_tries (
    escalation_id uuid NOT NULL,
    person_id uuid NOT NULL,
    wrong_pins integer NOT NULL,
    closed_at timestamp with time zone,
    CONSTRAINT pin_tries_check CHECK (((wrong_pins = 3) = (closed_at IS NOT NULL))),
    CONSTRAINT pin_tries_wrong_pins_check CHECK (((wrong_pins >= 1) AND (wrong_pins <= 3)))
);


--
-- Name: reply_pairs; Type: TABLE; Schema: notifier; Owner: -
--

CREATE TABLE notifier.reply_pairs (
    person_id uuid NOT NULL,
    base text NOT NULL,
    escalation_id uuid NOT NULL,
    used_at timestamp with time zone NOT NULL,
    CONSTRAINT reply_pairs_base_check CHECK ((base ~ '^[2-9][0-9]{0,2}$'::text))
);


--
-- Name: routes; Type: TABLE; Schema: notifier; Owner: -
--

CREATE TABLE notifier.routes (
    channel text NOT NULL,
    region text DEFAULT ''::text NOT NULL,
    CONSTRAINT routes_channel_check CHECK ((channel = ANY (ARRAY['email'::text, 'webhook'::text]))),
    CONSTRAINT routes_check CHECK (((channel = 'webhook'::text) = (region ~ '^[A-Z]{2}$'::text)))
);


--
-- Name: sweeps; Type: TABLE; Schema: notifier; Owner: -
--

CREATE TABLE notifier.sweeps (
    only_row boolean DEFAULT true NOT NULL,
    swept_at timestamp with time zone NOT NULL,
    CONSTRAINT sweeps_only_row_check CHECK (only_row)
);


--
-- Name: watched_reports; Type: TABLE; Schema: notifier; Owner: -
--

CREATE TABLE notifier.watched_reports (
    report_id uuid NOT NULL,
    jurisdiction text NOT NULL,
    received_at timestamp with time zone NOT NULL,
    look_at timestamp with time zone,
    correlation_id uuid NOT NULL,
    causation_id uuid NOT NULL,
    traceparent text NOT NULL
);


--
-- Name: schema_migrations; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.schema_migrations (
    version character varying NOT NULL
);


--
-- Name: accepted_gaps; Type: TABLE; Schema: triage; Owner: -
--

CREATE TABLE triage.accepted_gaps (
    gap_id uuid NOT NULL,
    team_id uuid NOT NULL,
    level triage.level NOT NULL,
    during tstzrange NOT NULL,
    act text NOT NULL,
    reason bytea NOT NULL,
    accepted_by uuid NOT NULL,
    accepted_at timestamp with time zone NOT NULL,
    CONSTRAINT accepted_gaps_act_check CHECK ((act ~ '^[a-z][a-z_]*$'::text)),
    CONSTRAINT accepted_gaps_during_check CHECK ((NOT isempty(during)))
);


--
-- Name: accounts; Type: TABLE; Schema: triage; Owner: -
--

CREATE TABLE triage.accounts (
    account_id uuid NOT NULL,
    person_id uuid NOT NULL,
    username text NOT NULL,
    password_hash text NOT NULL,
    role text NOT NULL,
    is_active boolean DEFAULT true NOT NULL,
    failures integer DEFAULT 0 NOT NULL,
    locked_until timestamp with time zone,
    version integer DEFAULT 1 NOT NULL,
    CONSTRAINT accounts_failures_check CHECK ((failures >= 0)),
    CONSTRAINT accounts_password_hash_check CHECK ((password_hash ~~ '$argon2%'::text)),
    CONSTRAINT accounts_role_check CHECK ((role = ANY (ARRAY['duty_officer'::text, 'supervisor'::text, 'manager'::text]))),
    CONSTRAINT accounts_username_check CHECK (((username = lower(username)) AND (username <> ''::text))),
    CONSTRAINT accounts_version_check CHECK ((version > 0))
);


--
-- Name: alarms; Type: TABLE; Schema: triage; Owner: -
--

CREATE TABLE triage.alarms (
    alarm_id uuid NOT NULL,
    kind text NOT NULL,
    subject_id uuid,
    detail jsonb DEFAULT '{}'::jsonb NOT NULL,
    raised_at timestamp with time zone NOT NULL,
    settled_at timestamp with time zone,
    settled_by uuid,
    CONSTRAINT alarms_check CHECK (((settled_at IS NULL) = (settled_by IS NULL))),
    CONSTRAINT alarms_kind_check CHECK ((kind ~ '^[a-z][a-z_]*(/[a-z][a-z0-9_]*)?$'::text))
);


--
-- Name: areas; Type: TABLE; Schema: triage; Owner: -
--

CREATE TABLE triage.areas (
    system text NOT NULL,
    edition text NOT NULL,
    code text NOT NULL,
    name_zh text NOT NULL,
    name_en text NOT NULL,
    jurisdiction text NOT NULL,
    time_zone text NOT NULL,
    is_reserved boolean DEFAULT false NOT NULL
);


--
-- Name: assessments; Type: TABLE; Schema: triage; Owner: -
--

CREATE TABLE triage.assessments (
    assessment_id uuid NOT NULL,
    case_id uuid NOT NULL,
    report_id uuid NOT NULL,
    report_version integer NOT NULL,
    urgency triage.urgency NOT NULL,
    reasons jsonb NOT NULL,
    ask jsonb NOT NULL,
    what_would_change jsonb NOT NULL,
    pack text NOT NULL,
    semantic text NOT NULL,
    assessed_at timestamp with time zone NOT NULL,
    ages_told smallint[],
    CONSTRAINT assessments_ask_check CHECK ((jsonb_typeof(ask) = 'array'::text)),
    CONSTRAINT assessments_reasons_check CHECK ((jsonb_typeof(reasons) = 'array'::text)),
    CONSTRAINT assessments_what_would_change_check CHECK ((jsonb_typeof(what_would_change) = 'array'::text))
);


--
-- Name: assignments; Type: TABLE; Schema: triage; Owner: -
--

CREATE TABLE triage.assignments (
    subject_id uuid NOT NULL,
    subject_kind text NOT NULL,
    purpose triage.purpose NOT NULL,
    number integer NOT NULL,
    status text NOT NULL,
    urgency triage.urgency NOT NULL,
    team_id uuid NOT NULL,
    first_responder_id uuid,
    excluded_responders uuid[] DEFAULT '{}'::uuid[] NOT NULL,
    ladder jsonb NOT NULL,
    because text NOT NULL,
    reasons jsonb DEFAULT '[]'::jsonb NOT NULL,
    made_at timestamp with time zone NOT NULL,
    deadline_at timestamp with time zone NOT NULL,
    taken_by uuid,
    taken_at timestamp with time zone,
    ended_at timestamp with time zone,
    CONSTRAINT assignments_check CHECK (((taken_by IS NULL) = (taken_at IS NULL))),
    CONSTRAINT assignments_check1 CHECK (((status <> 'taken_at_desk'::text) OR (taken_by IS NOT NULL))),
    CONSTRAINT assignments_check2 CHECK ((((purpose)::text = ANY (ARRAY['presence'::text, 'roster'::text])) = (subject_kind = 'desk'::text))),
    CONSTRAINT assignments_number_check CHECK ((number > 0)),
    CONSTRAINT assignments_status_check CHECK ((status = ANY (ARRAY['calling'::text, 'taken_at_desk'::text, 'stood_down'::text, 'ended'::text]))),
    CONSTRAINT assignments_subject_kind_check CHECK ((subject_kind = ANY (ARRAY['case'::text, 'desk'::text])))
);


--
-- Name: calendar_feeds; Type: TABLE; Schema: triage; Owner: -
--

CREATE TABLE triage.calendar_feeds (
    feed_id uuid NOT NULL,
    person_id uuid NOT NULL,
    token_hmac bytea NOT NULL,
    made_by uuid NOT NULL,
    made_at timestamp with time zone NOT NULL,
    ended_by uuid,
    ended_at timestamp with time zone,
    CONSTRAINT calendar_feeds_check CHECK (((ended_by IS NULL) = (ended_at IS NULL)))
);


--
-- Name: case_reports; Type: TABLE; Schema: triage; Owner: -
--

CREATE TABLE triage.case_reports (
    report_id uuid NOT NULL,
    case_id uuid NOT NULL,
    report_version integer NOT NULL,
    joined_at timestamp with time zone NOT NULL,
    meaning_version integer DEFAULT 0 NOT NULL,
    meaning jsonb,
    tokens_key text,
    CONSTRAINT case_reports_meaning_version_check CHECK ((meaning_version >= 0)),
    CONSTRAINT case_reports_report_version_check CHECK ((report_version >= 0))
);


--
-- Name: cases; Type: TABLE; Schema: triage; Owner: -
--

CREATE TABLE triage.cases (
    case_id uuid NOT NULL,
    alias text NOT NULL,
    version integer DEFAULT 0 NOT NULL,
    urgency triage.urgency NOT NULL,
    status text DEFAULT 'open'::text NOT NULL,
    team_id uuid NOT NULL,
    jurisdiction text NOT NULL,
    area_system text NOT NULL,
    area_edition text NOT NULL,
    area_code text,
    time_zone text NOT NULL,
    language text NOT NULL,
    opened_at timestamp with time zone NOT NULL,
    changed_at timestamp with time zone NOT NULL,
    read_at timestamp with time zone,
    read_by uuid,
    unread_since timestamp with time zone,
    taken_by uuid,
    taken_at timestamp with time zone,
    taken_via text,
    first_action_at timestamp with time zone,
    child_safe_until timestamp with time zone,
    is_unread_report boolean DEFAULT false NOT NULL,
    is_canary boolean DEFAULT false NOT NULL,
    stood_down_by uuid,
    stood_down_at timestamp with time zone,
    closed_by uuid,
    closed_at timestamp with time zone,
    retention_class text DEFAULT 'case'::text NOT NULL,
    is_held boolean DEFAULT false NOT NULL,
    correlation_id uuid NOT NULL,
    traceparent text NOT NULL,
    team_reasons text[] DEFAULT '{}'::text[] NOT NULL,
    CONSTRAINT cases_check CHECK (((read_at IS NULL) = (read_by IS NULL))),
    CONSTRAINT cases_check1 CHECK ((((taken_by IS NULL) = (taken_at IS NULL)) AND ((taken_by IS NULL) = (taken_via IS NULL)))),
    CONSTRAINT cases_check2 CHECK (((status = 'stood_down'::text) = ((stood_down_by IS NOT NULL) AND (stood_down_at IS NOT NULL)))),
    CONSTRAINT cases_check3 CHECK (((status = 'closed'::text) = ((closed_by IS NOT NULL) AND (closed_at IS NOT NULL)))),
    CONSTRAINT cases_status_check CHECK ((status = ANY (ARRAY['open'::text, 'stood_down'::text, 'closed'::text]))),
    CONSTRAINT cases_taken_via_check CHECK ((taken_via = ANY (ARRAY['sms'::text, 'key'::text, 'page'::text, 'desk'::text, 'loopback'::text]))),
    CONSTRAINT cases_version_check CHECK ((version >= 0))
);


--
-- Name: clocks; Type: TABLE; Schema: triage; Owner: -
--

CREATE TABLE triage.clocks (
    clock_id uuid NOT NULL,
    case_id uuid NOT NULL,
    name text NOT NULL,
    started_at timestamp with time zone NOT NULL,
    due_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    answer jsonb,
    breached_at timestamp with time zone,
    owner text NOT NULL,
    on_breach text NOT NULL,
    source text NOT NULL,
    is_legal boolean DEFAULT false NOT NULL,
    CONSTRAINT clocks_check CHECK ((due_at >= started_at)),
    CONSTRAINT clocks_check1 CHECK (((answer IS NULL) OR (ended_at IS NOT NULL))),
    CONSTRAINT clocks_name_check CHECK ((name ~ '^[a-z][a-z0-9_]*$'::text))
);


--
-- Name: closings; Type: TABLE; Schema: triage; Owner: -
--

CREATE TABLE triage.closings (
    closing_id uuid NOT NULL,
    case_id uuid NOT NULL,
    code text NOT NULL,
    duplicate_of uuid,
    steps text[] DEFAULT '{}'::text[] NOT NULL,
    has_outcome boolean NOT NULL,
    is_disputed boolean NOT NULL,
    grounds text[] NOT NULL,
    words bytea NOT NULL,
    seen_version integer NOT NULL,
    asked_by uuid NOT NULL,
    asked_at timestamp with time zone NOT NULL,
    decided_by uuid,
    decided_at timestamp with time zone,
    is_granted boolean,
    CONSTRAINT closings_check CHECK ((duplicate_of <> case_id)),
    CONSTRAINT closings_check1 CHECK ((decided_by <> asked_by)),
    CONSTRAINT closings_check2 CHECK (((decided_at IS NOT NULL) OR ((decided_by IS NULL) AND (is_granted IS NULL)))),
    CONSTRAINT closings_check3 CHECK (((is_granted IS NULL) OR (decided_by IS NOT NULL) OR (is_granted AND (cardinality(grounds) = 0)))),
    CONSTRAINT closings_code_check CHECK ((code ~ '^[a-z][a-z_]*$'::text)),
    CONSTRAINT closings_seen_version_check CHECK ((seen_version > 0))
);


--
-- Name: desk_answers; Type: TABLE; Schema: triage; Owner: -
--

CREATE TABLE triage.desk_answers (
    answer_id uuid NOT NULL,
    case_id uuid NOT NULL,
    question text NOT NULL,
    value text NOT NULL,
    asked_of text NOT NULL,
    asked_at timestamp with time zone NOT NULL,
    recorded_by uuid NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    CONSTRAINT desk_answers_asked_of_check CHECK ((asked_of = ANY (ARRAY['reporter'::text, 'child'::text, 'professional'::text, 'somebody_else'::text]))),
    CONSTRAINT desk_answers_check CHECK ((asked_at <= recorded_at)),
    CONSTRAINT desk_answers_question_check CHECK ((question ~ '^[a-z][a-z_]*$'::text)),
    CONSTRAINT desk_answers_value_check CHECK (((value ~ '^[a-z][a-z_]*$'::text) AND (value <> 'not_asked'::text)))
);


--
-- Name: desks; Type: TABLE; Schema: triage; Owner: -
--

CREATE TABLE triage.desks (
    desk_id uuid NOT NULL,
    alias text NOT NULL,
    version integer DEFAULT 0 NOT NULL,
    asked_at timestamp with time zone NOT NULL,
    absent_since timestamp with time zone,
    CONSTRAINT desks_version_check CHECK ((version >= 0))
);


--
-- Name: drills; Type: TABLE; Schema: triage; Owner: -
--

CREATE TABLE triage.drills (
    drill_id uuid NOT NULL,
    alias text NOT NULL,
    team_id uuid NOT NULL,
    urgency text NOT NULL,
    ladder jsonb NOT NULL,
    is_at_night boolean NOT NULL,
    called_by text NOT NULL,
    called_at timestamp with time zone NOT NULL,
    over_by timestamp with time zone NOT NULL,
    CONSTRAINT drills_check CHECK ((over_by > called_at)),
    CONSTRAINT drills_ladder_check CHECK ((jsonb_typeof((ladder -> 'rungs'::text)) = 'array'::text)),
    CONSTRAINT drills_urgency_check CHECK ((urgency = ANY (ARRAY['immediate'::text, 'urgent'::text, 'priority'::text, 'routine'::text])))
);


--
-- Name: emails; Type: TABLE; Schema: triage; Owner: -
--

CREATE TABLE triage.emails (
    person_id uuid NOT NULL,
    address bytea NOT NULL,
    verified_at timestamp with time zone DEFAULT now()
);


--
-- Name: escalations; Type: TABLE; Schema: triage; Owner: -
--

CREATE TABLE triage.escalations (
    escalation_id uuid NOT NULL,
    subject_id uuid NOT NULL,
    purpose triage.purpose NOT NULL,
    number integer NOT NULL,
    version integer NOT NULL,
    status text NOT NULL,
    started_at timestamp with time zone NOT NULL,
    acknowledged_by uuid,
    acknowledged_at timestamp with time zone,
    acknowledged_via text,
    declined_by uuid[] DEFAULT '{}'::uuid[] NOT NULL,
    exhausted_at timestamp with time zone,
    begun_at timestamp with time zone,
    handed_back_at timestamp with time zone,
    handed_back_by uuid,
    facts_at timestamp with time zone,
    facts_closed_at timestamp with time zone,
    facts_closed_for uuid,
    arrived_at timestamp with time zone,
    checked_in_at timestamp with time zone,
    needs_help_at timestamp with time zone,
    needs_help_by uuid,
    not_reached_at timestamp with time zone,
    left_at timestamp with time zone,
    CONSTRAINT escalations_check CHECK (((acknowledged_by IS NULL) = (acknowledged_at IS NULL))),
    CONSTRAINT escalations_status_check CHECK ((status = ANY (ARRAY['calling'::text, 'exhausted'::text, 'acknowledged'::text, 'superseded'::text, 'ended'::text]))),
    CONSTRAINT escalations_version_check CHECK ((version > 0))
);


--
-- Name: exclusions; Type: TABLE; Schema: triage; Owner: -
--

CREATE TABLE triage.exclusions (
    case_id uuid NOT NULL,
    person_id uuid NOT NULL,
    reason text NOT NULL,
    added_by text NOT NULL,
    added_at timestamp with time zone NOT NULL
);


--
-- Name: for_ingest_areas; Type: VIEW; Schema: triage; Owner: -
--

CREATE VIEW triage.for_ingest_areas AS
 SELECT system,
    edition,
    code,
    name_zh,
    name_en,
    jurisdiction
   FROM triage.areas
  WHERE (NOT is_reserved);


--
-- Name: for_ingest_states; Type: VIEW; Schema: triage; Owner: -
--

CREATE VIEW triage.for_ingest_states AS
 SELECT r.report_id,
    furthest.state,
    furthest.changed_at
   FROM (triage.case_reports r
     CROSS JOIN LATERAL ( WITH RECURSIVE followed AS (
                 SELECT r.case_id,
                    0 AS step
                UNION ALL
                 SELECT d.duplicate_of,
                    (f_1.step + 1)
                   FROM ((followed f_1
                     JOIN triage.cases k ON (((k.case_id = f_1.case_id) AND (k.status = 'closed'::text))))
                     CROSS JOIN LATERAL ( SELECT closings.duplicate_of
                           FROM triage.closings
                          WHERE ((closings.case_id = f_1.case_id) AND closings.is_granted)
                          ORDER BY closings.decided_at DESC
                         LIMIT 1) d)
                  WHERE (d.duplicate_of IS NOT NULL)
                )
         SELECT s.state,
            s.changed_at
           FROM ((((followed f
             JOIN triage.cases c ON ((c.case_id = f.case_id)))
             LEFT JOIN LATERAL ( SELECT closings.has_outcome,
                    closings.duplicate_of
                   FROM triage.closings
                  WHERE ((closings.case_id = c.case_id) AND closings.is_granted)
                  ORDER BY closings.decided_at DESC
                 LIMIT 1) l ON (true))
             LEFT JOIN LATERAL ( SELECT min(assignments.made_at) AS made_at
                   FROM triage.assignments
                  WHERE ((assignments.subject_id = c.case_id) AND ((assignments.purpose)::text = 'respond'::text))) a ON (true))
             CROSS JOIN LATERAL ( VALUES (5,
                        CASE
                            WHEN l.has_outcome THEN 'outcome_available'::text
                            ELSE 'closed'::text
                        END,
                        CASE
                            WHEN ((c.status = 'closed'::text) AND (l.duplicate_of IS NULL)) THEN c.closed_at
                            ELSE NULL::timestamp with time zone
                        END), (4,'taken'::text,c.taken_at), (3,'passed_on'::text,a.made_at), (2,'read'::text,c.read_at), (1,'received'::text,r.joined_at)) s(rank, state, changed_at))
          WHERE (s.changed_at IS NOT NULL)
          ORDER BY s.rank DESC, f.step
         LIMIT 1) furthest);


--
-- Name: for_notifier_cases; Type: VIEW; Schema: triage; Owner: -
--

CREATE VIEW triage.for_notifier_cases AS
 SELECT report_id,
    case_id
   FROM triage.case_reports;


--
-- Name: for_notifier_emails; Type: VIEW; Schema: triage; Owner: -
--

CREATE VIEW triage.for_notifier_emails AS
 SELECT person_id,
    address
   FROM triage.emails
  WHERE (verified_at IS NOT NULL);


--
-- Name: for_notifier_exclusions; Type: VIEW; Schema: triage; Owner: -
--

CREATE VIEW triage.for_notifier_exclusions AS
 SELECT case_id,
    person_id
   FROM triage.exclusions;


--
-- Name: sheets; Type: TABLE; Schema: triage; Owner: -
--

CREATE TABLE triage.sheets (
    case_id uuid NOT NULL,
    sheet bytea NOT NULL,
    sealed_at timestamp with time zone NOT NULL
);


--
-- Name: for_notifier_facts; Type: VIEW; Schema: triage; Owner: -
--

CREATE VIEW triage.for_notifier_facts AS
 SELECT case_id,
    sheet
   FROM triage.sheets;


--
-- Name: people; Type: TABLE; Schema: triage; Owner: -
--

CREATE TABLE triage.people (
    person_id uuid NOT NULL,
    handle text NOT NULL,
    name bytea NOT NULL,
    language text NOT NULL,
    languages text[] DEFAULT '{}'::text[] NOT NULL,
    skills text[] DEFAULT '{}'::text[] NOT NULL,
    pin_hash text,
    is_active boolean DEFAULT true NOT NULL,
    is_loopback boolean DEFAULT false NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    drills_at_night boolean DEFAULT false NOT NULL,
    back_at timestamp with time zone,
    CONSTRAINT people_handle_check CHECK ((handle ~ '^[a-z0-9-]+$'::text)),
    CONSTRAINT people_language_check CHECK ((language = ANY (ARRAY['zh'::text, 'en'::text]))),
    CONSTRAINT people_pin_hash_check CHECK ((pin_hash ~~ '$argon2%'::text)),
    CONSTRAINT people_version_check CHECK ((version > 0))
);


--
-- Name: for_notifier_feeds; Type: VIEW; Schema: triage; Owner: -
--

CREATE VIEW triage.for_notifier_feeds AS
 SELECT f.feed_id,
    f.person_id,
    f.token_hmac,
    p.language
   FROM (triage.calendar_feeds f
     JOIN triage.people p USING (person_id))
  WHERE ((f.ended_at IS NULL) AND p.is_active);


--
-- Name: for_notifier_people; Type: VIEW; Schema: triage; Owner: -
--

CREATE VIEW triage.for_notifier_people AS
 SELECT person_id,
    name,
    language,
    pin_hash,
    is_loopback,
    is_active,
    back_at
   FROM triage.people;


--
-- Name: phones; Type: TABLE; Schema: triage; Owner: -
--

CREATE TABLE triage.phones (
    person_id uuid NOT NULL,
    "position" integer NOT NULL,
    number bytea NOT NULL,
    number_token bytea NOT NULL,
    can_sms boolean DEFAULT true NOT NULL,
    can_voice boolean DEFAULT true NOT NULL,
    region text,
    verified_at timestamp with time zone DEFAULT now(),
    CONSTRAINT phones_check CHECK ((can_sms OR can_voice)),
    CONSTRAINT phones_position_check CHECK (("position" > 0)),
    CONSTRAINT phones_region_check CHECK ((region ~ '^[A-Z]{2}$'::text))
);


--
-- Name: for_notifier_phones; Type: VIEW; Schema: triage; Owner: -
--

CREATE VIEW triage.for_notifier_phones AS
 SELECT person_id,
    "position",
    number,
    number_token,
    can_sms,
    can_voice,
    region
   FROM triage.phones
  WHERE (verified_at IS NOT NULL);


--
-- Name: preferences; Type: TABLE; Schema: triage; Owner: -
--

CREATE TABLE triage.preferences (
    person_id uuid NOT NULL,
    preferences jsonb NOT NULL,
    changed_at timestamp with time zone NOT NULL,
    CONSTRAINT preferences_preferences_check CHECK ((jsonb_typeof(preferences) = 'object'::text))
);


--
-- Name: for_notifier_preferences; Type: VIEW; Schema: triage; Owner: -
--

CREATE VIEW triage.for_notifier_preferences AS
 SELECT person_id,
    preferences
   FROM triage.preferences;


--
-- Name: shifts; Type: TABLE; Schema: triage; Owner: -
--

CREATE TABLE triage.shifts (
    shift_id uuid NOT NULL,
    team_id uuid NOT NULL,
    person_id uuid NOT NULL,
    level triage.level NOT NULL,
    "position" integer NOT NULL,
    during tstzrange NOT NULL,
    because text NOT NULL,
    grounds jsonb DEFAULT '{}'::jsonb NOT NULL,
    CONSTRAINT shifts_because_check CHECK ((because = ANY (ARRAY['rotation'::text, 'by_hand'::text, 'override'::text, 'swap'::text]))),
    CONSTRAINT shifts_during_check CHECK (((NOT isempty(during)) AND (NOT lower_inf(during)) AND (NOT upper_inf(during)))),
    CONSTRAINT shifts_grounds_check CHECK ((jsonb_typeof(grounds) = 'object'::text)),
    CONSTRAINT shifts_position_check CHECK (("position" > 0))
);


--
-- Name: for_notifier_shifts; Type: VIEW; Schema: triage; Owner: -
--

CREATE VIEW triage.for_notifier_shifts AS
 SELECT team_id,
    (level)::text AS level,
    "position",
    person_id,
    during
   FROM triage.shifts;


--
-- Name: team_areas; Type: TABLE; Schema: triage; Owner: -
--

CREATE TABLE triage.team_areas (
    team_id uuid NOT NULL,
    system text NOT NULL,
    edition text NOT NULL,
    prefix text NOT NULL,
    CONSTRAINT team_areas_prefix_check CHECK ((prefix <> ''::text))
);


--
-- Name: teams; Type: TABLE; Schema: triage; Owner: -
--

CREATE TABLE triage.teams (
    team_id uuid NOT NULL,
    slug text NOT NULL,
    name_zh text NOT NULL,
    name_en text NOT NULL,
    jurisdiction text NOT NULL,
    time_zone text NOT NULL,
    is_desk boolean DEFAULT false NOT NULL,
    is_last_resort boolean DEFAULT false NOT NULL,
    ladder jsonb,
    version integer DEFAULT 1 NOT NULL,
    capacity integer,
    CONSTRAINT teams_capacity_check CHECK ((capacity > 0)),
    CONSTRAINT teams_check CHECK (((ladder IS NOT NULL) OR (NOT (is_desk OR is_last_resort)))),
    CONSTRAINT teams_name_en_check CHECK ((name_en <> ''::text)),
    CONSTRAINT teams_name_zh_check CHECK ((name_zh <> ''::text)),
    CONSTRAINT teams_slug_check CHECK ((slug ~ '^[a-z0-9-]+$'::text)),
    CONSTRAINT teams_version_check CHECK ((version > 0))
);


--
-- Name: for_notifier_teams; Type: VIEW; Schema: triage; Owner: -
--

CREATE VIEW triage.for_notifier_teams AS
 SELECT team_id,
    is_desk,
    is_last_resort,
    jurisdiction,
    (EXISTS ( SELECT
           FROM (triage.team_areas c
             JOIN triage.areas a USING (system, edition))
          WHERE ((c.team_id = t.team_id) AND a.is_reserved AND starts_with(a.code, c.prefix)))) AS is_reserved
   FROM triage.teams t;


--
-- Name: trials; Type: TABLE; Schema: triage; Owner: -
--

CREATE TABLE triage.trials (
    trial_id uuid NOT NULL,
    person_id uuid NOT NULL,
    "position" integer NOT NULL,
    channel text NOT NULL,
    kind text NOT NULL,
    asked_by uuid,
    asked_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone,
    wrong_codes integer DEFAULT 0 NOT NULL,
    passed_at timestamp with time zone,
    CONSTRAINT trials_channel_check CHECK ((channel = ANY (ARRAY['sms'::text, 'voice'::text, 'email'::text]))),
    CONSTRAINT trials_check CHECK (((kind = 'code'::text) = (asked_by IS NOT NULL))),
    CONSTRAINT trials_check1 CHECK (((kind = 'code'::text) = (expires_at IS NOT NULL))),
    CONSTRAINT trials_check2 CHECK (((channel = 'email'::text) = ("position" = 0))),
    CONSTRAINT trials_check3 CHECK (((passed_at IS NULL) OR (kind = 'code'::text))),
    CONSTRAINT trials_kind_check CHECK ((kind = ANY (ARRAY['code'::text, 'test'::text]))),
    CONSTRAINT trials_position_check CHECK (("position" >= 0)),
    CONSTRAINT trials_wrong_codes_check CHECK (((wrong_codes >= 0) AND (wrong_codes <= 5)))
);


--
-- Name: for_notifier_trials; Type: VIEW; Schema: triage; Owner: -
--

CREATE VIEW triage.for_notifier_trials AS
 SELECT c.trial_id,
    c."position",
    f.number AS address,
    f.region
   FROM (triage.trials c
     JOIN triage.phones f USING (person_id, "position"))
UNION ALL
 SELECT c.trial_id,
    c."position",
    e.address,
    NULL::text AS region
   FROM (triage.trials c
     JOIN triage.emails e USING (person_id))
  WHERE (c."position" = 0);


--
-- Name: gap_calls; Type: TABLE; Schema: triage; Owner: -
--

CREATE TABLE triage.gap_calls (
    team_id uuid NOT NULL,
    level triage.level NOT NULL,
    during tstzrange NOT NULL,
    called_at timestamp with time zone NOT NULL,
    CONSTRAINT gap_calls_during_check CHECK ((NOT isempty(during)))
);


--
-- Name: heard_of; Type: TABLE; Schema: triage; Owner: -
--

CREATE TABLE triage.heard_of (
    case_id uuid NOT NULL,
    person_id uuid NOT NULL,
    heard_at timestamp with time zone NOT NULL,
    left_at timestamp with time zone
);


--
-- Name: leaves; Type: TABLE; Schema: triage; Owner: -
--

CREATE TABLE triage.leaves (
    leave_id uuid NOT NULL,
    person_id uuid NOT NULL,
    during tstzrange NOT NULL,
    taken_by uuid NOT NULL,
    taken_at timestamp with time zone NOT NULL,
    withdrawn_by uuid,
    withdrawn_at timestamp with time zone,
    version integer DEFAULT 1 NOT NULL,
    CONSTRAINT leaves_check CHECK (((withdrawn_by IS NULL) = (withdrawn_at IS NULL))),
    CONSTRAINT leaves_during_check CHECK (((NOT isempty(during)) AND (NOT lower_inf(during)) AND (NOT upper_inf(during)))),
    CONSTRAINT leaves_version_check CHECK ((version > 0))
);


--
-- Name: malice_marks; Type: TABLE; Schema: triage; Owner: -
--

CREATE TABLE triage.malice_marks (
    mark_id uuid NOT NULL,
    case_id uuid NOT NULL,
    reason bytea NOT NULL,
    marked_by uuid NOT NULL,
    marked_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    ended_by uuid,
    ended_by_report uuid,
    CONSTRAINT malice_marks_check CHECK (((ended_at IS NULL) = ((ended_by IS NULL) AND (ended_by_report IS NULL)))),
    CONSTRAINT malice_marks_check1 CHECK (((ended_by IS NULL) OR (ended_by_report IS NULL)))
);


--
-- Name: match_tokens; Type: TABLE; Schema: triage; Owner: -
--

CREATE TABLE triage.match_tokens (
    report_id uuid NOT NULL,
    token bytea NOT NULL,
    kind text NOT NULL,
    key_version text NOT NULL,
    CONSTRAINT match_tokens_kind_check CHECK ((kind ~ '^[a-z][a-z_]*$'::text))
);


--
-- Name: pairings; Type: TABLE; Schema: triage; Owner: -
--

CREATE TABLE triage.pairings (
    pairing_id uuid NOT NULL,
    case_id uuid NOT NULL,
    other_id uuid NOT NULL,
    says text NOT NULL,
    said_by uuid NOT NULL,
    said_at timestamp with time zone NOT NULL,
    undone_by uuid,
    undone_at timestamp with time zone,
    CONSTRAINT pairings_check CHECK ((case_id <> other_id)),
    CONSTRAINT pairings_check1 CHECK (((undone_by IS NULL) = (undone_at IS NULL))),
    CONSTRAINT pairings_says_check CHECK ((says = ANY (ARRAY['same_child'::text, 'same_matter'::text, 'not_same'::text])))
);


--
-- Name: presence; Type: TABLE; Schema: triage; Owner: -
--

CREATE TABLE triage.presence (
    desk_id uuid NOT NULL,
    person_id uuid NOT NULL,
    confirmed_at timestamp with time zone NOT NULL,
    left_at timestamp with time zone
);


--
-- Name: rosters; Type: TABLE; Schema: triage; Owner: -
--

CREATE TABLE triage.rosters (
    team_id uuid NOT NULL,
    rules jsonb NOT NULL,
    digest bytea NOT NULL,
    applied_at timestamp with time zone NOT NULL,
    applied_by text NOT NULL,
    made_until timestamp with time zone NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    CONSTRAINT rosters_version_check CHECK ((version > 0))
);


--
-- Name: sample_entries; Type: TABLE; Schema: triage; Owner: -
--

CREATE TABLE triage.sample_entries (
    entry_id uuid NOT NULL,
    week date NOT NULL,
    place integer NOT NULL,
    case_id uuid NOT NULL,
    urgency triage.urgency NOT NULL,
    engine_urgency triage.urgency NOT NULL,
    was_closed boolean NOT NULL,
    truth triage.urgency,
    settled_at timestamp with time zone,
    CONSTRAINT sample_entries_check CHECK (((truth IS NULL) = (settled_at IS NULL))),
    CONSTRAINT sample_entries_place_check CHECK ((place > 0))
);


--
-- Name: sample_strata; Type: TABLE; Schema: triage; Owner: -
--

CREATE TABLE triage.sample_strata (
    week date NOT NULL,
    urgency triage.urgency NOT NULL,
    cases integer NOT NULL,
    drawn integer NOT NULL,
    CONSTRAINT sample_strata_check CHECK (((drawn > 0) AND (drawn <= cases)))
);


--
-- Name: samples; Type: TABLE; Schema: triage; Owner: -
--

CREATE TABLE triage.samples (
    week date NOT NULL,
    begins_at timestamp with time zone NOT NULL,
    ends_at timestamp with time zone NOT NULL,
    due_at timestamp with time zone NOT NULL,
    drawn_at timestamp with time zone,
    seed text,
    cases integer,
    raised integer,
    CONSTRAINT samples_check CHECK (((begins_at < ends_at) AND (ends_at <= due_at))),
    CONSTRAINT samples_check1 CHECK (((raised >= 0) AND (raised <= cases))),
    CONSTRAINT samples_check2 CHECK ((((drawn_at IS NULL) = (seed IS NULL)) AND ((drawn_at IS NULL) = (cases IS NULL)) AND ((drawn_at IS NULL) = (raised IS NULL)))),
    CONSTRAINT samples_check3 CHECK ((drawn_at >= due_at)),
    CONSTRAINT samples_week_check CHECK ((EXTRACT(isodow FROM week) = (1)::numeric))
);


--
-- Name: second_readings; Type: TABLE; Schema: triage; Owner: -
--

CREATE TABLE triage.second_readings (
    entry_id uuid NOT NULL,
    reader uuid NOT NULL,
    urgency triage.urgency NOT NULL,
    certainty text NOT NULL,
    read_at timestamp with time zone NOT NULL,
    CONSTRAINT second_readings_certainty_check CHECK ((certainty = ANY (ARRAY['sure'::text, 'fairly_sure'::text, 'unsure'::text])))
);


--
-- Name: sessions; Type: TABLE; Schema: triage; Owner: -
--

CREATE TABLE triage.sessions (
    token_digest bytea NOT NULL,
    account_id uuid NOT NULL,
    began_at timestamp with time zone NOT NULL,
    seen_at timestamp with time zone NOT NULL,
    ends_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    CONSTRAINT sessions_check CHECK ((ends_at > began_at))
);


--
-- Name: step_answers; Type: TABLE; Schema: triage; Owner: -
--

CREATE TABLE triage.step_answers (
    answer_id uuid NOT NULL,
    case_id uuid NOT NULL,
    rule text NOT NULL,
    value text NOT NULL,
    asked_of text NOT NULL,
    asked_at timestamp with time zone NOT NULL,
    pack text NOT NULL,
    case_version integer NOT NULL,
    recorded_by uuid NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    CONSTRAINT step_answers_asked_of_check CHECK ((asked_of = ANY (ARRAY['reporter'::text, 'child'::text, 'professional'::text, 'somebody_else'::text]))),
    CONSTRAINT step_answers_check CHECK ((asked_at <= recorded_at)),
    CONSTRAINT step_answers_rule_check CHECK ((rule ~ '^[a-z0-9][a-z0-9_-]*$'::text)),
    CONSTRAINT step_answers_value_check CHECK ((value = ANY (ARRAY['yes'::text, 'no'::text, 'does_not_know'::text, 'would_not_say'::text])))
);


--
-- Name: swaps; Type: TABLE; Schema: triage; Owner: -
--

CREATE TABLE triage.swaps (
    swap_id uuid NOT NULL,
    team_id uuid NOT NULL,
    giver_id uuid NOT NULL,
    taker_id uuid NOT NULL,
    level triage.level NOT NULL,
    during tstzrange NOT NULL,
    back_level triage.level,
    back_during tstzrange,
    asked_by uuid NOT NULL,
    asked_at timestamp with time zone NOT NULL,
    decided_by uuid,
    decided_at timestamp with time zone,
    is_granted boolean,
    version integer DEFAULT 1 NOT NULL,
    CONSTRAINT swaps_back_during_check CHECK (((NOT isempty(back_during)) AND (NOT lower_inf(back_during)) AND (NOT upper_inf(back_during)))),
    CONSTRAINT swaps_check CHECK ((taker_id <> giver_id)),
    CONSTRAINT swaps_check1 CHECK (((back_level IS NULL) = (back_during IS NULL))),
    CONSTRAINT swaps_check2 CHECK ((((decided_by IS NULL) = (decided_at IS NULL)) AND ((decided_by IS NULL) = (is_granted IS NULL)))),
    CONSTRAINT swaps_check3 CHECK (((NOT is_granted) OR (((decided_by <> asked_by) AND (decided_by <> giver_id)) AND (decided_by <> taker_id)))),
    CONSTRAINT swaps_during_check CHECK (((NOT isempty(during)) AND (NOT lower_inf(during)) AND (NOT upper_inf(during)))),
    CONSTRAINT swaps_version_check CHECK ((version > 0))
);


--
-- Name: timeline; Type: TABLE; Schema: triage; Owner: -
--

CREATE TABLE triage.timeline (
    entry_id uuid NOT NULL,
    subject_id uuid NOT NULL,
    kind text NOT NULL,
    actor text NOT NULL,
    at timestamp with time zone NOT NULL,
    detail jsonb DEFAULT '{}'::jsonb NOT NULL,
    note bytea,
    CONSTRAINT timeline_detail_check CHECK ((jsonb_typeof(detail) = 'object'::text)),
    CONSTRAINT timeline_kind_check CHECK ((kind ~ '^[a-z][a-z_]*$'::text))
);


--
-- Name: urgency_requests; Type: TABLE; Schema: triage; Owner: -
--

CREATE TABLE triage.urgency_requests (
    request_id uuid NOT NULL,
    case_id uuid NOT NULL,
    urgency_from triage.urgency NOT NULL,
    urgency_to triage.urgency NOT NULL,
    reason bytea NOT NULL,
    asked_by uuid NOT NULL,
    asked_at timestamp with time zone NOT NULL,
    decided_by uuid,
    decided_at timestamp with time zone,
    is_granted boolean,
    CONSTRAINT urgency_requests_check CHECK ((decided_by <> asked_by)),
    CONSTRAINT urgency_requests_decision CHECK ((((decided_by IS NULL) = (is_granted IS NULL)) AND ((decided_by IS NULL) OR (decided_at IS NOT NULL))))
);


--
-- Name: words_read; Type: TABLE; Schema: triage; Owner: -
--

CREATE TABLE triage.words_read (
    answer_id uuid NOT NULL,
    read_by uuid NOT NULL,
    read_at timestamp with time zone NOT NULL
);


--
-- Name: attempts attempts_pkey; Type: CONSTRAINT; Schema: infra; Owner: -
--

ALTER TABLE ONLY infra.attempts
    ADD CONSTRAINT attempts_pkey PRIMARY KEY (subscriber, event_id);


--
-- Name: audit audit_digest_key; Type: CONSTRAINT; Schema: infra; Owner: -
--

ALTER TABLE ONLY infra.audit
    ADD CONSTRAINT audit_digest_key UNIQUE (digest);


--
-- Name: audit audit_pkey; Type: CONSTRAINT; Schema: infra; Owner: -
--

ALTER TABLE ONLY infra.audit
    ADD CONSTRAINT audit_pkey PRIMARY KEY (id);


--
-- Name: clock clock_pkey; Type: CONSTRAINT; Schema: infra; Owner: -
--

ALTER TABLE ONLY infra.clock
    ADD CONSTRAINT clock_pkey PRIMARY KEY (only_row);


--
-- Name: dead_letters dead_letters_pkey; Type: CONSTRAINT; Schema: infra; Owner: -
--

ALTER TABLE ONLY infra.dead_letters
    ADD CONSTRAINT dead_letters_pkey PRIMARY KEY (id);


--
-- Name: dead_letters dead_letters_subscriber_event_id_key; Type: CONSTRAINT; Schema: infra; Owner: -
--

ALTER TABLE ONLY infra.dead_letters
    ADD CONSTRAINT dead_letters_subscriber_event_id_key UNIQUE (subscriber, event_id);


--
-- Name: heartbeats heartbeats_pkey; Type: CONSTRAINT; Schema: infra; Owner: -
--

ALTER TABLE ONLY infra.heartbeats
    ADD CONSTRAINT heartbeats_pkey PRIMARY KEY (service, instance);


--
-- Name: inbox inbox_pkey; Type: CONSTRAINT; Schema: infra; Owner: -
--

ALTER TABLE ONLY infra.inbox
    ADD CONSTRAINT inbox_pkey PRIMARY KEY (subscriber, event_id);


--
-- Name: outbox outbox_pkey; Type: CONSTRAINT; Schema: infra; Owner: -
--

ALTER TABLE ONLY infra.outbox
    ADD CONSTRAINT outbox_pkey PRIMARY KEY (id);


--
-- Name: send_buckets send_buckets_pkey; Type: CONSTRAINT; Schema: infra; Owner: -
--

ALTER TABLE ONLY infra.send_buckets
    ADD CONSTRAINT send_buckets_pkey PRIMARY KEY (name);


--
-- Name: vault_keys vault_keys_pkey; Type: CONSTRAINT; Schema: infra; Owner: -
--

ALTER TABLE ONLY infra.vault_keys
    ADD CONSTRAINT vault_keys_pkey PRIMARY KEY (subject_kind, subject_id);


--
-- Name: vault_state vault_state_pkey; Type: CONSTRAINT; Schema: infra; Owner: -
--

ALTER TABLE ONLY infra.vault_state
    ADD CONSTRAINT vault_state_pkey PRIMARY KEY (name);


--
-- Name: calls calls_pkey; Type: CONSTRAINT; Schema: ingest; Owner: -
--

ALTER TABLE ONLY ingest.calls
    ADD CONSTRAINT calls_pkey PRIMARY KEY (provider, provider_sid);


--
-- Name: code_attempts code_attempts_pkey; Type: CONSTRAINT; Schema: ingest; Owner: -
--

ALTER TABLE ONLY ingest.code_attempts
    ADD CONSTRAINT code_attempts_pkey PRIMARY KEY (attempt_id);


--
-- Name: contacts contacts_pkey; Type: CONSTRAINT; Schema: ingest; Owner: -
--

ALTER TABLE ONLY ingest.contacts
    ADD CONSTRAINT contacts_pkey PRIMARY KEY (contact_id);


--
-- Name: contacts contacts_provider_provider_sid_key; Type: CONSTRAINT; Schema: ingest; Owner: -
--

ALTER TABLE ONLY ingest.contacts
    ADD CONSTRAINT contacts_provider_provider_sid_key UNIQUE (provider, provider_sid);


--
-- Name: conversations conversations_pkey; Type: CONSTRAINT; Schema: ingest; Owner: -
--

ALTER TABLE ONLY ingest.conversations
    ADD CONSTRAINT conversations_pkey PRIMARY KEY (report_id);


--
-- Name: recordings recordings_pkey; Type: CONSTRAINT; Schema: ingest; Owner: -
--

ALTER TABLE ONLY ingest.recordings
    ADD CONSTRAINT recordings_pkey PRIMARY KEY (recording_id);


--
-- Name: recordings recordings_provider_provider_sid_key; Type: CONSTRAINT; Schema: ingest; Owner: -
--

ALTER TABLE ONLY ingest.recordings
    ADD CONSTRAINT recordings_provider_provider_sid_key UNIQUE (provider, provider_sid);


--
-- Name: report_states report_states_pkey; Type: CONSTRAINT; Schema: ingest; Owner: -
--

ALTER TABLE ONLY ingest.report_states
    ADD CONSTRAINT report_states_pkey PRIMARY KEY (report_id);


--
-- Name: reports reports_code_token_key; Type: CONSTRAINT; Schema: ingest; Owner: -
--

ALTER TABLE ONLY ingest.reports
    ADD CONSTRAINT reports_code_token_key UNIQUE (code_token);


--
-- Name: reports reports_pkey; Type: CONSTRAINT; Schema: ingest; Owner: -
--

ALTER TABLE ONLY ingest.reports
    ADD CONSTRAINT reports_pkey PRIMARY KEY (report_id);


--
-- Name: reports reports_reference_token_key; Type: CONSTRAINT; Schema: ingest; Owner: -
--

ALTER TABLE ONLY ingest.reports
    ADD CONSTRAINT reports_reference_token_key UNIQUE (reference_token);


--
-- Name: requests requests_pkey; Type: CONSTRAINT; Schema: ingest; Owner: -
--

ALTER TABLE ONLY ingest.requests
    ADD CONSTRAINT requests_pkey PRIMARY KEY (key_token);


--
-- Name: sweeps sweeps_pkey; Type: CONSTRAINT; Schema: ingest; Owner: -
--

ALTER TABLE ONLY ingest.sweeps
    ADD CONSTRAINT sweeps_pkey PRIMARY KEY (kind);


--
-- Name: updates updates_pkey; Type: CONSTRAINT; Schema: ingest; Owner: -
--

ALTER TABLE ONLY ingest.updates
    ADD CONSTRAINT updates_pkey PRIMARY KEY (update_id);


--
-- Name: updates updates_report_id_version_key; Type: CONSTRAINT; Schema: ingest; Owner: -
--

ALTER TABLE ONLY ingest.updates
    ADD CONSTRAINT updates_report_id_version_key UNIQUE (report_id, version);


--
-- Name: alerts alerts_escalation_id_person_id_channel_kind_attempt_key; Type: CONSTRAINT; Schema: notifier; Owner: -
--

ALTER TABLE ONLY notifier.alerts
    ADD CONSTRAINT alerts_escalation_id_person_id_channel_kind_attempt_key UNIQUE (escalation_id, person_id, channel, kind, attempt);


--
-- Name: alerts alerts_pkey; Type: CONSTRAINT; Schema: notifier; Owner: -
--

ALTER TABLE ONLY notifier.alerts
    ADD CONSTRAINT alerts_pkey PRIMARY KEY (alert_id);


--
-- Name: answers_about answers_about_pkey; Type: CONSTRAINT; Schema: notifier; Owner: -
--

ALTER TABLE ONLY notifier.answers_about
    ADD CONSTRAINT answers_about_pkey PRIMARY KEY (answer_id, escalation_id);


--
-- Name: answers answers_pkey; Type: CONSTRAINT; Schema: notifier; Owner: -
--

ALTER TABLE ONLY notifier.answers
    ADD CONSTRAINT answers_pkey PRIMARY KEY (answer_id);


--
-- Name: answers answers_provider_sid_key; Type: CONSTRAINT; Schema: notifier; Owner: -
--

ALTER TABLE ONLY notifier.answers
    ADD CONSTRAINT answers_provider_sid_key UNIQUE (provider_sid);


--
-- Name: codes codes_pkey; Type: CONSTRAINT; Schema: notifier; Owner: -
--

ALTER TABLE ONLY notifier.codes
    ADD CONSTRAINT codes_pkey PRIMARY KEY (trial_id, code_hmac);


--
-- Name: empty_levels empty_levels_pkey; Type: CONSTRAINT; Schema: notifier; Owner: -
--

ALTER TABLE ONLY notifier.empty_levels
    ADD CONSTRAINT empty_levels_pkey PRIMARY KEY (escalation_id, level);


--
-- Name: escalations escalations_pkey; Type: CONSTRAINT; Schema: notifier; Owner: -
--

ALTER TABLE ONLY notifier.escalations
    ADD CONSTRAINT escalations_pkey PRIMARY KEY (escalation_id);


--
-- Name: escalations escalations_subject_id_purpose_number_key; Type: CONSTRAINT; Schema: notifier; Owner: -
--

ALTER TABLE ONLY notifier.escalations
    ADD CONSTRAINT escalations_subject_id_purpose_number_key UNIQUE (subject_id, purpose, number);


--
-- Name: inbound inbound_pkey; Type: CONSTRAINT; Schema: notifier; Owner: -
--

ALTER TABLE ONLY notifier.inbound
    ADD CONSTRAINT inbound_pkey PRIMARY KEY (provider_sid);


--
-- Name: links links_pkey; Type: CONSTRAINT; Schema: notifier; Owner: -
--

ALTER TABLE ONLY notifier.links
    ADD CONSTRAINT links_pkey PRIMARY KEY (token_hmac);


--
-- Name: marked_phones marked_phones_pkey; Type: CONSTRAINT; Schema: notifier; Owner: -
--

ALTER TABLE ONLY notifier.marked_phones
    ADD CONSTRAINT marked_phones_pkey PRIMARY KEY (person_id, number_token);


--
-- Name: notices notices_pkey; Type: CONSTRAINT; Schema: notifier; Owner: -
--

ALTER TABLE ONLY notifier.notices
    ADD CONSTRAINT notices_pkey PRIMARY KEY (report_id, state);


--
-- Name: partner_notices partner_notices_pkey; Type: CONSTRAINT; Schema: notifier; Owner: -
--

ALTER TABLE ONLY notifier.partner_notices
    ADD CONSTRAINT partner_notices_pkey PRIMARY KEY (report_id, state);


--
-- Name: pin_tries pin_tries_pkey; Type: CONSTRAINT; Schema: notifier; Owner: -
--

ALTER TABLE ONLY notifier.pin_tries
    ADD CONSTRAINT pin_tries_pkey PRIMARY KEY (escalation_id, person_id);


--
-- Name: refusing_phones refusing_phones_pkey; Type: CONSTRAINT; Schema: notifier; Owner: -
--

ALTER TABLE ONLY notifier.refusing_phones
    ADD CONSTRAINT refusing_phones_pkey PRIMARY KEY (person_id);


--
-- Name: reply_pairs reply_pairs_person_id_escalation_id_key; Type: CONSTRAINT; Schema: notifier; Owner: -
--

ALTER TABLE ONLY notifier.reply_pairs
    ADD CONSTRAINT reply_pairs_person_id_escalation_id_key UNIQUE (person_id, escalation_id);


--
-- Name: reply_pairs reply_pairs_pkey; Type: CONSTRAINT; Schema: notifier; Owner: -
--

ALTER TABLE ONLY notifier.reply_pairs
    ADD CONSTRAINT reply_pairs_pkey PRIMARY KEY (person_id, base);


--
-- Name: routes routes_pkey; Type: CONSTRAINT; Schema: notifier; Owner: -
--

ALTER TABLE ONLY notifier.routes
    ADD CONSTRAINT routes_pkey PRIMARY KEY (channel, region);


--
-- Name: subjects subjects_pkey; Type: CONSTRAINT; Schema: notifier; Owner: -
--

ALTER TABLE ONLY notifier.subjects
    ADD CONSTRAINT subjects_pkey PRIMARY KEY (subject_id);


--
-- Name: sweeps sweeps_pkey; Type: CONSTRAINT; Schema: notifier; Owner: -
--

ALTER TABLE ONLY notifier.sweeps
    ADD CONSTRAINT sweeps_pkey PRIMARY KEY (only_row);


--
-- Name: watched_reports watched_reports_pkey; Type: CONSTRAINT; Schema: notifier; Owner: -
--

ALTER TABLE ONLY notifier.watched_reports
    ADD CONSTRAINT watched_reports_pkey PRIMARY KEY (report_id);


--
-- Name: schema_migrations schema_migrations_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.schema_migrations
    ADD CONSTRAINT schema_migrations_pkey PRIMARY KEY (version);


--
-- Name: accepted_gaps accepted_gaps_pkey; Type: CONSTRAINT; Schema: triage; Owner: -
--

ALTER TABLE ONLY triage.accepted_gaps
    ADD CONSTRAINT accepted_gaps_pkey PRIMARY KEY (gap_id);


--
-- Name: accounts accounts_person_id_key; Type: CONSTRAINT; Schema: triage; Owner: -
--

ALTER TABLE ONLY triage.accounts
    ADD CONSTRAINT accounts_person_id_key UNIQUE (person_id);


--
-- Name: accounts accounts_pkey; Type: CONSTRAINT; Schema: triage; Owner: -
--

ALTER TABLE ONLY triage.accounts
    ADD CONSTRAINT accounts_pkey PRIMARY KEY (account_id);


--
-- Name: accounts accounts_username_key; Type: CONSTRAINT; Schema: triage; Owner: -
--

ALTER TABLE ONLY triage.accounts
    ADD CONSTRAINT accounts_username_key UNIQUE (username);


--
-- Name: alarms alarms_pkey; Type: CONSTRAINT; Schema: triage; Owner: -
--

ALTER TABLE ONLY triage.alarms
    ADD CONSTRAINT alarms_pkey PRIMARY KEY (alarm_id);


--
-- Name: areas areas_pkey; Type: CONSTRAINT; Schema: triage; Owner: -
--

ALTER TABLE ONLY triage.areas
    ADD CONSTRAINT areas_pkey PRIMARY KEY (system, edition, code);


--
-- Name: assessments assessments_pkey; Type: CONSTRAINT; Schema: triage; Owner: -
--

ALTER TABLE ONLY triage.assessments
    ADD CONSTRAINT assessments_pkey PRIMARY KEY (assessment_id);


--
-- Name: assignments assignments_pkey; Type: CONSTRAINT; Schema: triage; Owner: -
--

ALTER TABLE ONLY triage.assignments
    ADD CONSTRAINT assignments_pkey PRIMARY KEY (subject_id, purpose, number);


--
-- Name: calendar_feeds calendar_feeds_pkey; Type: CONSTRAINT; Schema: triage; Owner: -
--

ALTER TABLE ONLY triage.calendar_feeds
    ADD CONSTRAINT calendar_feeds_pkey PRIMARY KEY (feed_id);


--
-- Name: calendar_feeds calendar_feeds_token_hmac_key; Type: CONSTRAINT; Schema: triage; Owner: -
--

ALTER TABLE ONLY triage.calendar_feeds
    ADD CONSTRAINT calendar_feeds_token_hmac_key UNIQUE (token_hmac);


--
-- Name: case_reports case_reports_pkey; Type: CONSTRAINT; Schema: triage; Owner: -
--

ALTER TABLE ONLY triage.case_reports
    ADD CONSTRAINT case_reports_pkey PRIMARY KEY (report_id);


--
-- Name: cases cases_alias_key; Type: CONSTRAINT; Schema: triage; Owner: -
--

ALTER TABLE ONLY triage.cases
    ADD CONSTRAINT cases_alias_key UNIQUE (alias);


--
-- Name: cases cases_pkey; Type: CONSTRAINT; Schema: triage; Owner: -
--

ALTER TABLE ONLY triage.cases
    ADD CONSTRAINT cases_pkey PRIMARY KEY (case_id);


--
-- Name: clocks clocks_pkey; Type: CONSTRAINT; Schema: triage; Owner: -
--

ALTER TABLE ONLY triage.clocks
    ADD CONSTRAINT clocks_pkey PRIMARY KEY (clock_id);


--
-- Name: closings closings_pkey; Type: CONSTRAINT; Schema: triage; Owner: -
--

ALTER TABLE ONLY triage.closings
    ADD CONSTRAINT closings_pkey PRIMARY KEY (closing_id);


--
-- Name: desk_answers desk_answers_pkey; Type: CONSTRAINT; Schema: triage; Owner: -
--

ALTER TABLE ONLY triage.desk_answers
    ADD CONSTRAINT desk_answers_pkey PRIMARY KEY (answer_id);


--
-- Name: desks desks_alias_key; Type: CONSTRAINT; Schema: triage; Owner: -
--

ALTER TABLE ONLY triage.desks
    ADD CONSTRAINT desks_alias_key UNIQUE (alias);


--
-- Name: desks desks_pkey; Type: CONSTRAINT; Schema: triage; Owner: -
--

ALTER TABLE ONLY triage.desks
    ADD CONSTRAINT desks_pkey PRIMARY KEY (desk_id);


--
-- Name: drills drills_pkey; Type: CONSTRAINT; Schema: triage; Owner: -
--

ALTER TABLE ONLY triage.drills
    ADD CONSTRAINT drills_pkey PRIMARY KEY (drill_id);


--
-- Name: emails emails_pkey; Type: CONSTRAINT; Schema: triage; Owner: -
--

ALTER TABLE ONLY triage.emails
    ADD CONSTRAINT emails_pkey PRIMARY KEY (person_id);


--
-- Name: escalations escalations_pkey; Type: CONSTRAINT; Schema: triage; Owner: -
--

ALTER TABLE ONLY triage.escalations
    ADD CONSTRAINT escalations_pkey PRIMARY KEY (escalation_id);


--
-- Name: exclusions exclusions_pkey; Type: CONSTRAINT; Schema: triage; Owner: -
--

ALTER TABLE ONLY triage.exclusions
    ADD CONSTRAINT exclusions_pkey PRIMARY KEY (case_id, person_id);


--
-- Name: gap_calls gap_calls_pkey; Type: CONSTRAINT; Schema: triage; Owner: -
--

ALTER TABLE ONLY triage.gap_calls
    ADD CONSTRAINT gap_calls_pkey PRIMARY KEY (team_id, level, during);


--
-- Name: heard_of heard_of_pkey; Type: CONSTRAINT; Schema: triage; Owner: -
--

ALTER TABLE ONLY triage.heard_of
    ADD CONSTRAINT heard_of_pkey PRIMARY KEY (case_id, person_id);


--
-- Name: leaves leaves_once; Type: CONSTRAINT; Schema: triage; Owner: -
--

ALTER TABLE ONLY triage.leaves
    ADD CONSTRAINT leaves_once EXCLUDE USING gist (person_id WITH =, during WITH &&) WHERE ((withdrawn_at IS NULL));


--
-- Name: leaves leaves_pkey; Type: CONSTRAINT; Schema: triage; Owner: -
--

ALTER TABLE ONLY triage.leaves
    ADD CONSTRAINT leaves_pkey PRIMARY KEY (leave_id);


--
-- Name: malice_marks malice_marks_pkey; Type: CONSTRAINT; Schema: triage; Owner: -
--

ALTER TABLE ONLY triage.malice_marks
    ADD CONSTRAINT malice_marks_pkey PRIMARY KEY (mark_id);


--
-- Name: match_tokens match_tokens_pkey; Type: CONSTRAINT; Schema: triage; Owner: -
--

ALTER TABLE ONLY triage.match_tokens
    ADD CONSTRAINT match_tokens_pkey PRIMARY KEY (report_id, token, kind);


--
-- Name: pairings pairings_pkey; Type: CONSTRAINT; Schema: triage; Owner: -
--

ALTER TABLE ONLY triage.pairings
    ADD CONSTRAINT pairings_pkey PRIMARY KEY (pairing_id);


--
-- Name: people people_handle_key; Type: CONSTRAINT; Schema: triage; Owner: -
--

ALTER TABLE ONLY triage.people
    ADD CONSTRAINT people_handle_key UNIQUE (handle);


--
-- Name: people people_pkey; Type: CONSTRAINT; Schema: triage; Owner: -
--

ALTER TABLE ONLY triage.people
    ADD CONSTRAINT people_pkey PRIMARY KEY (person_id);


--
-- Name: phones phones_pkey; Type: CONSTRAINT; Schema: triage; Owner: -
--

ALTER TABLE ONLY triage.phones
    ADD CONSTRAINT phones_pkey PRIMARY KEY (person_id, "position");


--
-- Name: preferences preferences_pkey; Type: CONSTRAINT; Schema: triage; Owner: -
--

ALTER TABLE ONLY triage.preferences
    ADD CONSTRAINT preferences_pkey PRIMARY KEY (person_id);


--
-- Name: presence presence_pkey; Type: CONSTRAINT; Schema: triage; Owner: -
--

ALTER TABLE ONLY triage.presence
    ADD CONSTRAINT presence_pkey PRIMARY KEY (desk_id, person_id);


--
-- Name: rosters rosters_pkey; Type: CONSTRAINT; Schema: triage; Owner: -
--

ALTER TABLE ONLY triage.rosters
    ADD CONSTRAINT rosters_pkey PRIMARY KEY (team_id);


--
-- Name: sample_entries sample_entries_case_id_key; Type: CONSTRAINT; Schema: triage; Owner: -
--

ALTER TABLE ONLY triage.sample_entries
    ADD CONSTRAINT sample_entries_case_id_key UNIQUE (case_id);


--
-- Name: sample_entries sample_entries_pkey; Type: CONSTRAINT; Schema: triage; Owner: -
--

ALTER TABLE ONLY triage.sample_entries
    ADD CONSTRAINT sample_entries_pkey PRIMARY KEY (entry_id);


--
-- Name: sample_entries sample_entries_week_place_key; Type: CONSTRAINT; Schema: triage; Owner: -
--

ALTER TABLE ONLY triage.sample_entries
    ADD CONSTRAINT sample_entries_week_place_key UNIQUE (week, place);


--
-- Name: sample_strata sample_strata_pkey; Type: CONSTRAINT; Schema: triage; Owner: -
--

ALTER TABLE ONLY triage.sample_strata
    ADD CONSTRAINT sample_strata_pkey PRIMARY KEY (week, urgency);


--
-- Name: samples samples_pkey; Type: CONSTRAINT; Schema: triage; Owner: -
--

ALTER TABLE ONLY triage.samples
    ADD CONSTRAINT samples_pkey PRIMARY KEY (week);


--
-- Name: second_readings second_readings_pkey; Type: CONSTRAINT; Schema: triage; Owner: -
--

ALTER TABLE ONLY triage.second_readings
    ADD CONSTRAINT second_readings_pkey PRIMARY KEY (entry_id, reader);


--
-- Name: sessions sessions_pkey; Type: CONSTRAINT; Schema: triage; Owner: -
--

ALTER TABLE ONLY triage.sessions
    ADD CONSTRAINT sessions_pkey PRIMARY KEY (token_digest);


--
-- Name: sheets sheets_pkey; Type: CONSTRAINT; Schema: triage; Owner: -
--

ALTER TABLE ONLY triage.sheets
    ADD CONSTRAINT sheets_pkey PRIMARY KEY (case_id);


--
-- Name: shifts shifts_once; Type: CONSTRAINT; Schema: triage; Owner: -
--

ALTER TABLE ONLY triage.shifts
    ADD CONSTRAINT shifts_once EXCLUDE USING gist (team_id WITH =, ((level)::text) WITH =, person_id WITH =, during WITH &&);


--
-- Name: shifts shifts_pkey; Type: CONSTRAINT; Schema: triage; Owner: -
--

ALTER TABLE ONLY triage.shifts
    ADD CONSTRAINT shifts_pkey PRIMARY KEY (shift_id);


--
-- Name: step_answers step_answers_pkey; Type: CONSTRAINT; Schema: triage; Owner: -
--

ALTER TABLE ONLY triage.step_answers
    ADD CONSTRAINT step_answers_pkey PRIMARY KEY (answer_id);


--
-- Name: swaps swaps_pkey; Type: CONSTRAINT; Schema: triage; Owner: -
--

ALTER TABLE ONLY triage.swaps
    ADD CONSTRAINT swaps_pkey PRIMARY KEY (swap_id);


--
-- Name: team_areas team_areas_pkey; Type: CONSTRAINT; Schema: triage; Owner: -
--

ALTER TABLE ONLY triage.team_areas
    ADD CONSTRAINT team_areas_pkey PRIMARY KEY (system, edition, prefix, team_id);


--
-- Name: teams teams_pkey; Type: CONSTRAINT; Schema: triage; Owner: -
--

ALTER TABLE ONLY triage.teams
    ADD CONSTRAINT teams_pkey PRIMARY KEY (team_id);


--
-- Name: teams teams_slug_key; Type: CONSTRAINT; Schema: triage; Owner: -
--

ALTER TABLE ONLY triage.teams
    ADD CONSTRAINT teams_slug_key UNIQUE (slug);


--
-- Name: timeline timeline_pkey; Type: CONSTRAINT; Schema: triage; Owner: -
--

ALTER TABLE ONLY triage.timeline
    ADD CONSTRAINT timeline_pkey PRIMARY KEY (entry_id);


--
-- Name: trials trials_pkey; Type: CONSTRAINT; Schema: triage; Owner: -
--

ALTER TABLE ONLY triage.trials
    ADD CONSTRAINT trials_pkey PRIMARY KEY (trial_id);


--
-- Name: urgency_requests urgency_requests_pkey; Type: CONSTRAINT; Schema: triage; Owner: -
--

ALTER TABLE ONLY triage.urgency_requests
    ADD CONSTRAINT urgency_requests_pkey PRIMARY KEY (request_id);


--
-- Name: words_read words_read_pkey; Type: CONSTRAINT; Schema: triage; Owner: -
--

ALTER TABLE ONLY triage.words_read
    ADD CONSTRAINT words_read_pkey PRIMARY KEY (answer_id);


--
-- Name: audit_case; Type: INDEX; Schema: infra; Owner: -
--

CREATE INDEX audit_case ON infra.audit USING btree (case_id, seq DESC);


--
-- Name: audit_subject; Type: INDEX; Schema: infra; Owner: -
--

CREATE INDEX audit_subject ON infra.audit USING btree (subject_id, seq DESC);


--
-- Name: dead_letters_open; Type: INDEX; Schema: infra; Owner: -
--

CREATE INDEX dead_letters_open ON infra.dead_letters USING btree (dead_lettered_at) WHERE (settled_at IS NULL);


--
-- Name: inbox_handled; Type: INDEX; Schema: infra; Owner: -
--

CREATE INDEX inbox_handled ON infra.inbox USING btree (handled_at);


--
-- Name: outbox_unpublished; Type: INDEX; Schema: infra; Owner: -
--

CREATE INDEX outbox_unpublished ON infra.outbox USING btree (seq) WHERE (published_at IS NULL);


--
-- Name: outbox_written; Type: INDEX; Schema: infra; Owner: -
--

CREATE INDEX outbox_written ON infra.outbox USING btree (written_at, type);


--
-- Name: vault_keys_by_master; Type: INDEX; Schema: infra; Owner: -
--

CREATE INDEX vault_keys_by_master ON infra.vault_keys USING btree (master_key_id);


--
-- Name: calls_unreported; Type: INDEX; Schema: ingest; Owner: -
--

CREATE INDEX calls_unreported ON ingest.calls USING btree (began_at) WHERE (report_id IS NULL);


--
-- Name: code_attempts_age; Type: INDEX; Schema: ingest; Owner: -
--

CREATE INDEX code_attempts_age ON ingest.code_attempts USING btree (attempted_at);


--
-- Name: code_attempts_reference; Type: INDEX; Schema: ingest; Owner: -
--

CREATE INDEX code_attempts_reference ON ingest.code_attempts USING btree (reference_token, attempted_at) WHERE (NOT was_right);


--
-- Name: code_attempts_source; Type: INDEX; Schema: ingest; Owner: -
--

CREATE INDEX code_attempts_source ON ingest.code_attempts USING btree (source_token, attempted_at) WHERE (NOT was_right);


--
-- Name: contacts_phone; Type: INDEX; Schema: ingest; Owner: -
--

CREATE INDEX contacts_phone ON ingest.contacts USING btree (phone_token, received_at DESC) WHERE (phone_token IS NOT NULL);


--
-- Name: contacts_report; Type: INDEX; Schema: ingest; Owner: -
--

CREATE INDEX contacts_report ON ingest.contacts USING btree (report_id);


--
-- Name: recordings_due; Type: INDEX; Schema: ingest; Owner: -
--

CREATE INDEX recordings_due ON ingest.recordings USING btree (due_at) WHERE (sound IS NULL);


--
-- Name: recordings_report; Type: INDEX; Schema: ingest; Owner: -
--

CREATE INDEX recordings_report ON ingest.recordings USING btree (report_id);


--
-- Name: reports_linked; Type: INDEX; Schema: ingest; Owner: -
--

CREATE INDEX reports_linked ON ingest.reports USING btree (linked_report_id);


--
-- Name: alerts_calls; Type: INDEX; Schema: notifier; Owner: -
--

CREATE INDEX alerts_calls ON notifier.alerts USING btree (person_id, planned_at) WHERE (channel = 'voice'::text);


--
-- Name: alerts_due; Type: INDEX; Schema: notifier; Owner: -
--

CREATE INDEX alerts_due ON notifier.alerts USING btree (is_immediate, due_at) WHERE (due_at IS NOT NULL);


--
-- Name: alerts_due_at; Type: INDEX; Schema: notifier; Owner: -
--

CREATE INDEX alerts_due_at ON notifier.alerts USING btree (due_at) WHERE (due_at IS NOT NULL);


--
-- Name: alerts_folded; Type: INDEX; Schema: notifier; Owner: -
--

CREATE INDEX alerts_folded ON notifier.alerts USING btree (folded_into) WHERE (folded_into IS NOT NULL);


--
-- Name: alerts_of_person; Type: INDEX; Schema: notifier; Owner: -
--

CREATE INDEX alerts_of_person ON notifier.alerts USING btree (person_id, planned_at) WHERE (NOT is_immediate);


--
-- Name: alerts_sids; Type: INDEX; Schema: notifier; Owner: -
--

CREATE INDEX alerts_sids ON notifier.alerts USING gin (sids);


--
-- Name: alerts_told; Type: INDEX; Schema: notifier; Owner: -
--

CREATE INDEX alerts_told ON notifier.alerts USING btree (ended_at) WHERE (error_code = ANY (ARRAY['30001'::text, '30002'::text, '30007'::text]));


--
-- Name: alerts_untold_partners; Type: INDEX; Schema: notifier; Owner: -
--

CREATE INDEX alerts_untold_partners ON notifier.alerts USING btree (ended_at) WHERE ((channel = 'partner'::text) AND (state = ANY (ARRAY['expired'::text, 'failed'::text])));


--
-- Name: answers_about_escalation; Type: INDEX; Schema: notifier; Owner: -
--

CREATE INDEX answers_about_escalation ON notifier.answers_about USING btree (escalation_id);


--
-- Name: answers_beside_which_words_stand; Type: INDEX; Schema: notifier; Owner: -
--

CREATE INDEX answers_beside_which_words_stand ON notifier.answers USING btree (answered_at) WHERE ((escalation_id IS NOT NULL) AND (words IS NOT NULL) AND says_more);


--
-- Name: answers_escalation; Type: INDEX; Schema: notifier; Owner: -
--

CREATE INDEX answers_escalation ON notifier.answers USING btree (escalation_id, answered_at);


--
-- Name: answers_without_a_case; Type: INDEX; Schema: notifier; Owner: -
--

CREATE INDEX answers_without_a_case ON notifier.answers USING btree (answered_at) WHERE ((escalation_id IS NULL) AND (words IS NOT NULL));


--
-- Name: escalations_due; Type: INDEX; Schema: notifier; Owner: -
--

CREATE INDEX escalations_due ON notifier.escalations USING btree (next_due_at) WHERE (next_due_at IS NOT NULL);


--
-- Name: escalations_one_active; Type: INDEX; Schema: notifier; Owner: -
--

CREATE UNIQUE INDEX escalations_one_active ON notifier.escalations USING btree (subject_id, purpose) WHERE (status = ANY (ARRAY['calling'::text, 'exhausted'::text]));


--
-- Name: escalations_taken; Type: INDEX; Schema: notifier; Owner: -
--

CREATE INDEX escalations_taken ON notifier.escalations USING btree (acknowledged_by, acknowledged_at) WHERE (acknowledged_by IS NOT NULL);


--
-- Name: links_person; Type: INDEX; Schema: notifier; Owner: -
--

CREATE INDEX links_person ON notifier.links USING btree (escalation_id, person_id);


--
-- Name: subjects_drills; Type: INDEX; Schema: notifier; Owner: -
--

CREATE INDEX subjects_drills ON notifier.subjects USING btree (subject_id) WHERE (subject_kind = 'drill'::text);


--
-- Name: watched_reports_look; Type: INDEX; Schema: notifier; Owner: -
--

CREATE INDEX watched_reports_look ON notifier.watched_reports USING btree (look_at) WHERE (look_at IS NOT NULL);


--
-- Name: accepted_gaps_during; Type: INDEX; Schema: triage; Owner: -
--

CREATE INDEX accepted_gaps_during ON triage.accepted_gaps USING gist (team_id, during);


--
-- Name: alarms_open_once; Type: INDEX; Schema: triage; Owner: -
--

CREATE UNIQUE INDEX alarms_open_once ON triage.alarms USING btree (kind, subject_id) NULLS NOT DISTINCT WHERE (settled_at IS NULL);


--
-- Name: assessments_report; Type: INDEX; Schema: triage; Owner: -
--

CREATE INDEX assessments_report ON triage.assessments USING btree (case_id, report_id, assessed_at DESC);


--
-- Name: assignments_one_active; Type: INDEX; Schema: triage; Owner: -
--

CREATE UNIQUE INDEX assignments_one_active ON triage.assignments USING btree (subject_id, purpose) WHERE (status = 'calling'::text);


--
-- Name: assignments_unanswered; Type: INDEX; Schema: triage; Owner: -
--

CREATE INDEX assignments_unanswered ON triage.assignments USING btree (subject_id) WHERE ((status = 'calling'::text) AND (taken_by IS NULL));


--
-- Name: calendar_feeds_running; Type: INDEX; Schema: triage; Owner: -
--

CREATE UNIQUE INDEX calendar_feeds_running ON triage.calendar_feeds USING btree (person_id) WHERE (ended_at IS NULL);


--
-- Name: case_reports_case; Type: INDEX; Schema: triage; Owner: -
--

CREATE INDEX case_reports_case ON triage.case_reports USING btree (case_id);


--
-- Name: case_reports_tokens_key; Type: INDEX; Schema: triage; Owner: -
--

CREATE INDEX case_reports_tokens_key ON triage.case_reports USING btree (tokens_key);


--
-- Name: case_reports_unread_meaning; Type: INDEX; Schema: triage; Owner: -
--

CREATE INDEX case_reports_unread_meaning ON triage.case_reports USING btree (joined_at, report_id) WHERE (report_version > meaning_version);


--
-- Name: cases_live; Type: INDEX; Schema: triage; Owner: -
--

CREATE INDEX cases_live ON triage.cases USING btree (opened_at) WHERE ((status <> 'closed'::text) AND (NOT is_canary));


--
-- Name: cases_of_team; Type: INDEX; Schema: triage; Owner: -
--

CREATE INDEX cases_of_team ON triage.cases USING btree (team_id) WHERE ((status <> 'closed'::text) AND (NOT is_canary));


--
-- Name: cases_opened; Type: INDEX; Schema: triage; Owner: -
--

CREATE INDEX cases_opened ON triage.cases USING btree (opened_at) WHERE (NOT is_canary);


--
-- Name: cases_taken; Type: INDEX; Schema: triage; Owner: -
--

CREATE INDEX cases_taken ON triage.cases USING btree (taken_by) WHERE (status = 'open'::text);


--
-- Name: clocks_due; Type: INDEX; Schema: triage; Owner: -
--

CREATE INDEX clocks_due ON triage.clocks USING btree (due_at) WHERE ((ended_at IS NULL) AND (breached_at IS NULL));


--
-- Name: clocks_one_running; Type: INDEX; Schema: triage; Owner: -
--

CREATE UNIQUE INDEX clocks_one_running ON triage.clocks USING btree (case_id, name) WHERE (ended_at IS NULL);


--
-- Name: closings_granted; Type: INDEX; Schema: triage; Owner: -
--

CREATE INDEX closings_granted ON triage.closings USING btree (case_id, decided_at DESC) WHERE is_granted;


--
-- Name: closings_one_open; Type: INDEX; Schema: triage; Owner: -
--

CREATE UNIQUE INDEX closings_one_open ON triage.closings USING btree (case_id) WHERE (decided_at IS NULL);


--
-- Name: desk_answers_case; Type: INDEX; Schema: triage; Owner: -
--

CREATE INDEX desk_answers_case ON triage.desk_answers USING btree (case_id, asked_at);


--
-- Name: drills_called_at; Type: INDEX; Schema: triage; Owner: -
--

CREATE INDEX drills_called_at ON triage.drills USING btree (called_at);


--
-- Name: escalations_subject; Type: INDEX; Schema: triage; Owner: -
--

CREATE INDEX escalations_subject ON triage.escalations USING btree (subject_id, purpose, number);


--
-- Name: leaves_during; Type: INDEX; Schema: triage; Owner: -
--

CREATE INDEX leaves_during ON triage.leaves USING gist (during);


--
-- Name: malice_marks_one; Type: INDEX; Schema: triage; Owner: -
--

CREATE UNIQUE INDEX malice_marks_one ON triage.malice_marks USING btree (case_id) WHERE (ended_at IS NULL);


--
-- Name: match_tokens_token; Type: INDEX; Schema: triage; Owner: -
--

CREATE INDEX match_tokens_token ON triage.match_tokens USING btree (token) INCLUDE (report_id, kind);


--
-- Name: pairings_case; Type: INDEX; Schema: triage; Owner: -
--

CREATE INDEX pairings_case ON triage.pairings USING btree (case_id) WHERE (undone_at IS NULL);


--
-- Name: pairings_inside_one; Type: INDEX; Schema: triage; Owner: -
--

CREATE UNIQUE INDEX pairings_inside_one ON triage.pairings USING btree (other_id) WHERE ((says = 'same_matter'::text) AND (undone_at IS NULL));


--
-- Name: pairings_one_standing; Type: INDEX; Schema: triage; Owner: -
--

CREATE UNIQUE INDEX pairings_one_standing ON triage.pairings USING btree (LEAST(case_id, other_id), GREATEST(case_id, other_id)) WHERE (undone_at IS NULL);


--
-- Name: pairings_other; Type: INDEX; Schema: triage; Owner: -
--

CREATE INDEX pairings_other ON triage.pairings USING btree (other_id) WHERE (undone_at IS NULL);


--
-- Name: phones_token; Type: INDEX; Schema: triage; Owner: -
--

CREATE INDEX phones_token ON triage.phones USING btree (number_token);


--
-- Name: sample_entries_awaiting; Type: INDEX; Schema: triage; Owner: -
--

CREATE INDEX sample_entries_awaiting ON triage.sample_entries USING btree (week, place) WHERE (truth IS NULL);


--
-- Name: samples_due; Type: INDEX; Schema: triage; Owner: -
--

CREATE INDEX samples_due ON triage.samples USING btree (due_at) WHERE (drawn_at IS NULL);


--
-- Name: sessions_account; Type: INDEX; Schema: triage; Owner: -
--

CREATE INDEX sessions_account ON triage.sessions USING btree (account_id) WHERE (ended_at IS NULL);


--
-- Name: shifts_during; Type: INDEX; Schema: triage; Owner: -
--

CREATE INDEX shifts_during ON triage.shifts USING gist (team_id, during);


--
-- Name: step_answers_case; Type: INDEX; Schema: triage; Owner: -
--

CREATE INDEX step_answers_case ON triage.step_answers USING btree (case_id, asked_at);


--
-- Name: swaps_granted; Type: INDEX; Schema: triage; Owner: -
--

CREATE INDEX swaps_granted ON triage.swaps USING btree (team_id, decided_at) WHERE is_granted;


--
-- Name: teams_one_desk; Type: INDEX; Schema: triage; Owner: -
--

CREATE UNIQUE INDEX teams_one_desk ON triage.teams USING btree (is_desk) WHERE is_desk;


--
-- Name: teams_one_last_resort; Type: INDEX; Schema: triage; Owner: -
--

CREATE UNIQUE INDEX teams_one_last_resort ON triage.teams USING btree (is_last_resort) WHERE is_last_resort;


--
-- Name: timeline_subject; Type: INDEX; Schema: triage; Owner: -
--

CREATE INDEX timeline_subject ON triage.timeline USING btree (subject_id, at, entry_id);


--
-- Name: trials_place; Type: INDEX; Schema: triage; Owner: -
--

CREATE INDEX trials_place ON triage.trials USING btree (person_id, "position", asked_at DESC);


--
-- Name: urgency_requests_one_open; Type: INDEX; Schema: triage; Owner: -
--

CREATE UNIQUE INDEX urgency_requests_one_open ON triage.urgency_requests USING btree (case_id) WHERE (decided_at IS NULL);


--
-- Name: audit audit_is_insert_only; Type: TRIGGER; Schema: infra; Owner: -
--

CREATE TRIGGER audit_is_insert_only BEFORE DELETE OR UPDATE OR TRUNCATE ON infra.audit FOR EACH STATEMENT EXECUTE FUNCTION infra.refuse_change();


--
-- Name: dead_letters dead_letter_reopens; Type: TRIGGER; Schema: infra; Owner: -
--

CREATE TRIGGER dead_letter_reopens BEFORE INSERT ON infra.dead_letters FOR EACH ROW EXECUTE FUNCTION infra.reopen_dead_letter();


--
-- Name: reports report_is_immutable; Type: TRIGGER; Schema: ingest; Owner: -
--

CREATE TRIGGER report_is_immutable BEFORE DELETE OR UPDATE OR TRUNCATE ON ingest.reports FOR EACH STATEMENT EXECUTE FUNCTION infra.refuse_change();


--
-- Name: updates update_is_immutable; Type: TRIGGER; Schema: ingest; Owner: -
--

CREATE TRIGGER update_is_immutable BEFORE DELETE OR UPDATE OR TRUNCATE ON ingest.updates FOR EACH STATEMENT EXECUTE FUNCTION infra.refuse_change();


--
-- Name: accepted_gaps accepted_gaps_are_insert_only; Type: TRIGGER; Schema: triage; Owner: -
--

CREATE TRIGGER accepted_gaps_are_insert_only BEFORE DELETE OR UPDATE OR TRUNCATE ON triage.accepted_gaps FOR EACH STATEMENT EXECUTE FUNCTION infra.refuse_change();


--
-- Name: cases cases_are_closed_by_people; Type: TRIGGER; Schema: triage; Owner: -
--

CREATE TRIGGER cases_are_closed_by_people BEFORE UPDATE OF status ON triage.cases FOR EACH ROW WHEN (((new.status = 'closed'::text) AND (old.status <> 'closed'::text))) EXECUTE FUNCTION triage.refuse_unasked_closing();


--
-- Name: cases cases_are_not_opened_closed; Type: TRIGGER; Schema: triage; Owner: -
--

CREATE TRIGGER cases_are_not_opened_closed BEFORE INSERT ON triage.cases FOR EACH ROW WHEN ((new.status = 'closed'::text)) EXECUTE FUNCTION triage.refuse_unasked_closing();


--
-- Name: desk_answers desk_answers_are_insert_only; Type: TRIGGER; Schema: triage; Owner: -
--

CREATE TRIGGER desk_answers_are_insert_only BEFORE DELETE OR UPDATE OR TRUNCATE ON triage.desk_answers FOR EACH STATEMENT EXECUTE FUNCTION infra.refuse_change();


--
-- Name: drills drills_are_insert_only; Type: TRIGGER; Schema: triage; Owner: -
--

CREATE TRIGGER drills_are_insert_only BEFORE DELETE OR UPDATE OR TRUNCATE ON triage.drills FOR EACH STATEMENT EXECUTE FUNCTION infra.refuse_change();


--
-- Name: sample_strata sample_strata_are_insert_only; Type: TRIGGER; Schema: triage; Owner: -
--

CREATE TRIGGER sample_strata_are_insert_only BEFORE DELETE OR UPDATE OR TRUNCATE ON triage.sample_strata FOR EACH STATEMENT EXECUTE FUNCTION infra.refuse_change();


--
-- Name: second_readings second_readings_are_insert_only; Type: TRIGGER; Schema: triage; Owner: -
--

CREATE TRIGGER second_readings_are_insert_only BEFORE DELETE OR UPDATE OR TRUNCATE ON triage.second_readings FOR EACH STATEMENT EXECUTE FUNCTION infra.refuse_change();


--
-- Name: step_answers step_answers_are_insert_only; Type: TRIGGER; Schema: triage; Owner: -
--

CREATE TRIGGER step_answers_are_insert_only BEFORE DELETE OR UPDATE OR TRUNCATE ON triage.step_answers FOR EACH STATEMENT EXECUTE FUNCTION infra.refuse_change();


--
-- Name: timeline timeline_is_insert_only; Type: TRIGGER; Schema: triage; Owner: -
--

CREATE TRIGGER timeline_is_insert_only BEFORE DELETE OR UPDATE OR TRUNCATE ON triage.timeline FOR EACH STATEMENT EXECUTE FUNCTION infra.refuse_change();


--
-- Name: words_read words_read_is_insert_only; Type: TRIGGER; Schema: triage; Owner: -
--

CREATE TRIGGER words_read_is_insert_only BEFORE DELETE OR UPDATE OR TRUNCATE ON triage.words_read FOR EACH STATEMENT EXECUTE FUNCTION infra.refuse_change();


--
-- Name: calls calls_report_id_fkey; Type: FK CONSTRAINT; Schema: ingest; Owner: -
--

ALTER TABLE ONLY ingest.calls
    ADD CONSTRAINT calls_report_id_fkey FOREIGN KEY (report_id) REFERENCES ingest.reports(report_id);


--
-- Name: contacts contacts_report_id_fkey; Type: FK CONSTRAINT; Schema: ingest; Owner: -
--

ALTER TABLE ONLY ingest.contacts
    ADD CONSTRAINT contacts_report_id_fkey FOREIGN KEY (report_id) REFERENCES ingest.reports(report_id);


--
-- Name: contacts contacts_update_id_fkey; Type: FK CONSTRAINT; Schema: ingest; Owner: -
--

ALTER TABLE ONLY ingest.contacts
    ADD CONSTRAINT contacts_update_id_fkey FOREIGN KEY (update_id) REFERENCES ingest.updates(update_id);


--
-- Name: conversations conversations_report_id_fkey; Type: FK CONSTRAINT; Schema: ingest; Owner: -
--

ALTER TABLE ONLY ingest.conversations
    ADD CONSTRAINT conversations_report_id_fkey FOREIGN KEY (report_id) REFERENCES ingest.reports(report_id);


--
-- Name: recordings recordings_report_id_fkey; Type: FK CONSTRAINT; Schema: ingest; Owner: -
--

ALTER TABLE ONLY ingest.recordings
    ADD CONSTRAINT recordings_report_id_fkey FOREIGN KEY (report_id) REFERENCES ingest.reports(report_id);


--
-- Name: report_states report_states_report_id_fkey; Type: FK CONSTRAINT; Schema: ingest; Owner: -
--

ALTER TABLE ONLY ingest.report_states
    ADD CONSTRAINT report_states_report_id_fkey FOREIGN KEY (report_id) REFERENCES ingest.reports(report_id);


--
-- Name: reports reports_linked_report_id_fkey; Type: FK CONSTRAINT; Schema: ingest; Owner: -
--

ALTER TABLE ONLY ingest.reports
    ADD CONSTRAINT reports_linked_report_id_fkey FOREIGN KEY (linked_report_id) REFERENCES ingest.reports(report_id);


--
-- Name: requests requests_report_id_fkey; Type: FK CONSTRAINT; Schema: ingest; Owner: -
--

ALTER TABLE ONLY ingest.requests
    ADD CONSTRAINT requests_report_id_fkey FOREIGN KEY (report_id) REFERENCES ingest.reports(report_id);


--
-- Name: updates updates_report_id_fkey; Type: FK CONSTRAINT; Schema: ingest; Owner: -
--

ALTER TABLE ONLY ingest.updates
    ADD CONSTRAINT updates_report_id_fkey FOREIGN KEY (report_id) REFERENCES ingest.reports(report_id);


--
-- Name: alerts alerts_escalation_id_fkey; Type: FK CONSTRAINT; Schema: notifier; Owner: -
--

ALTER TABLE ONLY notifier.alerts
    ADD CONSTRAINT alerts_escalation_id_fkey FOREIGN KEY (escalation_id) REFERENCES notifier.escalations(escalation_id);


--
-- Name: alerts alerts_folded_into_fkey; Type: FK CONSTRAINT; Schema: notifier; Owner: -
--

ALTER TABLE ONLY notifier.alerts
    ADD CONSTRAINT alerts_folded_into_fkey FOREIGN KEY (folded_into) REFERENCES notifier.alerts(alert_id);


--
-- Name: answers_about answers_about_answer_id_fkey; Type: FK CONSTRAINT; Schema: notifier; Owner: -
--

ALTER TABLE ONLY notifier.answers_about
    ADD CONSTRAINT answers_about_answer_id_fkey FOREIGN KEY (answer_id) REFERENCES notifier.answers(answer_id);


--
-- Name: answers_about answers_about_escalation_id_fkey; Type: FK CONSTRAINT; Schema: notifier; Owner: -
--

ALTER TABLE ONLY notifier.answers_about
    ADD CONSTRAINT answers_about_escalation_id_fkey FOREIGN KEY (escalation_id) REFERENCES notifier.escalations(escalation_id);


--
-- Name: answers answers_alert_id_fkey; Type: FK CONSTRAINT; Schema: notifier; Owner: -
--

ALTER TABLE ONLY notifier.answers
    ADD CONSTRAINT answers_alert_id_fkey FOREIGN KEY (alert_id) REFERENCES notifier.alerts(alert_id);


--
-- Name: answers answers_escalation_id_fkey; Type: FK CONSTRAINT; Schema: notifier; Owner: -
--

ALTER TABLE ONLY notifier.answers
    ADD CONSTRAINT answers_escalation_id_fkey FOREIGN KEY (escalation_id) REFERENCES notifier.escalations(escalation_id);


--
-- Name: codes codes_trial_id_fkey; Type: FK CONSTRAINT; Schema: notifier; Owner: -
--

ALTER TABLE ONLY notifier.codes
    ADD CONSTRAINT codes_trial_id_fkey FOREIGN KEY (trial_id) REFERENCES notifier.subjects(subject_id);


--
-- Name: empty_levels empty_levels_escalation_id_fkey; Type: FK CONSTRAINT; Schema: notifier; Owner: -
--

ALTER TABLE ONLY notifier.empty_levels
    ADD CONSTRAINT empty_levels_escalation_id_fkey FOREIGN KEY (escalation_id) REFERENCES notifier.escalations(escalation_id);


--
-- Name: escalations escalations_subject_id_fkey; Type: FK CONSTRAINT; Schema: notifier; Owner: -
--

ALTER TABLE ONLY notifier.escalations
    ADD CONSTRAINT escalations_subject_id_fkey FOREIGN KEY (subject_id) REFERENCES notifier.subjects(subject_id);


--
-- Name: links links_digest_id_fkey; Type: FK CONSTRAINT; Schema: notifier; Owner: -
--

ALTER TABLE ONLY notifier.links
    ADD CONSTRAINT links_digest_id_fkey FOREIGN KEY (digest_id) REFERENCES notifier.alerts(alert_id);


--
-- Name: links links_escalation_id_fkey; Type: FK CONSTRAINT; Schema: notifier; Owner: -
--

ALTER TABLE ONLY notifier.links
    ADD CONSTRAINT links_escalation_id_fkey FOREIGN KEY (escalation_id) REFERENCES notifier.escalations(escalation_id);


--
-- Name: notices notices_alert_id_fkey; Type: FK CONSTRAINT; Schema: notifier; Owner: -
--

ALTER TABLE ONLY notifier.notices
    ADD CONSTRAINT notices_alert_id_fkey FOREIGN KEY (alert_id) REFERENCES notifier.alerts(alert_id);


--
-- Name: partner_notices partner_notices_alert_id_fkey; Type: FK CONSTRAINT; Schema: notifier; Owner: -
--

ALTER TABLE ONLY notifier.partner_notices
    ADD CONSTRAINT partner_notices_alert_id_fkey FOREIGN KEY (alert_id) REFERENCES notifier.alerts(alert_id);


--
-- Name: pin_tries pin_tries_escalation_id_fkey; Type: FK CONSTRAINT; Schema: notifier; Owner: -
--

ALTER TABLE ONLY notifier.pin_tries
    ADD CONSTRAINT pin_tries_escalation_id_fkey FOREIGN KEY (escalation_id) REFERENCES notifier.escalations(escalation_id);


--
-- Name: reply_pairs reply_pairs_escalation_id_fkey; Type: FK CONSTRAINT; Schema: notifier; Owner: -
--

ALTER TABLE ONLY notifier.reply_pairs
    ADD CONSTRAINT reply_pairs_escalation_id_fkey FOREIGN KEY (escalation_id) REFERENCES notifier.escalations(escalation_id);


--
-- Name: accepted_gaps accepted_gaps_accepted_by_fkey; Type: FK CONSTRAINT; Schema: triage; Owner: -
--

ALTER TABLE ONLY triage.accepted_gaps
    ADD CONSTRAINT accepted_gaps_accepted_by_fkey FOREIGN KEY (accepted_by) REFERENCES triage.people(person_id);


--
-- Name: accepted_gaps accepted_gaps_team_id_fkey; Type: FK CONSTRAINT; Schema: triage; Owner: -
--

ALTER TABLE ONLY triage.accepted_gaps
    ADD CONSTRAINT accepted_gaps_team_id_fkey FOREIGN KEY (team_id) REFERENCES triage.teams(team_id);


--
-- Name: accounts accounts_person_id_fkey; Type: FK CONSTRAINT; Schema: triage; Owner: -
--

ALTER TABLE ONLY triage.accounts
    ADD CONSTRAINT accounts_person_id_fkey FOREIGN KEY (person_id) REFERENCES triage.people(person_id);


--
-- Name: alarms alarms_settled_by_fkey; Type: FK CONSTRAINT; Schema: triage; Owner: -
--

ALTER TABLE ONLY triage.alarms
    ADD CONSTRAINT alarms_settled_by_fkey FOREIGN KEY (settled_by) REFERENCES triage.people(person_id);


--
-- Name: assessments assessments_case_id_fkey; Type: FK CONSTRAINT; Schema: triage; Owner: -
--

ALTER TABLE ONLY triage.assessments
    ADD CONSTRAINT assessments_case_id_fkey FOREIGN KEY (case_id) REFERENCES triage.cases(case_id);


--
-- Name: assessments assessments_report_id_fkey; Type: FK CONSTRAINT; Schema: triage; Owner: -
--

ALTER TABLE ONLY triage.assessments
    ADD CONSTRAINT assessments_report_id_fkey FOREIGN KEY (report_id) REFERENCES triage.case_reports(report_id);


--
-- Name: assignments assignments_first_responder_id_fkey; Type: FK CONSTRAINT; Schema: triage; Owner: -
--

ALTER TABLE ONLY triage.assignments
    ADD CONSTRAINT assignments_first_responder_id_fkey FOREIGN KEY (first_responder_id) REFERENCES triage.people(person_id);


--
-- Name: assignments assignments_taken_by_fkey; Type: FK CONSTRAINT; Schema: triage; Owner: -
--

ALTER TABLE ONLY triage.assignments
    ADD CONSTRAINT assignments_taken_by_fkey FOREIGN KEY (taken_by) REFERENCES triage.people(person_id);


--
-- Name: assignments assignments_team_id_fkey; Type: FK CONSTRAINT; Schema: triage; Owner: -
--

ALTER TABLE ONLY triage.assignments
    ADD CONSTRAINT assignments_team_id_fkey FOREIGN KEY (team_id) REFERENCES triage.teams(team_id);


--
-- Name: calendar_feeds calendar_feeds_ended_by_fkey; Type: FK CONSTRAINT; Schema: triage; Owner: -
--

ALTER TABLE ONLY triage.calendar_feeds
    ADD CONSTRAINT calendar_feeds_ended_by_fkey FOREIGN KEY (ended_by) REFERENCES triage.people(person_id);


--
-- Name: calendar_feeds calendar_feeds_made_by_fkey; Type: FK CONSTRAINT; Schema: triage; Owner: -
--

ALTER TABLE ONLY triage.calendar_feeds
    ADD CONSTRAINT calendar_feeds_made_by_fkey FOREIGN KEY (made_by) REFERENCES triage.people(person_id);


--
-- Name: calendar_feeds calendar_feeds_person_id_fkey; Type: FK CONSTRAINT; Schema: triage; Owner: -
--

ALTER TABLE ONLY triage.calendar_feeds
    ADD CONSTRAINT calendar_feeds_person_id_fkey FOREIGN KEY (person_id) REFERENCES triage.people(person_id);


--
-- Name: case_reports case_reports_case_id_fkey; Type: FK CONSTRAINT; Schema: triage; Owner: -
--

ALTER TABLE ONLY triage.case_reports
    ADD CONSTRAINT case_reports_case_id_fkey FOREIGN KEY (case_id) REFERENCES triage.cases(case_id);


--
-- Name: cases cases_closed_by_fkey; Type: FK CONSTRAINT; Schema: triage; Owner: -
--

ALTER TABLE ONLY triage.cases
    ADD CONSTRAINT cases_closed_by_fkey FOREIGN KEY (closed_by) REFERENCES triage.people(person_id);


--
-- Name: cases cases_read_by_fkey; Type: FK CONSTRAINT; Schema: triage; Owner: -
--

ALTER TABLE ONLY triage.cases
    ADD CONSTRAINT cases_read_by_fkey FOREIGN KEY (read_by) REFERENCES triage.people(person_id);


--
-- Name: cases cases_stood_down_by_fkey; Type: FK CONSTRAINT; Schema: triage; Owner: -
--

ALTER TABLE ONLY triage.cases
    ADD CONSTRAINT cases_stood_down_by_fkey FOREIGN KEY (stood_down_by) REFERENCES triage.people(person_id);


--
-- Name: cases cases_taken_by_fkey; Type: FK CONSTRAINT; Schema: triage; Owner: -
--

ALTER TABLE ONLY triage.cases
    ADD CONSTRAINT cases_taken_by_fkey FOREIGN KEY (taken_by) REFERENCES triage.people(person_id);


--
-- Name: cases cases_team_id_fkey; Type: FK CONSTRAINT; Schema: triage; Owner: -
--

ALTER TABLE ONLY triage.cases
    ADD CONSTRAINT cases_team_id_fkey FOREIGN KEY (team_id) REFERENCES triage.teams(team_id);


--
-- Name: clocks clocks_case_id_fkey; Type: FK CONSTRAINT; Schema: triage; Owner: -
--

ALTER TABLE ONLY triage.clocks
    ADD CONSTRAINT clocks_case_id_fkey FOREIGN KEY (case_id) REFERENCES triage.cases(case_id);


--
-- Name: closings closings_asked_by_fkey; Type: FK CONSTRAINT; Schema: triage; Owner: -
--

ALTER TABLE ONLY triage.closings
    ADD CONSTRAINT closings_asked_by_fkey FOREIGN KEY (asked_by) REFERENCES triage.people(person_id);


--
-- Name: closings closings_case_id_fkey; Type: FK CONSTRAINT; Schema: triage; Owner: -
--

ALTER TABLE ONLY triage.closings
    ADD CONSTRAINT closings_case_id_fkey FOREIGN KEY (case_id) REFERENCES triage.cases(case_id);


--
-- Name: closings closings_decided_by_fkey; Type: FK CONSTRAINT; Schema: triage; Owner: -
--

ALTER TABLE ONLY triage.closings
    ADD CONSTRAINT closings_decided_by_fkey FOREIGN KEY (decided_by) REFERENCES triage.people(person_id);


--
-- Name: closings closings_duplicate_of_fkey; Type: FK CONSTRAINT; Schema: triage; Owner: -
--

ALTER TABLE ONLY triage.closings
    ADD CONSTRAINT closings_duplicate_of_fkey FOREIGN KEY (duplicate_of) REFERENCES triage.cases(case_id);


--
-- Name: desk_answers desk_answers_case_id_fkey; Type: FK CONSTRAINT; Schema: triage; Owner: -
--

ALTER TABLE ONLY triage.desk_answers
    ADD CONSTRAINT desk_answers_case_id_fkey FOREIGN KEY (case_id) REFERENCES triage.cases(case_id);


--
-- Name: desk_answers desk_answers_recorded_by_fkey; Type: FK CONSTRAINT; Schema: triage; Owner: -
--

ALTER TABLE ONLY triage.desk_answers
    ADD CONSTRAINT desk_answers_recorded_by_fkey FOREIGN KEY (recorded_by) REFERENCES triage.people(person_id);


--
-- Name: desks desks_desk_id_fkey; Type: FK CONSTRAINT; Schema: triage; Owner: -
--

ALTER TABLE ONLY triage.desks
    ADD CONSTRAINT desks_desk_id_fkey FOREIGN KEY (desk_id) REFERENCES triage.teams(team_id);


--
-- Name: drills drills_team_id_fkey; Type: FK CONSTRAINT; Schema: triage; Owner: -
--

ALTER TABLE ONLY triage.drills
    ADD CONSTRAINT drills_team_id_fkey FOREIGN KEY (team_id) REFERENCES triage.teams(team_id);


--
-- Name: emails emails_person_id_fkey; Type: FK CONSTRAINT; Schema: triage; Owner: -
--

ALTER TABLE ONLY triage.emails
    ADD CONSTRAINT emails_person_id_fkey FOREIGN KEY (person_id) REFERENCES triage.people(person_id);


--
-- Name: exclusions exclusions_case_id_fkey; Type: FK CONSTRAINT; Schema: triage; Owner: -
--

ALTER TABLE ONLY triage.exclusions
    ADD CONSTRAINT exclusions_case_id_fkey FOREIGN KEY (case_id) REFERENCES triage.cases(case_id);


--
-- Name: exclusions exclusions_person_id_fkey; Type: FK CONSTRAINT; Schema: triage; Owner: -
--

ALTER TABLE ONLY triage.exclusions
    ADD CONSTRAINT exclusions_person_id_fkey FOREIGN KEY (person_id) REFERENCES triage.people(person_id);


--
-- Name: gap_calls gap_calls_team_id_fkey; Type: FK CONSTRAINT; Schema: triage; Owner: -
--

ALTER TABLE ONLY triage.gap_calls
    ADD CONSTRAINT gap_calls_team_id_fkey FOREIGN KEY (team_id) REFERENCES triage.teams(team_id);


--
-- Name: heard_of heard_of_case_id_fkey; Type: FK CONSTRAINT; Schema: triage; Owner: -
--

ALTER TABLE ONLY triage.heard_of
    ADD CONSTRAINT heard_of_case_id_fkey FOREIGN KEY (case_id) REFERENCES triage.cases(case_id);


--
-- Name: heard_of heard_of_person_id_fkey; Type: FK CONSTRAINT; Schema: triage; Owner: -
--

ALTER TABLE ONLY triage.heard_of
    ADD CONSTRAINT heard_of_person_id_fkey FOREIGN KEY (person_id) REFERENCES triage.people(person_id);


--
-- Name: leaves leaves_person_id_fkey; Type: FK CONSTRAINT; Schema: triage; Owner: -
--

ALTER TABLE ONLY triage.leaves
    ADD CONSTRAINT leaves_person_id_fkey FOREIGN KEY (person_id) REFERENCES triage.people(person_id);


--
-- Name: leaves leaves_taken_by_fkey; Type: FK CONSTRAINT; Schema: triage; Owner: -
--

ALTER TABLE ONLY triage.leaves
    ADD CONSTRAINT leaves_taken_by_fkey FOREIGN KEY (taken_by) REFERENCES triage.people(person_id);


--
-- Name: leaves leaves_withdrawn_by_fkey; Type: FK CONSTRAINT; Schema: triage; Owner: -
--

ALTER TABLE ONLY triage.leaves
    ADD CONSTRAINT leaves_withdrawn_by_fkey FOREIGN KEY (withdrawn_by) REFERENCES triage.people(person_id);


--
-- Name: malice_marks malice_marks_case_id_fkey; Type: FK CONSTRAINT; Schema: triage; Owner: -
--

ALTER TABLE ONLY triage.malice_marks
    ADD CONSTRAINT malice_marks_case_id_fkey FOREIGN KEY (case_id) REFERENCES triage.cases(case_id);


--
-- Name: malice_marks malice_marks_ended_by_fkey; Type: FK CONSTRAINT; Schema: triage; Owner: -
--

ALTER TABLE ONLY triage.malice_marks
    ADD CONSTRAINT malice_marks_ended_by_fkey FOREIGN KEY (ended_by) REFERENCES triage.people(person_id);


--
-- Name: malice_marks malice_marks_marked_by_fkey; Type: FK CONSTRAINT; Schema: triage; Owner: -
--

ALTER TABLE ONLY triage.malice_marks
    ADD CONSTRAINT malice_marks_marked_by_fkey FOREIGN KEY (marked_by) REFERENCES triage.people(person_id);


--
-- Name: match_tokens match_tokens_report_id_fkey; Type: FK CONSTRAINT; Schema: triage; Owner: -
--

ALTER TABLE ONLY triage.match_tokens
    ADD CONSTRAINT match_tokens_report_id_fkey FOREIGN KEY (report_id) REFERENCES triage.case_reports(report_id) ON DELETE CASCADE;


--
-- Name: pairings pairings_case_id_fkey; Type: FK CONSTRAINT; Schema: triage; Owner: -
--

ALTER TABLE ONLY triage.pairings
    ADD CONSTRAINT pairings_case_id_fkey FOREIGN KEY (case_id) REFERENCES triage.cases(case_id);


--
-- Name: pairings pairings_other_id_fkey; Type: FK CONSTRAINT; Schema: triage; Owner: -
--

ALTER TABLE ONLY triage.pairings
    ADD CONSTRAINT pairings_other_id_fkey FOREIGN KEY (other_id) REFERENCES triage.cases(case_id);


--
-- Name: pairings pairings_said_by_fkey; Type: FK CONSTRAINT; Schema: triage; Owner: -
--

ALTER TABLE ONLY triage.pairings
    ADD CONSTRAINT pairings_said_by_fkey FOREIGN KEY (said_by) REFERENCES triage.people(person_id);


--
-- Name: pairings pairings_undone_by_fkey; Type: FK CONSTRAINT; Schema: triage; Owner: -
--

ALTER TABLE ONLY triage.pairings
    ADD CONSTRAINT pairings_undone_by_fkey FOREIGN KEY (undone_by) REFERENCES triage.people(person_id);


--
-- Name: phones phones_person_id_fkey; Type: FK CONSTRAINT; Schema: triage; Owner: -
--

ALTER TABLE ONLY triage.phones
    ADD CONSTRAINT phones_person_id_fkey FOREIGN KEY (person_id) REFERENCES triage.people(person_id);


--
-- Name: preferences preferences_person_id_fkey; Type: FK CONSTRAINT; Schema: triage; Owner: -
--

ALTER TABLE ONLY triage.preferences
    ADD CONSTRAINT preferences_person_id_fkey FOREIGN KEY (person_id) REFERENCES triage.people(person_id);


--
-- Name: presence presence_desk_id_fkey; Type: FK CONSTRAINT; Schema: triage; Owner: -
--

ALTER TABLE ONLY triage.presence
    ADD CONSTRAINT presence_desk_id_fkey FOREIGN KEY (desk_id) REFERENCES triage.desks(desk_id);


--
-- Name: presence presence_person_id_fkey; Type: FK CONSTRAINT; Schema: triage; Owner: -
--

ALTER TABLE ONLY triage.presence
    ADD CONSTRAINT presence_person_id_fkey FOREIGN KEY (person_id) REFERENCES triage.people(person_id);


--
-- Name: rosters rosters_team_id_fkey; Type: FK CONSTRAINT; Schema: triage; Owner: -
--

ALTER TABLE ONLY triage.rosters
    ADD CONSTRAINT rosters_team_id_fkey FOREIGN KEY (team_id) REFERENCES triage.teams(team_id);


--
-- Name: sample_entries sample_entries_case_id_fkey; Type: FK CONSTRAINT; Schema: triage; Owner: -
--

ALTER TABLE ONLY triage.sample_entries
    ADD CONSTRAINT sample_entries_case_id_fkey FOREIGN KEY (case_id) REFERENCES triage.cases(case_id);


--
-- Name: sample_entries sample_entries_week_urgency_fkey; Type: FK CONSTRAINT; Schema: triage; Owner: -
--

ALTER TABLE ONLY triage.sample_entries
    ADD CONSTRAINT sample_entries_week_urgency_fkey FOREIGN KEY (week, urgency) REFERENCES triage.sample_strata(week, urgency);


--
-- Name: sample_strata sample_strata_week_fkey; Type: FK CONSTRAINT; Schema: triage; Owner: -
--

ALTER TABLE ONLY triage.sample_strata
    ADD CONSTRAINT sample_strata_week_fkey FOREIGN KEY (week) REFERENCES triage.samples(week);


--
-- Name: second_readings second_readings_entry_id_fkey; Type: FK CONSTRAINT; Schema: triage; Owner: -
--

ALTER TABLE ONLY triage.second_readings
    ADD CONSTRAINT second_readings_entry_id_fkey FOREIGN KEY (entry_id) REFERENCES triage.sample_entries(entry_id);


--
-- Name: second_readings second_readings_reader_fkey; Type: FK CONSTRAINT; Schema: triage; Owner: -
--

ALTER TABLE ONLY triage.second_readings
    ADD CONSTRAINT second_readings_reader_fkey FOREIGN KEY (reader) REFERENCES triage.people(person_id);


--
-- Name: sessions sessions_account_id_fkey; Type: FK CONSTRAINT; Schema: triage; Owner: -
--

ALTER TABLE ONLY triage.sessions
    ADD CONSTRAINT sessions_account_id_fkey FOREIGN KEY (account_id) REFERENCES triage.accounts(account_id);


--
-- Name: sheets sheets_case_id_fkey; Type: FK CONSTRAINT; Schema: triage; Owner: -
--

ALTER TABLE ONLY triage.sheets
    ADD CONSTRAINT sheets_case_id_fkey FOREIGN KEY (case_id) REFERENCES triage.cases(case_id);


--
-- Name: shifts shifts_person_id_fkey; Type: FK CONSTRAINT; Schema: triage; Owner: -
--

ALTER TABLE ONLY triage.shifts
    ADD CONSTRAINT shifts_person_id_fkey FOREIGN KEY (person_id) REFERENCES triage.people(person_id);


--
-- Name: shifts shifts_team_id_fkey; Type: FK CONSTRAINT; Schema: triage; Owner: -
--

ALTER TABLE ONLY triage.shifts
    ADD CONSTRAINT shifts_team_id_fkey FOREIGN KEY (team_id) REFERENCES triage.teams(team_id);


--
-- Name: step_answers step_answers_case_id_fkey; Type: FK CONSTRAINT; Schema: triage; Owner: -
--

ALTER TABLE ONLY triage.step_answers
    ADD CONSTRAINT step_answers_case_id_fkey FOREIGN KEY (case_id) REFERENCES triage.cases(case_id);


--
-- Name: step_answers step_answers_recorded_by_fkey; Type: FK CONSTRAINT; Schema: triage; Owner: -
--

ALTER TABLE ONLY triage.step_answers
    ADD CONSTRAINT step_answers_recorded_by_fkey FOREIGN KEY (recorded_by) REFERENCES triage.people(person_id);


--
-- Name: swaps swaps_asked_by_fkey; Type: FK CONSTRAINT; Schema: triage; Owner: -
--

ALTER TABLE ONLY triage.swaps
    ADD CONSTRAINT swaps_asked_by_fkey FOREIGN KEY (asked_by) REFERENCES triage.people(person_id);


--
-- Name: swaps swaps_decided_by_fkey; Type: FK CONSTRAINT; Schema: triage; Owner: -
--

ALTER TABLE ONLY triage.swaps
    ADD CONSTRAINT swaps_decided_by_fkey FOREIGN KEY (decided_by) REFERENCES triage.people(person_id);


--
-- Name: swaps swaps_giver_id_fkey; Type: FK CONSTRAINT; Schema: triage; Owner: -
--

ALTER TABLE ONLY triage.swaps
    ADD CONSTRAINT swaps_giver_id_fkey FOREIGN KEY (giver_id) REFERENCES triage.people(person_id);


--
-- Name: swaps swaps_taker_id_fkey; Type: FK CONSTRAINT; Schema: triage; Owner: -
--

ALTER TABLE ONLY triage.swaps
    ADD CONSTRAINT swaps_taker_id_fkey FOREIGN KEY (taker_id) REFERENCES triage.people(person_id);


--
-- Name: swaps swaps_team_id_fkey; Type: FK CONSTRAINT; Schema: triage; Owner: -
--

ALTER TABLE ONLY triage.swaps
    ADD CONSTRAINT swaps_team_id_fkey FOREIGN KEY (team_id) REFERENCES triage.teams(team_id);


--
-- Name: team_areas team_areas_team_id_fkey; Type: FK CONSTRAINT; Schema: triage; Owner: -
--

ALTER TABLE ONLY triage.team_areas
    ADD CONSTRAINT team_areas_team_id_fkey FOREIGN KEY (team_id) REFERENCES triage.teams(team_id);


--
-- Name: trials trials_asked_by_fkey; Type: FK CONSTRAINT; Schema: triage; Owner: -
--

ALTER TABLE ONLY triage.trials
    ADD CONSTRAINT trials_asked_by_fkey FOREIGN KEY (asked_by) REFERENCES triage.people(person_id);


--
-- Name: trials trials_person_id_fkey; Type: FK CONSTRAINT; Schema: triage; Owner: -
--

ALTER TABLE ONLY triage.trials
    ADD CONSTRAINT trials_person_id_fkey FOREIGN KEY (person_id) REFERENCES triage.people(person_id);


--
-- Name: urgency_requests urgency_requests_asked_by_fkey; Type: FK CONSTRAINT; Schema: triage; Owner: -
--

ALTER TABLE ONLY triage.urgency_requests
    ADD CONSTRAINT urgency_requests_asked_by_fkey FOREIGN KEY (asked_by) REFERENCES triage.people(person_id);


--
-- Name: urgency_requests urgency_requests_case_id_fkey; Type: FK CONSTRAINT; Schema: triage; Owner: -
--

ALTER TABLE ONLY triage.urgency_requests
    ADD CONSTRAINT urgency_requests_case_id_fkey FOREIGN KEY (case_id) REFERENCES triage.cases(case_id);


--
-- Name: urgency_requests urgency_requests_decided_by_fkey; Type: FK CONSTRAINT; Schema: triage; Owner: -
--

ALTER TABLE ONLY triage.urgency_requests
    ADD CONSTRAINT urgency_requests_decided_by_fkey FOREIGN KEY (decided_by) REFERENCES triage.people(person_id);


--
-- Name: words_read words_read_read_by_fkey; Type: FK CONSTRAINT; Schema: triage; Owner: -
--

ALTER TABLE ONLY triage.words_read
    ADD CONSTRAINT words_read_read_by_fkey FOREIGN KEY (read_by) REFERENCES triage.people(person_id);


--
-- Name: attempts; Type: ROW SECURITY; Schema: infra; Owner: -
--

ALTER TABLE infra.attempts ENABLE ROW LEVEL SECURITY;

--
-- Name: dead_letters; Type: ROW SECURITY; Schema: infra; Owner: -
--

ALTER TABLE infra.dead_letters ENABLE ROW LEVEL SECURITY;

--
-- Name: inbox expired; Type: POLICY; Schema: infra; Owner: -
--

CREATE POLICY expired ON infra.inbox FOR DELETE TO hotline_relay USING (true);


--
-- Name: outbox expired; Type: POLICY; Schema: infra; Owner: -
--

CREATE POLICY expired ON infra.outbox FOR DELETE TO hotline_relay USING (true);


--
-- Name: heartbeats; Type: ROW SECURITY; Schema: infra; Owner: -
--

ALTER TABLE infra.heartbeats ENABLE ROW LEVEL SECURITY;

--
-- Name: inbox; Type: ROW SECURITY; Schema: infra; Owner: -
--

ALTER TABLE infra.inbox ENABLE ROW LEVEL SECURITY;

--
-- Name: outbox; Type: ROW SECURITY; Schema: infra; Owner: -
--

ALTER TABLE infra.outbox ENABLE ROW LEVEL SECURITY;

--
-- Name: attempts own_rows; Type: POLICY; Schema: infra; Owner: -
--

CREATE POLICY own_rows ON infra.attempts USING ((subscriber = infra.service()));


--
-- Name: dead_letters own_rows; Type: POLICY; Schema: infra; Owner: -
--

CREATE POLICY own_rows ON infra.dead_letters FOR INSERT WITH CHECK ((subscriber = infra.service()));


--
-- Name: heartbeats own_rows; Type: POLICY; Schema: infra; Owner: -
--

CREATE POLICY own_rows ON infra.heartbeats USING ((service = infra.service())) WITH CHECK ((service = infra.service()));


--
-- Name: inbox own_rows; Type: POLICY; Schema: infra; Owner: -
--

CREATE POLICY own_rows ON infra.inbox USING ((subscriber = infra.service()));


--
-- Name: outbox own_rows; Type: POLICY; Schema: infra; Owner: -
--

CREATE POLICY own_rows ON infra.outbox FOR INSERT WITH CHECK ((producer = infra.service()));


--
-- Name: outbox published; Type: POLICY; Schema: infra; Owner: -
--

CREATE POLICY published ON infra.outbox FOR UPDATE TO hotline_relay USING (true);


--
-- Name: dead_letters readable; Type: POLICY; Schema: infra; Owner: -
--

CREATE POLICY readable ON infra.dead_letters FOR SELECT USING (true);


--
-- Name: heartbeats readable; Type: POLICY; Schema: infra; Owner: -
--

CREATE POLICY readable ON infra.heartbeats FOR SELECT USING (true);


--
-- Name: inbox readable; Type: POLICY; Schema: infra; Owner: -
--

CREATE POLICY readable ON infra.inbox FOR SELECT TO hotline_relay USING (true);


--
-- Name: outbox readable; Type: POLICY; Schema: infra; Owner: -
--

CREATE POLICY readable ON infra.outbox FOR SELECT USING (true);


--
-- Name: dead_letters settled; Type: POLICY; Schema: infra; Owner: -
--

CREATE POLICY settled ON infra.dead_letters FOR UPDATE TO hotline_triage USING (true);


--
-- PostgreSQL database dump complete
--



--
-- Dbmate schema migrations
--

INSERT INTO public.schema_migrations (version) VALUES
    ('20261123000001'),
    ('20261123000002'),
    ('20261123000003'),
    ('20261123000004'),
    ('20261125000001'),
    ('20261125000005'),
    ('20261125000011'),
    ('20261125000012'),
    ('20261125000013'),
    ('20261125000021'),
    ('20261126000001'),
    ('20261126000011'),
    ('20261126000012'),
    ('20261126000021'),
    ('20261126000031'),
    ('20261126000032'),
    ('20261126000041'),
    ('20261126000050'),
    ('20261126000051'),
    ('20261126000060'),
    ('20261126000061'),
    ('20261126000070'),
    ('20261126000071'),
    ('20261126000080'),
    ('20261126000081'),
    ('20261126000090'),
    ('20261126000091'),
    ('20261126000110'),
    ('20261126000111'),
    ('20261126000112'),
    ('20261126000120'),
    ('20261126000121'),
    ('20261126000130'),
    ('20261126000140'),
    ('20261126000150'),
    ('20261126000160'),
    ('20261126000161'),
    ('20261126000170'),
    ('20261126000180'),
    ('20261126000190'),
    ('20261126000200'),
    ('20261126000210');
