"""PostgreSQL, the system of record: transactions, pools, named queries, and LISTEN that is never silently lost."""

from infra.postgres.database import (
    INFRASTRUCTURE_ERRORS,
    Connection,
    Database,
    Pool,
    Transaction,
    connect,
    create_pool,
    queries,
)
from infra.postgres.listener import Listener

__all__ = [
    "INFRASTRUCTURE_ERRORS",
    "Connection",
    "Database",
    "Listener",
    "Pool",
    "Transaction",
    "connect",
    "create_pool",
    "queries",
]
