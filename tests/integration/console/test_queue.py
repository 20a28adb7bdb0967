"""The queue as an officer sees it."""

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from starlette.requests import Request

from infra.locales import Locales
from tests.integration.console.conftest import Desk, alert
from tests.integration.triage.conftest import NOWHERE, Reports, Updates
from triage.console.frame import Frame
from triage.console.stream import events
from triage.seed import LOCALES

SAID = "想问一下，学校门口晚上有没有人值守。"


@pytest.fixture
async def case(desk: Desk, report: Reports) -> Any:
    """An immediate case whose responders are being called, and an officer who is signed in."""
    await desk.sign_in()
    return await opened(desk, report, danger_now="yes")


async def opened(desk: Desk, report: Reports, *said: Any, **given: Any) -> Any:
    event = await report(*said, **given)
    await desk.hotline.receive(event)
    return await desk.hotline.case_of(event.report_id)


async def test_immediate_cases_come_first_by_time_left(desk: Desk, report: Reports) -> None:
    await desk.sign_in()
    quiet = await opened(desk, report, SAID)
    first = await opened(desk, report, danger_now="yes")
    desk.hotline.clock.advance(timedelta(seconds=30))
    second = await opened(desk, report, danger_now="yes")

    page = (await desk.client.get("/")).text

    places = [page.index(f">{each['alias']}<".replace(">", " </span>", 1)) for each in (first, second, quiet)]
    assert places == sorted(places)


async def test_a_row_tells_what_an_officer_needs(desk: Desk, case: Any) -> None:
    await alert(desk.hotline, case, "bj-li", "first")
    await alert(desk.hotline, case, "bj-zhao", "backup")

    page = (await desk.client.get("/")).text

    for said in (
        "immediate · now",
        "Violence is under way",
        "from a neighbour, by web",
        "Emergency service called?",
        "internal target",
        "Calling second level (backup): 赵一帆",
        "not asked",
    ):
        assert said in page, said


async def test_views_hold_what_they_say(desk: Desk, report: Reports, case: Any) -> None:
    quiet = await opened(desk, report, SAID)
    await desk.press(quiet["case_id"], "read")
    await desk.press(quiet["case_id"], "take")

    async def aliases(view: str) -> set[str]:
        page = (await desk.client.get(f"/queue?view={view}")).text
        return {each["alias"] for each in (case, quiet) if each["alias"] in page}

    assert await aliases("all") == {case["alias"], quiet["alias"]}
    assert await aliases("mine") == {quiet["alias"]}
    assert await aliases("unread") == await aliases("unowned") == {case["alias"]}
    assert await aliases("breached") == set()
    desk.hotline.clock.advance(timedelta(minutes=3))
    await desk.hotline.take_due()
    assert await aliases("breached") == {case["alias"]}


async def test_the_canary_is_nowhere_at_the_desk(desk: Desk, report: Reports) -> None:
    await desk.sign_in()
    canary = await opened(desk, report, danger_now="yes", is_canary=True)

    assert canary["alias"] not in (await desk.client.get("/")).text
    found = await desk.client.get(f"/find?find={canary['alias']}")
    assert found.status_code == 200


async def test_a_case_is_found_by_its_alias_however_it_is_written(desk: Desk, case: Any) -> None:
    alias = case["alias"].lower()
    found = await desk.client.get(f"/find?find={alias[:2]}+{alias[2:]}&purpose=reporter_asks")

    assert found.headers["location"] == f"/cases/{case['case_id']}?purpose=reporter_asks"
    await desk.client.get(found.headers["location"])
    assert (await desk.looks(case["case_id"]))[-1]["purpose"] == "reporter_asks"


async def test_a_new_immediate_case_sounds_until_it_is_silenced_by_name_for_a_minute(desk: Desk, case: Any) -> None:
    part = (await desk.client.get("/alarms")).text
    assert f"New immediate case {case['alias']}, unread" in part
    assert 'data-sounding="yes"' in part

    await press_form(desk, part, "/alarms/silence")
    part = (await desk.client.get("/alarms")).text
    assert 'data-sounding="no"' in part
    assert "Silenced by 周敏" in part

    desk.hotline.clock.advance(timedelta(seconds=61))
    assert 'data-sounding="yes"' in (await desk.client.get("/alarms")).text


async def test_what_is_new_sounds_through_a_silence(desk: Desk, report: Reports, case: Any) -> None:
    await press_form(desk, (await desk.client.get("/alarms")).text, "/alarms/silence")

    await opened(desk, report, danger_now="yes", area=NOWHERE)

    assert 'data-sounding="yes"' in (await desk.client.get("/alarms")).text


