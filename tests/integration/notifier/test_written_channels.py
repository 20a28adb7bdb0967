"""A night on which alerts also go by mail and through a gateway, and one on which a provider is away."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import aiohttp
import pytest
import pytest_asyncio
from prometheus_client import REGISTRY
from pydantic import SecretStr

from infra.emulators.gateway.app import Fault, GatewayServer
from infra.vault import Subject
from infra.webhook import SIGNATURE, TIMESTAMP, sign
from notifier.channels import WebhookChannel
from notifier.store import people
from schemas.terms import AlertChannel, Answer, Level, Purpose, Urgency
from tests.integration.notifier.channel_sides import SECRET, Gated, Mailed, gated, mailed
from tests.integration.notifier.conftest import SMS, VOICE, Night, ladder, serving
from tests.integration.notifier.test_notices import REPORTER, TEXT, Reporters

EMAIL, WEBHOOK = AlertChannel.EMAIL, AlertChannel.WEBHOOK
CHINESE = "+8610000000001"


@dataclass
class Written:
    """A night with a mail server and a gateway for Chinese phones."""

    night: Night
    mail: Mailed
    gateway: GatewayServer

    async def writes_to(self, person_id: UUID, address: str = "li@responders.example") -> None:
        async with self.night.db.transaction() as tx:
            sealed = await self.night.vault.seal(tx, Subject("person", person_id), "email", address)
            await tx.execute("insert into triage.emails values ($1, $2)", person_id, sealed)

    async def lives_in_china(self, person_id: UUID) -> None:
        await self.night.db.pool.execute("update triage.phones set region = 'CN' where person_id = $1", person_id)

    async def texts(self, person_id: UUID, within: float = 5.0) -> list[str]:
        """What the gateway was asked to text to a person, once there is any."""
        number = self.night.numbers[person_id]
        await self.night.until("select true from notifier.alerts where channel = 'webhook' and sids <> '{}'")
        return [kept.text for kept in self.gateway.texts.values() if kept.to == number]

    async def post(self, path: str, body: bytes, **headers: str) -> int:
        url = f"{self.night.settings.notifier_url}{path}"
        async with aiohttp.ClientSession() as session, session.post(url, data=body, headers=headers) as answer:
            return answer.status


@pytest_asyncio.fixture
async def written(night: Night) -> AsyncIterator[Written]:
    async with AsyncExitStack() as stack:
        mail = await stack.enter_async_context(mailed())
        gate = await stack.enter_async_context(gated(serving))
        assert isinstance(mail, Mailed)
        assert isinstance(gate, Gated)
        night.settings.gateway_secrets = SecretStr(SECRET)
        async with night.own.transaction() as tx:
            await people.set_routes(tx, has_email=True, regions=["CN"])
        await night.stop_workers()
        assert isinstance(gate.channel, WebhookChannel)
        through = WebhookChannel(gate.channel._gateway, night.clock, str(night.settings.notifier_url))
        added = {EMAIL: mail.channel, WEBHOOK: through}
        night.counter = replace(night.counter, channels={**night.counter.channels, **added})
        night.start()
        yield Written(night, mail, gate.gateway)


async def test_a_rung_may_ask_for_mail_which_says_the_same_and_nothing_more(written: Written) -> None:
    night = written.night
    li = await night.person("Li", Level.FIRST)
    await written.writes_to(li)
    asked = night.assignment(ladder=ladder(EMAIL), urgency=Urgency.PRIORITY)
    case = await night.hears(night.case(asked, urgency=Urgency.PRIORITY))
    await night.until("select state = 'sent' from notifier.alerts where channel = 'email'")
    assert len(written.mail.box.mails) == 1
    assert b"/a/" not in written.mail.box.mails[0]
    assert await night.one("select count(*) from notifier.links") == 0
    await night.after(seconds=60)
    assert await night.sends(li, "Calls") == 0, "a mail that the server took is no failure"
    assert await night.one("select status from notifier.escalations where subject_id = $1", case) == "calling"


async def test_a_mail_holds_the_link_only_where_the_ladder_allows_one(written: Written) -> None:
    night = written.night
    li = await night.person("Li", Level.FIRST, language="en")
    await written.writes_to(li)
    await night.hears(night.case(night.assignment(ladder=ladder(EMAIL, links=True))))
    await night.until("select state = 'sent' from notifier.alerts where channel = 'email'")
    mail = written.mail.box.mails[0].decode()
    assert f"{night.settings.notifier_url}/a/" in mail.replace("=\r\n", "")
    assert await night.one("select count(*) from notifier.links where person_id = $1", li) == 1


async def test_a_mailbox_that_is_refused_becomes_a_call_at_once(written: Written) -> None:
    night = written.night
    li = await night.person("Li", Level.FIRST)
    await written.writes_to(li)
    await written.mail.fails("refuse")
    await night.hears(night.case(night.assignment(ladder=ladder(EMAIL))))
    await night.phone(li).rings()


@pytest.mark.parametrize("has_phone", [True, False])
async def test_a_priority_case_that_asks_for_texts_alone_reaches_whoever_has_only_mail(
    written: Written, has_phone: bool
) -> None:
    night = written.night
    li = await night.person("Li", Level.FIRST, can_sms=False)
    await written.writes_to(li)
    if not has_phone:
        await night.db.pool.execute("delete from triage.phones where person_id = $1", li)
    asked = night.assignment(ladder=ladder(SMS), urgency=Urgency.PRIORITY)
    await night.hears(night.case(asked, urgency=Urgency.PRIORITY))
    await night.until("select state = 'sent' from notifier.alerts where channel = 'email'")
    assert await night.one("select count(*) from notifier.alerts") == 1


async def test_a_priority_case_that_asks_for_texts_alone_rings_whoever_takes_none(night: Night) -> None:
    li = await night.person("Li", Level.FIRST, can_sms=False)
    asked = night.assignment(ladder=ladder(SMS), urgency=Urgency.PRIORITY)
    await night.hears(night.case(asked, urgency=Urgency.PRIORITY))
    await night.phone(li).rings()


async def test_a_text_to_a_phone_of_that_country_goes_through_its_gateway_and_is_answered_there(
    written: Written,
) -> None:
    night = written.night
    li = await night.person("Li", Level.FIRST)
    await written.lives_in_china(li)
    case = await night.hears(night.case(night.assignment(ladder=ladder(SMS))))
    (text,) = await written.texts(li)
    assert "特急 KD472" in text
    assert "回31我来接手" in text
    (kept,) = written.gateway.texts.values()
    assert await written.gateway.tell_status(kept, "delivered") == 204
    await night.until("select state = 'delivered' from notifier.alerts where channel = 'webhook'")
    answer = await written.gateway.tell_answer(kept.answers_url, night.numbers[li], "31", "text-1")
    assert answer["is_responder"]
    assert "您已接手 KD472。听情况拨+861000000002。" in answer["reply"], "the carrier's number cannot be rung"
    await night.status(case, "acknowledged")
    again = await written.gateway.tell_answer(kept.answers_url, night.numbers[li], "31", "text-1")
    assert again == answer
    assert await night.one("select count(*) from notifier.answers") == 1
    assert await night.sends(li, "Messages") == 0


async def test_a_strangers_text_acknowledges_nothing_and_the_gateway_is_told_whose_it_is(written: Written) -> None:
    answers = f"{written.night.settings.notifier_url}/gateway/answers"
    answer = await written.gateway.tell_answer(answers, CHINESE, "31", "text-2")
    assert answer == {"is_responder": False, "reply": None}


@pytest.mark.parametrize(
    ("status", "code"), [("undelivered", "30003"), ("failed", "30005"), ("failed", "no word of the table")]
)
async def test_a_text_that_fails_at_the_gateway_becomes_a_call(written: Written, status: str, code: str) -> None:
    night = written.night
    li = await night.person("Li", Level.FIRST)
    await written.lives_in_china(li)
    await night.hears(night.case(night.assignment(ladder=ladder(SMS))))
    await written.texts(li)
    (kept,) = written.gateway.texts.values()
    assert await written.gateway.tell_status(kept, status, code) in {204, 422}
    if len(code) > 20:
        assert await written.gateway.tell_status(kept, status, None) == 204
    await night.phone(li).rings()


async def test_a_gateway_that_tells_nothing_or_fails_becomes_a_call(written: Written) -> None:
    night = written.night
    li, wang = await night.person("Li", Level.FIRST), await night.person("Wang")
    for person_id in (li, wang):
        await written.lives_in_china(person_id)
    await night.hears(night.case(night.assignment(ladder=ladder(SMS))))
    await written.texts(li)
    await night.after(seconds=31)
    await night.phone(li).rings()
    written.gateway.fault = Fault(503, "carrier_away")
    await night.hears(night.case(night.assignment(ladder=ladder(SMS), first_responder_id=wang), alias="PT118"))
    await night.phone(wang).rings()
    await night.until("select count(*) = 2 from notifier.alerts where channel = 'webhook' and sids <> '{}'", within=8)


async def test_the_doors_are_closed_to_whoever_did_not_sign_just_now(written: Written) -> None:
    body = b'{"id": "x", "from": "+8610000000001", "text": "31"}'
    now = int((written.night.clock.now() - written.night.clock.offset).timestamp())
    for at, secret in ((now, "another key"), (now - 301, SECRET), (now + 301, SECRET)):
        headers = {TIMESTAMP: str(at), SIGNATURE: sign(secret, str(at), body)}
        assert await written.post("/gateway/answers", body, **headers) == 403
    assert await written.post("/gateway/answers", body) == 403
    good = {TIMESTAMP: str(now), SIGNATURE: sign(SECRET, str(now), body)}
    assert await written.post("/gateway/answers", body.replace(b"31", b"41"), **good) == 403
    assert await written.post("/gateway/answers", body, **good) == 200
    for broken in (b"", b"[]", b'{"id": "", "from": "1", "text": "31"}', b"\xff"):
        headers = {TIMESTAMP: str(now), SIGNATURE: sign(SECRET, str(now), broken)}
        assert await written.post("/gateway/answers", broken, **headers) == 422


async def test_without_keys_nothing_is_believed(written: Written) -> None:
    written.night.settings.gateway_secrets = None
    now = str(int(written.night.clock.now().timestamp()))
    headers = {TIMESTAMP: now, SIGNATURE: sign("", now, b"{}")}
    assert await written.post("/gateway/statuses", b"{}", **headers) == 403


def opened(provider: str) -> Any:
    return REGISTRY.get_sample_value("notifier_provider_open", {"provider": provider})


async def test_a_provider_that_is_away_is_told_and_its_alerts_go_by_mail_and_then_arrive(written: Written) -> None:
    night = written.night
    li, wang = await night.person("Li", Level.FIRST), await night.person("Wang", Level.BACKUP)
    await written.writes_to(li)
    await night.stop_workers()
    working = night.start(instance="watched")
    await night.phones.fault("error_before", status=503)
    case = await night.hears(night.case(night.assignment(ladder=ladder(SMS, VOICE))))
    await night.until("select state = 'sent' from notifier.alerts where channel = 'email'")
    await night.until("select count(*) >= 2 from notifier.alerts where stalled_at is not null and state = 'planned'")
    for _ in range(200):
        if said := await working.provider_trouble():
            break
        await night.until("select pg_sleep(0.05) is not null")
    assert "twilio has failed" in (said or "")
    assert opened("twilio") == 1
    assert await night.one("select count(*) from notifier.alerts where person_id = $1", wang) == 0
    await night.phones.no_faults()
    await night.phone(li).receives("KD472", within=15)
    await night.phone(li).rings(within=15)
    assert await working.provider_trouble() is None
    assert opened("twilio") == 0
    assert await night.one("select status from notifier.escalations where subject_id = $1", case) == "calling"


async def test_who_took_it_is_told_by_the_way_that_reaches_each(written: Written) -> None:
    night = written.night
    li, wang = await night.person("Li Ming", Level.FIRST), await night.person("Wang", Level.BACKUP)
    await written.lives_in_china(wang)
    await night.hears(night.case(night.assignment(ladder=ladder(SMS))))
    await night.phone(li).receives("KD472")
    await night.after(minutes=2)
    assert "KD472" in (await written.texts(wang))[0]
    await night.phone(li).text("31", night.settings.alert_number or "")
    await night.until(
        "select true from notifier.alerts where kind = 'taken' and channel = 'webhook' and sids <> '{}'"
    )
    assert any("已由Li Ming接手" in kept.text for kept in written.gateway.texts.values())


async def test_without_a_number_of_ours_an_answer_through_the_gateway_names_none(written: Written) -> None:
    night = written.night
    li = await night.person("Li", Level.FIRST)
    await written.lives_in_china(li)
    night.settings.alert_number = None
    await night.hears(night.case(night.assignment(ladder=ladder(SMS))))
    await written.texts(li)
    (kept,) = written.gateway.texts.values()
    answer = await written.gateway.tell_answer(kept.answers_url, night.numbers[li], "31", "text-1")
    assert answer["reply"].endswith("您已接手 KD472。回33已开始 35已到 36求助 37见不到孩子 34交回")


@pytest.mark.parametrize("is_chinese", [True, False])
async def test_who_is_asked_whether_they_are_safe_is_told_a_number_that_can_be_rung(
    written: Written, is_chinese: bool
) -> None:
    night = written.night
    li = await night.person("Li")
    if is_chinese:
        await written.lives_in_china(li)
    await night.stop_workers()
    asking = night.assignment(purpose=Purpose.CHECK_IN, first_responder_id=li, ladder=ladder(SMS))
    await night.hears(night.case(asking))
    await night.db.pool.execute("delete from notifier.reply_pairs")
    night.start()
    text = (await written.texts(li))[0] if is_chinese else await night.phone(li).receives("KD472")
    assert ("或拨+861000000002" if is_chinese else "或回拨本号") in text


# Reporters with Chinese phones


def chinese(written: Written) -> Reporters:
    return Reporters(written.night, written.night.phones.phone(REPORTER), CHINESE)


async def is_sent(night: Night, channel: AlertChannel) -> None:
    await night.until(
        "select true from notifier.alerts where kind = 'notice' and channel = $1 and sids <> '{}'", channel
    )


async def test_a_notice_to_a_reporter_goes_through_the_gateway_and_its_statuses_are_kept(written: Written) -> None:
    night, reporters = written.night, chinese(written)
    report = await reporters.report()
    assert await reporters.comes_to(report) == "asked"
    await is_sent(night, WEBHOOK)
    (kept,) = written.gateway.texts.values()
    assert (kept.to, TEXT in kept.text) == (CHINESE, True)
    assert await written.gateway.tell_status(kept, "delivered") == 204
    await reporters.state("delivered")
    assert await reporters.comes_to(report, "closed") == "asked"
    await night.until("select count(*) = 2 from notifier.alerts where channel = 'webhook' and sids <> '{}'")
    assert await night.phones.requests("Messages", "POST") == []


async def test_a_reporters_phone_that_was_silent_at_the_gateway_is_not_tried_again(written: Written) -> None:
    reporters = chinese(written)
    report = await reporters.report()
    await reporters.comes_to(report)
    await is_sent(written.night, WEBHOOK)
    (kept,) = written.gateway.texts.values()
    assert await written.gateway.tell_status(kept, "undelivered", "30003") == 204
    await reporters.state("undelivered")
    assert await reporters.comes_to(report, "closed") == "silent_phone"


async def test_a_reporter_who_is_not_to_be_texted_is_not_through_a_gateway_either(written: Written) -> None:
    reporters = chinese(written)
    assert await reporters.comes_to(await reporters.report(is_safe_to_text=Answer.NO)) == "no_safe_channel"
    assert await reporters.comes_to(await reporters.report(news_from=None)) == "no_safe_time"
    assert written.gateway.texts == {}


@pytest.mark.parametrize(("before", "since", "way"), [(CHINESE, REPORTER, SMS), (REPORTER, CHINESE, WEBHOOK)])
async def test_the_number_that_a_reporter_gave_since_decides_the_way(
    written: Written, before: str, since: str, way: AlertChannel
) -> None:
    night = written.night
    reporters = Reporters(night, night.phones.phone(REPORTER), before)
    report = await reporters.report()
    await night.stop_workers()
    await reporters.comes_to(report)
    await reporters.update(report, since)
    night.start()
    await is_sent(night, way)
    assert (len(written.gateway.texts), await reporters.sent()) == ((1, 0) if way is WEBHOOK else (0, 1))
