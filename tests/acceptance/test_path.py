"""From the first word, on every channel, to a person who has taken responsibility, in every way."""

import asyncio
import json
from uuid import UUID

import pytest
from aiohttp import ClientSession

from infra import canary
from infra.emulators.demo.records import until
from infra.emulators.demo.reporters import SPOKEN_CODE, presses
from infra.emulators.demo.responders import takes_on_page
from infra.emulators.demo.timeline import Timeline
from infra.webhook import SIGNATURE, TIMESTAMP, sign
from tests.acceptance.world import WAIT, World
from tests.integration.notifier.systems import System

pytestmark = pytest.mark.asyncio(loop_scope="module")

SILENT = Timeline(lambda _line: None)


async def test_a_report_on_the_form_is_taken_by_text(hotline: World) -> None:
    report_id = await hotline.reports_on_the_form()
    case = await hotline.records.opened(report_id, WAIT)
    who, text = await hotline.first_called(case["alias"])
    assert "NOW" in text
    assert f"You have taken {case['alias']}" in await who.replies(text, "1")
    taken = await hotline.records.taken(report_id)
    assert (case["urgency"], taken["taken_via"]) == ("immediate", "sms")
    assert await hotline.records.name(taken["taken_by"]) == who.name


async def test_a_report_on_the_form_is_taken_on_the_page_behind_the_link(hotline: World) -> None:
    report_id = await hotline.reports_on_the_form()
    case = await hotline.records.opened(report_id, WAIT)
    who, text = await hotline.first_called(case["alias"])
    await takes_on_page(who, case["alias"], text, SILENT)
    assert (await hotline.records.taken(report_id))["taken_via"] == "page"


async def test_opening_the_page_takes_nothing_and_a_wrong_pin_shows_nothing(hotline: World) -> None:
    report_id = await hotline.reports_on_the_form(what="He is hitting her with a red belt.")
    case = await hotline.records.opened(report_id, WAIT)
    who, text = await hotline.first_called(case["alias"])
    url = await who.link(case["alias"])
    async with ClientSession() as browser:
        async with browser.get(url) as page:
            assert page.status == 200
            assert "red belt" not in await page.text()
        async with browser.post(url, data={"act": "pin", "pin": "0"}) as page:
            assert page.status == 403
            assert "red belt" not in await page.text()
        async with browser.post(url, data={"act": "pin", "pin": who.pin}) as page:
            assert "red belt" in await page.text()
    assert (await hotline.records.case(report_id))["taken_by"] is None
    await who.replies(text, "1")
    await hotline.records.taken(report_id)


async def test_the_first_text_is_a_report_and_its_answers_are_updates_and_a_key_press_takes_it(
    hotline: World,
) -> None:
    phone = hotline.stranger()
    sid = await phone.text("我听见隔壁男的正在打孩子，孩子一直在喊救命", to=hotline.intake_number)
    assert "1 方便" in await phone.receives(within=WAIT)
    report_id = await until(lambda: hotline.records.report_of_sid(sid), "the report")
    for answer, question in (("1", "处于危险"), ("1", "在哪里"), ("三号楼", "此刻安全")):
        await phone.text(answer, to=hotline.intake_number)
        assert question in await phone.receives(within=WAIT)
    case = await hotline.records.opened(report_id, WAIT)
    assert case["urgency"] == "immediate"
    who, _ = await hotline.first_called(case["alias"])
    said = await who.presses(await who.answers(case["alias"]))
    assert "已接手" in said or "You have taken" in said
    assert (await hotline.records.taken(report_id))["taken_via"] == "key"
    assert await hotline.one("select count(*) from ingest.reports where report_id = $1", report_id) == 1
    assert await hotline.one("select count(*) from ingest.updates where report_id = $1", report_id) == 3


