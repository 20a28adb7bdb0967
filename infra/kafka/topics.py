"""Topics: made before anyone writes or reads, with one number of partitions."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError, NoError, TopicAlreadyExistsError, for_code

from infra.settings import Settings, required
from schemas.events import Topic

PARTITIONS = 12
STOP_SECONDS = 3
REQUEST_MS = 5_000
KNOWN_SECONDS = 10
LOOK_SECONDS = 0.05
TOPICS = [name for topic in Topic for name in (topic.value, topic.dead_letters)]


class BrokerUnavailable(Exception):
    """The broker does not answer, or not as it should."""


@asynccontextmanager
async def administration(settings: Settings) -> AsyncIterator[AIOKafkaAdminClient]:
    """A connection for questions and changes to the broker itself; BrokerUnavailable when it does not answer."""
    admin = AIOKafkaAdminClient(bootstrap_servers=servers(settings), request_timeout_ms=REQUEST_MS)
    try:
        await admin.start()
        yield admin
    except (KafkaError, OSError, TimeoutError) as error:
        raise BrokerUnavailable(f"{settings.kafka_servers}: {type(error).__name__}") from error
    finally:
        with suppress(TimeoutError, KafkaError):
            await asyncio.wait_for(admin.close(), STOP_SECONDS)


async def ensure_topics(settings: Settings) -> list[str]:
    """Make the topics that are missing; returns their names.

    A topic that a broker made by itself with another number of partitions is deleted and made again: its events are
    in the outbox, and a consumer would miss the partitions it does not know of.
    """
    async with administration(settings) as admin:
        # Asked for a topic that is missing, a broker may make it with a number of partitions of its own.
        there = sorted(set(TOPICS) & set(await admin.list_topics()))
        described = await admin.describe_topics(there) if there else []
        counts = {each["topic"]: len(each["partitions"]) for each in described if each["error_code"] == 0}
        wrong = [name for name, count in counts.items() if count != PARTITIONS]
        if wrong and not settings.kafka_idempotence:
            await admin.delete_topics(wrong)
        elif wrong:
            raise BrokerUnavailable(
                f"{', '.join(wrong)}: {PARTITIONS} partitions are needed; mend the topics by hand"
            )
        missing = [name for name in TOPICS if counts.get(name) != PARTITIONS]
        if missing:
            await _create(admin, missing, settings.kafka_replicas)
        return missing


async def _create(admin: AIOKafkaAdminClient, names: Iterable[str], replicas: int) -> None:
    """Make topics, and wait until the broker knows them: it answers a request to make one before that."""
    configs = {"min.insync.replicas": str(min(2, replicas))} if replicas > 1 else {}
    topics = [NewTopic(name, PARTITIONS, replicas, topic_configs=configs) for name in names]
    answer = await admin.create_topics(topics)
    for name, code, *_ in answer.topic_errors:
        if code not in {NoError.errno, TopicAlreadyExistsError.errno}:
            raise BrokerUnavailable(f"{name}: {for_code(code).__name__}")
    await asyncio.wait_for(_until_known(admin, set(names)), KNOWN_SECONDS)


async def _until_known(admin: AIOKafkaAdminClient, names: set[str]) -> None:
    while True:
        if names <= set(await admin.list_topics()):
            return
        await asyncio.sleep(LOOK_SECONDS)


async def cluster_id(settings: Settings) -> str:
    """The id of the cluster that answers; another one means that the broker came back empty."""
    async with administration(settings) as admin:
        described: dict[str, Any] = await admin.describe_cluster()
        return str(described.get("cluster_id"))


def servers(settings: Settings) -> list[str]:
    """The addresses of the broker."""
    return required(settings.kafka_servers, "kafka_servers").split(",")
