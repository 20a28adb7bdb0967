"""Reading: hands every record to a subscriber, and lets an error of the infrastructure pause instead of pass."""

import asyncio
import json
from collections.abc import Coroutine
from contextlib import suppress
from dataclasses import dataclass
from uuid import UUID

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from aiokafka.errors import KafkaError
from aiokafka.structs import ConsumerRecord

from infra.inbox import Envelope, Subscriber
from infra.kafka.lanes import RETRY_SECONDS, Lanes, Take
from infra.kafka.topics import (
    PARTITIONS,
    REQUEST_MS,
    STOP_SECONDS,
    BrokerUnavailable,
    cluster_id,
    ensure_topics,
    servers,
)
from infra.outbox import Trace
from infra.settings import Settings

FETCH_WAIT_MS = 50
WATCH_SECONDS = 1.0

_log = structlog.get_logger()


@dataclass(frozen=True)
class Reader:
    """Who reads: a service's name is its group; `is_reading` is set while partitions are assigned."""

    settings: Settings
    name: str
    subscriber: Subscriber
    is_reading: asyncio.Event


async def consume(reader: Reader) -> None:
    """Hand the subscriber what the broker has, for as long as the process lives; start anew after any fault."""
    read = _read_as_group if reader.settings.kafka_idempotence else _read_from_end

    async def take(record: ConsumerRecord) -> None:
        taken = envelope(record)
        if taken is not None:
            await reader.subscriber.receive(taken)

    while True:
        try:
            await ensure_topics(reader.settings)
            await read(reader, take)
        except (BrokerUnavailable, KafkaError, OSError) as error:
            _log.warning("reading_broken", service=reader.name, error=type(error).__name__)
        reader.is_reading.clear()
        await asyncio.sleep(RETRY_SECONDS)


async def _read_as_group(reader: Reader, take: Take) -> None:
    """Apache Kafka: one static member an instance, so that a restarted one is back at once."""
    settings, name = reader.settings, reader.name
    consumer = AIOKafkaConsumer(
        bootstrap_servers=servers(settings),
        group_id=f"hotline-{name}",
        group_instance_id=f"hotline-{name}-{settings.instance}",
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        request_timeout_ms=REQUEST_MS,
        session_timeout_ms=10_000,
        heartbeat_interval_ms=1_000,
    )
    lanes = Lanes(consumer, take)
    consumer.subscribe(reader.subscriber.topics, listener=_Members(lanes, reader.is_reading))
    try:
        await consumer.start()
        await _until_one_ends(lanes.fill(), lanes.keep_places())
    finally:
        lanes.abandon()
        await _stop(consumer)


class _Members(ConsumerRebalanceListener):  # type: ignore[misc]
    """Opens and settles lanes as partitions come and go among the members of the group."""

    def __init__(self, lanes: Lanes, is_reading: asyncio.Event) -> None:
        self._lanes = lanes
        self._is_reading = is_reading

    async def on_partitions_revoked(self, revoked: set[TopicPartition]) -> None:
        """Let what is in hand end before the partitions go to another member."""
        await self._lanes.settle(revoked)

    async def on_partitions_assigned(self, assigned: set[TopicPartition]) -> None:
        """Begin to take what comes, and tell that reading has begun."""
        self._lanes.open(assigned)
        self._is_reading.set()


async def _read_from_end(reader: Reader, take: Take) -> None:
    """A broker without groups: all partitions, from the end, until the cluster's id changes."""
    settings = reader.settings
    cluster = await cluster_id(settings)
    consumer = AIOKafkaConsumer(
        bootstrap_servers=servers(settings),
        enable_auto_commit=False,
        request_timeout_ms=REQUEST_MS,
        # The embedded broker does not wake a fetch that waits: it answers when the wait is over.
        fetch_max_wait_ms=FETCH_WAIT_MS,
    )
    lanes = Lanes(consumer, take)
    try:
        await consumer.start()
        topics = reader.subscriber.topics
        partitions = [TopicPartition(topic, number) for topic in topics for number in range(PARTITIONS)]
        consumer.assign(partitions)
        await consumer.seek_to_end(*partitions)
        lanes.open(partitions)
        reader.is_reading.set()
        await _until_one_ends(lanes.fill(), _until_another(settings, cluster))
    finally:
        lanes.abandon()
        await _stop(consumer)


async def _until_one_ends(*works: Coroutine[None, None, None]) -> None:
    """Run together until one returns or raises; the others are cancelled."""
    tasks = [asyncio.create_task(work) for work in works]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for task in done:
        task.result()


async def _until_another(settings: Settings, cluster: str) -> None:
    """Return when the broker came back as another cluster; a broker that is away is waited for."""
    while True:
        await asyncio.sleep(WATCH_SECONDS)
        with suppress(BrokerUnavailable):
            if await cluster_id(settings) != cluster:
                return


async def _stop(consumer: AIOKafkaConsumer) -> None:
    # Stopping hangs while the broker is dead.
    with suppress(TimeoutError, KafkaError, OSError):
        await asyncio.wait_for(consumer.stop(), STOP_SECONDS)


def envelope(record: ConsumerRecord) -> Envelope | None:
    """An envelope from a record; None, and a line in the log, for something that no relay of ours wrote."""
    headers = {name: value.decode(errors="replace") for name, value in record.headers}
    try:
        trace = Trace(UUID(headers["ce_correlationid"]), UUID(headers["ce_causationid"]), headers["traceparent"])
        body = json.loads(record.value)
        return Envelope(UUID(headers["ce_id"]), headers["ce_type"], UUID(record.key.decode()), body, trace)
    except (KeyError, ValueError, AttributeError):
        _log.error("foreign_record", topic=record.topic, partition=record.partition, offset=record.offset)
        return None
