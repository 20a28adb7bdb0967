"""What is wrong with one alert, one report, one text or the account keeps nobody else from being called."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from infra.breaker import REST
from infra.ids import new_id
from infra.twilio.client import InboundCall, InboundMessage
from infra.twilio.errors import of_status
from infra.vault import SealBroken, UnknownMasterKey
from notifier.channels import VoiceChannel
from notifier.handlers.letters import Letters
from notifier.handlers.texting import Text, Texting
from notifier.store import alerts, letters
from notifier.sweep import Sweep
from notifier.timer import sends, worker
from schemas.terms import Answer, Level
from tests.integration.notifier.conftest import ALERT_NUMBER, NEIGHBOUR, SMS, VOICE, Night, ladder


@pytest.mark.parametrize("code", [20003, 20005, 30002])
async def test_a_refused_account_does_not_burn_the_ladder(night: Night, code: int) -> None:
    li = await night.person("Li", Level.FIRST)
    wang = await night.person("Wang", Level.BACKUP)
    await night.phones.fault("refuse", code=code)
    case = await night.hears(night.case(night.assignment()))
    await night.until("select count(*) = 2 from notifier.alerts where stalled_at is not null and state = 'planned'")
    assert await night.one("select count(*) from notifier.alerts where person_id = $1", wang) == 0
    assert await night.one("select status from notifier.escalations where subject_id = $1", case) == "calling"
    await night.phones.no_faults()
    await night.phone(li).rings(within=8)
    await night.phone(li).receives("KD472", within=8)


async def test_one_that_is_put_off_while_the_provider_answers_again_does_not_wait_for_a_probe(
    night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    await night.person("Li", Level.FIRST)
    await night.phones.fault("refuse", code=20005)
    put_off, retry = alerts.try_later, alerts.retry_at_once
    has_retried = asyncio.Event()

    async def late(pool: Any, claim: Any, due_at: datetime, code: str) -> None:
        if due_at - night.clock.now() > 2 * REST:  # the other one is asking at this moment
            await asyncio.wait_for(has_retried.wait(), 8)
        await put_off(pool, claim, due_at, code)

    async def retried(*given: Any) -> None:
        await retry(*given)
        has_retried.set()

    monkeypatch.setattr(alerts, "try_later", late)
    monkeypatch.setattr(alerts, "retry_at_once", retried)
    await night.hears(night.case(night.assignment()))
    await night.until("select count(*) = 2 from notifier.alerts where stalled_at is not null and state = 'planned'")
    await night.phones.no_faults()
    await asyncio.wait_for(has_retried.wait(), 10)
    await night.until("select count(*) = 2 from notifier.alerts where sent_at is not null", within=2)


async def test_a_ringing_call_is_stopped_once_the_account_is_taken_again(
    night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    li = await night.person("Li", Level.FIRST)
    case = await night.hears(night.case(night.assignment()))
    call = await night.phone(li).rings()
    await night.phone(li).receives("KD472")
    real: Callable[..., Any] = VoiceChannel.stop
    refused: list[str] = []

    async def stop(self: VoiceChannel, sid: str) -> None:
        if not refused:
            refused.append(sid)
            raise of_status(401)
        await real(self, sid)

    monkeypatch.setattr(VoiceChannel, "stop", stop)
    await night.phone(li).text("31", ALERT_NUMBER)
    await night.status(case, "acknowledged")
    assert await call.ends(within=8) in {"completed", "canceled"}
    assert refused == [call.sid]


async def test_a_report_that_nobody_can_be_called_for_stops_no_other_calling(night: Night) -> None:
    await night.person("Li", Level.FIRST)
    wang = await night.person("Wang", Level.BACKUP)
    desk = new_id()
    report = await night.hears_report(Answer.YES)
    await night.hears(night.case(night.assignment(ladder=ladder(SMS))))
    working = night.start(instance="watching")
    await night.after(minutes=2, seconds=5)
    await night.phone(wang).receives("KD472")
    assert "nobody could be called" in (await working.uncalled() or "")
    await night.make_team(desk, is_desk=True)
    officer = await night.person("Officer", Level.FIRST, team=desk)
    await night.after(seconds=6)
    await night.phone(officer).rings()
    assert await night.one("select status from notifier.escalations where subject_id = $1", report.report_id)
    assert await working.uncalled() is None


class Lists:
    """What the provider has of the alert number."""

    def __init__(self, messages: list[InboundMessage], calls: list[InboundCall] | None = None) -> None:
        self.messages, self.calls = messages, calls or []

    async def inbound_messages(self, to: str, since: datetime) -> list[InboundMessage]:
        return self.messages

    async def inbound_calls(self, to: str, since: datetime) -> list[InboundCall]:
        return self.calls


async def test_a_text_that_cannot_be_taken_holds_up_no_answer_in_the_sweep(
    night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    li = await night.person("Li", Level.FIRST)
    case = await night.hears(night.case(night.assignment(ladder=ladder(SMS))))
    await night.phone(li).receives("回31")
    number, at = night.numbers[li], night.clock.now() - timedelta(minutes=1)
    lists = Lists(
        [
            InboundMessage("SM2", number, ALERT_NUMBER, "31", at),
            InboundMessage("SM1", number, ALERT_NUMBER, "broken", at),
        ]
    )
    texting = Texting(night.counter.letters.phrases, night.wake)
    sweep = Sweep(night.own, night.clock, lists, texting, (ALERT_NUMBER,))
    real: Callable[..., Any] = Texting.on_text

    async def cannot_read(self: Texting, tx: Any, text: Text, now: datetime) -> Any:
        if text.body == "broken":
            raise SealBroken("person")
        return await real(self, tx, text, now)

    with monkeypatch.context() as patched:
        patched.setattr(Texting, "on_text", cannot_read)
        assert await sweep.once() == 1
    await night.status(case, "acknowledged")
    assert "could not be taken" in (await sweep.check() or "")
    assert await night.one("select swept_at from notifier.sweeps") is None
    assert await sweep.once() == 1
    assert await sweep.check() is None
    assert await night.one("select swept_at is not null from notifier.sweeps")


async def test_a_call_whose_webhook_was_lost_is_the_intakes_unless_its_caller_has_something_open(
    night: Night,
) -> None:
    li, wang = await night.person("Li", Level.FIRST), await night.person("Wang")
    await night.hears(night.case(night.assignment(ladder=ladder(VOICE))))
    await night.phone(li).rings()
    at = night.clock.now() - timedelta(minutes=1)
    callers = {"CA1": night.numbers[li], "CA2": night.numbers[wang], "CA3": NEIGHBOUR}
    calls = [InboundCall(sid, number, ALERT_NUMBER, at, "completed") for sid, number in callers.items()]
    texting = Texting(night.counter.letters.phrases, night.wake)

    assert await Sweep(night.own, night.clock, Lists([], calls), texting, (ALERT_NUMBER,)).once() == 3
    of_intake = (
        "select array_agg(provider_sid order by provider_sid) from notifier.for_ingest_messages where not is_answer"
    )
    assert await night.one(of_intake) == ["CA2", "CA3"]


async def test_what_was_leased_when_the_database_was_away_is_sent_at_once_afterwards(
    night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    li = await night.person("Li", Level.FIRST)
    real, breaks = letters.letter_rows, [True]

    async def away(*given: Any) -> Any:
        if breaks.pop():
            breaks.insert(0, False)
            raise ConnectionResetError
        breaks.append(False)
        return await real(*given)

    monkeypatch.setattr(letters, "letter_rows", away)
    await night.hears(night.case(night.assignment(ladder=ladder(SMS))))
    await night.phone(li).receives("KD472", within=3)
    assert await night.sends(li, "Messages") == 1


async def test_an_act_that_breaks_with_the_database_is_taken_up_at_once(
    night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    li = await night.person("Li", Level.FIRST)
    real: Callable[..., Any] = sends.Sends._has_token
    broken: list[Any] = []

    async def away(self: Any, claim: Any, post: Any) -> bool:
        if not broken:
            broken.append(claim)
            raise ConnectionResetError
        answer: bool = await real(self, claim, post)
        return answer

    monkeypatch.setattr(sends.Sends, "_has_token", away)
    await night.hears(night.case(night.assignment(ladder=ladder(SMS))))
    await night.phone(li).receives("KD472", within=3)
    assert await night.sends(li, "Messages") == 1


async def one_is_called(night: Night) -> None:
    person_id = await night.person("P")
    await night.hears(night.case(night.assignment(ladder=ladder(SMS), first_responder_id=person_id)))


async def test_what_is_due_beyond_the_limit_does_not_wait_when_a_slot_comes_free_during_a_claim(
    night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "SLOTS", {True: 2, False: 2})
    monkeypatch.setattr(worker, "LONGEST_SLEEP", timedelta(seconds=30))
    await night.stop_workers()
    acting: list[asyncio.Event] = []
    may_claim = asyncio.Event()
    real_claim = alerts.claim

    async def act(_self: Any, _claim: Any, _row: Any) -> None:
        acting.append(asyncio.Event())
        await acting[-1].wait()

    async def claim(pool: Any, name: str, lease: tuple[datetime, datetime], *room: int) -> Any:
        await may_claim.wait()
        claimed = await real_claim(pool, name, (night.clock.now(), lease[1]), *room)
        for over in acting:
            over.set()
        await asyncio.sleep(0.05)
        return claimed

    monkeypatch.setattr(sends.Sends, "act", act)
    monkeypatch.setattr(alerts, "claim", claim)
    await one_is_called(night)
    may_claim.set()
    night.start(instance="narrow")
    await night.until("select count(*) = 1 from notifier.alerts where fence = 1")
    await asyncio.sleep(0.2)
    may_claim.clear()
    await one_is_called(night)
    await one_is_called(night)
    night.wake.sends.clear()
    may_claim.set()
    await night.until("select count(*) = 3 from notifier.alerts where fence = 1", within=3)


async def test_a_number_sealed_under_a_newer_key_waits_for_it(night: Night, monkeypatch: pytest.MonkeyPatch) -> None:
    li = await night.person("Li", Level.FIRST)
    wang = await night.person("Wang", Level.BACKUP)
    await night.stop_workers()
    working = night.start(instance="old")

    async def cannot_open(*_given: Any) -> str:
        raise UnknownMasterKey("tomorrow")

    with monkeypatch.context() as patched:
        patched.setattr(Letters, "_opened", cannot_open)
        await night.hears(night.case(night.assignment()))
        await night.until("select count(*) = 2 from notifier.alerts where error_code = 'unknown_key'")
        assert await night.one("select count(*) from notifier.alerts where person_id = $1", wang) == 0
        assert await night.one("select count(*) from notifier.alerts where state = 'planned'") == 2
        assert await working.trouble() == sends.STALE_RING
    await night.phone(li).rings(within=8)
    await night.phone(li).receives("KD472", within=8)
