"""Rosters at the desk: who is on call and why, gaps said loudly, how it is shared; the same for other programs."""

import re
from datetime import UTC, datetime, timedelta

from tests.integration.console.conftest import Desk
from tests.integration.triage.conftest import Hotline
from triage.domain.roster import Roster
from triage.domain.roster.author import Acceptance, Author
from triage.handlers.leave import take_leave
from triage.handlers.rosters import apply_rosters, extend

DAY = timedelta(days=1)
MONDAY = datetime(2026, 3, 9, 8, tzinfo=UTC)


def plain(page: str) -> str:
    """What a page says, without its marks."""
    main = page.partition('<main id="main"')[2].partition("</main>")[0]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", main))


async def away(hotline: Hotline, handle: str, override: str | None = None) -> None:
    async with hotline.turn() as turn:
        supervisor = Author(hotline.people["sup-lu"], may_grant=True)
        await take_leave(turn, hotline.people[handle], (MONDAY, MONDAY + DAY), supervisor, override)


async def test_it_says_who_is_on_call_now_next_and_last_and_why(desk: Desk) -> None:
    await desk.sign_in()
    said = plain((await desk.client.get("/rosters")).text)

    camden = said.partition("Camden child protection team")[2].partition("Canary")[0]
    assert "No gap in the next 30 days." in camden
    first = camden.partition("first level")[2].partition("second level")[0]
    now, _, rest = first.partition("Next")
    following, _, last = rest.partition("Last")
    assert "until Mon 9 Mar 08:00" in now
    assert "Amara Baker, because of the weekly rotation. Rhys Jones, because of the weekly rotation." in now
    assert "Mon 9 Mar 08:00 – Mon 16 Mar 08:00" in following
    assert following.index("Rhys Jones") < following.index("Amara Baker")
    assert "Nothing is known of it." in last

    desk.hotline.clock.advance(6 * DAY)
    async with desk.hotline.turn() as turn:
        await extend(turn)
    await desk.sign_in()
    said = plain((await desk.client.get("/rosters")).text)
    last = said.partition("Camden")[2].partition("second level")[0].partition("Last")[2]
    assert "Wed 4 Mar 04:00 – Mon 9 Mar 08:00" in last
    assert last.index("Amara Baker") < last.index("Rhys Jones")


async def test_whoever_is_away_is_named_with_why_and_in_chinese_too(desk: Desk) -> None:
    await away(desk.hotline, "cam-jones")
    await desk.sign_in()

    said = plain((await desk.client.get("/rosters")).text)
    following = said.partition("Camden")[2].partition("second level")[0].partition("Next")[2]
    assert "Not Rhys Jones: on leave." in following
    said = plain((await desk.client.get("/rosters?language=zh")).text)
    assert "Rhys Jones不值班：休假。" in said
    assert "未来 30 天没有空缺" in said
    assert "3月9日 周一 08:00" in said


async def test_a_gap_is_said_loudly_and_an_accepted_one_apart(desk: Desk) -> None:
    await away(desk.hotline, "cam-khan", override="ill")
    await desk.hotline.admin.pool.execute("update triage.people set is_active = false where handle = $1", "cam-doyle")
    await desk.sign_in()

    page = (await desk.client.get("/rosters")).text

    said = plain(page)
    accepted = "Nobody on call, accepted by a supervisor second level (backup): Mon 9 Mar 08:00 – Tue 10 Mar 08:00"
    assert accepted in said
    assert "NOBODY ON CALL third level (lead): Wed 4 Mar 04:00 – Fri 3 Apr 05:00" in said
    assert "Orla Doyle, because of the weekly rotation. ▲ cannot be reached" in said
    assert page.count('class="gap"') == 1
    assert page.count('class="gap accepted"') == 1


async def test_a_gap_of_which_a_part_was_accepted_is_loud(desk: Desk) -> None:
    await away(desk.hotline, "cam-khan", override="ill")
    await desk.hotline.admin.pool.execute("update triage.people set is_active = false where handle = 'cam-khan'")
    await desk.sign_in()
    page = (await desk.client.get("/rosters")).text
    assert (page.count('class="gap"'), page.count('class="gap accepted"')) == (1, 0)


