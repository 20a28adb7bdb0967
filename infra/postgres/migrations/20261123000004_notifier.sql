-- migrate:up

-- States of an alert, in the one direction they move: a callback that comes late or twice changes nothing.
create function notifier.state_rank(state text) returns int language sql immutable strict as $$
    select case state
        when 'planned' then 0 when 'sending' then 1 when 'queued' then 2
        when 'sent' then 3 when 'ringing' then 3 when 'connected' then 4
        when 'answered' then 6 else 5 end
$$;

-- The newest version of each case or desk that was applied, and the version of what was last told of it.
-- A `report` is called for by the notifier itself: danger now, and no case after fifteen seconds.
create table notifier.subjects (
    subject_id uuid primary key,
    subject_kind text not null check (subject_kind in ('case', 'desk', 'report')),
    version int not null check (version >= 0),
    told_version int not null default 0 check (told_version >= 0),
    alias text not null,
    time_zone text not null,
    is_canary bool not null,
    correlation_id uuid not null,
    causation_id uuid not null,
    traceparent text not null
);

-- The calling for one assignment. While it is active a worker must look at it at `next_due_at`.
create table notifier.escalations (
    escalation_id uuid primary key,
    subject_id uuid not null references notifier.subjects,
    purpose text not null check (purpose in ('respond', 'read', 'emergency_service', 'presence')),
    number int not null check (number > 0),
    status text not null check (status in ('calling', 'exhausted', 'acknowledged', 'superseded', 'ended')),
    urgency text not null check (urgency in ('immediate', 'urgent', 'priority', 'routine')),
    team_id uuid not null,
    first_responder_id uuid,
    excluded_responders uuid[] not null default '{}',
    declined_by uuid[] not null default '{}',
    ladder jsonb not null check (jsonb_typeof(ladder -> 'rungs') = 'array'),
    deadline_at timestamptz not null,
    started_at timestamptz not null,
    next_due_at timestamptz,
    exhausted_at timestamptz,
    acknowledged_by uuid,
    acknowledged_at timestamptz,
    acknowledged_via text check (acknowledged_via in ('sms', 'key', 'page', 'desk', 'loopback')),
    begun_at timestamptz,
    handed_back_at timestamptz,
    handed_back_by uuid,
    unique (subject_id, purpose, number),
    -- Whoever is not taken responsibility of has a next step; what is over has none.
    check ((status in ('calling', 'exhausted')) = (next_due_at is not null)),
    check (status <> 'exhausted' or exhausted_at is not null),
    check ((acknowledged_by is null) = (acknowledged_at is null)),
    check ((acknowledged_by is null) = (acknowledged_via is null)),
    check (status <> 'acknowledged' or acknowledged_by is not null),
    check (acknowledged_by is null or status not in ('calling', 'exhausted')),
    check (begun_at is null or acknowledged_by is not null),
    check ((handed_back_at is null) = (handed_back_by is null)),
    check (handed_back_by is null or handed_back_by = acknowledged_by)
);
create unique index escalations_one_active on notifier.escalations (subject_id, purpose)
    where status in ('calling', 'exhausted');
create index escalations_due on notifier.escalations (next_due_at) where next_due_at is not null;

-- Levels of a ladder that had nobody new to call when their time came; they were skipped at once.
create table notifier.empty_levels (
    escalation_id uuid not null references notifier.escalations,
    level text not null check (level in ('first', 'backup', 'lead', 'manager')),
    found_at timestamptz not null,
    primary key (escalation_id, level)
);

-- One message or call to one person on one channel. It is written before it is sent.
-- `due_at`: when a worker must next act on it; while one does, the end of its lease. `fence` rises with each lease.
create table notifier.alerts (
    alert_id uuid primary key,
    escalation_id uuid not null references notifier.escalations,
    kind text not null check (kind in ('alert', 'link', 'taken')),
    person_id uuid not null,
    level text not null check (level in ('first', 'backup', 'lead', 'manager')),
    channel text not null check (channel in ('sms', 'voice', 'loopback')),
    attempt int not null check (attempt > 0),
    is_everybody bool not null default false,
    is_immediate bool not null,
    state text not null default 'planned' check (state in (
        'planned', 'sending', 'queued', 'sent', 'ringing', 'connected',
        'delivered', 'undelivered', 'failed', 'unanswered', 'cancelled', 'expired', 'answered')),
    keys text check (keys ~ '^[2-9]{3}$'),
    planned_at timestamptz not null,
    valid_until timestamptz not null check (valid_until > planned_at),
    due_at timestamptz,
    leased_by text,
    fence int not null default 0 check (fence >= 0),
    sending_at timestamptz,
    is_repeat bool not null default false,
    -- Set on the row itself when nobody is to be called any more: whoever records a send at that instant waits for
    -- the row's lock and sees it, where a look at the escalation could miss it.
    is_unwanted bool not null default false,
    is_silenced bool not null default false,
    sids text[] not null default '{}',
    sent_at timestamptz,
    delivered_at timestamptz,
    answered_at timestamptz,
    ended_at timestamptz,
    error_code text,
    answer text check (answer in ('take', 'decline')),
    unique (escalation_id, person_id, channel, kind, attempt),
    check ((channel = 'voice') = (keys is not null)),
    check (kind = 'alert' or channel = 'sms'),
    check (state not in ('planned', 'sending') or due_at is not null),
    check (state <> 'sending' or fence > 0),
    check ((notifier.state_rank(state) >= 5) = (ended_at is not null)),
    check ((state = 'answered') = (answer is not null))
);
create index alerts_due on notifier.alerts (is_immediate, due_at) where due_at is not null;
create index alerts_due_at on notifier.alerts (due_at) where due_at is not null;
create index alerts_calls on notifier.alerts (person_id, planned_at) where channel = 'voice';
create index alerts_sids on notifier.alerts using gin (sids);

