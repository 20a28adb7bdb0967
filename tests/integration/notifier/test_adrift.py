"""A host whose clock is wrong calls people by the database's."""

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
async def test_people_are_called_by_the_databases_clock_where_the_hosts_is_wrong(
    night: Night, monkeypatch: pytest.MonkeyPatch, by: timedelta
) -> None:
    li = await night.person("Li", Level.FIRST)
    wang = await night.person("Wang", Level.BACKUP)
    await night.stop_workers()
    await night.hears(night.case(night.assignment(ladder=ladder(SMS))))
    host = Adrift(night, monkeypatch)
    host.by = by
    night.start()
    await night.phone(li).receives("KD472")
    await host.is_looked_at()
    assert not await night.one("select exists (select from notifier.alerts where person_id = $1)", wang)
    assert await night.one("select clock_timestamp() - sent_at between '0' and '1 minute' from notifier.alerts")
    await night.after(minutes=2, seconds=1)
    await night.phone(wang).receives("KD472")


async def test_a_clock_that_jumps_while_people_are_called_climbs_no_rung_and_misses_none(
    night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    li = await night.person("Li", Level.FIRST)
    wang = await night.person("Wang", Level.BACKUP)
    host = Adrift(night, monkeypatch)
    await night.hears(night.case(night.assignment(ladder=ladder(SMS))))
    await night.phone(li).receives("KD472")
    for by in (timedelta(hours=1), timedelta()):
        host.by = by
        night.wake.steps.set()
        night.wake.sends.set()
        await host.is_looked_at()
        assert not await night.one("select exists (select from notifier.alerts where person_id = $1)", wang)
    # What a test moves is no drift.
    await night.after(minutes=2, seconds=1)
    await night.phone(wang).receives("KD472")
