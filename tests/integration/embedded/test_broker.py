import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from infra.embedded.broker import EmbeddedBroker
from infra.embedded.ports import free_ports

PARTITION = TopicPartition("things.happened", 0)


@pytest.fixture
async def broker(tmp_path: Path) -> AsyncIterator[EmbeddedBroker]:
    server = EmbeddedBroker(free_ports(1)[0], tmp_path / "broker.log")
    await server.start()
    yield server
    await server.stop()


async def make_topic(broker: EmbeddedBroker) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=broker.servers)
    await admin.start()
    try:
        await admin.create_topics([NewTopic(PARTITION.topic, 1, 1)])
    finally:
        await admin.close()


async def pass_one_message(broker: EmbeddedBroker, body: bytes) -> bytes:
    consumer = AIOKafkaConsumer(bootstrap_servers=broker.servers, enable_auto_commit=False)
    producer = AIOKafkaProducer(bootstrap_servers=broker.servers, enable_idempotence=False)
    await consumer.start()
    await producer.start()
    try:
        consumer.assign([PARTITION])
        await consumer.seek_to_end(PARTITION)
        await consumer.position(PARTITION)
        await producer.send_and_wait(PARTITION.topic, body, partition=0)
        return bytes((await asyncio.wait_for(consumer.getone(), 5)).value)
    finally:
        await producer.stop()
        await consumer.stop()


async def cluster_id(broker: EmbeddedBroker) -> str:
    admin = AIOKafkaAdminClient(bootstrap_servers=broker.servers)
    await admin.start()
    try:
        return str((await admin.describe_cluster())["cluster_id"])
    finally:
        await admin.close()


async def test_passes_messages_read_by_assign_from_the_end(broker: EmbeddedBroker) -> None:
    await make_topic(broker)
    assert await pass_one_message(broker, b"first") == b"first"
    assert await pass_one_message(broker, b"second") == b"second"


async def test_says_by_a_new_cluster_id_that_it_lost_everything(broker: EmbeddedBroker) -> None:
    before = await cluster_id(broker)
    await broker.kill()
    await broker.start()
    after = await cluster_id(broker)
    assert before != after == broker.cluster_id
    await make_topic(broker)
    assert await pass_one_message(broker, b"after") == b"after"


async def test_ends_itself_when_it_has_outgrown_its_memory(tmp_path: Path) -> None:
    broker = EmbeddedBroker(free_ports(1)[0], tmp_path / "broker.log")
    broker.weigh_seconds = 0.1
    await broker.start()
    assert 0 < broker.rss_bytes() < broker.rss_limit
    assert not broker.has_outgrown()
    broker.rss_limit = 1
    async with asyncio.timeout(5):
        await broker.wait()
    assert broker.pid is None
    assert broker.rss_bytes() == 0
