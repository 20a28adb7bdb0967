import asyncio
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from infra.kafka import BrokerUnavailable, Producer, producer
from infra.settings import Settings

ROW = {
    "id": UUID(int=1),
    "topic": "hotline.reports",
    "type": "report.received.v1",
    "key": UUID(int=2),
    "body": {},
    "correlation_id": UUID(int=3),
    "causation_id": UUID(int=3),
    "traceparent": "",
    "occurred_at": datetime(2026, 3, 3, tzinfo=UTC),
}


class Away:
    """A producer whose broker went away: it takes what is sent, and never says what became of it."""

    def __init__(self) -> None:
        self.is_stopped = False

    async def send(self, topic: str, **message: Any) -> asyncio.Future[None]:
        return asyncio.get_running_loop().create_future()

    async def stop(self) -> None:
        self.is_stopped = True


async def test_a_broker_that_went_away_is_told_of_in_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(producer, "PUBLISH_SECONDS", 0.05)
    away, publishing = Away(), Producer(Settings())
    monkeypatch.setattr(publishing, "_producer", away)

    with pytest.raises(BrokerUnavailable, match="TimeoutError"):
        await asyncio.wait_for(publishing.publish([ROW]), 2)
    assert away.is_stopped