async def test_a_call_tells_by_voice_and_keys_and_hears_its_code_twice(hotline: World) -> None:
    call = await hotline.stranger("GB").calls(hotline.intake_number)
    await presses(call, "2")
    await presses(call, "1")
    await call.speak("A boy of three with a broken arm", within=WAIT)
    await presses(call, "#")
    for key in "21212":
        await presses(call, key)
    assert await call.ends(within=WAIT) == "completed"
    codes = SPOKEN_CODE.findall(await call.hears())
    assert len(codes) == 2
    assert codes[0] == codes[1]
    report_id = await until(lambda: hotline.records.report_of_sid(call.sid), "the report")
    case = await hotline.records.opened(report_id, WAIT)
    who, text = await hotline.first_called(case["alias"])
    await who.replies(text, "1")
    await hotline.records.taken(report_id)


async def test_whoever_hangs_up_after_one_key_has_reported(hotline: World) -> None:
    call = await hotline.stranger("GB").calls(hotline.intake_number)
    await presses(call, "2")
    await presses(call, "1")
    await call.hears("after the tone", within=WAIT)
    await call.hang_up()
    report_id = await until(lambda: hotline.records.report_of_sid(call.sid), "the report")
    case = await hotline.records.opened(report_id, WAIT)
    assert case["urgency"] == "immediate"
    who, text = await hotline.first_called(case["alias"])
    await who.replies(text, "1")
    await hotline.records.taken(report_id)


async def test_the_api_takes_a_report_once_and_gives_the_first_answer_again(hotline: World) -> None:
    body = {"narrative": "Fresh burns on both arms.", "answers": {"danger_now": "yes"}, "reporter_role": "health"}
    headers = {"Idempotency-Key": "ward-7/1"}
    async with ClientSession() as system:
        answers = []
        for _ in range(2):
            async with system.post(f"{hotline.ingest_url}/v1/reports", json=body, headers=headers) as answer:
                answers.append((answer.status, await answer.json()))
        async with system.post(
            f"{hotline.ingest_url}/v1/reports", json={**body, "narrative": "x"}, headers=headers
        ) as other:
            assert other.status == 422
    assert answers[0] == answers[1]
    report_id = UUID(answers[0][1]["report_id"])
    case = await hotline.records.opened(report_id, WAIT)
    who, text = await hotline.first_called(case["alias"])
    await who.replies(text, "1")
    await hotline.records.taken(report_id)


async def test_a_gateway_hands_over_a_signed_text_and_carries_the_reply(hotline: World) -> None:
    secret = hotline.settings.contacts_secret
    assert secret is not None
    told = {
        "provider": "domestic",
        "sid": "d-1",
        "channel": "sms",
        "sender": "+861000000777",
        "narrative": "孩子被打了",
    }
    body = json.dumps(told, ensure_ascii=False).encode()
    at = str(int((await hotline.one("select clock_timestamp()")).timestamp()))
    signed = {TIMESTAMP: at, SIGNATURE: sign(secret.get_secret_value(), at, body)}
    url = f"{hotline.ingest_url}/v1/contacts"
    async with ClientSession(headers={"Content-Type": "application/json"}) as gateway:
        async with gateway.post(url, data=body, headers=signed) as answer:
            assert answer.status == 201
            taken = await answer.json()
        async with gateway.post(url, data=body, headers={**signed, SIGNATURE: "0" * 64}) as answer:
            assert answer.status == 403
    assert "1 方便" in taken["reply"]
    await hotline.records.opened(UUID(taken["report_id"]), WAIT)


async def test_a_forged_webhook_is_refused(hotline: World) -> None:
    async with ClientSession() as stranger:
        for url in (f"{hotline.ingest_url}/twilio/sms", f"{hotline.settings.notifier_url}/twilio/sms"):
            async with stranger.post(url, data={"From": "+15550100", "Body": "11"}) as answer:
                assert answer.status == 403
            async with stranger.post(url, data={"From": "+15550100"}, headers={"X-Twilio-Signature": "no"}) as answer:
                assert answer.status == 403


