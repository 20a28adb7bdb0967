"""Calls that perhaps were placed: what is still true of them once their person declines, or the numbers are busy."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from infra import buckets
from schemas.terms import Level
from tests.integration.notifier.conftest import ALERT_NUMBER, SMS, VOICE, Night, ladder

OF_LI = "from notifier.alerts where channel = 'voice' and level = 'first' and person_id = $1"
DOUBTFUL = f"select state = 'sending' and stalled_at is not null {OF_LI}"


async def test_whoever_declined_is_not_rung_for_a_call_whose_answer_was_lost(night: Night) -> None:
    li = await night.person("Li", Level.FIRST)
    await night.person("Wang", Level.BACKUP)
    await night.phones.fault("slow_accept", night.numbers[li], channel="voice", seconds=2, count=1)
    await night.hears(night.case(night.assignment(ladder=ladder(VOICE, SMS))))
    await night.phone(li).receives("KD472")
    await night.until(DOUBTFUL, li)
    await night.phone(li).text("32", ALERT_NUMBER)
    await night.phone(li).receives("知道了")
    asked = await night.sends(li, "Calls")

    await night.after(seconds=11)
    await night.until(f"select state = 'cancelled' and due_at is null and not is_repeat {OF_LI}", li)
    assert await night.sends(li, "Calls") == asked


async def test_a_doubtful_call_that_waits_for_a_token_stays_doubtful(
    night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    li = await _doubtful(night)
    refused: list[timedelta] = []

    async def busy(_pool: Any, _bucket: Any, _now: Any, count: int, *_more: Any) -> list[timedelta]:
        refused.append(timedelta(seconds=3))
        return refused[-1:] * count

    with monkeypatch.context() as patched:
        patched.setattr(buckets, "take_many", busy)
        await night.after(seconds=11)
        claims = await night.one(f"select fence {OF_LI}", li)
        await night.until(f"select fence > $2 and due_at > $3 {OF_LI}", li, claims + 1, night.clock.now())
        assert refused
        assert await night.one(DOUBTFUL, li)
    await night.after(seconds=4)
    await night.until(f"select is_repeat {OF_LI}", li)


async def _doubtful(night: Night) -> UUID:
    """Somebody who was called and of whose call nothing is heard or listed."""
    li = await night.person("Li", Level.FIRST)
    await night.phones.fault("slow_answer", night.numbers[li], channel="voice", seconds=2, count=1)
    await night.phones.fault("lists_late", night.numbers[li], seconds=3600)
    await night.phones.fault("callbacks_lost", night.numbers[li])
    await night.hears(night.case(night.assignment(ladder=ladder(VOICE))))
    await night.until(DOUBTFUL, li)
    return li
