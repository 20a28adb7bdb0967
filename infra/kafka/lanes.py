"""Lanes: the records of each partition are taken in order, and one that is slow holds no other.

A lane repeats a record that the infrastructure refuses, and goes on only when it has taken effect; a lane that is
full is not asked for. What is committed to the broker is a place to begin at, no more: what takes effect, and how
often, is the inbox's to say.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable
from contextlib import suppress

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError
from aiokafka.structs import ConsumerRecord

from infra.inbox import PAUSING_ERRORS

RETRY_SECONDS = 0.3
READ_WAIT_MS = 1_000
FULL_WAIT_MS = 50
LANE_BATCHES = 2
LANE_RECORDS = 200
COMMIT_EVERY_SECONDS = 0.5
COMMIT_SECONDS = 3

Take = Callable[[ConsumerRecord], Awaitable[None]]

_log = structlog.get_logger()


class Lanes:
    """One lane for each partition that is ours."""

    def __init__(self, consumer: AIOKafkaConsumer, take: Take) -> None:
        self._consumer = consumer
        self._take = take
        self._lanes: dict[TopicPartition, _Lane] = {}

    def open(self, partitions: Iterable[TopicPartition]) -> None:
        """Begin lanes for partitions that are ours from now on."""
        for partition in partitions:
            if partition not in self._lanes:
                self._lanes[partition] = _Lane(partition, self._take)

    async def settle(self, partitions: Iterable[TopicPartition]) -> None:
        """End the lanes of partitions that go to another member: what is in hand is taken first, and committed."""
        ending = [self._lanes.pop(partition) for partition in partitions if partition in self._lanes]
        await asyncio.gather(*(lane.settle() for lane in ending))
        await self._commit(ending)

    def abandon(self) -> None:
        """End all lanes at once: what was in hand is rolled back, and taken again by whoever reads next."""
        for lane in self._lanes.values():
            lane.task.cancel()
        self._lanes.clear()

    async def fill(self) -> None:
        """Hand the lanes what the broker has, until cancelled; raises what broke the reading, or a lane."""
        while True:
            for lane in self._lanes.values():
                lane.raise_if_broken()
            free = [partition for partition, lane in self._lanes.items() if not lane.is_full]
            if self._lanes and not free:
                await asyncio.sleep(FULL_WAIT_MS / 1000)
            else:
                await self._ask(free)

    async def keep_places(self) -> None:
        """Commit how far the lanes have come, again and again until cancelled, beside the reading."""
        while True:
            await asyncio.sleep(COMMIT_EVERY_SECONDS)
            await self._commit(self._lanes.values())

    async def _ask(self, free: Collection[TopicPartition]) -> None:
        # Asked for none by name, the consumer also brings those that it is given while it waits.
        asked, wait = (free, FULL_WAIT_MS) if len(free) < len(self._lanes) else ((), READ_WAIT_MS)
        batches = await self._consumer.getmany(*asked, timeout_ms=wait, max_records=LANE_RECORDS)
        for partition, records in batches.items():
            if partition in self._lanes:
                self._lanes[partition].put(records)

    async def _commit(self, lanes: Iterable["_Lane"]) -> None:
        """Commit how far lanes have come. A place that is not kept is read again, and the inbox knows its events."""
        moved = [lane for lane in lanes if lane.taken_to > lane.committed_to]
        if not moved:
            return
        places = {lane.partition: lane.taken_to for lane in moved}
        with suppress(KafkaError, TimeoutError):
            await asyncio.wait_for(self._consumer.commit(places), COMMIT_SECONDS)
            for lane in moved:
                lane.committed_to = places[lane.partition]


class _Lane:
    """The records of one partition. `taken_to` is the offset after the last one that took effect, or 0."""

    def __init__(self, partition: TopicPartition, take: Take) -> None:
        self.partition = partition
        self.taken_to = self.committed_to = 0
        self._take = take
        self._batches = asyncio.Queue[list[ConsumerRecord]](LANE_BATCHES)
        self._in_hand = asyncio.Lock()
        self.task = asyncio.create_task(self._run())

    @property
    def is_full(self) -> bool:
        return self._batches.full()

    def put(self, records: list[ConsumerRecord]) -> None:
        self._batches.put_nowait(records)

    def raise_if_broken(self) -> None:
        if self.task.done():
            self.task.result()

    async def settle(self) -> None:
        """Let the record in hand end, and take no other."""
        async with self._in_hand:
            self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)

    async def _run(self) -> None:
        while True:
            for record in await self._batches.get():
                await self._until_taken(record)

    async def _until_taken(self, record: ConsumerRecord) -> None:
        while True:
            async with self._in_hand:
                if await self._is_taken(record):
                    self.taken_to = record.offset + 1
                    return
            await asyncio.sleep(RETRY_SECONDS)

    async def _is_taken(self, record: ConsumerRecord) -> bool:
        try:
            await self._take(record)
        except PAUSING_ERRORS as error:
            where = {"topic": record.topic, "partition": record.partition}
            _log.warning("partition_paused", **where, error=type(error).__name__)
            return False
        return True