async def test_the_follow_up_page_tells_the_state_behind_the_sixteen_digits(hotline: World) -> None:
    form_id = await hotline.browser.form("en")
    sent = await hotline.browser.send("en", form_id, {"danger_now": "yes", "what": "Help her."})
    code = sent.code
    assert code is not None
    report_id = await until(lambda: hotline.records.report_of_code(code), "the report")
    case = await hotline.records.opened(report_id, WAIT)
    who, text = await hotline.first_called(case["alias"])
    await who.replies(text, "1")
    await hotline.records.taken(report_id)
    async with ClientSession() as browser:
        async with browser.post(f"{hotline.ingest_url}/en/follow", data={"code": code}) as page:
            assert "A responder has taken responsibility" in await page.text()
        async with browser.post(f"{hotline.ingest_url}/en/follow", data={"code": code[:-1] + "x"}) as page:
            assert page.status == 422


async def test_a_form_sent_twice_is_one_report_and_changed_words_are_an_update(hotline: World) -> None:
    form_id = await hotline.browser.form("en")
    fields = {"danger_now": "no", "what": "A child is often alone."}
    first, second = await asyncio.gather(*(hotline.browser.send("en", form_id, fields) for _ in range(2)))
    assert first.code is not None
    assert first.code == second.code
    changed = await hotline.browser.send("en", form_id, {**fields, "what": "A child is often alone, and it is cold."})
    assert changed.code == first.code
    code = first.code
    report_id = await until(lambda: hotline.records.report_of_code(code), "the report")
    assert await hotline.one("select count(*) from ingest.updates where report_id = $1", report_id) == 1


async def test_a_text_of_an_unknown_phone_to_the_alert_number_acknowledges_nothing_and_is_a_report(
    hotline: World,
) -> None:
    report_id = await hotline.reports_on_the_form()
    case = await hotline.records.opened(report_id, WAIT)
    who, text = await hotline.first_called(case["alias"])
    stranger = hotline.stranger()
    sid = await stranger.text("21 有个孩子在我家门口哭", to=hotline.alert_number)
    new = await until(lambda: hotline.records.report_of_sid(sid), "the stranger's report", WAIT)
    assert new != report_id
    assert "方便" in await stranger.receives(within=WAIT)
    assert (await hotline.records.case(report_id))["taken_by"] is None
    await who.replies(text, "1")
    await hotline.records.taken(report_id)


async def test_the_case_page_shows_reasons_and_is_put_on_record(hotline: World) -> None:
    report_id = await hotline.reports_on_the_form(what="He is hitting her now with a belt.")
    case = await hotline.records.opened(report_id, WAIT)
    desk = await hotline.desk()
    page = await desk.get(f"/cases/{case['case_id']}?language=en")
    assert case["alias"] in page
    assert "belt" in page
    assert await hotline.one("select count(*) from infra.audit where case_id = $1", case["case_id"]) > 0
    await desk.presses(case["case_id"], "take")
    await hotline.records.taken(report_id)


async def test_the_canary_comes_through_and_calls_nobody(hotline: World) -> None:
    steps: list[canary.Step] = []
    called = len(await hotline.phones.requests(containing=".json", method="POST"))
    await canary.fly(hotline.settings, steps.append)
    assert [step.says for step in steps][-1] == canary.TAKEN
    assert len(await hotline.phones.requests(containing=".json", method="POST")) == called


async def test_a_system_that_filed_a_report_is_told_when_it_is_taken_and_asks_what_became_of_it(
    hotline: World, clinic: System
) -> None:
    headers = {"Authorization": f"Bearer {clinic.partner.believed[0]}"}
    url = f"{hotline.ingest_url}/v1/reports"
    async with ClientSession(headers=headers) as session:
        told = {"narrative": "A child was brought in with burns.", "answers": {"danger_now": "yes"}}
        async with session.post(url, json=told) as filed:
            report_id = (await filed.json())["report_id"]
        case = await hotline.records.opened(UUID(report_id), WAIT)
        who, text = await hotline.first_called(case["alias"])
        assert clinic.told == []
        await who.replies(text, "1")

        async def notice() -> bytes | None:
            return clinic.told[0][1] if clinic.told else None

        body = await until(notice, "the notice", WAIT)
        assert json.loads(body) == {"type": "report.updated", "report_id": report_id}
        async with session.get(f"{url}/{report_id}") as asked:
            assert (await asked.json())["state"] == "taken"
