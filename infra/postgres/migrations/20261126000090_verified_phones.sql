-- migrate:up

-- A phone or address is used once it has proven, by a code that was sent there, that it is its person's. Null: not yet. What
-- the setup file names is taken as proven by whoever applied it, and so is what was written before there were codes.
alter table triage.phones add column verified_at timestamptz default now();
alter table triage.emails add column verified_at timestamptz default now();

create or replace view triage.for_notifier_phones as
    select person_id, position, number, number_token, can_sms, can_voice, region from triage.phones
     where verified_at is not null;
create or replace view triage.for_notifier_emails as
    select person_id, address from triage.emails where verified_at is not null;

-- A way to a person that is tried: by a code somebody asked for, or by the monthly test. Place 0 is the e-mail address, any
-- other the phone in that place. Five wrong codes end one. The code itself is known to the notifier alone, as a digest.
create table triage.trials (
    trial_id uuid primary key,
    person_id uuid not null references triage.people,
    position int not null check (position >= 0),
    channel text not null check (channel in ('sms', 'voice', 'email')),
    kind text not null check (kind in ('code', 'test')),
    asked_by uuid references triage.people,
    asked_at timestamptz not null,
    expires_at timestamptz,
    wrong_codes int not null default 0 check (wrong_codes between 0 and 5),
    passed_at timestamptz,
    check ((kind = 'code') = (asked_by is not null)),
    check ((kind = 'code') = (expires_at is not null)),
    check ((channel = 'email') = (position = 0)),
    check (passed_at is null or kind = 'code')
);
create index trials_place on triage.trials (person_id, position, asked_at desc);

-- Where a trial goes, proven or not. Sealed under the person: field `phone`, or `email` for place 0.
create view triage.for_notifier_trials as
    select c.trial_id, c.position, f.number as address, f.region
      from triage.trials c join triage.phones f using (person_id, position)
    union all
    select c.trial_id, c.position, e.address, null
      from triage.trials c join triage.emails e using (person_id) where c.position = 0;

grant select, insert, update (expires_at, wrong_codes, passed_at) on triage.trials to hotline_triage;
grant select on triage.for_notifier_trials to hotline_notifier;

-- A trial is sent as an alert is, of a subject of its own for which nobody is called.
alter table notifier.subjects drop constraint subjects_subject_kind_check;
alter table notifier.subjects add constraint subjects_subject_kind_check
    check (subject_kind in ('case', 'desk', 'report', 'trial'));
alter table notifier.alerts drop constraint alerts_kind_check;
alter table notifier.alerts add constraint alerts_kind_check
    check (kind in ('alert', 'link', 'taken', 'code', 'test'));
alter table notifier.alerts drop constraint alerts_told_in_writing;
alter table notifier.alerts add constraint alerts_told_in_writing
    check (kind in ('alert', 'code', 'test') or channel in ('sms', 'email', 'webhook'));

-- Codes that were sent or said. One that was sent again, or asked for by the provider twice, is another code of its trial.
create table notifier.codes (
    trial_id uuid not null references notifier.subjects,
    code_hmac bytea not null,
    drawn_at timestamptz not null,
    primary key (trial_id, code_hmac)
);

create view notifier.for_triage_codes as
    select trial_id, code_hmac from notifier.codes;

create view notifier.for_triage_trials as
    select e.subject_id as trial_id, a.state, a.error_code, a.sent_at, a.ended_at
      from notifier.alerts a join notifier.escalations e using (escalation_id)
     where a.kind in ('code', 'test');

grant select, insert on notifier.codes to hotline_notifier;
grant select on notifier.for_triage_codes, notifier.for_triage_trials to hotline_triage;

-- migrate:down
