-- name: find_report^
-- A report as ingest publishes it.
select report_id, version, kind, channel, jurisdiction, area_system, area_edition, area_code, language, reporter_role,
       danger_now, answers, facts, time_zone, began_at, received_at, linked_report_id, is_canary, correlation_id
  from ingest.for_triage_reports where report_id = :report_id;

-- name: find_updates
-- What was added to a report, in order.
select update_id, version, answers, facts, began_at, received_at
  from ingest.for_triage_updates where report_id = :report_id order by version;

-- name: find_without_case
-- Reports that came long enough ago and are in no case.
select r.report_id from ingest.for_triage_reports r
 where r.received_at < :received_before and r.received_at > :received_after
   and not exists (select from triage.case_reports c where c.report_id = r.report_id)
 order by r.received_at limit 20;