async def test_a_process_without_a_heartbeat_alarms_after_ten_seconds(desk: Desk) -> None:
    await desk.sign_in()
    pool = desk.hotline.admin.pool
    await pool.execute(
        "insert into infra.heartbeats (service, instance, at, troubles) values ('notifier', '1', $1, '{}')",
        desk.hotline.clock.now(),
    )
    assert "No sign of life" not in (await desk.client.get("/alarms")).text

    desk.hotline.clock.advance(timedelta(seconds=11))
    assert "No sign of life from notifier (1)" in (await desk.client.get("/alarms")).text


async def test_somebody_on_call_whose_phone_refuses_our_texts_alarms_by_name(desk: Desk) -> None:
    await desk.sign_in()
    pool, now = desk.hotline.admin.pool, desk.hotline.clock.now()
    on_call = await pool.fetchval("select person_id from triage.shifts where during @> $1::timestamptz limit 1", now)
    await pool.execute("insert into notifier.refusing_phones (person_id, since) values ($1, $2)", on_call, now)
    assert "refuses our texts (STOP)" in (await desk.client.get("/alarms")).text


async def test_presence_is_asked_for_and_confirmed(desk: Desk) -> None:
    await desk.sign_in()
    part = (await desk.client.get("/alarms")).text
    assert "Are you at the desk?" in part

    await press_form(desk, part, "/presence")
    part = (await desk.client.get("/alarms")).text
    assert "At the desk: 周敏" in part
    assert "30 min 00 s left" in part

    desk.hotline.clock.advance(timedelta(minutes=31))
    part = (await desk.client.get("/alarms")).text
    assert "Without an answer people are called: <time" in part


async def test_what_could_not_be_processed_waits_for_a_named_person(desk: Desk) -> None:
    await desk.sign_in()
    await desk.hotline.admin.pool.execute(
        "insert into infra.dead_letters (id, subscriber, event_id, topic, type, key, body, error, attempts, "
        "dead_lettered_at) "
        "values ($1, 'notifier', $1, 'hotline.cases', 'case.changed.v1', $1, '{}', 'KeyError', 5, $2)",
        desk.hotline.people["duty-zhou"],
        desk.hotline.clock.now(),
    )
    page = (await desk.client.get("/dead-letters")).text
    assert "A change of a case" in page
    assert "Something could not be processed and needs a person" in page

    letter = desk.hotline.people["duty-zhou"]
    await press_form(desk, page, f"/dead-letters/{letter}/settle")
    assert "Nothing needs a person" in (await desk.client.get("/dead-letters")).text
    again = await press_form(desk, page, f"/dead-letters/{letter}/settle")
    assert again.status_code == 409


async def test_an_answer_that_came_later_counts_in_the_row(desk: Desk, report: Reports, update: Updates) -> None:
    await desk.sign_in()
    event = await report(danger_now="yes")
    await desk.hotline.receive(event)
    await desk.hotline.receive(await update(event, "能", person_of_concern_has_access="yes"))

    page = (await desk.client.get("/")).text

    assert re.search(r"can reach the child.{0,80}?yes", page, re.DOTALL)


async def test_looking_at_the_queue_is_on_record(desk: Desk, case: Any) -> None:
    await desk.client.get("/")

    row = await desk.hotline.admin.pool.fetchrow("select * from infra.audit where action = 'queue_shown'")
    assert row
    assert row["actor"] == str(desk.hotline.people["duty-zhou"])
    assert "child.age" in row["shown"]


async def test_a_list_fetched_by_the_page_is_on_record_when_it_shows_a_case_for_the_first_time(
    desk: Desk, report: Reports, case: Any
) -> None:
    async def looks() -> int:
        found = await desk.hotline.admin.pool.fetchval(
            "select count(*) from infra.audit where action = 'queue_shown'"
        )
        return int(found)

    await desk.client.get("/")
    await desk.client.get("/queue")
    assert await looks() == 1

    await opened(desk, report, danger_now="yes")
    await desk.client.get("/queue")
    await desk.client.get("/queue")
    assert await looks() == 2


