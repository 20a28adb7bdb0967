-- migrate:up

-- What responders wrote that no rule took, with what it may be about; `is_beside` an answer to the calling of a case.
drop view notifier.for_triage_words;
create view notifier.for_triage_words as
    select a.answer_id, a.person_id, a.words, a.answered_at, false as is_beside,
           array(select distinct e.subject_id
                   from notifier.answers_about b join notifier.escalations e using (escalation_id)
                  where b.answer_id = a.answer_id) as subjects
      from notifier.answers a
     where a.escalation_id is null and a.words is not null and coalesce(a.says_more, a.effect = 'asked_back')
    union all
    select a.answer_id, a.person_id, a.words, a.answered_at, true, array[e.subject_id]
      from notifier.answers a join notifier.escalations e using (escalation_id)
     where a.words is not null and a.says_more;
grant select on notifier.for_triage_words to hotline_triage;

create index answers_beside_which_words_stand on notifier.answers (answered_at)
    where escalation_id is not null and words is not null and says_more;

-- migrate:down
