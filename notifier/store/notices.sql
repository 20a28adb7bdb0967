-- name: lock_notices!
-- One transaction at a time decides what a reporter is told of a report, until it ends.
select pg_advisory_xact_lock(hashtext('notices'), hashtext(:report_id::uuid::text));

-- name: is_decided$
-- Whether it is decided already what is told of a report that came to this.
select exists (select from notifier.notices where report_id = :report_id and state = :state);

-- name: find_way_back^
-- The newest word of a reporter on how they may be reached.
select way_back from ingest.for_notifier_ways_back where report_id = :report_id order by version desc limit 1;

-- name: find_earlier
-- How earlier notices about a report fared.
select a.state from notifier.notices n join notifier.alerts a using (alert_id) where n.report_id = :report_id;

-- name: has_gateway$
-- Whether texts to a country go through a gateway of it.
select exists (select from notifier.routes where channel = 'webhook' and region = :region);

-- name: change_channel!
-- A notice goes another way than was planned: its reporter has named a number of another country since.
update notifier.alerts set channel = :channel where alert_id = :alert_id and kind = 'notice';

-- name: find_filed^
-- The token of the body whose system filed a report, and whether it may be too close to those it is about.
select f.partner_token,
       exists (select from notifier.partner_notices n
                where n.report_id = f.report_id and n.because = 'may_conflict') as may_conflict
  from ingest.for_notifier_partners f where f.report_id = :report_id;

-- name: is_partner_decided$
-- Whether it is decided already what that body is told of a report that came to this.
select exists (select from notifier.partner_notices where report_id = :report_id and state = :state);

-- name: add_partner_notice!
-- Keep what was decided about telling the body whose system filed a report, and why.
insert into notifier.partner_notices (report_id, state, alert_id, because, decided_at)
values (:report_id, :state, :alert_id, :because, :now);

-- name: add_subject!
-- What a notice is about; nobody is called for it.
insert into notifier.subjects
    (subject_id, subject_kind, version, alias, time_zone, is_canary, correlation_id, causation_id, traceparent)
values (:subject_id, 'notice', 1, '', 'UTC', false, :correlation_id, :causation_id, :traceparent);

-- name: add_notice!
-- Keep what was decided about telling a reporter, and why.
insert into notifier.notices (report_id, state, alert_id, because, decided_at)
values (:report_id, :state, :alert_id, :because, :now);
