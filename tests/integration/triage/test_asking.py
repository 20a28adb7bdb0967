"""What the desk learns by asking: it raises and calls at once, lowers nothing, and is never lost."""

from datetime import timedelta
from typing import Any

import asyncpg
import pytest

from schemas.report import Answers
from schemas.terms import Answer, Role, Urgency
from tests.integration.triage.conftest import ASKED, Hotline, Reports, Updates
from tests.integration.triage.test_same_child import sheet_of
from triage.domain.asking import Asked, AskedOf
from triage.domain.case import Refusal
from triage.handlers import asking, presses, second_person

QUESTION = "想了解一下你们的服务。"
BROKEN = b"broken beyond opening, but long enough for a sealed value"


async def record(hotline: Hotline, case_id: Any, asked_of: AskedOf = AskedOf.CHILD, **given: Any) -> None:
    async with hotline.turn() as turn:
        asked = Asked(asked_of, hotline.clock.now(), Answers(**given))
        await asking.record_answers(turn, await hotline.press(case_id), asked)


async def lower(hotline: Hotline, case_id: Any, urgency: Urgency) -> None:
    async with hotline.turn() as turn:
        await presses.mark_read(turn, await hotline.press(case_id))
    async with hotline.turn() as turn:
        await second_person.ask_lower_urgency(turn, await hotline.press(case_id), urgency, "孩子已由外婆接走")
    async with hotline.turn() as turn:
        await second_person.decide_lower_urgency(turn, await hotline.press(case_id, "sup-lu", Role.SUPERVISOR), True)


async def opened(hotline: Hotline, report: Reports, words: str = QUESTION, **given: Any) -> Any:
    event = await report(words, **given)
    await hotline.receive(event)
    return await hotline.case_of(event.report_id), event


async def asks(hotline: Hotline, case_id: Any) -> list[str]:
    ask: list[str] = await hotline.admin.pool.fetchval(
        "select ask from triage.assessments where case_id = $1 order by assessed_at desc, assessment_id desc limit 1",
        case_id,
    )
    return ask


async def test_a_dangerous_answer_raises_and_calls_at_once(hotline: Hotline, report: Reports) -> None:
    case, event = await opened(hotline, report)
    assert (case["urgency"], await hotline.assignments(case["case_id"])) == ("routine", [])

    await record(hotline, case["case_id"], danger_now="yes")

    assert (await hotline.case_of_id(case["case_id"]))["urgency"] == "immediate"
    assert [each["because"] for each in await hotline.assignments(case["case_id"])] == ["raised"]
    assert await hotline.clock_of(case["case_id"], "emergency_service") is not None
    assert (await hotline.told())[-1]["body"]["urgency"] == "immediate"
    said = await hotline.admin.pool.fetchval(
        "select answers from ingest.reports where report_id = $1", event.report_id
    )
    assert said["danger_now"] == "not_asked", "what the reporter said stays"


async def test_it_is_kept_with_actor_and_instant_in_timeline_and_audit(hotline: Hotline, report: Reports) -> None:
    case, _ = await opened(hotline, report)

    await record(hotline, case["case_id"], danger_now="does_not_know", injury="none")

    rows = await hotline.admin.pool.fetch("select * from triage.desk_answers order by question")
    assert [(row["question"], row["value"], row["asked_of"]) for row in rows] == [
        ("danger_now", "does_not_know", "child"),
        ("injury", "none", "child"),
    ]
    actor = hotline.people["duty-zhou"]
    assert {(row["recorded_by"], row["recorded_at"]) for row in rows} == {(actor, hotline.clock.now())}
    assert (await hotline.kinds(case["case_id"])).count("answer_recorded") == 2
    look = await hotline.admin.pool.fetchrow("select * from infra.audit where action = 'record_answers'")
    assert look
    assert (look["actor"], look["case_id"]) == (str(actor), case["case_id"])
    for change in ("update triage.desk_answers set value = 'no'", "delete from triage.desk_answers"):
        with pytest.raises(asyncpg.PostgresError):
            await hotline.admin.pool.execute(change)
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await hotline.db.pool.execute(change)


