-- name: lock_case^
-- The case, its row locked until the transaction ends.
select case_id, alias, version, urgency, status, team_id, jurisdiction, area_system, area_edition, area_code, time_zone,
       language, opened_at, read_by, read_at, unread_since, taken_by, taken_at, taken_via, first_action_at,
       child_safe_until, is_unread_report, is_canary, stood_down_by, stood_down_at, closed_by, closed_at,
       correlation_id, traceparent, team_reasons
  from triage.cases where case_id = :case_id for update;

-- name: find_case_of_report$
-- The case that a report is in.
select case_id from triage.case_reports where report_id = :report_id;

-- name: find_alias_of$
-- The alias of a case.
select alias from triage.cases where case_id = :case_id;

-- name: lock_report!
-- Let one transaction at a time decide which case a report belongs to.
select pg_advisory_xact_lock(hashtextextended(:report_id::uuid::text, 3));

-- name: open_case$
-- Open a case with its first report, at its first version; nothing when the alias is in use.
with opened as (
    insert into triage.cases
        (case_id, alias, version, urgency, team_id, jurisdiction, area_system, area_edition, area_code, time_zone,
         language, opened_at, changed_at, unread_since, child_safe_until, is_unread_report, is_canary, correlation_id,
         traceparent, team_reasons)
    values
        (:case_id, :alias, :version, :urgency, :team_id, :jurisdiction, :area_system, :area_edition, :area_code,
         :time_zone, :language, :opened_at, :opened_at, :unread_since, :child_safe_until, :is_unread_report,
         :is_canary, :correlation_id, :traceparent, :team_reasons)
    on conflict (alias) do nothing
    returning case_id, opened_at
)
insert into triage.case_reports (report_id, case_id, report_version, joined_at)
select :report_id, case_id, :report_version, opened_at from opened
returning true;

-- name: save_case$
-- Write what may change about a case; returns its reports in the order they joined it.
update triage.cases c
   set version = :version, urgency = :urgency, status = :status, team_id = :team_id, jurisdiction = :jurisdiction,
       area_system = :area_system, area_edition = :area_edition, area_code = :area_code, time_zone = :time_zone,
       changed_at = :now, read_by = :read_by, read_at = :read_at, unread_since = :unread_since, taken_by = :taken_by,
       taken_at = :taken_at, taken_via = :taken_via, first_action_at = :first_action_at,
       child_safe_until = :child_safe_until, is_unread_report = :is_unread_report, stood_down_by = :stood_down_by,
       stood_down_at = :stood_down_at, closed_by = :closed_by, closed_at = :closed_at, team_reasons = :team_reasons
 where case_id = :case_id
returning array(select r.report_id from triage.case_reports r
                 where r.case_id = c.case_id order by r.joined_at, r.report_id);

-- name: join_report!
-- Put a report into a case, once for ever.
insert into triage.case_reports (report_id, case_id, report_version, joined_at)
values (:report_id, :case_id, :report_version, :now);

-- name: find_reports_of_case
-- The reports of a case in the order they joined it.
select report_id, report_version from triage.case_reports where case_id = :case_id order by joined_at, report_id;

-- name: keep_judgement!
-- Keep a judgement, and the newest version of the report that was judged.
with judged as (
    insert into triage.assessments
        (assessment_id, case_id, report_id, report_version, urgency, reasons, ask, what_would_change, pack, semantic,
         assessed_at, ages_told)
    values
        (:assessment_id, :case_id, :report_id, :report_version, :urgency, :reasons, :ask, :what_would_change, :pack,
         :semantic, :assessed_at, :ages_told)
)
update triage.case_reports set report_version = :report_version
 where report_id = :report_id and report_version < :report_version;

-- name: find_rules
-- The rules that ever fired in a case.
select distinct e ->> 'rule' as rule from triage.assessments s, jsonb_array_elements(s.reasons) e
 where s.case_id = :case_id and e ->> 'rule' is not null;

-- name: find_factors
-- What was ever found of a case, however surely.
select distinct e ->> 'factor' as factor
  from triage.assessments s, jsonb_array_elements(s.reasons) e
 where s.case_id = :case_id and e ->> 'polarity' = 'positive';

-- name: find_sheet$
-- The sealed sheet of facts of a case.
select sheet from triage.sheets where case_id = :case_id;

-- name: keep_sheet!
-- Keep the sealed sheet of facts of a case in place of the one before.
insert into triage.sheets (case_id, sheet, sealed_at) values (:case_id, :sheet, :now)
on conflict (case_id) do update set sheet = excluded.sheet, sealed_at = excluded.sealed_at;

-- name: find_exclusions
-- People who are not called to a case.
select person_id from triage.exclusions where case_id = :case_id order by person_id;

-- name: add_exclusion!
-- Keep somebody from being called to a case.
insert into triage.exclusions (case_id, person_id, reason, added_by, added_at)
values (:case_id, :person_id, :reason, :added_by, :now) on conflict (case_id, person_id) do nothing;

-- name: add_urgency_request!
-- Ask for a lower urgency.
insert into triage.urgency_requests (request_id, case_id, urgency_from, urgency_to, reason, asked_by, asked_at)
values (:request_id, :case_id, :urgency_from, :urgency_to, :reason, :asked_by, :now);

-- name: lock_urgency_request^
-- The open request for a lower urgency of a case.
select request_id, urgency_from, urgency_to, reason, asked_by, asked_at
  from triage.urgency_requests where case_id = :case_id and decided_at is null for update;

-- name: decide_urgency_request!
-- Grant or refuse a lower urgency.
update triage.urgency_requests set decided_by = :decided_by, decided_at = :now, is_granted = :is_granted
 where request_id = :request_id and decided_at is null;

-- name: void_urgency_request!
-- A raise ends the open request for a lower urgency: decided by nobody, neither granted nor refused.
update triage.urgency_requests set decided_at = :now where case_id = :case_id and decided_at is null;

-- name: find_cases_without_step
-- Live cases that nothing and nobody will take further, or whose calling the notifier has not begun.
with callings as (
    select a.subject_id,
           exists (select from triage.escalations x where x.subject_id = a.subject_id and x.purpose = a.purpose
                      and x.number = a.number) as is_begun,
           a.made_at > :called_since as is_new
      from triage.assignments a where a.status = 'calling' and a.taken_by is null
)
select c.case_id, c.alias from triage.cases c
 where c.status = 'open' and not c.is_canary and c.taken_by is null
   and (exists (select from callings a where a.subject_id = c.case_id and not a.is_begun and not a.is_new)
        or not exists (select from triage.clocks k
                        where k.case_id = c.case_id and k.ended_at is null and k.breached_at is null
                          and k.due_at > :late_since)
           and not exists (select from callings a where a.subject_id = c.case_id))
 order by c.opened_at limit 20;
