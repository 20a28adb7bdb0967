"""Reading: hands every record to a subscriber, and lets an error of the infrastructure pause instead of pass."""

import asyncio
import json
from collections.abc import Coroutine, Mapping
from contextlib import suppress
from dataclasses import dataclass
from uuid import UUID

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from aiokafka.errors import KafkaError
from aiokafka.structs import ConsumerRecord

from infra.inbox import PAUSING_ERRORS, Envelope, Subscriber
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

RETRY_SECONDS = 0.3
FETCH_WAIT_MS = 50
READ_WAIT_MS = 1_000
WATCH_SECONDS = 1.0
LANE_BATCHES = 2
LANE_RECORDS = 200

# The batches of one partition that wait for their turn: one that is slow holds nothing but its own partition.
Lane = asyncio.Queue[list[ConsumerRecord]]

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
    while True:
        with suppress(BrokerUnavailable, KafkaError, OSError):
            await ensure_topics(reader.settings)
            await read(reader)
        reader.is_reading.clear()
        await asyncio.sleep(RETRY_SECONDS)


async def _read_as_group(reader: Reader) -> None:
    """Apache Kafka: one static member an instance, so that a restarted one is back at once."""
    settings, name, subscriber = reader.settings, reader.name, reader.subscriber
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
    busy = asyncio.Lock()
    consumer.subscribe(subscriber.topics, listener=_Settle(busy, reader.is_reading))
    try:
        await consumer.start()
        while True:
            batches = await consumer.getmany(timeout_ms=1_000, max_records=200)
            async with busy:
                await asyncio.gather(*(_take(consumer, tp, records, subscriber) for tp, records in batches.items()))
    finally:
        await _stop(consumer)


class _Settle(ConsumerRebalanceListener):  # type: ignore[misc]
    """Lets the batch in hand end before its partitions go to another member."""

    def __init__(self, busy: asyncio.Lock, is_reading: asyncio.Event) -> None:
        self._busy = busy
        self._is_reading = is_reading

    async def on_partitions_revoked(self, revoked: object) -> None:
        async with self._busy:
            pass

    async def on_partitions_assigned(self, assigned: object) -> None:
        """Nothing to prepare, since every record's effect is kept in the database; only tell that reading begins."""
        self._is_reading.set()


async def _take(
    consumer: AIOKafkaConsumer, partition: TopicPartition, records: list[ConsumerRecord], subscriber: Subscriber
) -> None:
    """Take a partition's records in order and commit what was taken; on an infrastructure error, pause and repeat."""
    done = None
    for record in records:
        try:
            await _receive(record, subscriber)
        except PAUSING_ERRORS as error:
            _log.warning(
                "partition_paused", topic=record.topic, partition=record.partition, error=type(error).__name__
            )
            consumer.seek(partition, record.offset)
            consumer.pause(partition)
            asyncio.get_running_loop().call_later(RETRY_SECONDS, _resume, consumer, partition)
            break
        done = record.offset + 1
    if done is not None:
        await consumer.commit({partition: done})


def _resume(consumer: AIOKafkaConsumer, partition: TopicPartition) -> None:
    if partition in consumer.assignment():
        consumer.resume(partition)


async def _read_from_end(reader: Reader) -> None:
    """A broker without groups: all partitions, from the end, until the cluster's id changes."""
    settings, subscriber = reader.settings, reader.subscriber
    cluster = await cluster_id(settings)
    consumer = AIOKafkaConsumer(
        bootstrap_servers=servers(settings),
        enable_auto_commit=False,
        request_timeout_ms=REQUEST_MS,
        # The embedded broker does not wake a fetch that waits: it answers when the wait is over.
        fetch_max_wait_ms=FETCH_WAIT_MS,
    )
    try:
        await consumer.start()
        partitions = [TopicPartition(topic, number) for topic in subscriber.topics for number in range(PARTITIONS)]
        consumer.assign(partitions)
        await consumer.seek_to_end(*partitions)
        reader.is_reading.set()
        lanes = {partition: Lane(maxsize=LANE_BATCHES) for partition in partitions}
        await _until_one_ends(
            _read(consumer, lanes),
            _until_another(settings, cluster),
            *(_follow(lane, subscriber) for lane in lanes.values()),
        )
    finally:
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


async def _read(consumer: AIOKafkaConsumer, lanes: Mapping[TopicPartition, Lane]) -> None:
    """Put what comes into the lane of its partition; a full lane is not asked for, and holds no other."""
    while True:
        free = [partition for partition, lane in lanes.items() if not lane.full()]
        if not free:
            await asyncio.sleep(FETCH_WAIT_MS / 1000)
            continue
        wait = READ_WAIT_MS if len(free) == len(lanes) else FETCH_WAIT_MS
        batches = await consumer.getmany(*free, timeout_ms=wait, max_records=LANE_RECORDS)
        for partition, records in batches.items():
            lanes[partition].put_nowait(records)


async def _follow(lane: Lane, subscriber: Subscriber) -> None:
    """Offer the records of one partition in order, for ever."""
    while True:
        await _offer(await lane.get(), subscriber)


async def _offer(records: list[ConsumerRecord], subscriber: Subscriber) -> None:
    """Offer records in order; what the infrastructure refuses now, catch-up takes within seconds."""
    for record in records:
        try:
            await _receive(record, subscriber)
        except PAUSING_ERRORS as error:
            _log.warning("left_to_catch_up", topic=record.topic, error=type(error).__name__)
            return


async def _receive(record: ConsumerRecord, subscriber: Subscriber) -> None:
    taken = envelope(record)
    if taken is not None:
        await subscriber.receive(taken)


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
