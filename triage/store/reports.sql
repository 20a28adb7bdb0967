-- name: find_report
-- A report as ingest publishes it, with the case it is in and what a model made of it; a row for each update in order, or one row without any.
select r.report_id, r.version, r.kind, r.channel, r.jurisdiction, r.area_system, r.area_edition, r.area_code,
       r.language, r.reporter_role, r.answers, r.facts, r.time_zone, r.received_at, r.linked_report_id, r.is_canary,
       r.reference_token, r.area_place, c.case_id, c.meaning,
       u.update_id, u.version as update_version, u.answers as update_answers, u.facts as update_facts,
       u.received_at as update_received_at
  from ingest.for_triage_reports r left join ingest.for_triage_updates u using (report_id)
  left join triage.case_reports c using (report_id)
 where r.report_id = :report_id
 order by u.version;

-- name: find_answers
-- The answers of the reports of a case and of their updates, in the order they came.
select r.reporter_role, t.answers
  from triage.case_reports c join ingest.for_triage_reports r using (report_id)
  cross join lateral (
      select 0 as version, r.answers
      union all
      select u.version, u.answers from ingest.for_triage_updates u where u.report_id = r.report_id
  ) as t
 where c.case_id = :case_id
 order by c.joined_at, c.report_id, t.version;

-- name: find_without_case
-- Reports that came long enough ago and are in no case.
select r.report_id from ingest.for_triage_reports r
 where r.received_at < :received_before and r.received_at > :received_after
   and not exists (select from triage.case_reports c where c.report_id = r.report_id)
 order by r.received_at limit 20;

-- name: find_last_judged
-- Reports in cases that came since an instant, in order, and when and at which version each was last judged: none, 0.
select c.case_id, c.alias, c.child_safe_until, r.report_id, a.assessed_at, coalesce(a.report_version, 0) as version
  from ingest.for_triage_reports i join triage.case_reports r using (report_id) join triage.cases c using (case_id)
  left join lateral (select report_version, assessed_at from triage.assessments
                      where case_id = r.case_id and report_id = r.report_id
                      order by assessed_at desc, assessment_id desc limit 1) a on true
 where i.received_at >= :since and not c.is_canary
 order by i.received_at, r.report_id;
