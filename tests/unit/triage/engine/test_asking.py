"""What others answered stands beside a report: the more dangerous one counts, and each replaces their own."""

from datetime import UTC, datetime, timedelta
from typing import Any

from schemas.report import Answers
from schemas.terms import Answer
from triage.domain.asking import Asked, AskedOf, by_person, gravest
from triage.domain.pack import Pack

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)


def asked(asked_of: AskedOf, minutes: int = 0, **answers: Any) -> Asked:
    return Asked(asked_of, NOW + timedelta(minutes=minutes), Answers(**answers))


def test_an_answer_stands_where_nothing_was_asked(pack: Pack) -> None:
    beside = gravest(Answers(), [Answers(child_alone="no")], pack.questions)

    assert beside.child_alone is Answer.NO


def test_the_more_dangerous_answer_counts_whoever_gave_it(pack: Pack) -> None:
    assert gravest(Answers(danger_now="yes"), [Answers(danger_now="no")], pack.questions).danger_now is Answer.YES
    assert gravest(Answers(danger_now="no"), [Answers(danger_now="yes")], pack.questions).danger_now is Answer.YES
    assert (
        gravest(Answers(child_safe_now="yes"), [Answers(child_safe_now="no")], pack.questions).child_safe_now
        is Answer.NO
    )


def test_asked_and_not_answered_is_more_dangerous_than_nothing_to_fear(pack: Pack) -> None:
    beside = gravest(Answers(injury="none"), [Answers(injury="would_not_say")], pack.questions)

    assert beside.injury.value == "would_not_say"


def test_who_answers_anew_replaces_their_own_answer_alone() -> None:
    said = by_person(
        [
            asked(AskedOf.CHILD, danger_now="yes", child_alone="yes"),
            asked(AskedOf.PROFESSIONAL, 1, danger_now="does_not_know"),
            asked(AskedOf.CHILD, 2, danger_now="no"),
        ]
    )

    assert [each.danger_now.value for each in said] == ["no", "does_not_know"]
    assert said[0].child_alone is Answer.YES
