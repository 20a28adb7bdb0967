-- name: find_unread_words
-- What responders wrote without a case's number, or beside an answer, and nobody at the desk has read, newest first,
-- with the cases it may be about.
select w.answer_id, w.person_id, p.name, w.words, w.answered_at, w.is_beside, coalesce(c.cases, '[]') as cases
  from notifier.for_triage_words w
  join triage.people p using (person_id)
 cross join lateral (
       select jsonb_agg(jsonb_build_object('case_id', case_id, 'alias', alias) order by opened_at desc) as cases
         from triage.cases where case_id = any(w.subjects)) c
 where not exists (select from triage.words_read r where r.answer_id = w.answer_id)
 order by w.answered_at desc, w.answer_id limit 200;

-- name: add_read!
-- A named person has read what a responder wrote.
insert into triage.words_read (answer_id, read_by, read_at)
select answer_id, :read_by, :now from notifier.for_triage_words where answer_id = :answer_id
on conflict do nothing;
