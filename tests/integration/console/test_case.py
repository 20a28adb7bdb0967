"""The page of a case, what is pressed there, and what is kept of it."""

import re
from datetime import timedelta
from typing import Any

import asyncpg
import pytest

from infra import audit
from schemas.report import Moment
from schemas.terms import Urgency
from tests.integration.console.conftest import PASSWORD, Desk, alert, sign_in, token_in
from tests.integration.triage.conftest import ASKED, CAMDEN, Reports, Updates
from triage.domain.assessment import BOTH_ENDS, Meaning
from triage.handlers.meanings import on_meaning

NARRATIVE = "隔壁有人正在打孩子，手里还拿着刀。孩子没有流血。<b>"


@pytest.fixture
async def case(desk: Desk, report: Reports) -> Any:
    """An immediate case whose responders are being called, and an officer who is signed in."""
    await desk.sign_in()
    event = await report(NARRATIVE, danger_now="does_not_know")
    await desk.hotline.receive(event)
    return await desk.hotline.case_of(event.report_id)


async def test_the_page_marks_the_reasons_in_the_words(desk: Desk, case: Any) -> None:
    page = (await desk.client.get(f"/cases/{case['case_id']}")).text

    assert "<mark" in page
    assert "<s>流血</s>" in page
    assert "&lt;b&gt;" in page
    assert "denied" in page
    assert "does not know" in page
    assert "not asked: treat as not safe" in page
    assert "三号楼二层" in page
    assert "小雨" in page


async def test_a_reading_of_beginning_and_end_alone_is_said_to_be_that(desk: Desk, case: Any) -> None:
    report_id = await desk.hotline.admin.pool.fetchval(
        "select report_id from triage.case_reports where case_id = $1", case["case_id"]
    )
    for model, is_told in (("m", False), ("m" + BOTH_ENDS, True)):
        meaning = Meaning(model=model, report_version=1, urgency=Urgency.ROUTINE)
        await desk.hotline.admin.pool.execute(
            "update triage.case_reports set meaning_version = 0 where report_id = $1", report_id
        )
        async with desk.hotline.turn() as turn:
            await on_meaning(turn, (report_id, 1), meaning)
        page = (await desk.client.get(f"/cases/{case['case_id']}")).text
        assert "Meaning read by: m" in page
        assert "(beginning and end)" not in page
        assert ("only the beginning and the end" in page) is is_told


async def test_the_number_a_report_came_from_is_shown_as_unsafe_until_it_was_asked(
    desk: Desk, report: Reports
) -> None:
    await desk.sign_in()
    event = await report("help", came_from="+447700900123", keys=("5",))
    await desk.hotline.receive(event)
    case = await desk.hotline.case_of(event.report_id)
    page = (await desk.client.get(f"/cases/{case['case_id']}")).text

    assert "<dt>Came from</dt><dd>+447700900123</dd>" in page
    assert page.count("<dd>not asked: treat as not safe</dd>") == 2
    assert "Keys pressed: 5" in page


async def test_every_look_is_on_record_with_what_was_shown(desk: Desk, case: Any) -> None:
    await desk.client.get(f"/cases/{case['case_id']}")

    (look,) = [each for each in await desk.looks(case["case_id"]) if each["action"] == "case_shown"]
    assert look["actor"] == str(desk.hotline.people["duty-zhou"])
    assert look["purpose"] == "duty"
    assert {"report.narrative", "report.people", "report.contact"} <= set(look["shown"])
    async with desk.hotline.db.transaction() as tx:
        assert await audit.verify(tx, case["case_id"]) >= 1


async def test_a_case_that_is_not_there_is_told_so(desk: Desk, case: Any) -> None:
    answer = await desk.client.get("/cases/00000000-0000-7000-8000-000000000000")

    assert answer.status_code == 404
    assert "There is no such page" in answer.text


async def test_taking_stops_the_calling_and_says_so_until_the_notifier_has_recorded_it(desk: Desk, case: Any) -> None:
    answer = await desk.press(case["case_id"], "take")
    assert answer.headers["location"] == f"/cases/{case['case_id']}?done=take"
    page = (await desk.client.get(answer.headers["location"])).text
    assert "You take it: recorded." in page
    assert "Stopping calls (周敏 takes it)" in page

    by = desk.hotline.people["duty-zhou"]
    await desk.hotline.receive(desk.hotline.escalation(case, acknowledged_by=by, acknowledged_via="desk"))
    assert "Taken by 周敏 (at the desk)" in (await desk.client.get(f"/cases/{case['case_id']}")).text


async def test_reading_ends_the_read_clock(desk: Desk, case: Any) -> None:
    await desk.press(case["case_id"], "read")

    assert (await desk.hotline.case_of_id(case["case_id"]))["unread_since"] is None
    assert "周敏 read it" in (await desk.client.get(f"/cases/{case['case_id']}")).text