async def test_a_level_with_nobody_now_says_so(desk: Desk) -> None:
    rules = {
        "team": "camden",
        "time_zone": "Europe/London",
        "levels": ["first", "backup"],
        "rotations": [{"level": "first", "people": ["cam-baker"], "starts_on": "2026-01-01"}],
    }
    by = Acceptance(Author(desk.hotline.people["sup-lu"], may_grant=True), "there is nobody")
    async with desk.hotline.turn() as turn:
        await apply_rosters(turn, [Roster.model_validate(rules)], "test", by)
    await desk.sign_in()
    said = plain((await desk.client.get("/rosters")).text)
    backup = said.partition("Camden")[2].partition("Canary")[0].rpartition("second level")[2]
    assert "▲ Nobody is on call." in backup


async def test_a_team_shows_what_being_on_call_asks_of_each(desk: Desk) -> None:
    await desk.sign_in()
    desk.hotline.clock.advance(10 * DAY)
    await desk.sign_in()
    page = await desk.client.get("/rosters/teams/camden")
    assert page.status_code == 200
    said = plain(page.text)
    coming = said.partition("What being on call asks of each in the next 30 days")[2]
    past = coming.partition("What it asked of each in the last 30 days")[2]
    # Monday, 9 March 08:00 to 14 March 04:00 is five nights and the first four hours of a Saturday.
    assert "Rhys Jones first level place 1 5 4 0 116 1" in past
    assert "Amara Baker first level place 1 5 48 0 124 1" in past
    assert "Shifts to come" in said
    assert (await desk.client.get("/rosters/teams/nowhere")).status_code == 404


async def test_other_programs_get_the_same_by_handle_and_no_name(desk: Desk) -> None:
    await away(desk.hotline, "cam-khan", override="ill")
    assert (await desk.client.get("/rosters.json")).status_code == 303
    await desk.sign_in()

    answer = await desk.client.get("/rosters.json")

    assert answer.headers["cache-control"] == "no-store"
    (camden,) = [team for team in answer.json()["teams"] if team["team"] == "camden"]
    assert camden["time_zone"] == "Europe/London"
    first = camden["levels"][0]
    assert [each["person"] for each in first["now"]["people"]] == ["cam-baker", "cam-jones"]
    assert first["next"]["begins_at"] == "2026-03-09T08:00:00+00:00"
    assert first["last"] is None
    because = {"because": "cam-baker, because of the weekly rotation.", "kind": "rotation"}
    assert first["now"]["people"][0] == {"person": "cam-baker", "position": 1, "is_reachable": True} | because
    (backup,) = [each for each in camden["levels"] if each["level"] == "backup"]
    assert backup["next"] == {
        "begins_at": "2026-03-09T08:00:00+00:00",
        "ends_at": "2026-03-10T08:00:00+00:00",
        "people": [],
        "absent": ["Not cam-khan: on leave."],
    }
    times = {"begins_at": "2026-03-09T08:00:00+00:00", "ends_at": "2026-03-10T08:00:00+00:00"}
    assert camden["gaps"] == [{"level": "backup"} | times | {"is_accepted": True}]
    assert camden["last_30_days"] == []
    load = camden["next_30_days"][0]
    assert (load["person"], load["level"], load["position"]) == ("cam-baker", "first", 1)
    assert "Baker" not in answer.text


async def test_every_look_is_on_record(desk: Desk) -> None:
    await desk.sign_in()
    for path in ("/rosters", "/rosters/teams/camden", "/rosters.json", "/rosters/changes", "/rosters/calendar"):
        assert (await desk.client.get(path)).status_code == 200
    rows = await desk.hotline.admin.pool.fetch(
        "select action, actor from infra.audit where purpose = 'roster' order by seq"
    )
    mine = [row["action"] for row in rows if row["actor"] == str(desk.hotline.people["duty-zhou"])]
    assert mine == [
        "rosters_shown",
        "roster_shown",
        "rosters_downloaded",
        "roster_changes_shown",
        "calendar_feeds_shown",
    ]
