-- name: find_unread$
-- The oldest report with words that no model has read, besides those set aside.
select r.report_id from triage.case_reports r join triage.cases c using (case_id)
 where r.report_version > r.meaning_version and not c.is_canary and r.report_id <> all(:aside::uuid[])
 order by r.joined_at, r.report_id limit 1;

-- name: keep_meaning$
-- Keep what a model made of a version of a report (null where nothing was written); nothing when it was kept already.
update triage.case_reports set meaning_version = :report_version, meaning = :meaning
 where report_id = :report_id and meaning_version < :report_version
returning true;

-- name: count_late$
-- How many reports have words that have waited for a model since before an instant: those of an update since it came.
select count(*) from triage.case_reports r join triage.cases c using (case_id)
 where r.report_version > r.meaning_version and not c.is_canary
   and coalesce((select min(u.received_at) from ingest.for_triage_updates u
                  where u.report_id = r.report_id and r.meaning_version > 0
                    and u.version > r.meaning_version and u.version <= r.report_version), r.joined_at) < :before;
