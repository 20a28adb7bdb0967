"""The way a report takes through the trees of its concerns, and the questions that are worth asking next."""

from datetime import date
from typing import Any

import pytest

from schemas.report import Answers
from schemas.terms import Answer, Injury, ReporterRole, Urgency
from tests.unit.triage.engine.conftest import NOW, Judge
from triage.domain.assessment import AssessedReport, Assessment, History, Path, Piece, Standing
from triage.domain.engine import assess
from triage.domain.pack import Pack
from triage.domain.path import MOST_ASKED, trees_of
from triage.packs import Packs


def way(assessment: Assessment, concern: str) -> Path:
    return next(each for each in assessment.concerns if each.concern == concern)


def standing(assessment: Assessment, concern: str, step: str) -> Standing:
    return next(each.standing for each in way(assessment, concern).steps if each.rule == step)


def test_what_is_told_opens_its_concerns_and_no_others(judge: Judge) -> None:
    assert [each.concern for each in judge("爸爸用皮带打孩子").concerns] == ["physical"]
    assert not judge("谢谢，再见").concerns


def test_a_way_ends_at_its_first_yes_with_the_finding_that_says_so(judge: Judge) -> None:
    assessment = judge("爸爸用皮带打孩子")
    taken = way(assessment, "physical")
    assert taken.answer is not None
    step = taken.steps[taken.answer]
    assert step.rule == "hit-with-object"
    assert {assessment.reasons[at].factor for at in step.reasons} == {"hit-with-object"}


def test_the_urgency_is_never_milder_than_any_yes_of_its_trees(judge: Judge, pack: Pack) -> None:
    urgencies = {step.id: step.urgency for concern in pack.concerns for step in concern.steps}
    for text in ("爸爸用皮带打孩子，孩子不敢回家", "她怀孕了，才十三岁", "孩子吃不饱，妈妈吸毒"):
        assessment = judge(text)
        yes = [urgencies[each.steps[each.answer].rule] for each in assessment.concerns if each.answer is not None]
        assert yes
        assert all(assessment.urgency.rank <= each.rank for each in yes)


def test_a_question_that_is_only_denied_is_shown_denied_and_cancels_nothing(judge: Judge) -> None:
    assessment = judge("爸爸用皮带打孩子。没有拿刀。")
    assert standing(assessment, "physical", "weapon") is Standing.DENIED
    both = judge("爸爸用皮带打孩子。没有拿刀。后来他拿着刀冲进来。")
    assert standing(both, "physical", "weapon") is Standing.YES


def test_a_denial_of_one_thing_is_no_denial_of_the_others_that_a_question_asks_for(judge: Judge) -> None:
    assessment = judge("爸爸打孩子。没有骨折。")
    for step in ("grave-injury", "infant-injury", "injury-by-a-person"):
        assert standing(assessment, "physical", step) is Standing.OPEN
    assert "grave-injury" in judge("孩子身上有淤青。没有骨折。").ask


def test_what_nobody_said_is_open_and_an_unknown_answer_is_unknown_never_no(judge: Judge) -> None:
    assessment = judge("爸爸用皮带打孩子")
    assert standing(assessment, "physical", "weapon") is Standing.OPEN
    unknown = judge("爸爸用皮带打孩子", Answers(danger_now=Answer.DOES_NOT_KNOW))
    assert standing(unknown, "physical", "danger-now") is Standing.UNKNOWN
    silent = judge("爸爸用皮带打孩子", Answers(injury=Injury.UNKNOWN))
    assert standing(silent, "physical", "serious-injury") is Standing.UNKNOWN


def test_a_mild_answer_denies_what_its_question_asks_for_and_a_word_beside_it_still_counts(judge: Judge) -> None:
    answers = Answers(injury=Injury.NONE, danger_now=Answer.NO, child_safe_now=Answer.YES)
    assessment = judge("爸爸用皮带打孩子", answers)
    assert standing(assessment, "physical", "danger-now") is Standing.DENIED
    assert standing(judge("爸爸正在打我，救救我", answers), "danger", "danger-now") is Standing.YES


def test_an_age_that_was_told_rules_out_and_one_that_was_not_leaves_open(judge: Judge) -> None:
    told = judge("孩子身上有淤青", Answers(child_age_years=9))
    assert standing(told, "physical", "infant-injury") is Standing.RULED_OUT
    assert standing(judge("孩子身上有淤青"), "physical", "infant-injury") is Standing.OPEN
    assert standing(judge("八个月的孩子身上有淤青"), "physical", "infant-injury") is Standing.YES


def test_a_step_is_ruled_out_where_an_answer_silences_its_rule(judge: Judge) -> None:
    assessment = judge("孩子骨折了", Answers(child_safe_now=Answer.YES))
    assert standing(assessment, "physical", "grave-injury") is Standing.RULED_OUT


def test_words_of_a_grown_survivor_open_no_tree(judge: Judge) -> None:
    assert not judge("我今年四十岁，小时候被继父摸下面。").concerns


def test_open_questions_of_its_trees_are_asked_after_the_danger_questions_gravest_first(
    judge: Judge, pack: Pack
) -> None:
    assessment = judge("孩子吃不饱，很脏")
    steps = {step.id: step for concern in pack.concerns for step in concern.steps}
    asked = [each for each in assessment.ask if each in steps]
    assert assessment.urgency is Urgency.PRIORITY
    assert assessment.ask == (*(question.id for question in pack.questions), "child_age", *asked)
    assert 0 < len(asked) <= MOST_ASKED
    ranks = [steps[each].urgency.rank for each in asked]
    assert ranks == sorted(ranks)
    changes = {change.question: change for change in assessment.what_would_change}
    for each in asked:
        assert changes[each].answer == "yes"
        assert changes[each].urgency.rank < Urgency.PRIORITY.rank


