-- name: add_desk_answers!
-- Keep what somebody answered when the desk asked.
insert into triage.desk_answers
    (answer_id, case_id, question, value, asked_of, asked_at, recorded_by, recorded_at)
select new.answer_id, :case_id, new.question, new.value, :asked_of, :asked_at, :recorded_by, :now
  from unnest(:answer_ids::uuid[], :questions::text[], :values::text[]) as new (answer_id, question, value);

-- name: find_desk_answers
-- Every answer the desk recorded for a case, in the order they were asked for.
select question, value, asked_of, asked_at, recorded_by, recorded_at
  from triage.desk_answers where case_id = :case_id order by asked_at, recorded_at, answer_id;

-- name: add_step_answers!
-- Keep what somebody answered to questions of decision trees.
insert into triage.step_answers
    (answer_id, case_id, rule, value, asked_of, asked_at, pack, case_version, recorded_by, recorded_at)
select new.answer_id, :case_id, new.rule, new.value, :asked_of, :asked_at, :pack, :case_version, :recorded_by, :now
  from unnest(:answer_ids::uuid[], :rules::text[], :values::text[]) as new (answer_id, rule, value);

-- name: find_step_answers
-- Every answer to a question of a tree that the desk recorded for a case, in the order they were asked for.
select rule, value, asked_of, asked_at
  from triage.step_answers where case_id = :case_id order by asked_at, recorded_at, answer_id;
