"""The calendar behind a secret address: one person's own shifts in neutral words, until the address is revoked."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from uuid import UUID

import httpx
import pytest
import pytest_asyncio

from infra import ical
from infra.ids import new_id, new_token
from schemas.terms import Level
from tests.integration.notifier.conftest import Night

HOUR = timedelta(hours=1)


@pytest_asyncio.fixture
async def program() -> AsyncIterator[httpx.AsyncClient]:
    """What fetches calendars."""
    async with httpx.AsyncClient(headers={"accept-language": "en"}) as client:
        yield client


async def feed(night: Night, person_id: UUID) -> str:
    """The address of somebody's calendar, made as triage makes it."""
    token = new_token(32)
    await night.db.pool.execute(
        "insert into triage.calendar_feeds (feed_id, person_id, token_hmac, made_by, made_at) "
        "values ($1, $2, $3, $2, now())",
        new_id(),
        person_id,
        night.vault.token("calendar", token),
    )
    return f"{night.settings.notifier_url}/c/{token}.ics"


async def shift(
    night: Night, person_id: UUID, begins: datetime, ends: datetime, level: str = "first", position: int = 1
) -> None:
    await night.db.pool.execute(
        "insert into triage.shifts (shift_id, team_id, person_id, level, position, during, because) "
        "values ($1, $2, $3, $4, $5, tstzrange($6, $7), 'rotation')",
        new_id(),
        night.team,
        person_id,
        level,
        position,
        begins,
        ends,
    )


@pytest.mark.parametrize(("language", "title"), [("en", "Shift"), ("zh", "值班")])
async def test_it_shows_ones_own_shifts_and_says_nothing_else(
    night: Night, program: httpx.AsyncClient, language: str, title: str
) -> None:
    li = await night.person("Li", language=language)
    await night.person("Wang", Level.FIRST)
    at = night.clock.now().replace(microsecond=0, minute=0, second=0)
    await shift(night, li, at - 60 * 24 * HOUR, at - 59 * 24 * HOUR)
    await shift(night, li, at - 24 * HOUR, at)
    await shift(night, li, at, at + 12 * HOUR)
    await shift(night, li, at + 12 * HOUR, at + 24 * HOUR, position=2)
    await shift(night, li, at + 20 * HOUR, at + 30 * HOUR, level="backup")

    answer = await program.get(await feed(night, li))

    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/calendar")
    assert answer.headers["cache-control"] == "private, no-cache"
    assert answer.headers["x-robots-tag"] == "noindex"
    events = ical.read(answer.content)
    assert {each.title for each in events} == {title}
    assert [(each.begins - at, each.ends - at) for each in events] == [
        (-24 * HOUR, 12 * HOUR),
        (12 * HOUR, 30 * HOUR),
    ]
    for word in ("Li", "Wang", "first", "Team", "4477009001", "hotline"):
        assert word not in answer.text


async def test_an_event_keeps_its_id_when_it_is_fetched_again(night: Night, program: httpx.AsyncClient) -> None:
    li = await night.person("Li", Level.FIRST)
    url = await feed(night, li)
    first, second = ical.read((await program.get(url)).content), ical.read((await program.get(url)).content)
    assert [each.uid for each in first] == [each.uid for each in second]
    assert len({each.uid for each in first}) == len(first) == 1


async def test_a_person_without_shifts_has_an_empty_calendar(night: Night, program: httpx.AsyncClient) -> None:
    answer = await program.get(await feed(night, await night.person("Li")))
    assert answer.status_code == 200
    assert "BEGIN:VCALENDAR" in answer.text
    assert "BEGIN:VEVENT" not in answer.text


async def test_a_revoked_a_strange_and_a_former_persons_address_open_nothing(
    night: Night, program: httpx.AsyncClient
) -> None:
    li = await night.person("Li", Level.FIRST)
    url = await feed(night, li)
    assert (await program.get(url)).status_code == 200

    await night.db.pool.execute("update triage.people set is_active = false where person_id = $1", li)
    former = await program.get(url)
    await night.db.pool.execute("update triage.people set is_active = true where person_id = $1", li)
    await night.db.pool.execute(
        "update triage.calendar_feeds set ended_by = person_id, ended_at = $1", night.clock.now()
    )
    revoked = await program.get(url)
    strange = await program.get(f"{night.settings.notifier_url}/c/{new_token(32)}.ics")

    for answer in (former, revoked, strange):
        assert answer.status_code == 404
        assert answer.text == "This address is not in use. Ask for a new one at the desk."
        assert answer.headers["cache-control"] == "private, no-cache"


async def test_nothing_is_pressed_there(night: Night, program: httpx.AsyncClient) -> None:
    url = await feed(night, await night.person("Li", Level.FIRST))
    assert (await program.post(url)).status_code == 405


async def test_the_notifier_reads_the_addresses_that_run_and_can_write_none(night: Night) -> None:
    await feed(night, await night.person("Li", Level.FIRST))
    assert await night.own.pool.fetchval("select count(*) from triage.for_notifier_feeds") == 1
    rights = (
        "select has_table_privilege('hotline_notifier', 'triage.calendar_feeds', 'select, insert, update, delete')"
    )
    assert await night.db.pool.fetchval(rights) is False
