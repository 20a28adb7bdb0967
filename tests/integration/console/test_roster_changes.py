"""Leave, swaps and calendar addresses at the desk: pressed without script, refused with why, kept on record."""

import re
from typing import Any
from uuid import UUID

import httpx
import pytest

from tests.integration.console.conftest import PASSWORD, Desk, sign_in, token_in
from tests.integration.console.test_rosters import plain

HOME = "/rosters/changes"
LONDON = {"zone": "Europe/London"}
FREE = {"begins": "2026-03-05T08:00", "ends": "2026-03-06T08:00"}
"""When another officer stands at every level that Zhou has."""
MONDAY = {"begins": "2026-03-09T08:00", "ends": "2026-03-10T08:00"}


async def press(client: httpx.AsyncClient, path: str, home: str = HOME, **fields: str) -> httpx.Response:
    """Open the page and send one of its forms."""
    page = await client.get(home)
    return await client.post(path, data={"token": token_in(page.text)} | fields)


async def take(desk: Desk, handle: str, **fields: str) -> httpx.Response:
    person = str(desk.hotline.people[handle])
    return await press(desk.client, "/rosters/leave", key="leave", person=person, **MONDAY | LONDON | fields)


async def kept(desk: Desk, table: str) -> list[Any]:
    return list(await desk.hotline.admin.pool.fetch(f"select * from triage.{table}"))  # noqa: S608 - a table of ours


async def acts(desk: Desk) -> list[tuple[str, str]]:
    """Who did what about rosters, looks left out."""
    rows = await desk.hotline.admin.pool.fetch(
        "select actor, action from infra.audit where purpose = 'roster' and action not like '%_shown' order by seq"
    )
    handles = {str(person_id): handle for handle, person_id in desk.hotline.people.items()}
    return [(handles[row["actor"]], row["action"]) for row in rows if row["actor"] in handles]


def choice(page: str, name: str, level: str) -> str:
    """The value by which the form names a shift."""
    options = re.findall(r'<option value="([^"]+)">\s*([^<]+)</option>', page)
    found: list[str] = [value for value, said in options if said.startswith(f"{name} · {level}")]
    return found[0]


async def test_an_officer_takes_their_own_leave_and_takes_it_back(desk: Desk) -> None:
    await desk.sign_in("zhou")
    page = (await desk.client.get(HOME)).text
    assert 'name="override"' not in page
    assert '<select name="person"' not in page

    done = await take(desk, "duty-zhou", **FREE, zone="Asia/Shanghai")
    assert done.headers["location"] == f"{HOME}?done=ask_leave"
    page = (await desk.client.get(done.headers["location"])).text
    assert "The leave was recorded." in plain(page)
    assert "周敏 Thu 5 Mar 08:00 – Fri 6 Mar 08:00 Asia/Shanghai" in plain(page)

    path = re.search(r'action="(/rosters/leave/[^"]+/withdraw)"', page)
    assert path
    done = await press(desk.client, path[1], version="1")
    assert done.headers["location"] == f"{HOME}?done=withdraw"
    assert "Nobody shown here has leave to come." in plain((await desk.client.get(HOME)).text)
    assert await acts(desk) == [("duty-zhou", "take_leave"), ("duty-zhou", "withdraw_leave")]
    again = await press(desk.client, path[1], version="1")
    assert again.status_code == 409
    assert "This has changed or was decided since you opened it." in plain(again.text)


async def test_leave_that_leaves_a_gap_is_refused_with_its_stretch_and_what_was_typed_stays(desk: Desk) -> None:
    await desk.sign_in("lu")
    refused = await take(desk, "cam-khan")

    assert refused.status_code == 409
    said = plain(refused.text)
    assert "nobody who can be reached would be on call at the second level (backup) from 2026-03-09 08:00" in said
    assert 'value="2026-03-09T08:00"' in refused.text
    assert f'value="{desk.hotline.people["cam-khan"]}" selected' in refused.text
    assert "<option selected>Europe/London</option>" in refused.text
    assert await kept(desk, "leaves") == []
    assert await acts(desk) == []

    done = await take(desk, "cam-khan", override="A death in the family")
    assert done.status_code == 303
    (gap,) = await kept(desk, "accepted_gaps")
    assert gap["accepted_by"] == desk.hotline.people["sup-lu"]
    assert await acts(desk) == [("sup-lu", "take_leave")]