async def test_the_emergency_service_is_recorded_with_which_when_and_number(desk: Desk, case: Any) -> None:
    answer = await desk.press(
        case["case_id"], "emergency", called="called", service="police", at="11:59", zone="Asia/Shanghai",
        incident_number="A-17",
    )  # fmt: skip

    assert answer.status_code == 303
    clock = await desk.hotline.clock_of(case["case_id"], "emergency_service")
    assert clock["answer"]["at"].startswith("2026-03-04T11:59:00+08:00")
    page = (await desk.client.get(f"/cases/{case['case_id']}")).text
    assert "Emergency service: called police" in page
    assert "A-17" in page


async def test_not_needed_needs_a_reason(desk: Desk, case: Any) -> None:
    refused = await desk.press(case["case_id"], "emergency", called="not_needed", not_needed="")
    assert refused.status_code == 409
    assert "Write the reason." in refused.text

    await desk.press(case["case_id"], "emergency", called="not_needed", not_needed="police are there already")
    assert (await desk.hotline.clock_of(case["case_id"], "emergency_service"))["answer"]["answer"] == "not_needed"


async def test_an_instant_later_than_now_is_yesterdays(desk: Desk, case: Any) -> None:
    await desk.press(
        case["case_id"], "emergency", called="called", service="police", at="12:01", zone="Asia/Shanghai"
    )

    clock = await desk.hotline.clock_of(case["case_id"], "emergency_service")
    assert clock["answer"]["at"].startswith("2026-03-03T12:01")


async def test_urgency_is_raised_by_one_and_lowered_by_two(desk: Desk, report: Reports) -> None:
    await desk.sign_in()
    event = await report("孩子经常一个人饿着肚子，没有人做饭。", danger_now="no", answers=ASKED)
    await desk.hotline.receive(event)
    case_id = (await desk.hotline.case_of(event.report_id))["case_id"]

    await desk.press(case_id, "raise", urgency="immediate")
    assert (await desk.hotline.case_of_id(case_id))["urgency"] == "immediate"
    await desk.press(case_id, "read")
    await desk.press(case_id, "lower", urgency="urgent", reason="the child is with her aunt")
    own = await desk.press(case_id, "decide", granted="yes")
    assert "you asked for it yourself" in own.text
    assert (await desk.hotline.case_of_id(case_id))["urgency"] == "immediate"

    async with desk.browser() as supervisor:
        await sign_in(supervisor, "lu", PASSWORD)
        desk.client, officer = supervisor, desk.client
        page = (await supervisor.get(f"/cases/{case_id}")).text
        assert "the child is with her aunt" in page
        await desk.press(case_id, "decide", granted="yes")
        desk.client = officer
    assert (await desk.hotline.case_of_id(case_id))["urgency"] == "urgent"


async def test_a_case_is_given_to_another_team_without_who_has_a_conflict(desk: Desk, case: Any) -> None:
    team = await desk.hotline.admin.pool.fetchval("select team_id from triage.teams where is_last_resort")
    await alert(desk.hotline, case, "bj-li", "first")

    await desk.press(case["case_id"], "reassign", team=str(team), excluded=str(desk.hotline.people["bj-li"]))

    assignments = await desk.hotline.assignments(case["case_id"])
    assert (assignments[-1]["team_id"], assignments[-1]["number"]) == (team, 2)
    assert desk.hotline.people["bj-li"] in assignments[-1]["excluded_responders"]


async def test_the_officer_is_told_that_the_team_they_gave_a_case_to_is_full(
    desk: Desk, case: Any, report: Reports
) -> None:
    await desk.hotline.receive(await report("x", area=CAMDEN, jurisdiction="GB-ENG"))
    team = await desk.hotline.admin.pool.fetchval(
        "update triage.teams set capacity = 1 where slug = 'camden' returning team_id"
    )

    answer = await desk.press(case["case_id"], "reassign", team=str(team))

    page = (await desk.client.get(answer.headers["location"])).text
    name = await desk.hotline.admin.pool.fetchval("select name_en from triage.teams where team_id = $1", team)
    assert f"{name} was at its capacity, and has the case all the same." in page
    assert f"{name} is at its capacity (live cases: 1)" in page


async def test_somebody_with_a_conflict_is_kept_out_before_being_called(desk: Desk, case: Any) -> None:
    lead = desk.hotline.people["bj-chen"]
    page = (await desk.client.get(f"/cases/{case['case_id']}")).text
    assert f'<option value="{lead}">' in page

    await desk.press(case["case_id"], "reassign", team=str(case["team_id"]), excluded=str(lead))

    newest = (await desk.hotline.assignments(case["case_id"]))[-1]
    assert newest["team_id"] == case["team_id"]
    assert lead in newest["excluded_responders"]
    page = (await desk.client.get(f"/cases/{case['case_id']}")).text
    assert re.search(r"Not called \(conflict of interest\)</dt><dd>\w+</dd>", page)


