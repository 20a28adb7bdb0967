"""The broker: the fast path and the fan-out. What it loses, catch-up finds; see infra.inbox.

Two kinds of broker are served. Apache Kafka: idempotent producer, consumer groups with a static member, offsets
committed after the database's commit. A broker without those (`kafka_idempotence` false): every process reads all
partitions from the end, and starts anew when the cluster's id changes, for the broker then came back empty.
"""

from infra.kafka.consumer import Reader, consume
from infra.kafka.producer import Producer
from infra.kafka.topics import BrokerUnavailable, cluster_id, ensure_topics

__all__ = ["BrokerUnavailable", "Producer", "Reader", "cluster_id", "consume", "ensure_topics"]