async def test_an_officer_cannot_take_anothers_leave_nor_let_a_gap_stand(desk: Desk) -> None:
    await desk.sign_in("zhou")
    assert "Only the person themselves or a supervisor" in plain((await take(desk, "cam-baker")).text)
    assert (await take(desk, "duty-zhou", **FREE, override="I must")).status_code == 303
    assert await kept(desk, "accepted_gaps") == []
    refused = await take(desk, "duty-zhou", override="I must")
    assert "A supervisor or the manager on call decides this." in plain(refused.text)


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"begins": "soon"}, "That time cannot be read."),
        ({"ends": ""}, "That time cannot be read."),
        ({"zone": "../etc"}, "That time cannot be read."),
        ({"zone": "Nowhere/Land"}, "That time cannot be read."),
        ({"ends": "2026-03-09T08:00"}, "That time is over, or has begun already."),
        ({"person": "somebody"}, "This person is not known, or is not active."),
    ],
)
async def test_a_form_that_cannot_be_read_says_what_to_do(desk: Desk, fields: dict[str, str], says: str) -> None:
    await desk.sign_in("lu")
    person = {"person": str(desk.hotline.people["cam-baker"])}
    refused = await press(desk.client, "/rosters/leave", key="leave", **person | MONDAY | LONDON | fields)
    assert refused.status_code == 409
    assert says in plain(refused.text)
    assert await kept(desk, "leaves") == []


async def test_officers_see_their_own_and_supervisors_everybodys(desk: Desk) -> None:
    await desk.sign_in("lu")
    await take(desk, "cam-baker")
    assert "Amara Baker Mon 9 Mar 08:00" in plain((await desk.client.get(HOME)).text)
    async with desk.browser() as other:
        await sign_in(other, "zhou", PASSWORD)
        page = plain((await other.get(HOME)).text)
    assert "Nobody shown here has leave to come." in page


async def ask(desk: Desk, **fields: str) -> httpx.Response:
    """Ask that Khan has Doyle's lead on the night of 9 March."""
    page = (await desk.client.get(f"{HOME}?team=camden")).text
    asked = {
        "team": "camden",
        "zone": "Europe/London",
        "there": choice(page, "Orla Doyle", "third level"),
        "there_begins": MONDAY["begins"],
        "there_ends": MONDAY["ends"],
        "taker": str(desk.hotline.people["cam-khan"]),
    }
    return await press(desk.client, "/rosters/swaps", key="swap", **asked | fields)


async def test_a_swap_is_asked_for_and_granted_by_another_supervisor(desk: Desk) -> None:
    await desk.sign_in("lu")
    page = (await desk.client.get(f"{HOME}?team=camden")).text
    back = choice(page, "Sana Khan", "second level")
    done = await ask(desk, back=back, back_begins="2026-03-11T08:00", back_ends="2026-03-12T08:00")
    assert done.headers["location"] == f"{HOME}?done=ask_swap"
    page = (await desk.client.get(HOME)).text
    said = plain(page)
    assert "Sana Khan has what is Orla Doyle&#39;s: third level (lead), Mon 9 Mar 08:00 – Tue 10 Mar 08:00" in said
    assert "Orla Doyle has what is Sana Khan&#39;s: second level (backup), Wed 11 Mar 08:00" in said
    assert "/grant" not in page

    (swap,) = await kept(desk, "swaps")
    refused = await press(desk.client, f"/rosters/swaps/{swap['swap_id']}/grant", version="1")
    assert "A second person must decide: you asked for it yourself." in plain(refused.text)
    async with desk.browser() as other:
        await sign_in(other, "gao", PASSWORD)
        assert f"/rosters/swaps/{swap['swap_id']}/grant" in (await other.get(HOME)).text
        stale = await press(other, f"/rosters/swaps/{swap['swap_id']}/grant", version="7")
        assert "This has changed or was decided since you opened it." in plain(stale.text)
        done = await press(other, f"/rosters/swaps/{swap['swap_id']}/grant", version="1")
        assert done.headers["location"] == f"{HOME}?done=grant"
        assert "granted Camden child protection team" in plain((await other.get(HOME)).text)
        said = plain((await other.get("/rosters")).text)
    assert (
        "Sana Khan, because the swap of 4 March replaced the weekly rotation: it would have been Orla Doyle." in said
    )
    assert await acts(desk) == [("sup-lu", "ask_swap"), ("mgr-gao", "grant_swap")]


async def test_a_swap_is_refused_by_a_supervisor_who_may_ask_for_it(desk: Desk) -> None:
    await desk.sign_in("lu")
    await ask(desk)
    (swap,) = await kept(desk, "swaps")
    done = await press(desk.client, f"/rosters/swaps/{swap['swap_id']}/refuse", version="1")
    assert done.headers["location"] == f"{HOME}?done=refuse"
    assert "refused Camden child protection team" in plain((await desk.client.get(HOME)).text)


