"""A provider that fails: nobody is left uncalled, nobody is called twice for nothing, and nothing inbound is lost."""

import asyncio
from typing import Any

import pytest
import pytest_asyncio

from infra.emulators.demo.records import until
from infra.emulators.demo.responders import Responder, base_of
from tests.acceptance.world import WAIT, World

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(autouse=True, loop_scope="module")
async def _faultless(hotline: World) -> None:
    await hotline.phones.no_faults()


async def alert(hotline: World, case: Any, channel: str, state: str) -> Any:
    """An alert of a case in a state."""
    found = await hotline.fetch(
        "select * from notifier.for_triage_alerts where subject_id = $1 and channel = $2 and state = $3",
        case["case_id"],
        channel,
        state,
    )
    return found[0] if found else None


async def texts_about(who: Responder, alias: str) -> list[str]:
    """The texts that call somebody for a case."""
    return [text for text in await who.phone.texts() if alias in text and "I take it" in text]


async def someone_called(hotline: World, case: Any) -> Responder:
    """Who was called first for a case, by any channel."""
    person = await until(
        lambda: hotline.one(
            "select person_id from notifier.for_triage_alerts where subject_id = $1 limit 1", case["case_id"]
        ),
        "an alert",
        WAIT,
    )
    return hotline.responder(await hotline.records.name(person))


async def test_the_sweep_takes_texts_and_calls_whose_webhook_was_lost(hotline: World) -> None:
    """First in this module, while its clock stands where the provider's does."""
    texter, caller = hotline.stranger(), hotline.stranger("GB")
    for phone in (texter, caller):
        await hotline.phones.fault("inbound_lost", phone.number, count=1)
    sid = await texter.text("我爸爸在打我", to=hotline.intake_number)
    call = await caller.calls(hotline.intake_number)
    await call.ends(within=WAIT)
    assert await hotline.records.report_of_sid(sid) is None
    await hotline.passes(seconds=90)
    report_id = await until(lambda: hotline.records.report_of_sid(sid), "the swept text", WAIT)
    case = await hotline.records.opened(report_id, WAIT)
    assert case["urgency"] == "immediate"
    await until(lambda: hotline.records.report_of_sid(call.sid), "the swept call", WAIT)
    assert await texter.texts() == []
    await hotline.rest(case)


async def test_the_sweep_takes_a_strangers_text_to_the_alert_number(hotline: World) -> None:
    """Its webhook was lost too: the notifier's sweep says first that it is no answer, then the intake's takes it."""
    stranger = hotline.stranger()
    await hotline.phones.fault("inbound_lost", stranger.number, count=1)
    sid = await stranger.text("有个孩子在我家门口哭", to=hotline.alert_number)
    await hotline.passes(seconds=90)
    marked = "select not is_answer from notifier.inbound where provider_sid = $1"
    await until(lambda: hotline.one(marked, sid), "the text marked as no answer", WAIT)
    # A sweep that is under way when the clock moves sleeps for its minute from then on.
    await asyncio.sleep(2)
    await hotline.passes(seconds=90)
    report_id = await until(lambda: hotline.records.report_of_sid(sid), "the swept text", WAIT)
    await hotline.rest(await hotline.records.opened(report_id, WAIT))


async def test_a_responders_answer_whose_webhook_was_lost_takes_the_case_in_the_end(hotline: World) -> None:
    case = await hotline.case_of_a_new_report()
    who, text = await hotline.first_called(case["alias"])
    await hotline.phones.fault("inbound_lost", who.number, count=1)
    await who.phone.text(f"{base_of(text)}1", to=hotline.alert_number)
    await hotline.passes(seconds=90)
    await hotline.becomes(case["case_id"], "acknowledged")
    await hotline.rest(case)


