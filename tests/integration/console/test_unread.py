"""What cannot be opened is told of and handed on like any case, and hides nothing else."""

from datetime import timedelta
from typing import Any

import pytest

from infra.ids import new_id
from infra.inbox import MOST_ATTEMPTS, Envelope
from infra.outbox import Trace
from tests.integration.console.conftest import Desk
from tests.integration.triage.conftest import ASKED, NOWHERE, Reports, Updates

BROKEN = b"broken beyond opening, but long enough for a sealed value"


async def tamper(desk: Desk, statement: str, *given: Any) -> None:
    """Change what a trigger guards, as a fault on the disk would."""
    table = statement.split()[1]
    await desk.hotline.admin.pool.execute(f"alter table {table} disable trigger user")
    await desk.hotline.admin.pool.execute(statement, *given)


@pytest.fixture
async def unread(desk: Desk, report: Reports) -> Any:
    """The bare case of a report whose seal is broken, and an officer who is signed in."""
    await desk.sign_in()
    event = await report(danger_now="yes")
    await tamper(desk, "update ingest.reports set facts = $1 where report_id = $2", BROKEN, event.report_id)
    envelope = Envelope(new_id(), event.type, event.key, event.model_dump(mode="json"), Trace.begin())
    for _ in range(MOST_ATTEMPTS):
        await desk.hotline.subscriber.receive(envelope)
        desk.hotline.clock.advance(timedelta(minutes=5))
    case = await desk.hotline.case_of(event.report_id)
    assert case["is_unread_report"]
    return case


async def test_a_report_that_cannot_be_opened_says_so_with_its_number_channel_and_every_form(
    desk: Desk, unread: Any
) -> None:
    answer = await desk.client.get(f"/cases/{unread['case_id']}")

    assert answer.status_code == 200
    report_id = await desk.hotline.admin.pool.fetchval("select report_id from triage.case_reports")
    for said in ("Cannot be opened: needs a person", str(report_id), "a neighbour, web", "not judged by machine"):
        assert said in answer.text, said
    assert "A safe and easy way" not in answer.text, "nobody has said that there is none"
    for act in ("read", "take", "emergency", "note", "reassign", "first-action", "stand-down"):
        assert f"/{act}" in answer.text, act


async def test_it_is_read_and_the_emergency_service_is_answered(desk: Desk, unread: Any) -> None:
    assert (await desk.press(unread["case_id"], "read")).status_code == 303
    answer = await desk.press(
        unread["case_id"], "emergency", called="called", service="police", at="11:59", zone="Asia/Shanghai"
    )

    assert answer.status_code == 303
    assert (await desk.hotline.case_of_id(unread["case_id"]))["unread_since"] is None


async def test_it_is_handed_to_an_ordinary_team_and_called_by_the_ladder_of_the_place(
    desk: Desk, unread: Any
) -> None:
    team = await desk.hotline.admin.pool.fetchval("select team_id from triage.teams where slug = 'camden'")

    assert (await desk.press(unread["case_id"], "reassign", team=str(team))).status_code == 303

    newest = (await desk.hotline.assignments(unread["case_id"]))[-1]
    assert newest["team_id"] == team
    assert newest["ladder"]["rungs"]


async def test_a_word_nobody_knows_in_a_reports_row_leaves_its_number_and_the_forms(desk: Desk, unread: Any) -> None:
    await tamper(desk, "update ingest.reports set area_code = null")

    page = (await desk.client.get(f"/cases/{unread['case_id']}")).text

    assert "Cannot be opened: needs a person" in page
    assert "I have read this" in page


async def test_a_broken_update_does_not_hide_what_was_said_before(
    desk: Desk, report: Reports, update: Updates
) -> None:
    await desk.sign_in()
    received = await report("他说过不要回家。", danger_now="yes")
    await desk.hotline.receive(received)
    await update(received, "他们走了。")
    await tamper(desk, "update ingest.updates set facts = $1", BROKEN)
    case = await desk.hotline.case_of(received.report_id)

    page = (await desk.client.get(f"/cases/{case['case_id']}")).text

    assert "他说过不要回家。" in page
    assert "Cannot be opened: needs a person" in page