-- The first digits of a reply pair (4 in 41 take, 42 cannot). They belong to one person and one escalation.
create table notifier.reply_pairs (
    person_id uuid not null,
    base text not null check (base ~ '^[2-9][0-9]{0,2}$'),
    escalation_id uuid not null references notifier.escalations,
    used_at timestamptz not null,
    primary key (person_id, base),
    unique (person_id, escalation_id)
);

-- Pages behind links; only a keyed digest of the token is kept. Three wrong PINs close one.
create table notifier.links (
    token_hmac bytea primary key,
    escalation_id uuid not null references notifier.escalations,
    person_id uuid not null,
    made_at timestamptz not null,
    expires_at timestamptz not null check (expires_at > made_at),
    wrong_pins int not null default 0 check (wrong_pins between 0 and 3),
    closed_at timestamptz,
    check ((wrong_pins = 3) = (closed_at is not null))
);
create index links_person on notifier.links (escalation_id, person_id);

-- Everything a responder answered, with what it did. Words are sealed under the person's key, field `answer`.
create table notifier.answers (
    answer_id uuid primary key,
    provider_sid text unique,
    escalation_id uuid references notifier.escalations,
    alert_id uuid references notifier.alerts,
    person_id uuid not null,
    via text not null check (via in ('sms', 'key', 'page', 'loopback')),
    act text not null check (act in ('take', 'decline', 'begun', 'hand_back', 'who', 'pin', 'unclear')),
    effect text not null check (effect ~ '^[a-z_]+$'),
    words bytea,
    answered_at timestamptz not null
);
create index answers_escalation on notifier.answers (escalation_id, answered_at);

-- What came to the alert number, answer of a responder or not; the sweep of the intake takes what is none.
create table notifier.inbound (
    provider_sid text primary key,
    is_answer bool not null,
    received_at timestamptz not null
);

-- The instant of the last complete sweep of the provider's lists of the alert number.
create table notifier.sweeps (
    only_row bool primary key default true check (only_row),
    swept_at timestamptz not null
);

-- Reports with danger now, until they have a case or people were called for them.
create table notifier.watched_reports (
    report_id uuid primary key,
    jurisdiction text not null,
    received_at timestamptz not null,
    look_at timestamptz,
    correlation_id uuid not null,
    causation_id uuid not null,
    traceparent text not null
);
create index watched_reports_look on notifier.watched_reports (look_at) where look_at is not null;

create view notifier.for_triage_alerts as
    select a.alert_id, e.subject_id, e.purpose, e.number, a.level, a.person_id, a.channel, a.state, a.planned_at,
           a.sent_at, a.delivered_at, a.answered_at, a.ended_at, a.error_code, a.is_repeat, a.answer
      from notifier.alerts a join notifier.escalations e using (escalation_id)
     where a.kind = 'alert';

create view notifier.for_triage_answers as
    select a.answer_id, e.subject_id, e.purpose, e.number, a.person_id, a.via, a.act, a.effect, a.words, a.answered_at
      from notifier.answers a left join notifier.escalations e using (escalation_id);

create view notifier.for_triage_empty_levels as
    select e.subject_id, e.purpose, e.number, l.level, l.found_at
      from notifier.empty_levels l join notifier.escalations e using (escalation_id);

create view notifier.for_ingest_messages as
    select provider_sid, is_answer, received_at from notifier.inbound;

grant select, insert, update on
    notifier.subjects, notifier.escalations, notifier.empty_levels, notifier.alerts, notifier.reply_pairs,
    notifier.links, notifier.answers, notifier.inbound, notifier.sweeps, notifier.watched_reports
    to hotline_notifier;
grant delete on notifier.watched_reports to hotline_notifier;
revoke update on notifier.answers, notifier.inbound, notifier.empty_levels from hotline_notifier;
grant select on notifier.for_triage_alerts, notifier.for_triage_answers, notifier.for_triage_empty_levels
    to hotline_triage;
grant select on notifier.for_ingest_messages to hotline_ingest;

-- migrate:down
