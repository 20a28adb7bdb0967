"""What every channel keeps to, whatever stands behind it: one suite, held by each against its other side."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import pytest_asyncio

from infra.ids import new_id
from infra.sending import AccountRefused, ProviderDown, ProviderError, Refused, Throttled, Uncertain
from notifier.channels import Outgoing
from notifier.domain.calling import FAILED
from schemas.terms import AlertChannel
from tests.integration.notifier.channel_sides import Mailed, Side, side_of
from tests.integration.notifier.conftest import serving

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
TEXT = "特急 KD472，12:00前。回31我来接手，回32我无法接手"
REAL = [each for each in AlertChannel if each is not AlertChannel.LOOPBACK]
# What a system is told may be told again: no answer is in doubt, and one that is lost is none.
IN_DOUBT = [each for each in REAL if each is not AlertChannel.PARTNER]


@pytest_asyncio.fixture
async def side(request: pytest.FixtureRequest) -> AsyncIterator[Side]:
    async with AsyncExitStack() as stack:
        yield await stack.enter_async_context(side_of(request.param, serving))


def alert(side: Side) -> Outgoing:
    return Outgoing(
        new_id(), side.to, TEXT, ("KD472", "31"), timedelta(minutes=5), timedelta(seconds=30), subject="特急 KD472"
    )


@pytest.mark.parametrize("side", list(AlertChannel), indirect=True)
async def test_an_alert_is_taken_once_and_arrives(side: Side) -> None:
    taken = await side.channel.send(alert(side))
    assert taken.sid
    assert taken.state not in FAILED
    assert await side.arrived() == 1


@pytest.mark.parametrize("side", list(AlertChannel), indirect=True)
async def test_what_was_sent_before_a_crash_is_found_by_what_is_known_of_it(side: Side) -> None:
    outgoing = alert(side)
    taken = await side.channel.send(outgoing)
    found = await side.channel.find(outgoing, LONG_AGO)
    assert [one.sid for one in found] == ([taken.sid] if side.can_find else [])


@pytest.mark.parametrize("side", REAL, indirect=True)
async def test_what_was_never_sent_is_not_found(side: Side) -> None:
    assert await side.channel.find(alert(side), LONG_AGO) == []


@pytest.mark.parametrize("side", [AlertChannel.SMS, AlertChannel.WEBHOOK], indirect=True)
async def test_another_text_to_the_same_phone_is_not_taken_for_it(side: Side) -> None:
    await side.channel.send(alert(side))
    other = replace(alert(side), body="KD999", marks=("KD999",))
    assert await side.channel.find(other, LONG_AGO) == []


@pytest.mark.parametrize("side", list(AlertChannel), indirect=True)
async def test_it_can_be_stopped_at_any_time_and_twice(side: Side) -> None:
    taken = await side.channel.send(alert(side))
    await side.channel.stop(taken.sid)
    await side.channel.stop(taken.sid)


@pytest.mark.parametrize("side", REAL, indirect=True)
@pytest.mark.parametrize(
    ("how", "error"),
    [
        ("refuse", Refused),
        ("account", AccountRefused),
        ("throttle", Throttled),
        ("down", ProviderDown),
    ],
)
async def test_what_was_surely_not_taken_is_told_apart(side: Side, how: str, error: type[ProviderError]) -> None:
    await side.fails(how)
    with pytest.raises(ProviderError) as raised:
        await side.channel.send(alert(side))
    assert type(raised.value) is error
    assert await side.arrived() == 0


@pytest.mark.parametrize("side", IN_DOUBT, indirect=True)
async def test_silence_leaves_it_uncertain_and_what_was_taken_is_found(side: Side) -> None:
    outgoing = alert(side)
    await side.fails("silent")
    with pytest.raises(Uncertain):
        await side.channel.send(outgoing)
    assert len(await side.channel.find(outgoing, LONG_AGO)) == int(side.can_find)


@pytest.mark.parametrize("side", [AlertChannel.WEBHOOK], indirect=True)
async def test_a_gateway_that_is_asked_twice_sends_once(side: Side) -> None:
    outgoing = alert(side)
    first, again = await side.channel.send(outgoing), await side.channel.send(outgoing)
    assert first == again
    assert await side.arrived() == 1


@pytest.mark.parametrize("side", [AlertChannel.EMAIL], indirect=True)
async def test_a_mail_that_is_sent_twice_has_one_message_id_and_says_only_its_text(side: Side) -> None:
    outgoing = alert(side)
    first, again = await side.channel.send(outgoing), await side.channel.send(outgoing)
    assert first.sid == again.sid
    assert first.state == "sent"
    assert isinstance(side, Mailed)
    mail = side.box.mails[0].decode("ascii", "surrogateescape")
    assert f"<{outgoing.alert_id}@hotline.example>" in mail
    assert "To: li@responders.example" in mail


@pytest.mark.parametrize("side", list(AlertChannel), indirect=True)
async def test_the_sender_is_the_same_however_often_it_is_asked(side: Side) -> None:
    outgoing = alert(side)
    assert side.channel.sender(outgoing) == side.channel.sender(replace(outgoing, body="other")) != ""
    assert side.channel.provider
