import unicodedata
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.report import Answers
from schemas.terms import Answer, Channel, Injury, ReporterRole, Urgency
from tests.unit.triage.engine.conftest import NOW, Judge
from triage.domain.assessment import AssessedReport, History
from triage.domain.engine import assess
from triage.domain.pack import Pack

DANGERS = ["现在他正在打孩子。", "She took an overdose.", "他拿着刀。", "My dad is hitting my brother right now."]
CALM = ["孩子很好，谢谢。", "He never hit her.", "听说去年有人打孩子。", "The child is neglected and dirty.", ""]
QUESTIONS = ("danger_now", "child_safe_now", "person_of_concern_has_access", "child_alone", "injury")
SAFE: dict[str, Answer | Injury] = {"child_safe_now": Answer.YES, "injury": Injury.NONE}
DANGEROUS: dict[str, Answer | Injury] = {"child_safe_now": Answer.NO, "injury": Injury.SERIOUS}
UNKNOWN: dict[str, Answer | Injury] = {"injury": Injury.UNKNOWN}

texts = st.text(max_size=300) | st.lists(st.sampled_from([*DANGERS, *CALM]), max_size=4).map(" ".join)


@settings(deadline=None, max_examples=150)
@given(text=texts)
def test_any_text_is_judged_and_every_span_lies_in_it(judge: Judge, text: str) -> None:
    for reason in judge(text).reasons:
        if reason.span is not None:
            assert 0 <= reason.span.start < reason.span.end <= len(text)


@settings(deadline=None, max_examples=60)
@given(text=texts)
def test_the_same_report_gives_the_same_assessment(judge: Judge, text: str) -> None:
    assert judge(text) == judge(text)


@settings(deadline=None, max_examples=80)
@given(text=texts, danger=st.sampled_from(DANGERS), first=st.booleans())
def test_adding_a_danger_never_lowers(judge: Judge, text: str, danger: str, first: bool) -> None:
    joined = f"{danger} {text}" if first else f"{text}。 {danger}"
    assert judge(joined).urgency.rank <= judge(text).urgency.rank


@settings(deadline=None, max_examples=100)
@given(
    text=st.sampled_from([*DANGERS, *CALM]),
    question=st.sampled_from(QUESTIONS),
    others=st.dictionaries(st.sampled_from(QUESTIONS), st.sampled_from(["safe", "unknown", "danger"])),
    age=st.none() | st.integers(0, 17),
)
def test_structured_danger_is_monotone(
    judge: Judge, text: str, question: str, others: dict[str, str], age: int | None
) -> None:
    def rank(value: str | None) -> int:
        given_ = {**others, **({question: value} if value else {})}
        given_ = {key: kind for key, kind in given_.items() if value or key != question}
        return judge(text, answers(given_, age)).urgency.rank

    assert rank("danger") <= rank("unknown") <= rank("safe")
    assert rank("unknown") <= rank(None)


def answers(kinds: dict[str, str], age: int | None) -> Answers:
    said: dict[str, object] = {"child_age_years": age}
    for key, kind in kinds.items():
        said[key] = {
            "safe": SAFE.get(key, Answer.NO),
            "unknown": UNKNOWN.get(key, Answer.DOES_NOT_KNOW),
            "danger": DANGEROUS.get(key, Answer.YES),
        }[kind]
    return Answers.model_validate(said)


@pytest.mark.parametrize("question", ["person_of_concern_has_access", "child_alone", "danger_now"])
@pytest.mark.parametrize("value", [Answer.DOES_NOT_KNOW, Answer.WOULD_NOT_SAY])
def test_an_unanswered_danger_question_alone_is_urgent(judge: Judge, question: str, value: Answer) -> None:
    assessment = judge("", Answers.model_validate({question: value}))
    assert assessment.urgency is Urgency.URGENT
    assert assessment.ask[-1] == question


def test_nothing_asked_raises_nothing_and_is_asked_next(judge: Judge) -> None:
    assessment = judge("谢谢")
    assert assessment.urgency is Urgency.ROUTINE
    assert set(QUESTIONS) < set(assessment.ask)
    assert ("danger_now", Urgency.IMMEDIATE) in {
        (change.question, change.urgency) for change in assessment.what_would_change
    }


def test_all_that_raises_raises_one_step_once(judge: Judge) -> None:
    text = "孩子衣服很脏，吃不饱。孩子有自闭症。他们准备搬走。"
    answered = Answers(person_of_concern_has_access=Answer.DOES_NOT_KNOW)
    assert judge(text, answered, history=History(earlier_reports=9)).urgency is Urgency.URGENT


