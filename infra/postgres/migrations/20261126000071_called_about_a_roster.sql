-- migrate:up

-- The manager is called about hours in which nobody would be called: another thing than an empty desk.
alter table notifier.escalations
    drop constraint escalations_purpose_check,
    add constraint escalations_purpose_check check (purpose in (
        'respond', 'read', 'emergency_service', 'presence', 'check_in', 'safety', 'roster'));
alter domain triage.purpose drop constraint purpose_check;
alter domain triage.purpose add constraint purpose_check check (value in (
    'respond', 'read', 'emergency_service', 'presence', 'check_in', 'safety', 'roster'));
alter table triage.assignments
    drop constraint assignments_check2,
    add constraint assignments_check2 check ((purpose in ('presence', 'roster')) = (subject_kind = 'desk'));

-- migrate:down
