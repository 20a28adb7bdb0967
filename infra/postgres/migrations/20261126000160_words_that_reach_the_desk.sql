-- migrate:up

-- Whether an answer says something that no rule took. Null where an older process kept it: then it may.
alter table notifier.answers add column says_more bool;

-- What the writer of a text without a case's number was called for, or had, when it came: it may be about each.
create table notifier.answers_about (
    answer_id uuid not null references notifier.answers,
    escalation_id uuid not null references notifier.escalations,
    primary key (answer_id, escalation_id)
);
create index answers_about_escalation on notifier.answers_about (escalation_id);
create index answers_without_a_case on notifier.answers (answered_at) where escalation_id is null and words is not null;

-- An answer without a case's number stands once beside each case it may be about, without purpose and number.
create or replace view notifier.for_triage_answers as
    select a.answer_id, e.subject_id, e.purpose, e.number, a.person_id, a.via, a.act, a.effect, a.words, a.answered_at,
           a.says_more
      from notifier.answers a join notifier.escalations e using (escalation_id)
    union all
    select a.answer_id, n.subject_id, null, null, a.person_id, a.via, a.act, a.effect, a.words, a.answered_at,
           a.says_more
      from notifier.answers a
      left join (select distinct b.answer_id, e.subject_id
                   from notifier.answers_about b join notifier.escalations e using (escalation_id)) n using (answer_id)
     where a.escalation_id is null;

-- What responders wrote without a case's number, with what it may be about.
create view notifier.for_triage_words as
    select a.answer_id, a.person_id, a.words, a.answered_at,
           array(select distinct e.subject_id
                   from notifier.answers_about b join notifier.escalations e using (escalation_id)
                  where b.answer_id = a.answer_id) as subjects
      from notifier.answers a
     where a.escalation_id is null and a.words is not null and coalesce(a.says_more, a.effect = 'asked_back');

-- What of these a named person at the desk has read.
create table triage.words_read (
    answer_id uuid primary key,
    read_by uuid not null references triage.people,
    read_at timestamptz not null
);
create trigger words_read_is_insert_only before update or delete or truncate on triage.words_read
    for each statement execute function infra.refuse_change();

grant select, insert on notifier.answers_about to hotline_notifier;
grant select on notifier.for_triage_words to hotline_triage;
grant select, insert on triage.words_read to hotline_triage;

-- migrate:down