async def test_first_action_and_stand_down_keep_their_words(desk: Desk, case: Any) -> None:
    await desk.press(case["case_id"], "first-action", done_by_whom="李明远 is with the child")
    await desk.press(case["case_id"], "stand-down", reason="the team leads it from here")

    stored = await desk.hotline.case_of_id(case["case_id"])
    assert stored["first_action_at"] == desk.hotline.clock.now()
    assert stored["status"] == "stood_down"
    page = (await desk.client.get(f"/cases/{case['case_id']}")).text
    assert "李明远 is with the child" in page
    assert "the team leads it from here" in page
    assert "Stood down: calling rests" in page


async def test_a_note_is_kept_sealed(desk: Desk, case: Any) -> None:
    await desk.press(case["case_id"], "note", note="the school rings back at two")

    row = await desk.hotline.admin.pool.fetchrow("select * from triage.timeline where kind = 'note'")
    assert row
    assert b"school" not in row["note"]
    assert "the school rings back at two" in (await desk.client.get(f"/cases/{case['case_id']}")).text


async def test_a_press_on_an_older_page_changes_nothing_and_loses_nothing(desk: Desk, case: Any) -> None:
    page = (await desk.client.get(f"/cases/{case['case_id']}")).text
    await desk.press(case["case_id"], "read")

    fields = {"token": token_in(page), "version": "1", "note": "what I typed meanwhile"}
    answer = await desk.client.post(f"/cases/{case['case_id']}/note", data=fields)

    assert answer.status_code == 409
    assert "This case has changed since you opened it" in answer.text
    assert ">what I typed meanwhile</textarea>" in answer.text
    assert await desk.hotline.admin.pool.fetchval("select count(*) from triage.timeline where kind = 'note'") == 0


async def test_an_update_is_shown_under_its_report(desk: Desk, report: Reports, update: Updates) -> None:
    await desk.sign_in()
    received = await report(NARRATIVE, danger_now="yes")
    await desk.hotline.receive(received)
    await desk.hotline.receive(await update(received, "他们现在上车走了。", injury="serious"))
    case = await desk.hotline.case_of(received.report_id)

    page = (await desk.client.get(f"/cases/{case['case_id']}")).text

    assert "他们现在上车走了。" in "".join(part.split(">")[-1] for part in page.split("<"))
    assert "serious" in page


async def test_the_timeline_names_whom_was_called_on_what(desk: Desk, case: Any) -> None:
    await alert(desk.hotline, case, "bj-li", "first")

    page = (await desk.client.get(f"/cases/{case['case_id']}")).text

    assert "Responders: first level, 李明远, SMS, delivered" in page
    assert "Report received (web)" in page or "report received (web)" in page


async def test_both_languages_say_everything(desk: Desk, case: Any) -> None:
    page = (await desk.client.get(f"/cases/{case['case_id']}?language=zh")).text
    assert "我来接手" in page
    assert "演示系统，不会有人接警" in page
    assert "值班台" in (await desk.client.get("/")).text

    assert "I take it" in (await desk.client.get(f"/cases/{case['case_id']}?language=en")).text


async def test_with_the_database_away_what_was_typed_is_shown_again(desk: Desk, case: Any) -> None:
    page = (await desk.client.get(f"/cases/{case['case_id']}")).text
    await desk.hotline.db.pool.close()

    fields = {"token": token_in(page), "version": "1", "note": "typed while it was away"}
    answer = await desk.client.post(f"/cases/{case['case_id']}/note", data=fields)

    assert answer.status_code == 503
    assert "typed while it was away" in answer.text
    assert "police 110" in answer.text


async def test_a_form_after_the_session_ended_loses_no_word(desk: Desk, case: Any) -> None:
    page = (await desk.client.get(f"/cases/{case['case_id']}")).text
    await desk.hotline.admin.pool.execute("update triage.sessions set ended_at = now()")

    fields = {"token": token_in(page), "version": "1", "note": "typed too late"}
    answer = await desk.client.post(f"/cases/{case['case_id']}/note", data=fields)

    assert answer.status_code == 401
    assert "typed too late" in answer.text
    with pytest.raises(asyncpg.PostgresError):
        await desk.hotline.admin.pool.execute("update infra.audit set actor = 'x'")