async def test_an_answer_nobody_knows_is_told_in_its_row_and_hides_no_other(desk: Desk, report: Reports) -> None:
    await desk.sign_in()
    aliases = []
    for area in (NOWHERE, NOWHERE):
        event = await report(danger_now="yes", area=area)
        await desk.hotline.receive(event)
        aliases.append((await desk.hotline.case_of(event.report_id))["alias"])
    strange = '{"danger_now": "perhaps", "child_age_years": 6}'
    await tamper(
        desk, "update ingest.reports set answers = $1::text::jsonb where report_id = $2", strange, event.report_id
    )

    answer = await desk.client.get("/")

    assert answer.status_code == 200
    assert all(alias in answer.text for alias in aliases)
    assert "Something here is not understood" in answer.text
    assert "6 years" in answer.text


async def test_a_row_that_cannot_be_told_at_all_says_so_and_hides_no_other(desk: Desk, report: Reports) -> None:
    await desk.sign_in()
    aliases = []
    for _ in range(2):
        event = await report(danger_now="yes")
        await desk.hotline.receive(event)
        aliases.append((await desk.hotline.case_of(event.report_id))["alias"])
    await tamper(desk, "update triage.assessments set reasons = '[{}]' where report_id = $1", event.report_id)

    page = (await desk.client.get("/")).text

    assert all(alias in page for alias in aliases)
    assert "This line cannot be shown: needs a person" in page


async def test_what_the_desk_is_told_about_a_report_that_cannot_be_opened_is_kept_and_shown(
    desk: Desk, unread: Any
) -> None:
    assert (
        await desk.press(unread["case_id"], "answers", asked_of="professional", injury="serious")
    ).status_code == 303

    page = (await desk.client.get(f"/cases/{unread['case_id']}")).text

    assert "another professional, asked by 周敏" in page


async def test_a_broken_note_and_a_broken_name_say_so_and_hide_nothing(desk: Desk, report: Reports) -> None:
    await desk.sign_in()
    event = await report("他说过不要回家。", danger_now="yes")
    await desk.hotline.receive(event)
    case = await desk.hotline.case_of(event.report_id)
    await desk.press(case["case_id"], "note", note="the school rings back at two")
    await desk.press(case["case_id"], "take")
    await tamper(desk, "update triage.timeline set note = $1 where note is not null", BROKEN)
    await desk.hotline.admin.pool.execute("update triage.people set name = $1", BROKEN)

    answer = await desk.client.get(f"/cases/{case['case_id']}")

    assert answer.status_code == 200
    assert '<p class="words">Cannot be opened: needs a person</p>' in answer.text
    assert "Stopping calls ((name cannot be opened: needs a person) takes it)" in answer.text
    assert "他说过不要回家。" in "".join(part.split(">")[-1] for part in answer.text.split("<"))
    assert "<b>zhou</b>" in answer.text, "who is signed in is known by the name they sign in by"
    assert (await desk.client.get("/")).status_code == 200


async def test_a_broken_reason_for_a_lower_urgency_says_so(desk: Desk, report: Reports) -> None:
    await desk.sign_in()
    event = await report(danger_now="yes", answers=ASKED)
    await desk.hotline.receive(event)
    case = await desk.hotline.case_of(event.report_id)
    await desk.press(case["case_id"], "read")
    await desk.press(case["case_id"], "lower", urgency="urgent", reason="with her aunt")
    await tamper(desk, "update triage.urgency_requests set reason = $1", BROKEN)

    page = (await desk.client.get(f"/cases/{case['case_id']}")).text

    assert '<p class="words">Cannot be opened: needs a person</p>' in page
