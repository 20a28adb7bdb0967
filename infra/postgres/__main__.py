"""`python -m infra.postgres migrate`: bring the database and the broker's topics up to date."""

import argparse
import asyncio
import sys

from infra import kafka, settings
from infra.postgres.migrate import SCHEMA, MigrationError, migrate, pending


async def _migrate(dump: bool) -> None:
    config = settings.load()
    waiting = await pending(config.direct_url)
    await migrate(config.direct_url, SCHEMA if dump else None)
    print(f"database: {len(waiting)} migration(s) applied" if waiting else "database: up to date")  # noqa: T201
    if config.kafka_servers:
        made = await kafka.ensure_topics(config)
        print(f"broker: topics ready ({len(made)} made)")  # noqa: T201


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="hotline migrate", description=__doc__)
    parser.add_argument("command", choices=["migrate"])
    parser.add_argument("--dump-schema", action="store_true", help="also write schema.sql (for developers)")
    arguments = parser.parse_args()
    try:
        asyncio.run(_migrate(arguments.dump_schema))
    except (settings.SettingsError, MigrationError, kafka.BrokerUnavailable, OSError) as error:
        sys.exit(f"hotline migrate: {error}")


if __name__ == "__main__":
    main()
