"""One Apache Kafka node on this machine, for tests against the real broker."""
