"""Who has a case now, and who may open its facts."""

from collections.abc import Sequence
from uuid import UUID

import pytest

from notifier.domain.answers import Standing
from notifier.domain.holding import holder, is_on_the_way, is_untaken, may_open_facts
from schemas.terms import EscalationStatus, Purpose

LI, WANG = UUID(int=1), UUID(int=2)
CALLING, TAKEN, SUPERSEDED = EscalationStatus.CALLING, EscalationStatus.ACKNOWLEDGED, EscalationStatus.SUPERSEDED
MINE, BEFORE = Standing(TAKEN, LI), Standing(SUPERSEDED, LI)
THERE = Standing(SUPERSEDED, LI, has_arrived=True)
ANEW, WANGS = Standing(CALLING), Standing(TAKEN, WANG)
KEPT_OUT = frozenset({LI})


@pytest.mark.parametrize(
    ("callings", "may_open"),
    [
        ([MINE], True),
        ([BEFORE], True),
        ([ANEW, BEFORE], True),
        ([WANGS, BEFORE], False),
        ([ANEW, Standing(SUPERSEDED, WANG, is_handed_back=True), BEFORE], False),
        ([MINE, Standing(SUPERSEDED, WANG), BEFORE], True),
        ([WANGS, THERE], True),
        ([WANGS, Standing(SUPERSEDED, LI, has_arrived=True, has_left=True)], False),
        ([Standing(CALLING, excluded=KEPT_OUT), BEFORE], False),
        ([Standing(CALLING, excluded=KEPT_OUT), THERE], False),
        ([Standing(CALLING, excluded=frozenset({WANG})), BEFORE], True),
    ],
)
def test_the_facts_are_for_whoever_took_the_case_until_another_did_or_they_are_kept_out(
    callings: Sequence[Standing], may_open: bool
) -> None:
    assert may_open_facts(LI, callings[-1], callings) is may_open


def test_whoever_is_called_now_may_open_them_and_who_neither_is_nor_took_the_case_may_not() -> None:
    assert may_open_facts(LI, ANEW, [ANEW])
    assert not may_open_facts(LI, WANGS, [WANGS])


def test_who_is_kept_out_may_not_open_them_by_a_calling_of_the_desk_either() -> None:
    read = Standing(CALLING, purpose=Purpose.READ)
    taken = Standing(TAKEN, LI, purpose=Purpose.READ)
    for asked in (read, taken):
        assert may_open_facts(LI, asked, [asked, WANGS])
        assert not may_open_facts(LI, asked, [asked, Standing(TAKEN, WANG, excluded=KEPT_OUT)])
    alone = Standing(CALLING, purpose=Purpose.READ, excluded=KEPT_OUT)
    assert not may_open_facts(LI, alone, [alone])


def test_a_call_that_asked_after_somebody_opens_them_as_long_as_they_are_there() -> None:
    asked = Standing(TAKEN, LI, purpose=Purpose.CHECK_IN)
    assert may_open_facts(LI, asked, [asked, WANGS, THERE])
    assert not may_open_facts(LI, asked, [asked, WANGS, BEFORE])


@pytest.mark.parametrize(
    ("callings", "who", "untaken"),
    [
        ([], None, False),
        ([MINE], LI, False),
        ([WANGS, BEFORE], WANG, False),
        ([ANEW, BEFORE], None, True),
        ([Standing(TAKEN, LI, is_handed_back=True)], None, True),
        ([Standing(EscalationStatus.ENDED), BEFORE], None, False),
        ([BEFORE], None, False),
    ],
)
def test_the_newest_calling_says_who_has_it(callings: Sequence[Standing], who: UUID | None, untaken: bool) -> None:
    asked = Standing(CALLING, purpose=Purpose.CHECK_IN)
    for purpose, known in ((Purpose.RESPOND, callings), (Purpose.CHECK_IN, [asked, *callings])):
        assert holder(purpose, known) == who
        assert is_untaken(purpose, known) is untaken


def test_each_purpose_has_its_own_taker() -> None:
    read = Standing(TAKEN, LI, purpose=Purpose.READ)
    assert holder(Purpose.READ, [WANGS, read]) == LI
    assert holder(Purpose.RESPOND, [read, WANGS]) == WANG


def test_who_took_a_case_that_is_called_anew_may_be_on_the_way_unless_they_gave_it_up() -> None:
    assert is_on_the_way(LI, [ANEW, BEFORE])
    given_up = (
        Standing(SUPERSEDED, LI, is_handed_back=True),
        Standing(SUPERSEDED, LI, has_arrived=True, has_left=True),
    )
    for before in (*given_up, MINE, Standing(SUPERSEDED, WANG), Standing(SUPERSEDED, LI, purpose=Purpose.READ)):
        assert not is_on_the_way(LI, [ANEW, before])
