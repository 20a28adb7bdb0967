-- name: find_queue
-- Live cases, the soonest first: immediate by time left, then urgency, then deadline. One row a case; all, or some.
select c.case_id, c.alias, c.version, c.urgency, c.status, c.jurisdiction, c.area_code, c.time_zone, c.language,
       c.opened_at, c.read_at, c.unread_since, c.taken_by, c.taken_at, c.taken_via, c.first_action_at,
       c.child_safe_until, c.is_unread_report,
       t.name_zh as team_zh, t.name_en as team_en, t.is_last_resort,
       e.name_zh as area_zh, e.name_en as area_en,
       p.name as taken_name,
       k.next_due, k.clocks,
       n.reports, n.channels, n.reporter_roles, n.answers,
       s.reasons, s.ask,
       (select min(age) from (select distinct on (report_id) ages_told from triage.assessments
                               where case_id = c.case_id
                               order by report_id, assessed_at desc, assessment_id desc) j,
               unnest(j.ages_told) age) as age_told,
       a.number as calling_number, a.status as calling_status, a.taken_by as calling_taken_by,
       a.because as calling_because, x.status as escalation_status, cardinality(x.declined_by) as declined,
       exists (select from triage.urgency_requests u where u.case_id = c.case_id and u.decided_at is null)
           as is_lower_asked,
       exists (select from triage.closings l where l.case_id = c.case_id and l.decided_at is null) as is_closing_asked,
       exists (select from triage.malice_marks m where m.case_id = c.case_id and m.ended_at is null)
           as is_malice_suspected,
       (select h.alias from triage.pairings m join triage.cases h on h.case_id = m.case_id
         where m.other_id = c.case_id and m.says = 'same_matter' and m.undone_at is null) as inside,
       exists (select from triage.case_reports r join ingest.for_triage_recordings i using (report_id)
                where r.case_id = c.case_id
                  and not exists (select from triage.timeline h
                                   where h.subject_id = c.case_id and h.kind = 'recording_heard'
                                     and h.detail ->> 'recording' = i.recording_id::text)) as is_unheard
  from triage.cases c
  join triage.teams t using (team_id)
  left join triage.people p on p.person_id = c.taken_by
  left join triage.areas e
    on e.system = c.area_system and e.edition = c.area_edition and e.code = c.area_code
  left join lateral (
       select min(due_at) filter (where name not in ('begin_calling', 'safety_ends')) as next_due,
              coalesce(jsonb_agg(jsonb_build_object('name', name, 'due_at', due_at, 'breached_at', breached_at,
                                                    'owner', owner, 'is_legal', is_legal) order by due_at), '[]')
                  as clocks
         from triage.clocks where case_id = c.case_id and ended_at is null) k on true
  left join lateral (
       select count(*) as reports, array_agg(distinct i.channel::text) as channels,
              array_agg(distinct i.reporter_role::text) as reporter_roles,
              coalesce(jsonb_agg(i.answers order by i.received_at), '[]') || (
                  select coalesce(jsonb_agg(u.answers order by u.received_at), '[]')
                    from triage.case_reports m join ingest.for_triage_updates u using (report_id)
                   where m.case_id = c.case_id) || (
                  select coalesce(jsonb_agg(jsonb_build_object(d.question, d.value)), '[]')
                    from (select distinct on (question, asked_of) question, value from triage.desk_answers
                           where case_id = c.case_id
                           order by question, asked_of, asked_at desc, recorded_at desc, answer_id desc) d) as answers
         from triage.case_reports r join ingest.for_triage_reports i using (report_id)
        where r.case_id = c.case_id) n on true
  left join lateral (
       select reasons, ask from triage.assessments where case_id = c.case_id
        order by assessed_at desc, assessment_id desc limit 1) s on true
  left join lateral (
       select number, status, taken_by, because from triage.assignments
        where subject_id = c.case_id and purpose = 'respond' order by number desc limit 1) a on true
  left join triage.escalations x on x.subject_id = c.case_id and x.purpose = 'respond' and x.number = a.number
 where c.status <> 'closed' and not c.is_canary and (:ids::uuid[] is null or c.case_id = any (:ids))
 order by array_position(array['immediate', 'urgent', 'priority', 'routine'], c.urgency::text),
          k.next_due nulls last, c.opened_at
 limit :most;

-- name: find_case^
-- One case, whatever its state, for its page.
select c.case_id, c.alias, c.version, c.urgency, c.status, c.team_id, c.jurisdiction, c.area_system, c.area_edition,
       c.area_code, c.time_zone, c.language, c.opened_at, c.changed_at, c.read_by, c.read_at, c.unread_since,
       c.taken_by, c.taken_at, c.taken_via, c.first_action_at, c.child_safe_until, c.is_unread_report, c.is_canary,
       c.stood_down_by, c.stood_down_at, c.closed_by, c.closed_at, c.retention_class, c.is_held, c.team_reasons,
       t.name_zh as team_zh, t.name_en as team_en, t.is_last_resort, e.name_zh as area_zh, e.name_en as area_en
  from triage.cases c join triage.teams t using (team_id)
  left join triage.areas e
    on e.system = c.area_system and e.edition = c.area_edition and e.code = c.area_code
 where c.case_id = :case_id;

-- name: find_case_clocks
-- Every clock of a case, running ones first.
select name, started_at, due_at, ended_at, answer, breached_at, owner, on_breach, source, is_legal
  from triage.clocks where case_id = :case_id order by ended_at nulls first, due_at;

-- name: find_case_assessments
-- Every judgement of the reports of a case, newest first.
select report_id, report_version, urgency, reasons, ask, what_would_change, pack, semantic, assessed_at
  from triage.assessments where case_id = :case_id order by assessed_at desc, assessment_id desc;

-- name: find_case_assignments
-- Every assignment of a case with what the notifier said of its calling, newest first.
select a.purpose, a.number, a.status, a.urgency, a.team_id, a.first_responder_id, a.excluded_responders, a.ladder,
       a.because, a.reasons, a.made_at, a.deadline_at, a.taken_by, a.taken_at, a.ended_at,
       x.status as escalation_status, x.acknowledged_by, x.acknowledged_at, x.acknowledged_via, x.declined_by,
       x.exhausted_at, x.begun_at, x.handed_back_at
  from triage.assignments a
  left join triage.escalations x
    on x.subject_id = a.subject_id and x.purpose = a.purpose and x.number = a.number
 where a.subject_id = :case_id order by a.made_at desc, a.purpose;

-- name: find_urgency_request^
-- The open request for a lower urgency of a case.
select request_id, urgency_from, urgency_to, reason, asked_by, asked_at
  from triage.urgency_requests where case_id = :case_id and decided_at is null;

-- name: find_names
-- The sealed names of people.
select person_id, handle, name from triage.people where person_id = any (:ids::uuid[]);