def test_a_safety_that_ends_within_ninety_minutes_raises(judge: Judge) -> None:
    later = Answers(child_safe_until=NOW + timedelta(minutes=91))
    soon = Answers(child_safe_until=NOW + timedelta(minutes=90))
    assert judge("孩子不敢回家", later).urgency is Urgency.URGENT
    assert judge("孩子不敢回家", soon).urgency is Urgency.IMMEDIATE


def test_a_safety_that_ends_soon_is_urgent_alone_and_one_that_has_ended_is_none(judge: Judge) -> None:
    for minutes, urgency in (
        (91, Urgency.ROUTINE),
        (90, Urgency.URGENT),
        (1, Urgency.URGENT),
        (0, Urgency.IMMEDIATE),
    ):
        until = Answers(child_safe_until=NOW + timedelta(minutes=minutes), child_safe_now=Answer.YES)
        assert judge("请问", until).urgency is urgency, minutes


def test_a_child_alone_of_an_age_nobody_told_is_judged_as_a_young_one(judge: Judge) -> None:
    alone = Answers(child_alone=Answer.YES)
    assert judge("请问", alone).urgency is Urgency.IMMEDIATE
    assert judge("请问", alone.model_copy(update={"child_age_years": 4})).urgency is Urgency.IMMEDIATE
    assert judge("请问", alone.model_copy(update={"child_age_years": 12})).urgency is Urgency.URGENT


def test_a_fourth_closed_report_with_a_child_under_five_is_assigned(judge: Judge) -> None:
    history = History(earlier_reports=3, closed_in_a_row=3)
    assert judge("四岁", history=history).urgency.rank <= Urgency.URGENT.rank


def test_an_infant_with_an_injury_nobody_explains_is_immediate(judge: Judge) -> None:
    assert judge("四个月大的宝宝脸上有淤青，原因不明").urgency is Urgency.IMMEDIATE
    assert judge("bruise, cannot explain it", Answers(child_age_months=4)).urgency is Urgency.IMMEDIATE


@pytest.mark.parametrize("text", [*DANGERS, "爸爸摸我的下面", "My father touched my private parts"])
def test_form_does_not_matter(judge: Judge, text: str) -> None:
    wide = "".join(chr(ord(char) + 0xFEE0) if "!" <= char <= "~" else char for char in text)
    for same in (text.upper(), wide, text.replace(" ", "\n\u3000 "), unicodedata.normalize("NFD", text)):
        assert judge(same).urgency is judge(text).urgency


def test_traditional_and_simplified_are_one(judge: Judge) -> None:
    for simple, traditional in [
        ("现在他正在打孩子，孩子头破血流", "現在他正在打孩子，孩子頭破血流"),
        ("继父摸她，她不敢回家", "繼父摸她，她不敢回家"),
        ("把儿子锁在屋里，没饭吃", "把兒子鎖在屋裡，沒飯吃"),
    ]:
        assert judge(simple) == judge(traditional)


@pytest.mark.parametrize("text", ["{} 昨晚用皮带打孩子", "Her {} hit her with a belt last night"])
def test_who_is_named_does_not_lower(judge: Judge, text: str) -> None:
    who = ["father", "stepfather", "mother", "爸爸", "继父", "外公", "阿依古丽", "Mohammed", "四川人"]
    assert {judge(text.format(name)).urgency for name in who} == {judge(text.format("爸爸")).urgency}


@pytest.mark.parametrize("text", [*DANGERS, "孩子身上有淤青，说不清怎么来的"])
def test_who_reports_does_not_lower(judge: Judge, text: str) -> None:
    assert {judge(text, role=role).urgency for role in ReporterRole} == {judge(text).urgency}


def test_a_denial_by_the_person_of_concern_does_not_lower(judge: Judge) -> None:
    text = "She has bruises and says her dad hit her."
    assert judge(f"{text} He says he never hit her.").urgency.rank <= judge(text).urgency.rank


def test_a_recording_nobody_has_heard_is_never_judged_low(pack: Pack) -> None:
    unheard = AssessedReport(channel=Channel.VOICE, has_unheard_recording=True)

    assessment = assess(unheard, History(), pack, NOW)

    assert assessment.urgency is Urgency.URGENT
    assert [reason.factor for reason in assessment.reasons] == ["unheard-recording"]
