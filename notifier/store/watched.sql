-- name: watch_report!
-- Remember a report with danger now, unless it already has a case.
insert into notifier.watched_reports
    (report_id, jurisdiction, received_at, look_at, correlation_id, causation_id, traceparent)
select :report_id, :jurisdiction, :received_at, :look_at, :correlation_id, :causation_id, :traceparent
 where not exists (select 1 from triage.for_notifier_cases where report_id = :report_id)
on conflict do nothing;

-- name: forget_reports
-- Reports that have a case need no watch. Those that people were called for are looked at no more.
delete from notifier.watched_reports where report_id = any(:reports::uuid[])
returning report_id, look_at is null as is_called_for;

-- name: claim_watched_reports
-- Reports with danger now that should have a case by now.
select w.report_id, w.jurisdiction, w.correlation_id, w.causation_id, w.traceparent,
       exists (select 1 from triage.for_notifier_cases c where c.report_id = w.report_id) as has_case
  from notifier.watched_reports w where w.look_at <= :now limit 50 for update of w skip locked;

-- name: postpone_report!
-- Look at a report again later: nobody could be called for it.
update notifier.watched_reports set look_at = :until where report_id = :report_id;

-- name: find_uncalled$
-- When the report came that has waited longest for a case or a call.
select min(received_at) from notifier.watched_reports where look_at is not null;

-- name: mark_looked_at!
-- People are called for this report: look no more.
update notifier.watched_reports set look_at = null where report_id = :report_id;
