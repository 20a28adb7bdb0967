"""Publishing: CloudEvents 1.0, acknowledged by every in-sync replica."""

import asyncio
import json
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from infra.kafka.topics import REQUEST_MS, STOP_SECONDS, BrokerUnavailable, ensure_topics, servers
from infra.settings import Settings

# An idempotent producer never gives a batch up by itself, however long its broker is away.
PUBLISH_SECONDS = 10.0


class Producer:
    """Publishes envelopes; every one is acknowledged by all in-sync replicas before `publish` returns."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._producer: AIOKafkaProducer | None = None

    async def publish(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Publish outbox rows; BrokerUnavailable when any of them is not known to be accepted."""
        try:
            producer = self._producer or await self._connect()
            async with asyncio.timeout(PUBLISH_SECONDS):
                sends = [await producer.send(row["topic"], **_message(row)) for row in rows]
                await asyncio.gather(*sends)
        except (KafkaError, OSError) as error:
            await self.close()
            raise BrokerUnavailable(type(error).__name__) from error

    async def _connect(self) -> AIOKafkaProducer:
        await ensure_topics(self._settings)
        self._producer = AIOKafkaProducer(
            bootstrap_servers=servers(self._settings),
            acks="all",
            enable_idempotence=self._settings.kafka_idempotence,
            request_timeout_ms=REQUEST_MS,
            linger_ms=0,
        )
        await self._producer.start()
        return self._producer

    async def close(self) -> None:
        """Let go of the broker; the next publish connects anew."""
        producer, self._producer = self._producer, None
        if producer is not None:
            with suppress(TimeoutError, KafkaError, OSError):
                await asyncio.wait_for(producer.stop(), STOP_SECONDS)


def _message(row: Mapping[str, Any]) -> dict[str, Any]:
    """CloudEvents 1.0 in the Kafka protocol's binary mode."""
    headers = {
        "ce_specversion": "1.0",
        "ce_id": str(row["id"]),
        "ce_type": row["type"],
        "ce_source": "hotline",
        "ce_time": row["occurred_at"].isoformat(),
        "ce_correlationid": str(row["correlation_id"]),
        "ce_causationid": str(row["causation_id"]),
        "traceparent": row["traceparent"],
        "content-type": "application/json",
    }
    return {
        "key": str(row["key"]).encode(),
        "value": json.dumps(row["body"]).encode(),
        "headers": [(name, value.encode()) for name, value in headers.items()],
    }
