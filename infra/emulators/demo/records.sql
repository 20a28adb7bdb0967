-- name: find_report_by_code^
-- The report whose sixteen digits these are.
select report_id from ingest.reports where code_token = any (:tokens::bytea[]);

-- name: find_report_by_sid^
-- The report that a text or a call belongs to.
select report_id from ingest.contacts where provider_sid = :sid
union
select report_id from ingest.calls where provider_sid = :sid and report_id is not null;

-- name: find_contact_of_phone^
-- Anything that a phone told.
select contact_id from ingest.contacts where phone_token = any (:tokens::bytea[]) limit 1;

-- name: find_case^
-- The case of a report as it stands.
select c.case_id, c.alias, c.urgency, c.status, c.opened_at, c.taken_by, c.taken_at, c.taken_via, c.first_action_at,
       t.slug as team, t.name_en as team_en, t.name_zh as team_zh, r.received_at
  from triage.case_reports j
  join triage.cases c using (case_id)
  join triage.teams t using (team_id)
  join ingest.reports r using (report_id)
 where j.report_id = :report_id;

-- name: find_reasons^
-- The newest judgement of a report.
select urgency, reasons, pack from triage.assessments where report_id = :report_id
 order by assessed_at desc, assessment_id desc limit 1;

-- name: find_told
-- What a report and its updates tell, sealed.
select report_id as id, facts from ingest.reports where report_id = :report_id
union all
select update_id, facts from ingest.updates where report_id = :report_id;

-- name: find_escalations
-- The calling for a case, as the notifier has it.
select escalation_id, purpose, number, status, ladder, started_at, exhausted_at, acknowledged_by, acknowledged_at,
       acknowledged_via, declined_by, begun_at, handed_back_at
  from notifier.escalations where subject_id = :subject_id order by purpose, number;

-- name: find_happened
-- What happened to a case, as the desk has it.
select kind, actor, at, detail from triage.timeline where subject_id = :case_id order by at, entry_id;

-- name: find_person^
-- The sealed name of a person.
select name from triage.people where person_id = :person_id;