def test_what_is_half_told_is_asked_before_what_nobody_spoke_of(judge: Judge) -> None:
    answers = Answers(child_safe_now=Answer.YES, danger_now=Answer.NO, injury=Injury.MINOR, child_age_years=9)
    asked = judge("爸爸用皮带打孩子，胳膊上有淤青", answers).ask
    assert asked.index("hurt-and-reachable-tonight") < asked.index("strangulation")


def test_a_question_of_a_tree_that_a_danger_question_asks_is_not_asked_twice(judge: Judge) -> None:
    asked = judge("教练摸她的胸部").ask
    assert "person_of_concern_has_access" in asked
    assert "sexual-abuse-access-tonight" not in asked
    assert "danger-now" not in asked


def test_where_nobody_is_asked_whether_the_child_is_alone_the_tree_may_ask(judge: Judge) -> None:
    text, answers = "孩子吃不饱，很脏", Answers(child_age_years=4)
    assert "young-child-alone" not in judge(text, answers).ask
    assert "young-child-alone" in judge(text, answers, ReporterRole.HEALTH).ask


def test_what_is_denied_or_ruled_out_is_not_asked(judge: Judge) -> None:
    assert "infant-in-want" in judge("孩子吃不饱，很脏").ask
    assert "infant-in-want" not in judge("孩子吃不饱，很脏", Answers(child_age_years=9)).ask


def test_where_everything_is_grave_already_no_tree_asks(judge: Judge, pack: Pack) -> None:
    steps = {step.id for concern in pack.concerns for step in concern.steps}
    assessment = judge("他拿着刀，正在打孩子")
    assert assessment.urgency is Urgency.IMMEDIATE
    assert not steps & set(assessment.ask)
    assert not steps & {change.question for change in assessment.what_would_change}


@pytest.mark.parametrize(
    ("text", "answers"),
    [
        ("爸爸用皮带打孩子。没有拿刀。孩子五岁，不敢回家", Answers(danger_now=Answer.NO)),
        ("八个月的孩子身上有淤青", Answers(injury=Injury.UNKNOWN)),
        ("Mum knows about my stepdad touching her private parts and does nothing", Answers(child_age_years=7)),
    ],
)
def test_the_way_read_from_kept_reasons_is_the_way_of_the_judgement(pack: Pack, text: str, answers: Answers) -> None:
    report = AssessedReport(pieces=(Piece(id="narrative", text=text),), answers=answers)
    assessment = assess(report, History(), pack, NOW)
    assert assessment.concerns
    assert trees_of(pack, report, assessment.reasons).paths() == assessment.concerns


# Words of this test's own. What a new question finds must come to the urgency that its tree says.
NEW: list[tuple[str, str, dict[str, Any], Urgency]] = [
    ("nobody-protects", "奶奶总是骂他是废物，妈妈知道也不管", {}, Urgency.URGENT),
    ("nobody-protects", "He calls her worthless and mum takes his side", {}, Urgency.URGENT),
    ("assault-in-evidence-window", "昨晚她被人强奸了", {"child_safe_now": "yes"}, Urgency.URGENT),
    ("assault-in-evidence-window", "She was raped yesterday evening", {"child_safe_now": "yes"}, Urgency.URGENT),
    ("toddler-struck", "他们罚站体罚他", {"child_age_months": 20}, Urgency.URGENT),
    ("toddler-neglected", "孩子总是脏兮兮", {"child_age_months": 20}, Urgency.URGENT),
    ("infant-in-want", "孩子几天没吃东西", {"child_age_months": 5}, Urgency.IMMEDIATE),
    ("young-without-carer", "孩子的妈妈死了，没有亲戚", {"child_age_years": 3}, Urgency.IMMEDIATE),
    ("without-carer", "孩子的妈妈死了，没有亲戚", {"child_age_years": 11}, Urgency.URGENT),
    ("serious-injury-safe", "孩子误服农药中毒", {"child_safe_now": "yes"}, Urgency.URGENT),
    ("serious-injury-safe", "孩子头部受伤，颅内出血", {"child_safe_now": "yes"}, Urgency.URGENT),
    ("serious-injury-safe", "He has a broken arm", {"child_safe_now": "yes", "injury": "minor"}, Urgency.URGENT),
    ("hurt-and-reachable-tonight", "他打孩子，胳膊上有淤青，今晚还要带孩子回去", {}, Urgency.IMMEDIATE),
]


@pytest.mark.parametrize(("step", "text", "answers", "urgency"), NEW, ids=[f"{row[0]}-{row[1][:4]}" for row in NEW])
def test_a_question_finds_what_it_asks_for(
    judge: Judge, step: str, text: str, answers: dict[str, Any], urgency: Urgency
) -> None:
    assessment = judge(text, Answers.model_validate(answers))
    assert step in assessment.rules
    assert assessment.urgency is urgency


def test_an_adult_who_protects_lowers_nothing(judge: Judge) -> None:
    told = "爸爸用皮带打孩子，胳膊上有淤青"
    assert judge(f"{told}。妈妈护着孩子，站在孩子一边。").urgency is judge(told).urgency
    assert "nobody-protects" not in judge(f"{told}。妈妈护着孩子，站在孩子一边。").rules


def test_england_asks_whether_a_mutilation_is_known(packs: Packs) -> None:
    england = packs.for_jurisdiction("GB-ENG", date(2026, 11, 26))
    report = AssessedReport(pieces=(Piece(id="narrative", text="She told me in confidence about the fgm"),))
    assessment = assess(report, History(), england, NOW)
    assert standing(assessment, "exploitation", "gb-fgm-known") is Standing.YES
