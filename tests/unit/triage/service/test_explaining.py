"""Why somebody is on call, in sentences of both languages."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from infra.locales import Locales
from schemas.terms import Level
from triage.domain.roster import Absence, Explanation, Grounds, Shift
from triage.handlers.explaining import sentences
from triage.seed import LOCALES

AT = datetime(2026, 11, 26, 3, tzinfo=UTC)
WEEKLY = Grounds(every=timedelta(days=7))
TEXTS = Locales.load(LOCALES)


def told(grounds: Grounds, language: str, absent: tuple[Absence, ...] = ()) -> list[str]:
    shift = Shift("li", Level.FIRST, 1, AT, AT + timedelta(hours=1), grounds)
    return sentences(Explanation(Level.FIRST, (shift,), absent), TEXTS[language], language, str.title)


def test_a_swap_says_its_day_and_what_it_replaced() -> None:
    swap = Grounds(kind="swap", swap_id=UUID(int=1), on=date(2026, 11, 12), instead_of="wang", replaced=WEEKLY)

    assert told(swap, "en") == [
        "Li, because the swap of 12 November replaced the weekly rotation: it would have been Wang."
    ]
    assert told(swap, "zh") == ["Li值班：11月12日的换班替换了每周轮班，原为Wang。"]


@pytest.mark.parametrize(
    ("grounds", "en", "zh"),
    [
        (WEEKLY, "the weekly rotation", "每周轮班"),
        (Grounds(every=timedelta(days=1)), "the daily rotation", "每日轮班"),
        (Grounds(every=timedelta(days=3)), "the rotation of 3 days", "每 3 天轮班"),
        (Grounds(every=timedelta(hours=12)), "the rotation of 12 hours", "每 12 小时轮班"),
        (Grounds(every=timedelta(hours=36)), "the rotation of 36 hours", "每 36 小时轮班"),
        (Grounds(), "the rotation by shifts", "按班次轮班"),
        (Grounds(kind="by_hand"), "a shift written by hand", "手工排定的班次"),
        (Grounds(kind="override"), "an override of the roster", "值班表的调整"),
    ],
)
def test_every_rule_has_its_words(grounds: Grounds, en: str, zh: str) -> None:
    assert told(grounds, "en") == [f"Li, because of {en}."]
    assert told(grounds, "zh") == [f"Li值班，依据：{zh}。"]


@pytest.mark.parametrize("because", ["override", "swap", "leave"])
def test_nobody_is_said_with_who_is_away(because: Any) -> None:
    nobody = Explanation(Level.FIRST, (), (Absence("li", because),))
    first, second = sentences(nobody, TEXTS["en"], "en")
    assert first == "Nobody is on call."
    assert second.startswith("Not li: ")
    assert sentences(nobody, TEXTS["zh"], "zh")[0] == "无人值班。"


def test_grounds_are_kept_and_read_again() -> None:
    swap = Grounds(kind="swap", swap_id=UUID(int=1), on=date(2026, 11, 12), instead_of="wang", replaced=WEEKLY)
    assert Grounds.model_validate(swap.model_dump(mode="json", exclude_none=True)) == swap
