"""Topics as the broker has them; for looking at, nothing is changed."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from infra.kafka.topics import TOPICS, administration
from infra.settings import Settings

MIN_ISR = "min.insync.replicas"


@dataclass(frozen=True)
class TopicState:
    """A topic: partitions, the fewest replicas any of them has, how many lack a replica in sync or a leader.

    `min_isr` is None where the broker does not tell its configuration.
    """

    name: str
    partitions: int
    replicas: int
    behind: int
    min_isr: int | None


async def topics(settings: Settings) -> list[TopicState]:
    """Our topics, those that are missing left out; BrokerUnavailable when the broker does not answer."""
    async with administration(settings) as admin:
        # Asked for a topic that is missing, a broker may make it; so only those that are there are asked for.
        there = sorted(set(TOPICS) & set(await admin.list_topics()))
        described = [each for each in await admin.describe_topics(there) if each["error_code"] == 0] if there else []
        asked = [ConfigResource(ConfigResourceType.TOPIC, each["topic"]) for each in described]
        isr = _min_isr(await admin.describe_configs(asked)) if asked else {}
    return [_state(each, isr.get(each["topic"])) for each in described]


def _state(described: dict[str, Any], min_isr: int | None) -> TopicState:
    partitions = described["partitions"]
    behind = [each for each in partitions if len(each["isr"]) < len(each["replicas"]) or each["leader"] < 0]
    fewest = min((len(each["replicas"]) for each in partitions), default=0)
    return TopicState(described["topic"], len(partitions), fewest, len(behind), min_isr)


def _min_isr(responses: Iterable[Any]) -> dict[str, int]:
    """The fourth and fifth field of a resource are its name and its entries, each begun by name and value."""
    return {
        resource[3]: int(entry[1])
        for response in responses
        for resource in response.resources
        for entry in resource[4]
        if entry[0] == MIN_ISR
    }
