"""A dead letter is seen, tried again or settled by a person; nothing is hidden by having been seen to."""

from datetime import timedelta
from uuid import UUID

import pytest

from infra.dead_letters import Act, DeadLetterError, find, listed, open_letters, retry, settle, shown
from infra.inbox import LONG_AGO, MOST_ATTEMPTS
from infra.postgres import Connection, Database, connect
from tests.conftest import NOON, DatabaseAs, SettableClock
from tests.integration.infra.test_events import Seen, age, received, write

ACT = Act("operator:ada", NOON, "the pack was mended")


@pytest.fixture
async def dead(db: Database, db_as: DatabaseAs, clock: SettableClock) -> UUID:
    """An event that triage could not take."""
    event_id = await write(await db_as("ingest"), received())
    await age(db, 10)
    triage = await db_as("triage")
    await fail(triage, clock)
    found: UUID = await db.pool.fetchval("select id from infra.dead_letters where event_id = $1", event_id)
    return found


async def fail(triage: Database, clock: SettableClock) -> None:
    subscriber = Seen(failures=MOST_ATTEMPTS).subscriber(triage, clock)
    for _ in range(MOST_ATTEMPTS):
        await subscriber.take_missed(LONG_AGO)
        clock.advance(timedelta(minutes=2))


@pytest.fixture
async def connection(database_url: str) -> Connection:
    return await connect(database_url)


async def test_it_is_listed_and_shown_without_values(connection: Connection, dead: UUID) -> None:
    text = listed(await open_letters(connection))
    assert str(dead) in text
    assert "1 open" in text
    one = shown(await find(connection, dead))
    assert "report.received.v1" in one
    assert "can be retried   yes" in one


async def test_one_that_is_tried_again_takes_effect(
    connection: Connection, dead: UUID, db_as: DatabaseAs, clock: SettableClock
) -> None:
    await retry(connection, dead, ACT)
    assert await open_letters(connection) == []
    seen = Seen()
    await seen.subscriber(await db_as("triage"), clock).take_missed(LONG_AGO)
    assert len(seen.reports) == 1


async def test_one_that_fails_again_is_open_again(
    connection: Connection, dead: UUID, db_as: DatabaseAs, clock: SettableClock
) -> None:
    await retry(connection, dead, ACT)
    await fail(await db_as("triage"), clock)
    (row,) = await open_letters(connection)
    assert row["id"] == dead
    assert row["settled_by"] is None


async def test_one_that_is_settled_is_on_record_and_settled_once(
    connection: Connection, dead: UUID, db: Database
) -> None:
    await settle(connection, dead, ACT)
    assert listed(await open_letters(connection)) == "no open dead letters"
    row = await db.pool.fetchrow("select actor, purpose, action from infra.audit")
    assert tuple(row or ()) == ("operator:ada", "the pack was mended", "settle_dead_letter")
    with pytest.raises(DeadLetterError, match="operator:ada has seen to it already"):
        await retry(connection, dead, ACT)


async def test_one_whose_event_is_gone_cannot_be_tried_again(
    connection: Connection, dead: UUID, db: Database
) -> None:
    await db.pool.execute("delete from infra.outbox")
    with pytest.raises(DeadLetterError, match="keeps 30 days"):
        await retry(connection, dead, ACT)
    assert len(await open_letters(connection)) == 1


async def test_one_that_is_not_there_is_named(connection: Connection) -> None:
    with pytest.raises(DeadLetterError, match="there is no dead letter"):
        await find(connection, UUID(int=1))