async def test_a_milder_answer_lowers_nothing_and_closes_the_question(hotline: Hotline, report: Reports) -> None:
    case, _ = await opened(hotline, report, danger_now="yes")
    with pytest.raises(Refusal, match="refusal_question_open"):
        await lower(hotline, case["case_id"], Urgency.ROUTINE)

    await record(hotline, case["case_id"], AskedOf.REPORTER, danger_now="no", **ASKED)

    assert (await hotline.case_of_id(case["case_id"]))["urgency"] == "immediate"
    assert await asks(hotline, case["case_id"]) == []
    await lower(hotline, case["case_id"], Urgency.ROUTINE)
    assert (await hotline.case_of_id(case["case_id"]))["urgency"] == "routine"


async def test_what_was_answered_counts_with_later_words(hotline: Hotline, report: Reports, update: Updates) -> None:
    case, event = await opened(hotline, report)
    await record(hotline, case["case_id"], child_safe_now="yes", child_alone="no")

    await hotline.receive(await update(event, "还有一个问题。"))

    assert await asks(hotline, case["case_id"]) == ["danger_now", "person_of_concern_has_access", "injury"]


async def test_words_whose_event_is_still_to_come_are_heard_after_the_case_was_judged_again(
    hotline: Hotline, report: Reports, update: Updates
) -> None:
    case, event = await opened(hotline, report)
    async with hotline.turn() as turn:
        await presses.mark_read(turn, await hotline.press(case["case_id"]))
    later = await update(event, "又听见孩子哭。")

    await record(hotline, case["case_id"], child_safe_now="yes")
    await hotline.receive(later)

    assert (await hotline.case_of_id(case["case_id"]))["unread_since"] is not None


async def test_a_report_that_cannot_be_opened_keeps_no_answer_from_raising(hotline: Hotline, report: Reports) -> None:
    case, _ = await opened(hotline, report)
    sheet = await sheet_of(hotline, case["case_id"])
    await hotline.admin.pool.execute("alter table ingest.reports disable trigger user")
    await hotline.admin.pool.execute("update ingest.reports set facts = $1", BROKEN)

    await record(hotline, case["case_id"], AskedOf.PROFESSIONAL, danger_now="yes")

    assert (await hotline.case_of_id(case["case_id"]))["urgency"] == "immediate"
    after = await sheet_of(hotline, case["case_id"])
    assert after.is_partial
    assert (after.place, after.children, after.narrative) == (sheet.place, sheet.children, sheet.narrative)
    assert set(after.dangers) > set(sheet.dangers), "it says no less than before, and what the desk was told"


async def test_an_answer_from_an_older_page_is_kept(hotline: Hotline, report: Reports) -> None:
    case, _ = await opened(hotline, report)
    stale = await hotline.press(case["case_id"])
    async with hotline.turn() as turn:
        await presses.mark_read(turn, await hotline.press(case["case_id"]))

    async with hotline.turn() as turn:
        asked = Asked(AskedOf.REPORTER, hotline.clock.now(), Answers(danger_now="yes"))
        await asking.record_answers(turn, stale, asked)

    assert (await hotline.case_of_id(case["case_id"]))["urgency"] == "immediate"


async def test_nothing_answered_and_an_instant_to_come_are_refused(hotline: Hotline, report: Reports) -> None:
    case, _ = await opened(hotline, report)
    with pytest.raises(Refusal, match="refusal_no_answer"):
        await record(hotline, case["case_id"])

    async with hotline.turn() as turn:
        later = Asked(AskedOf.CHILD, hotline.clock.now() + timedelta(minutes=1), Answers(danger_now="no"))
        with pytest.raises(Refusal, match="refusal_no_instant"):
            await asking.record_answers(turn, await hotline.press(case["case_id"]), later)


BEATEN_CHILD = "楼下的孩子总是被打。"


async def tell(hotline: Hotline, case_id: Any, asked_of: AskedOf = AskedOf.CHILD, **steps: str) -> None:
    """Record answers to questions of trees, named with underscores."""
    async with hotline.turn() as turn:
        told = {rule.replace("_", "-"): Answer(value) for rule, value in steps.items()}
        asked = Asked(asked_of, hotline.clock.now(), Answers(), told)
        await asking.record_answers(turn, await hotline.press(case_id), asked)