async def test_a_text_whose_webhook_comes_twice_is_one_report(hotline: World) -> None:
    phone = hotline.stranger()
    await hotline.phones.fault("inbound_twice", phone.number, count=1)
    sid = await phone.text("孩子被打了", to=hotline.intake_number)
    report_id = await until(lambda: hotline.records.report_of_sid(sid), "the report", WAIT)
    await hotline.rest(await hotline.records.opened(report_id, WAIT))
    assert await hotline.one("select count(*) from ingest.updates where report_id = $1", report_id) == 0


async def test_a_text_that_is_not_delivered_is_recorded_as_such_and_the_phone_rings(hotline: World) -> None:
    await hotline.phones.fault("undelivered", channel="sms", code=30003)
    case = await hotline.case_of_a_new_report()
    who = await someone_called(hotline, case)
    failed = await until(lambda: alert(hotline, case, "sms", "undelivered"), "the failed text", WAIT)
    assert failed["error_code"] == "30003"
    assert "You have taken" in await who.presses(await who.answers(case["alias"], WAIT))
    await hotline.records.taken(await hotline.report_of(case))
    await hotline.rest(case)


@pytest.mark.parametrize(
    ("kind", "details"),
    [
        ("error_before", {"status": 500, "count": 3}),
        ("error_before", {"status": 429, "count": 6}),
        ("error_after", {"status": 500, "count": 1}),
        ("slow_answer", {"seconds": 7, "count": 1}),
    ],
)
async def test_a_provider_in_trouble_delivers_one_text_in_the_end(
    hotline: World, kind: str, details: dict[str, Any]
) -> None:
    await hotline.phones.fault(kind, channel="sms", **details)
    case = await hotline.case_of_a_new_report()
    who, text = await hotline.first_called(case["alias"], within=30)
    assert len(await texts_about(who, case["alias"])) == 1
    await who.replies(text, "1")
    await hotline.records.taken(await hotline.report_of(case))
    assert len(await texts_about(who, case["alias"])) == 1
    await hotline.rest(case)


async def test_a_number_the_provider_refuses_is_rung_instead(hotline: World) -> None:
    await hotline.phones.fault("refuse", channel="sms", code=21610)
    case = await hotline.case_of_a_new_report()
    who = await someone_called(hotline, case)
    refused = await until(lambda: alert(hotline, case, "sms", "failed"), "the refused text", WAIT)
    assert refused["error_code"] == "21610"
    assert "You have taken" in await who.presses(await who.answers(case["alias"], WAIT))
    await hotline.rest(case)


async def test_an_answering_machine_takes_nothing(hotline: World) -> None:
    await hotline.phones.fault("answering_machine", channel="voice", seconds=0.5)
    case = await hotline.case_of_a_new_report()
    await until(lambda: alert(hotline, case, "voice", "unanswered"), "the call counted as unanswered", WAIT)
    assert (await hotline.newest(case["case_id"]))["status"] == "calling"
    await hotline.rest(case)


@pytest.mark.parametrize("kind", ["callbacks_twice", "callbacks_reversed", "callbacks_lost", "callbacks_late"])
async def test_callbacks_that_misbehave_do_no_harm(hotline: World, kind: str) -> None:
    details: dict[str, Any] = {"seconds": 1.0} if kind == "callbacks_late" else {}
    await hotline.phones.fault(kind, **details)
    case = await hotline.case_of_a_new_report()
    who, text = await hotline.first_called(case["alias"])
    if kind != "callbacks_lost":
        await until(lambda: alert(hotline, case, "sms", "delivered"), "the text delivered", WAIT)
    assert "You have taken" in await who.replies(text, "1")
    await hotline.becomes(case["case_id"], "acknowledged")
    await hotline.rest(case)


async def test_a_reply_from_an_unknown_phone_takes_nothing(hotline: World) -> None:
    case = await hotline.case_of_a_new_report()
    _, text = await hotline.first_called(case["alias"])
    stranger = hotline.stranger()
    sid = await stranger.text("21", to=hotline.alert_number)
    await until(lambda: hotline.records.report_of_sid(sid), "the stranger's report", WAIT)
    assert (await hotline.newest(case["case_id"]))["status"] == "calling"
    assert "I take it" in text
    await hotline.rest(case)