async def test_an_officer_gives_only_what_is_theirs(desk: Desk) -> None:
    await desk.sign_in("zhou")
    page = (await desk.client.get(f"{HOME}?team=camden")).text
    given = page.partition('name="there"')[2].partition("</select>")[0]
    assert "Orla Doyle" not in given
    page = (await desk.client.get(HOME)).text
    given = page.partition('name="there"')[2].partition("</select>")[0]
    assert "周敏 · first level" in given
    assert "Joan Carter" not in given
    assert "Only the person themselves or a supervisor can do this." in plain((await ask(desk)).text)
    assert await kept(desk, "swaps") == []


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"there": ""}, "Choose a shift."),
        ({"there": "lead x y z"}, "Choose a shift."),
        ({"taker": ""}, "This person is not known, or is not active."),
        ({"there_ends": "late"}, "That time cannot be read."),
        ({"there_begins": "2026-03-01T08:00"}, "That time is over, or has begun already."),
        ({"there_ends": "2026-09-01T08:00"}, "Whoever gives a shift must be on call for all of that time."),
        ({"team": "nowhere"}, "No roster is known for the team nowhere."),
    ],
)
async def test_a_swap_that_cannot_be_read_says_what_to_do(desk: Desk, fields: dict[str, str], says: str) -> None:
    await desk.sign_in("lu")
    refused = await ask(desk, **fields)
    assert refused.status_code == 409
    assert says in plain(refused.text)
    assert await kept(desk, "swaps") == []


async def test_what_is_had_in_return_is_the_takers(desk: Desk) -> None:
    await desk.sign_in("lu")
    page = (await desk.client.get(f"{HOME}?team=camden")).text
    refused = await ask(desk, back=choice(page, "Amara Baker", "first level"))
    assert "must be a shift of the person who has the other one then" in plain(refused.text)
    assert f'value="{desk.hotline.people["cam-khan"]}" selected' in refused.text
    assert '<option value="camden" selected' in refused.text


async def test_forms_of_others_and_signed_out_people_do_nothing(desk: Desk) -> None:
    fields = {"person": str(desk.hotline.people["duty-zhou"]), **MONDAY, **LONDON}
    assert (await desk.client.post("/rosters/leave", data=fields)).status_code == 401
    await desk.sign_in()
    for path in ("leave", f"leave/{UUID(int=1)}/withdraw", "swaps", f"swaps/{UUID(int=1)}/grant", "calendar/make"):
        assert (await desk.client.post(f"/rosters/{path}", data=fields | {"token": "x"})).status_code == 403
    assert await kept(desk, "leaves") == await kept(desk, "calendar_feeds") == []


async def feed(desk: Desk, act: str, handle: str) -> httpx.Response:
    person = str(desk.hotline.people[handle])
    return await press(desk.client, f"/rosters/calendar/{act}", "/rosters/calendar", person=person)


async def test_an_address_is_shown_once_kept_as_a_digest_and_revoked(desk: Desk) -> None:
    await desk.sign_in("zhou")
    assert "No address." in plain((await desk.client.get("/rosters/calendar")).text)

    made = await feed(desk, "make", "duty-zhou")

    found = re.search(r'value="http://notifier\.test/c/(\w{32})\.ics"', made.text)
    assert found
    assert made.headers["cache-control"] == "no-store"
    (row,) = await kept(desk, "calendar_feeds")
    assert row["token_hmac"] == desk.hotline.vault.token("calendar", found[1])
    assert (row["person_id"], row["ended_at"]) == (desk.hotline.people["duty-zhou"], None)
    page = await desk.client.get("/rosters/calendar")
    assert found[1] not in page.text
    assert "An address runs since 2026-03-04." in plain(page.text)

    again = await feed(desk, "make", "duty-zhou")
    assert found[1] not in again.text
    rows = await kept(desk, "calendar_feeds")
    assert sorted(row["ended_at"] is None for row in rows) == [False, True]

    ended = await feed(desk, "end", "duty-zhou")
    assert ended.headers["location"] == "/rosters/calendar?done=end_feed"
    assert await desk.hotline.admin.pool.fetchval("select count(*) from triage.for_notifier_feeds") == 0
    twice = await feed(desk, "end", "duty-zhou")
    assert (twice.status_code, "This person has no calendar address." in plain(twice.text)) == (409, True)
    feeds = ["make_calendar_feed", "make_calendar_feed", "end_calendar_feed"]
    assert await acts(desk) == [("duty-zhou", each) for each in feeds]


async def test_a_supervisor_makes_and_revokes_anothers_address_and_an_officer_does_not(desk: Desk) -> None:
    await desk.sign_in("zhou")
    refused = await feed(desk, "make", "cam-baker")
    assert "Only the person themselves or a supervisor can do this." in plain(refused.text)
    assert "Amara Baker" not in refused.text

    async with desk.browser() as other:
        desk.client, officer = other, desk.client
        await desk.sign_in("lu")
        assert "/c/" in (await feed(desk, "make", "cam-baker")).text
        assert "Amara Baker An address runs since" in plain((await other.get("/rosters/calendar")).text)
        desk.client = officer
        refused = await feed(desk, "end", "cam-baker")
        assert "Only the person themselves or a supervisor can do this." in plain(refused.text)
        desk.client = other
        assert (await feed(desk, "end", "cam-baker")).status_code == 303
        desk.client = officer


async def test_an_address_is_for_somebody_who_is_here(desk: Desk) -> None:
    await desk.hotline.admin.pool.execute("update triage.people set is_active = false where handle = 'cam-baker'")
    await desk.sign_in("lu")
    refused = await feed(desk, "make", "cam-baker")
    assert "This person is not known, or is not active." in plain(refused.text)
