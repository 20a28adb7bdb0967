"""What stands in the way of closing a case, and what calls for a second person."""

from dataclasses import replace

import pytest
from pydantic import ValidationError

from schemas.terms import Answer, ReporterRole, Urgency
from tests.staffed import packs
from triage.domain.assessment import History
from triage.domain.closing import ClosingReasons, Ground, Hindrance, Standing, grounds, hindrances
from triage.domain.malice import is_somebody_else

QUIET = Standing(
    urgencies=frozenset({Urgency.ROUTINE}),
    history=History(),
    ages_months=(72,),
    access=frozenset({Answer.NO}),
    was_called=True,
    is_taken=True,
)
"""A routine case of a child of six, read, asked and taken: nothing hinders, nobody else is needed."""


def test_a_quiet_case_is_closed_by_one_person() -> None:
    assert hindrances(QUIET) == ()
    assert grounds(QUIET) == ()


@pytest.mark.parametrize(
    ("change", "hindrance"),
    [
        ({"is_unread": True}, Hindrance.UNREAD),
        ({"is_unheard": True}, Hindrance.UNHEARD),
        ({"unasked": ("injury",)}, Hindrance.QUESTION_OPEN),
        ({"running": frozenset({"responder_silent"})}, Hindrance.THERE),
        ({"running": frozenset({"child_not_reached"})}, Hindrance.NOT_REACHED),
        ({"calling": frozenset({"read"})}, Hindrance.CALLING),
        ({"is_taken": False}, Hindrance.NOT_TAKEN),
        ({"running": frozenset({"emergency_service"})}, Hindrance.EMERGENCY),
        ({"legal": frozenset({"acknowledge_and_decide"})}, Hindrance.LEGAL_CLOCK),
        ({"is_lower_asked": True}, Hindrance.LOWER_ASKED),
    ],
)
def test_each_of_these_hinders(change: dict[str, object], hindrance: Hindrance) -> None:
    assert hindrances(replace(QUIET, **change)) == (hindrance,)  # type: ignore[arg-type]


def test_nobody_need_take_what_nobody_was_called_for() -> None:
    assert hindrances(replace(QUIET, was_called=False, is_taken=False)) == ()


@pytest.mark.parametrize(
    ("change", "ground"),
    [
        ({"urgencies": frozenset({Urgency.PRIORITY, Urgency.URGENT})}, Ground.EVER_URGENT),
        ({"ages_months": (72, 59)}, Ground.CHILD_UNDER_FIVE),
        ({"ages_months": ()}, Ground.AGE_UNKNOWN),
        ({"is_whole": False}, Ground.AGE_UNKNOWN),
        ({"history": History(earlier_reports=2)}, Ground.LATER_REPORT),
        ({"factors": frozenset({"disclosure"})}, Ground.CHILD_TOLD),
        ({"sources": frozenset({"child"})}, Ground.CHILD_TOLD),
        ({"roles": frozenset({ReporterRole.CHILD})}, Ground.CHILD_TOLD),
        ({"factors": frozenset({"access"})}, Ground.ACCESS),
        ({"access": frozenset({Answer.NO, Answer.DOES_NOT_KNOW})}, Ground.ACCESS),
        ({"access": frozenset({Answer.WOULD_NOT_SAY})}, Ground.ACCESS),
        ({"is_disputed": True}, Ground.DISPUTED),
        ({"is_malice_suspected": True}, Ground.MALICE),
        ({"running": frozenset({"safety_ends"})}, Ground.SAFETY_WATCHED),
    ],
)
def test_each_of_these_calls_for_a_second_person(change: dict[str, object], ground: Ground) -> None:
    assert grounds(replace(QUIET, **change)) == (ground,)  # type: ignore[arg-type]


@pytest.mark.parametrize("clock", ["check_in", "check_in_call", "responder_silent", "responder_help"])
def test_nothing_is_closed_while_somebody_is_there_or_nobody_knows_that_they_are_safe(clock: str) -> None:
    assert hindrances(replace(QUIET, running=frozenset({clock}))) == (Hindrance.THERE,)


def test_five_years_second_reports_and_priority_do_not() -> None:
    older = replace(QUIET, ages_months=(60,), history=History(earlier_reports=1))
    assert grounds(replace(older, urgencies=frozenset({Urgency.PRIORITY}))) == ()


def test_what_is_said_when_asking_calls_for_one_too() -> None:
    assert grounds(QUIET, is_disputed=True) == (Ground.DISPUTED,)
    assert grounds(QUIET, by_reason=True) == (Ground.REASON,)


def test_the_reasons_hold_no_want_of_capacity_and_no_bare_failure_to_find() -> None:
    reasons = packs().closing
    assert [each.code for each in reasons.reasons] == [
        "served_safe", "handed_over", "no_child_at_risk", "duplicate", "not_located",
    ]  # fmt: skip
    not_located = reasons.of("not_located")
    assert not_located is not None
    assert (not_located.needs, not_located.second_person, not_located.has_outcome) == ("steps", True, False)
    assert reasons.fewest_steps == 3
    assert reasons.of("no_capacity") is None


def test_more_steps_than_there_are_cannot_be_asked_for() -> None:
    with pytest.raises(ValidationError, match="fewest_steps"):
        ClosingReasons(reasons=(), steps=("visited",), fewest_steps=2)


@pytest.mark.parametrize(
    ("senders", "known", "is_other"),
    [
        ({"+8613800000001"}, {"+8613800000001", None}, False),
        ({"+8613800000002"}, {"+8613800000001"}, True),
        ({"+8613800000001", "+8613800000002"}, {"+8613800000001"}, True),
        ({None}, {None}, True),
        (set(), {"+8613800000001"}, True),
        ({"+8613800000001"}, set(), True),
    ],
)
def test_a_report_is_from_somebody_else_unless_its_phone_is_known(
    senders: set[str | None], known: set[str | None], is_other: bool
) -> None:
    assert is_somebody_else(senders, known) is is_other
