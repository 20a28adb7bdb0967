from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest

from infra.postgres import Database, Transaction
from infra.twilio.client import InboundCall, InboundMessage, Recording
from infra.twilio.errors import ProviderDown, Refused
from ingest.handlers import texts
from ingest.handlers.intake import Intake
from ingest.handlers.texts import InboundText, TextTaken
from ingest.sweep import Sweep
from tests.conftest import NOON, SettableClock
from tests.integration.ingest.conftest import ALERT, INTAKE, NEIGHBOUR, Kept
from tests.integration.ingest.conftest import Provider as Webhooks


@dataclass
class Lists:
    """What the provider lists; it can be away."""

    messages: list[InboundMessage] = field(default_factory=list)
    calls: list[InboundCall] = field(default_factory=list)
    recorded: list[Recording] = field(default_factory=list)
    asked_since: dict[str, datetime] = field(default_factory=dict)
    shown: dict[str, tuple[str, ...]] = field(default_factory=dict)
    is_away: bool = False

    async def inbound_messages(self, to: str, since: datetime) -> list[InboundMessage]:
        if self.is_away:
            raise ProviderDown("away")
        self.asked_since[to] = since
        return [message for message in self.messages if message.to == to and message.sent_at >= since]

    async def inbound_calls(self, to: str, since: datetime) -> list[InboundCall]:
        return [call for call in self.calls if call.to == to and call.started_at >= since]

    async def recordings(self, since: datetime) -> list[Recording]:
        return [recording for recording in self.recorded if recording.created_at >= since]

    async def pictures(self, message_sid: str) -> tuple[str, ...]:
        if message_sid not in self.shown:
            raise Refused("20404")
        return self.shown[message_sid]


@pytest.fixture
def lists() -> Lists:
    return Lists()


@pytest.fixture
def sweep(intake: Intake, lists: Lists, clock: SettableClock) -> Sweep:
    return Sweep(intake, lists, clock)


def text(sid: str, ago: timedelta = timedelta(minutes=5), to: str = INTAKE) -> InboundMessage:
    return InboundMessage(sid, NEIGHBOUR, to, f"words of {sid}", NOON - ago)


def call(sid: str, status: str = "completed", ago: timedelta = timedelta(minutes=5)) -> InboundCall:
    return InboundCall(sid, NEIGHBOUR, INTAKE, NOON - ago, status)


async def test_what_was_missed_is_taken_once(sweep: Sweep, lists: Lists, kept: Kept) -> None:
    lists.messages = [text("SM2", timedelta(minutes=4)), text("SM1")]
    lists.calls = [call("CA1")]
    lists.recorded = [Recording("RE1", "CA1", "https://api.example/RE1", NOON - timedelta(minutes=4), 9)]

    assert await sweep.once() == 4
    assert await sweep.once() == 0
    assert len(await kept.rows("ingest.reports")) == 1
    assert len(await kept.rows("ingest.contacts")) == 4
    [recording] = await kept.rows("ingest.recordings")
    assert (recording["provider_sid"], recording["seconds"], recording["sound"]) == ("RE1", 9, None)
    [first] = await kept.rows("ingest.reports")
    assert first["began_at"] == NOON - timedelta(minutes=5)
    assert (await kept.facts(first)).narrative == "words of SM1"


async def test_what_a_webhook_took_is_left_alone(sweep: Sweep, lists: Lists, provider: Webhooks, kept: Kept) -> None:
    await provider.text("words of SM1", sid="SM1")
    await provider.step("/twilio/voice", sid="CA1")
    await provider.step("/twilio/voice/danger", sid="CA1", Digits="1")
    lists.messages, lists.calls = [text("SM1")], [call("CA1")]

    assert await sweep.once() == 0


async def test_a_phone_taken_by_the_sweep_gets_its_first_answer_when_it_writes_again(
    sweep: Sweep, lists: Lists, provider: Webhooks
) -> None:
    lists.messages = [text("SM1")]
    await sweep.once()

    assert "Received." in str(await provider.text("are you there"))
    assert await provider.text("hello?") is None


async def test_a_text_or_call_still_under_way_is_waited_for(sweep: Sweep, lists: Lists, clock: SettableClock) -> None:
    lists.messages, lists.calls = [text("SM1", timedelta(seconds=5))], [call("CA1", "in-progress")]

    assert await sweep.once() == 0
    clock.advance(timedelta(minutes=1))
    assert await sweep.once() == 1


async def test_each_sweep_looks_back_half_an_hour_behind_the_last(
    sweep: Sweep, lists: Lists, clock: SettableClock
) -> None:
    await sweep.once()
    clock.advance(timedelta(hours=3))
    await sweep.once()

    assert lists.asked_since[INTAKE] == NOON - timedelta(minutes=30)


async def test_what_reached_the_alert_number_is_looked_for_through_a_day(
    sweep: Sweep, lists: Lists, db: Database, clock: SettableClock, kept: Kept
) -> None:
    lists.messages = [text("SM1", to=ALERT)]
    await sweep.once()
    for _ in range(20):
        clock.advance(timedelta(hours=1))
        await sweep.once()
    await db.pool.execute(
        "insert into notifier.inbound (provider_sid, is_answer, received_at) values ('SM1', false, $1)", clock.now()
    )

    assert await sweep.once() == 1
    assert await sweep.once() == 0
    assert await kept.narratives() == ["words of SM1"]


