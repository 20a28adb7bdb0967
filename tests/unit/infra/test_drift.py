"""How far a clock is from the database's: what may be the wait for the answer is no drift."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from infra.clock import Clock, Drift

TRUE = datetime(2026, 3, 4, 4, 0, tzinfo=UTC)


class Host(Clock):
    """A host whose clock is `ahead`, and a database that answers after a while; each is the other's argument."""

    def __init__(self, ahead: float, answers_after: float = 0, stamped_after: float = 0) -> None:
        super().__init__()
        self.ahead = timedelta(seconds=ahead)
        self._after, self._stamped = timedelta(seconds=answers_after), timedelta(seconds=stamped_after)
        self._true = TRUE
        self.asked = 0

    def here(self) -> datetime:
        return self._true + self.ahead

    async def fetchval(self, _sql: str) -> datetime:
        self.asked += 1
        stamp = self._true + self._stamped
        self._true += self._after
        return stamp


def pool(host: Host) -> Any:
    return host


@pytest.mark.parametrize("ahead", [3600, -3600, 0.5, 0])
async def test_a_drift_is_told_by_its_side(ahead: float) -> None:
    host = Host(ahead)
    assert await host.drift(pool(host)) == timedelta(seconds=ahead)


@pytest.mark.parametrize("stamped_after", [0, 1, 30])
async def test_a_database_that_answers_late_is_no_drift(stamped_after: float) -> None:
    host = Host(0, answers_after=30, stamped_after=stamped_after)
    assert await host.drift(pool(host)) == timedelta()


async def test_what_a_test_moved_is_no_drift() -> None:
    host = Host(0)
    host._move(timedelta(days=3))
    assert host.now() - host.here() == timedelta(days=3)
    assert await host.drift(pool(host)) == timedelta()


async def test_it_is_measured_now_and_then_and_at_once_after_a_jump(monkeypatch: pytest.MonkeyPatch) -> None:
    seconds = 100.0
    monkeypatch.setattr("infra.clock.stopwatch", lambda: seconds)
    host = Host(0)
    drift = Drift(host, pool(host))
    assert [await drift.look(), await drift.look(), host.asked] == [timedelta(), timedelta(), 1]
    host.ahead = timedelta(hours=1)
    assert [await drift.look(), await drift.look(), host.asked] == [timedelta(hours=1), timedelta(hours=1), 2]
    host.ahead = timedelta()
    assert [await drift.look(), host.asked] == [timedelta(), 3]
    seconds += 1.1
    host._true += timedelta(seconds=1.1)
    assert [await drift.look(), host.asked] == [timedelta(), 4]
