"""A host whose clock is wrong calls nobody by it, says so, and goes on by itself."""

import asyncio
from datetime import datetime, timedelta

import pytest

from infra.clock import DRIFT_REFUSED
from schemas.terms import Level
from tests.integration.notifier.conftest import SMS, Night, ladder

PASSES = 20


class Adrift:
    """The clock of the night's host, as far from the true time as a test says."""

    def __init__(self, night: Night, monkeypatch: pytest.MonkeyPatch) -> None:
        self.by = timedelta()
        self.looks = 0
        self._true = night.clock.here
        monkeypatch.setattr(night.clock, "here", self._here)

    def _here(self) -> datetime:
        self.looks += 1
        return self._true() + self.by

    async def is_looked_at(self) -> None:
        """Return when a worker has looked again and again."""
        end = self.looks + PASSES
        async with asyncio.timeout(10):
            while self.looks < end:
                await asyncio.sleep(0.01)


@pytest.mark.parametrize("by", [timedelta(hours=1), timedelta(hours=-1), 2 * DRIFT_REFUSED])
async def test_nobody_is_called_by_a_wrong_clock_until_it_is_right(
    night: Night, monkeypatch: pytest.MonkeyPatch, by: timedelta
) -> None:
    li = await night.person("Li", Level.FIRST)
    await night.person("Wang", Level.BACKUP)
    await night.stop_workers()
    await night.hears(night.case(night.assignment(ladder=ladder(SMS))))
    planned = await night.one("select count(*) from notifier.alerts")
    host = Adrift(night, monkeypatch)
    host.by = by
    working = night.start()
    await host.is_looked_at()
    assert f"clock is {by.total_seconds():.0f} s away" in str(await working.trouble())
    assert await night.one("select count(*) from notifier.alerts") == planned
    assert not await night.one("select exists (select from notifier.alerts where fence > 0)")
    host.by = timedelta()
    await night.phone(li).receives("KD472")
    assert await working.trouble() is None
    assert await night.one("select count(*) from notifier.alerts where channel = 'sms'") == 1


async def test_a_clock_that_jumps_while_people_are_called_climbs_no_rung(
    night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    li = await night.person("Li", Level.FIRST)
    wang = await night.person("Wang", Level.BACKUP)
    host = Adrift(night, monkeypatch)
    await night.hears(night.case(night.assignment(ladder=ladder(SMS))))
    await night.phone(li).receives("KD472")
    host.by = timedelta(hours=1)
    night.wake.steps.set()
    night.wake.sends.set()
    await host.is_looked_at()
    assert not await night.one("select exists (select from notifier.alerts where person_id = $1)", wang)
    host.by = timedelta()
    # What a test moves is no drift.
    await night.after(minutes=2, seconds=1)
    await night.phone(wang).receives("KD472")
