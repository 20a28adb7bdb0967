-- migrate:up

-- A notice to a reporter goes through the same queue as alerts. It belongs to a subject of its own and to nobody's calling.
-- Its `person_id` is the report's; the way back is opened anew when it is written.
alter table notifier.subjects
    drop constraint subjects_subject_kind_check,
    add constraint subjects_subject_kind_check check (subject_kind in ('case', 'desk', 'report', 'trial', 'drill', 'notice'));
alter table notifier.alerts
    drop constraint alerts_kind_check,
    add constraint alerts_kind_check check (kind in ('alert', 'link', 'taken', 'code', 'test', 'digest', 'notice')),
    add constraint alerts_notice_check check (kind <> 'notice' or (channel = 'sms' and not is_immediate));

-- What became of a report that its reporter may hear of; once each. `alert_id`: null where nobody is to be told.
create table notifier.notices (
    report_id uuid not null,
    state text not null check (state in ('taken', 'closed')),
    alert_id uuid references notifier.alerts,
    because text not null check (because ~ '^[a-z_]+$'),
    decided_at timestamptz not null,
    primary key (report_id, state),
    check ((because = 'asked') = (alert_id is not null))
);
grant select, insert on notifier.notices to hotline_notifier;

-- migrate:down