async def test_a_long_queue_is_counted_whole_and_paged(
    desk: Desk, report: Reports, case: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("triage.console.queue.PAGE", 2)
    aliases = [case["alias"]] + [(await opened(desk, report, SAID))["alias"] for _ in range(4)]

    first = (await desk.client.get("/")).text
    assert re.search(r"All <b>5</b>", first)
    assert [alias in first for alias in aliases].count(True) == 2
    assert "Cases 1 to 2" in first
    assert "and 3 more" in first
    assert 'href="/?view=all&amp;page=2"' in first

    last = (await desk.client.get("/queue?view=all&page=9")).text
    assert "Cases 5 to 5" in last
    assert [alias in last for alias in aliases].count(True) == 1


async def test_the_stream_tells_of_a_change_and_ends_when_the_process_stops(desk: Desk, case: Any) -> None:
    frame = Frame.build(desk.service, Locales.load(LOCALES), desk.hotline.means.packs)
    cookie = "; ".join(f"{name}={value}" for name, value in desk.client.cookies.items()).encode()
    request = Request({"type": "http", "method": "GET", "headers": [(b"cookie", cookie)], "query_string": b""})
    told = []

    async for event in events(frame, request):
        told.append(event)
        if len(told) == 2:
            frame.bell.ring()
        if len(told) == 3:
            desk.service.stop.set()

    assert [each.splitlines()[0] for each in told] == ["event: state", ": beat", "event: state"]
    assert json.loads(told[2].splitlines()[1].removeprefix("data: "))["queue"] == 1


async def test_a_process_that_was_replaced_is_forgotten_the_last_of_a_service_never(desk: Desk) -> None:
    await desk.sign_in()
    pool, now = desk.hotline.admin.pool, desk.hotline.clock.now()
    for service, instance, age in (("ingest", "old", 60), ("ingest", "new", 0), ("relay", "1", 60 * 24 * 3)):
        await pool.execute(
            "insert into infra.heartbeats (service, instance, at, troubles) values ($1, $2, $3, '{}')",
            service,
            instance,
            now - timedelta(minutes=age),
        )

    part = (await desk.client.get("/alarms")).text

    assert "ingest" not in part
    assert "intake" not in part
    assert "No sign of life from relay (1)" in part


async def press_form(desk: Desk, page: str, action: str) -> Any:
    """Send the form of a page with that action, as it stands."""
    form = page.split(f'action="{action}"')[1].split("</form>", maxsplit=1)[0]
    fields: dict[str, list[str]] = {}
    for name, value in re.findall(r'name="([^"]+)" value="([^"]*)"', form):
        fields.setdefault(name, []).append(value)
    return await desk.client.post(action, data=fields)


async def child_of(desk: Desk, case: Any, language: str = "en") -> str:
    """What the queue says of the child of a case."""
    page = (await desk.client.get(f"/queue?language={language}")).text
    row = page[page.index(case["alias"]) :]
    found = re.search(rf"<dt>{'Child' if language == 'en' else '孩子'}[^<]*</dt><dd>([^<]*)</dd>", row)
    assert found, row[:2000]
    return found[1]


async def test_an_age_that_the_words_tell_is_shown_as_read_there(
    desk: Desk, report: Reports, update: Updates
) -> None:
    await desk.sign_in()
    event = await report("楼上有人打孩子。", age=None)
    await desk.hotline.receive(event)
    case = await desk.hotline.case_of(event.report_id)
    assert await child_of(desk, case) == "age not said"

    changed = await update(event, "那个孩子五岁，妹妹8个月大。")
    await desk.hotline.receive(changed)

    assert await child_of(desk, case) == "8 months, read in the words"
    assert await child_of(desk, case, "zh") == "8 个月（据文字读出）"


async def test_an_age_that_is_written_beside_the_name_is_shown_too(desk: Desk, report: Reports) -> None:
    await desk.sign_in()
    case = await opened(desk, report, "楼上有人打孩子。", age="六岁")

    assert await child_of(desk, case) == "6 years, read in the words"
    page = (await desk.client.get(f"/cases/{case['case_id']}")).text
    assert "Is the child hurt?" in page
    assert "How old is the child?" not in page


async def test_an_age_that_was_answered_is_shown_before_what_words_tell(desk: Desk, report: Reports) -> None:
    await desk.sign_in()
    case = await opened(desk, report, "那个孩子五岁。", answers={"child_age_years": 9})

    assert await child_of(desk, case) == "9 years"


async def test_the_reporters_own_age_is_not_shown_as_the_childs(desk: Desk, report: Reports) -> None:
    await desk.sign_in()
    case = await opened(desk, report, "我今年16岁，我妹妹每天被打。", age=None)

    assert await child_of(desk, case) == "age not said"


async def test_a_case_judged_before_ages_were_kept_says_what_it_knows(desk: Desk, report: Reports) -> None:
    await desk.sign_in()
    case = await opened(desk, report, "那个孩子五岁。")
    await desk.hotline.admin.pool.execute("update triage.assessments set ages_told = null")

    assert await child_of(desk, case) == "age not said"