async def test_a_long_call_that_no_webhook_told_is_taken_when_it_is_over(
    sweep: Sweep, lists: Lists, clock: SettableClock, kept: Kept
) -> None:
    lists.calls = [call("CA1", "in-progress")]
    lists.recorded = [Recording("RE1", "CA1", "https://api.example/RE1", NOON, 9)]
    for _ in range(3):
        await sweep.once()
        clock.advance(timedelta(minutes=30))
    lists.calls = [call("CA1")]

    assert await sweep.once() == 2
    assert await sweep.once() == 0
    assert len(await kept.rows("ingest.recordings")) == 1


async def test_a_swept_text_keeps_the_ids_of_its_pictures(sweep: Sweep, lists: Lists, kept: Kept) -> None:
    lists.messages = [replace(text("MM1"), pictures=2), replace(text("MM2", timedelta(minutes=4)), pictures=1)]
    lists.shown = {"MM1": ("ME1", "ME2")}

    assert await sweep.once() == 2
    [report], [update] = await kept.rows("ingest.reports"), await kept.rows("ingest.updates")
    assert (await kept.facts(report)).recording_sids == ("ME1", "ME2")
    assert (await kept.facts(update)).narrative == "words of MM2"


async def broken_report(webhooks: Webhooks, db: Database, sender: str) -> None:
    """A report to which nothing can be added, since what is sealed of it is damaged."""
    await webhooks.text("the first words", sender=sender)
    async with db.transaction() as tx:
        await tx.execute("alter table ingest.reports disable trigger report_is_immutable")
        await tx.execute("update ingest.reports set code = set_byte(code, 20, 255 - get_byte(code, 20))")
        await tx.execute("alter table ingest.reports enable trigger report_is_immutable")


async def test_what_cannot_be_added_to_its_report_is_a_report_of_its_own_and_others_are_taken(
    sweep: Sweep, lists: Lists, provider: Webhooks, kept: Kept, clock: SettableClock
) -> None:
    await broken_report(provider, kept.db, NEIGHBOUR)
    clock.advance(timedelta(minutes=1))
    lists.messages = [text("SM1"), replace(text("SM2", timedelta(minutes=4)), from_="+447700900777")]
    lists.calls = [call("CA1")]

    assert await sweep.once() == 3
    assert await sweep.check() == "1 contact(s) could not be added to their reports and became reports of their own"
    assert sorted(await kept.narratives()) == ["", "the first words", "words of SM1", "words of SM2"]
    reports = sorted(await kept.rows("ingest.reports"), key=lambda row: row["report_id"])
    assert [row["linked_report_id"] for row in reports] == [None, reports[0]["report_id"], None]
    assert await sweep.once() == 0
    assert await sweep.check() is None


@pytest.mark.parametrize("listed", ["call", "recording"])
async def test_a_call_or_recording_that_cannot_be_added_is_a_report_of_its_own_too(
    sweep: Sweep, lists: Lists, provider: Webhooks, kept: Kept, listed: str
) -> None:
    if listed == "recording":
        await provider.step("/twilio/voice")
        await provider.step("/twilio/voice/danger", Digits="1")
    await broken_report(provider, kept.db, NEIGHBOUR if listed == "call" else "+447700900777")
    lists.calls = [call("CA1")]
    lists.recorded = [Recording("RE1", "CA1", "https://api.example/RE1", NOON - timedelta(minutes=4), 9)]

    assert await sweep.once() == (2 if listed == "call" else 1)
    assert len(await kept.rows("ingest.reports")) == (2 if listed == "call" else 3)
    assert len(await kept.rows("ingest.recordings")) == 1
    assert await sweep.once() == 0


async def test_a_contact_that_cannot_be_taken_at_all_holds_no_other_and_is_tried_again(
    sweep: Sweep, lists: Lists, clock: SettableClock, kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    take_text = texts.take_text

    async def refuse(tx: Transaction, intake: Intake, message: InboundText, now: datetime) -> TextTaken:
        if message.sid == "SM1":
            raise ValueError("nobody knows why")
        return await take_text(tx, intake, message, now)

    monkeypatch.setattr(texts, "take_text", refuse)
    lists.messages = [text("SM1"), text("SM2", timedelta(minutes=4))]

    assert await sweep.once() == 1
    assert await sweep.check() == "1 contact(s) at the provider cannot be taken"
    monkeypatch.setattr(texts, "take_text", take_text)
    clock.advance(timedelta(hours=3))
    assert await sweep.once() == 1
    assert await sweep.check() is None
    assert await kept.narratives() == ["words of SM2", "words of SM1"]


async def test_a_failed_sweep_is_not_counted_as_one(sweep: Sweep, lists: Lists, kept: Kept) -> None:
    lists.is_away = True
    with pytest.raises(ProviderDown):
        await sweep.once()
    assert await kept.rows("ingest.sweeps") == []


async def test_texts_to_the_alert_number_are_taken_when_they_were_no_answer(
    sweep: Sweep, lists: Lists, db: Database, kept: Kept
) -> None:
    lists.messages = [text("SM1", to=ALERT), text("SM2", to=ALERT), text("SM3", to=ALERT)]
    await db.pool.execute(
        "insert into notifier.inbound (provider_sid, is_answer, received_at) "
        "values ('SM1', false, $1), ('SM2', true, $1)",
        NOON,
    )

    assert await sweep.once() == 1
    assert await kept.narratives() == ["words of SM1"]


async def test_a_call_whose_end_nobody_told_is_a_contact_all_the_same(
    sweep: Sweep, provider: Webhooks, clock: SettableClock, kept: Kept
) -> None:
    await provider.step("/twilio/voice")
    clock.advance(timedelta(hours=3))

    assert await sweep.once() == 1
    [report] = await kept.rows("ingest.reports")
    assert report["kind"] == "nothing_said"