async def test_the_instants_of_a_report_are_told_with_how_each_is_known(desk: Desk, case: Any) -> None:
    pool = desk.hotline.admin.pool
    await pool.execute("alter table ingest.reports disable trigger user")
    happened = desk.hotline.clock.now() - timedelta(days=2)
    await pool.execute("update ingest.reports set happened_at = $1, first_known_at = $1", happened)

    page = re.sub(r"<[^>]+>|\s+", " ", (await desk.client.get(f"/cases/{case['case_id']}")).text)
    page = re.sub(r" +", " ", page)

    assert "Happened 03-02 12:00:00 as it was told to us" in page
    assert "First known to the reporter 03-02 12:00:00 as it was told to us" in page
    assert "Told to somebody else not said" in page
    assert "Received here 12:00:00 as it was recorded here" in page


async def test_what_the_reporter_wrote_about_an_instant_stands_beside_what_was_read(
    desk: Desk, report: Reports
) -> None:
    await desk.sign_in()
    noon = desk.hotline.clock.now()
    moments = (
        Moment(kind="child_safe_until", written="放学前4点半", at=noon + timedelta(hours=4), known="read_as_time"),
        Moment(kind="happened", written="前天", at=noon - timedelta(days=2), known="read_as_day"),
        Moment(kind="first_known", written="很久以前", known="not_read"),
        Moment(kind="told", at=noon - timedelta(hours=1), known="given"),
    )
    event = await report(NARRATIVE, child_safe_until=noon + timedelta(hours=4), moments=moments)
    await desk.hotline.receive(event)
    case = await desk.hotline.case_of(event.report_id)

    page = re.sub(r"<[^>]+>|\s+", " ", (await desk.client.get(f"/cases/{case['case_id']}")).text)
    page = re.sub(r" +", " ", page)

    assert "Safe until 放学前4点半 16:00:00 as we read these words: where two were meant, the earlier" in page
    assert "Happened 前天 03-02 12:00:00 a day alone was read: shown from its beginning" in page
    assert "First known to the reporter 很久以前 no time could be read in these words" in page
    assert "Told to somebody else 11:00:00 as the sender&#39;s system gave it" in page


async def test_a_late_press_says_who_has_the_case_and_asks_before_replacing_them(desk: Desk, case: Any) -> None:
    stale = (await desk.client.get(f"/cases/{case['case_id']}")).text
    by = desk.hotline.people["bj-li"]
    await desk.hotline.receive(desk.hotline.escalation(case))
    await desk.hotline.receive(desk.hotline.escalation(case, acknowledged_by=by, acknowledged_via="sms"))

    fields = {"token": token_in(stale), "version": "1"}
    answer = await desk.client.post(f"/cases/{case['case_id']}/take", data=fields)
    assert answer.status_code == 409
    assert "李明远 has this case already" in answer.text
    assert f'name="replaces" value="{by}"' in answer.text
    assert (await desk.hotline.case_of_id(case["case_id"]))["taken_by"] == by

    other = await desk.client.post(
        f"/cases/{case['case_id']}/take", data=fields | {"replaces": str(desk.hotline.people["bj-zhao"])}
    )
    assert other.status_code == 409

    answer = await desk.client.post(f"/cases/{case['case_id']}/take", data=fields | {"replaces": str(by)})
    assert answer.status_code == 303
    assert (await desk.hotline.case_of_id(case["case_id"]))["taken_by"] == desk.hotline.people["duty-zhou"]
    page = (await desk.client.get(f"/cases/{case['case_id']}")).text
    assert "周敏 took it over at the desk from 李明远" in page


async def test_a_second_officer_does_not_replace_the_one_whose_calls_are_being_stopped(desk: Desk, case: Any) -> None:
    await desk.press(case["case_id"], "take")

    async with desk.browser() as supervisor:
        await sign_in(supervisor, "lu", PASSWORD)
        page = (await supervisor.get(f"/cases/{case['case_id']}")).text
        fields = {"token": token_in(page), "version": "1"}
        answer = await supervisor.post(f"/cases/{case['case_id']}/take", data=fields)

    assert answer.status_code == 409
    assert "周敏 is just taking this case" in answer.text
    assert (await desk.hotline.case_of_id(case["case_id"]))["taken_by"] is None


async def test_a_note_that_is_too_long_is_refused_in_words_and_stays(desk: Desk, case: Any) -> None:
    fits = "line\r\n" * 799 + "lines"
    assert (await desk.press(case["case_id"], "note", note=fits)).status_code == 303

    answer = await desk.press(case["case_id"], "note", note="a" * 4000 + " the end")

    assert answer.status_code == 409
    assert "That is 4008 characters; at most 4000" in answer.text
    assert "a the end</textarea>" in answer.text
    assert await desk.hotline.admin.pool.fetchval("select count(*) from triage.timeline where kind = 'note'") == 1