async def reasons_of(hotline: Hotline, case_id: Any) -> list[dict[str, Any]]:
    reasons: list[dict[str, Any]] = await hotline.admin.pool.fetchval(
        "select reasons from triage.assessments where case_id = $1 "
        "order by assessed_at desc, assessment_id desc limit 1",
        case_id,
    )
    return reasons


async def test_a_yes_to_a_question_of_a_tree_is_a_reason_raises_and_is_kept_as_it_was_given(
    hotline: Hotline, report: Reports
) -> None:
    case, _ = await opened(hotline, report, BEATEN_CHILD)
    assert "strangulation" in await asks(hotline, case["case_id"])
    version = case["version"]

    await tell(hotline, case["case_id"], strangulation="yes")

    assert (await hotline.case_of_id(case["case_id"]))["urgency"] == "immediate"
    assert (await hotline.assignments(case["case_id"]))[-1]["because"] == "raised"
    given = {"question": "strangulation", "value": "yes"}
    assert ("strangulation", given) in [
        (each["rule"], each["answer"]) for each in await reasons_of(hotline, case["case_id"])
    ]
    assert "strangulation" not in await asks(hotline, case["case_id"])
    row = await hotline.admin.pool.fetchrow("select * from triage.step_answers")
    assert row is not None
    assert (row["rule"], row["value"], row["asked_of"], row["case_version"]) == (
        "strangulation",
        "yes",
        "child",
        version,
    )
    assert row["recorded_by"] == hotline.people["duty-zhou"]
    assert row["pack"].startswith("CN ")
    assert "step_answered" in await hotline.kinds(case["case_id"])


async def test_a_no_lowers_nothing_and_is_not_asked_again(hotline: Hotline, report: Reports) -> None:
    case, _ = await opened(hotline, report, BEATEN_CHILD)
    before = case["urgency"]

    await tell(hotline, case["case_id"], strangulation="no")

    assert (await hotline.case_of_id(case["case_id"]))["urgency"] == before
    assert "strangulation" not in await asks(hotline, case["case_id"])
    (told,) = [each for each in await reasons_of(hotline, case["case_id"]) if each["factor"] == "strangulation"]
    assert (told["rule"], told["polarity"]) == (None, "negative")


async def test_the_most_dangerous_of_what_several_say_counts_and_words_are_not_answered_away(
    hotline: Hotline, report: Reports, update: Updates
) -> None:
    case, event = await opened(hotline, report, BEATEN_CHILD)
    await tell(hotline, case["case_id"], AskedOf.PROFESSIONAL, strangulation="would_not_say")
    await tell(hotline, case["case_id"], AskedOf.REPORTER, strangulation="no")
    (told,) = [each for each in await reasons_of(hotline, case["case_id"]) if each["factor"] == "strangulation"]
    assert (told["certainty"], told["answer"]["value"]) == ("unknown", "would_not_say")

    await hotline.receive(await update(event, "她说爸爸掐她脖子。"))

    assert (await hotline.case_of_id(case["case_id"]))["urgency"] == "immediate"


async def test_it_counts_in_every_later_judgement_of_the_case(
    hotline: Hotline, report: Reports, update: Updates
) -> None:
    case, event = await opened(hotline, report, BEATEN_CHILD)
    await tell(hotline, case["case_id"], strangulation="yes")

    await hotline.receive(await update(event, "谢谢。"))

    assert "strangulation" in {each["rule"] for each in await reasons_of(hotline, case["case_id"])}


async def test_a_question_that_no_tree_asks_is_refused_and_answers_stay_as_they_were_given(
    hotline: Hotline, report: Reports
) -> None:
    case, _ = await opened(hotline, report, BEATEN_CHILD)
    with pytest.raises(Refusal, match="refusal_no_answer"):
        await tell(hotline, case["case_id"], nonsense="yes")
    assert await hotline.admin.pool.fetchval("select count(*) from triage.step_answers") == 0

    await tell(hotline, case["case_id"], strangulation="yes")
    with pytest.raises(asyncpg.PostgresError):
        await hotline.db.pool.execute("update triage.step_answers set value = 'no'")
