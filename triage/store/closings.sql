-- name: find_standing^
-- What of a case is known without opening anything, for closing it; see triage.domain.closing.Standing.
select array(select distinct u.urgency_from::text from triage.urgency_requests u
              where u.case_id = c.case_id and u.is_granted) as lowered_from,
       array(select a.purpose::text from triage.assignments a
              where a.subject_id = c.case_id and a.status = 'calling' and a.taken_by is null) as calling,
       exists (select from triage.assignments a where a.subject_id = c.case_id and a.purpose = 'respond') as was_called,
       array(select k.name from triage.clocks k where k.case_id = c.case_id and k.ended_at is null order by k.due_at)
           as running,
       array(select k.name from triage.clocks k where k.case_id = c.case_id and k.ended_at is null and k.is_legal)
           as legal,
       array(select distinct e ->> 'factor' from triage.assessments s, jsonb_array_elements(s.reasons) e
              where s.case_id = c.case_id and e ->> 'polarity' = 'positive') as factors,
       array(select distinct e ->> 'source' from triage.assessments s, jsonb_array_elements(s.reasons) e
              where s.case_id = c.case_id and e ->> 'polarity' = 'positive') as sources,
       exists (select from triage.urgency_requests u where u.case_id = c.case_id and u.decided_at is null)
           as is_lower_asked,
       exists (select from triage.case_reports r join ingest.for_triage_recordings i using (report_id)
                where r.case_id = c.case_id
                  and not exists (select from triage.timeline h
                                   where h.subject_id = c.case_id and h.kind = 'recording_heard'
                                     and h.detail ->> 'recording' = i.recording_id::text)) as is_unheard,
       exists (select from triage.closings l
                where l.case_id = c.case_id and l.is_granted
                  and (l.is_disputed
                       or exists (select from triage.case_reports r join ingest.for_triage_updates u using (report_id)
                                   where r.case_id = c.case_id and u.received_at > l.decided_at))) as is_disputed,
       exists (select from triage.malice_marks m where m.case_id = c.case_id and m.ended_at is null)
           as is_malice_suspected,
       c.unread_since is not null as is_unread, c.taken_by is not null as is_taken, c.urgency::text as urgency
  from triage.cases c where c.case_id = :case_id;

-- name: lock_closings!
-- Let one transaction at a time close a case: taken before any case is locked, since a duplicate touches two.
select pg_advisory_xact_lock(hashtextextended('triage.closings', 3));

-- name: find_other^
-- The case of an alias, whatever its state; canaries left out.
select case_id, alias, urgency::text as urgency, status from triage.cases where alias = :alias and not is_canary;

-- name: find_other_by_id^
-- The same by its id.
select case_id, alias, urgency::text as urgency, status from triage.cases where case_id = :case_id;

-- name: add_closing!
-- Ask to close a case; where nothing calls for a second person it is granted in the same breath.
insert into triage.closings
    (closing_id, case_id, code, duplicate_of, steps, has_outcome, is_disputed, grounds, words, seen_version, asked_by,
     asked_at, decided_at, is_granted)
values (:closing_id, :case_id, :code, :duplicate_of, :steps::text[], :has_outcome, :is_disputed, :grounds::text[],
        :words, :seen_version, :asked_by, :now::timestamptz,
        case when cardinality(:grounds::text[]) = 0 then :now::timestamptz end,
        case when cardinality(:grounds::text[]) = 0 then true end);

-- name: lock_closing^
-- The open request to close a case.
select closing_id, code, duplicate_of, steps, is_disputed, grounds, words, seen_version, asked_by, asked_at
  from triage.closings where case_id = :case_id and decided_at is null for update;

-- name: find_closing^
-- The newest of a case that is open or was granted, with the alias of the case it doubles.
select l.code, l.steps, l.is_disputed, l.grounds, l.words, l.seen_version, l.asked_by, l.asked_at, l.decided_by,
       l.decided_at, l.duplicate_of, o.alias as duplicate_alias
  from triage.closings l left join triage.cases o on o.case_id = l.duplicate_of
 where l.case_id = :case_id and (l.decided_at is null or l.is_granted)
 order by l.decided_at desc nulls first limit 1;

-- name: decide_closing!
-- Grant or refuse to close a case; `grounds` are those that hold at that moment.
update triage.closings set decided_by = :decided_by, decided_at = :now, is_granted = :is_granted,
       grounds = :grounds::text[]
 where closing_id = :closing_id and decided_at is null;

-- name: void_closing!
-- New words end the open request to close a case: decided by nobody, neither granted nor refused.
update triage.closings set decided_at = :now where case_id = :case_id and decided_at is null;

-- name: end_every_clock!
-- A closed case has no clock that runs.
update triage.clocks set ended_at = :now, answer = :answer where case_id = :case_id and ended_at is null;
