"""Drills at the desk: who may call one, and what everybody sees of it."""

from datetime import timedelta
from typing import Any

from infra.ids import new_id
from tests.integration.console.conftest import Desk, token_in
from tests.integration.triage.test_drills import UNTIL_NIGHT, called, took_up


async def press(desk: Desk, **fields: str) -> Any:
    token = token_in((await desk.client.get("/drills")).text)
    return await desk.client.post("/drills", data={"token": token, "urgency": "immediate"} | fields)


async def test_a_supervisor_calls_a_drill_and_follows_it(desk: Desk) -> None:
    await desk.sign_in("lu")
    answer = await press(desk, team="last-resort")
    assert answer.status_code == 303
    drill = await desk.hotline.admin.pool.fetchrow("select * from triage.drills")
    assert drill
    assert drill["called_by"] == str(desk.hotline.people["sup-lu"])
    page = (await desk.client.get(answer.headers["location"])).text
    assert f"<h1>DRILL {drill['alias']}</h1>" in page
    assert "waits for the notifier" in page
    assert "The drill is called." in page

    escalation = await took_up(desk.hotline, drill["drill_id"])
    await called(desk.hotline, escalation, "lr-sun")
    page = (await desk.client.get(answer.headers["location"].partition("?")[0])).text
    assert "people are being called" in page
    for said in ("2.0 s", "delivered", "Not called.", "Look again"):
        assert said in page
    assert "people are being called" in (await desk.client.get("/drills")).text
    shown = await desk.hotline.admin.pool.fetch("select shown from infra.audit where action = 'drill_shown'")
    assert [list(row["shown"]) for row in shown] == [["person.name"]] * 2


async def test_a_duty_officer_sees_drills_and_calls_none(desk: Desk) -> None:
    await desk.sign_in()
    page = (await desk.client.get("/drills")).text
    assert "No drill has been called yet." in page
    assert 'name="urgency"' not in page
    token = token_in(page)
    answer = await desk.client.post("/drills", data={"token": token, "urgency": "immediate"})
    assert answer.status_code == 403
    assert not await desk.hotline.told("drill.called.v1")


async def test_what_is_refused_is_said_and_what_was_chosen_stands(desk: Desk) -> None:
    desk.hotline.clock.advance(UNTIL_NIGHT)
    await desk.sign_in("lu")
    answer = await press(desk, team="dongcheng", urgency="urgent")
    assert answer.status_code == 409
    assert "nobody on call has agreed to drills at night" in answer.text
    assert '<option value="dongcheng" selected>' in answer.text
    assert '<option value="urgent" selected>' in answer.text
    assert (await press(desk, team="dongcheng", urgency="soon")).status_code == 409
    assert (await press(desk, team="dongcheng", at_night="yes")).status_code == 303


async def test_without_a_session_or_a_drill_there_is_no_page(desk: Desk) -> None:
    assert (await desk.client.get("/drills")).status_code == 303
    await desk.sign_in("lu")
    assert (await desk.client.get(f"/drills/{new_id()}")).status_code == 404


async def test_a_drill_stands_in_no_queue(desk: Desk) -> None:
    await desk.sign_in("lu")
    before = (await desk.client.get("/queue")).text
    await press(desk)
    alias = await desk.hotline.admin.pool.fetchval("select alias from triage.drills")
    assert alias not in (await desk.client.get("/queue")).text
    assert before.count("<article") == (await desk.client.get("/queue")).text.count("<article")


async def test_whoever_asked_for_help_is_named_and_the_alarm_leads_there(desk: Desk) -> None:
    await desk.sign_in("lu")
    answer = await press(desk)
    drill = await desk.hotline.admin.pool.fetchval("select drill_id from triage.drills")
    await took_up(desk.hotline, drill)
    await desk.hotline.admin.pool.execute(
        "update notifier.escalations set needs_help_at = $1, needs_help_by = $2",
        desk.hotline.clock.now() + timedelta(seconds=5),
        desk.hotline.people["lr-sun"],
    )
    await desk.hotline.admin.pool.execute(
        "insert into triage.alarms (alarm_id, kind, subject_id, detail, raised_at) "
        "values ($1, 'drill_help', $2, '{}', $3)",
        new_id(),
        drill,
        desk.hotline.clock.now(),
    )
    page = (await desk.client.get(answer.headers["location"])).text
    assert "answered that they need help. It may be real" in page
    assert f'<a href="/drills/{drill}">During a drill' in page
