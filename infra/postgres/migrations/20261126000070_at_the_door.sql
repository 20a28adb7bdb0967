-- migrate:up

-- People are called for two more things: whether a responder at a child's place is safe, and the desk about a responder.
alter table notifier.escalations
    drop constraint escalations_purpose_check,
    add constraint escalations_purpose_check check (purpose in (
        'respond', 'read', 'emergency_service', 'presence', 'check_in', 'safety'));
alter domain triage.purpose drop constraint purpose_check;
alter domain triage.purpose add constraint purpose_check check (value in (
    'respond', 'read', 'emergency_service', 'presence', 'check_in', 'safety'));

-- What the responder who took it said on the way and there. Who needs help may be another than who took it.
alter table notifier.escalations
    add column facts_at timestamptz,
    add column facts_closed_at timestamptz,
    add column facts_closed_for uuid,
    add column arrived_at timestamptz,
    add column checked_in_at timestamptz,
    add column needs_help_at timestamptz,
    add column needs_help_by uuid,
    add column not_reached_at timestamptz,
    add column left_at timestamptz,
    add constraint escalations_facts_closed_check check ((facts_closed_at is null) = (facts_closed_for is null)),
    add constraint escalations_needs_help_check check ((needs_help_at is null) = (needs_help_by is null)),
    add constraint escalations_there_check check (
        acknowledged_by is not null
        or coalesce(facts_at, arrived_at, checked_in_at, not_reached_at, left_at) is null);
create index escalations_taken on notifier.escalations (acknowledged_by, acknowledged_at)
    where acknowledged_by is not null;

alter table triage.escalations
    add column facts_at timestamptz,
    add column facts_closed_at timestamptz,
    add column facts_closed_for uuid,
    add column arrived_at timestamptz,
    add column checked_in_at timestamptz,
    add column needs_help_at timestamptz,
    add column needs_help_by uuid,
    add column not_reached_at timestamptz,
    add column left_at timestamptz;

-- Wrong PINs of a person for an escalation, on the page and the phone together. Three close both.
create table notifier.pin_tries (
    escalation_id uuid not null references notifier.escalations,
    person_id uuid not null,
    wrong_pins int not null check (wrong_pins between 1 and 3),
    closed_at timestamptz,
    primary key (escalation_id, person_id),
    check ((wrong_pins = 3) = (closed_at is not null))
);
grant select, insert, update on notifier.pin_tries to hotline_notifier;

alter table notifier.answers
    drop constraint answers_act_check,
    add constraint answers_act_check check (act in (
        'take', 'decline', 'begun', 'hand_back', 'there', 'need_help', 'not_reached', 'left', 'who', 'pin', 'unclear'));

-- migrate:down
