"""Ingest and the provider's own library, against an emulator of the provider that signs and calls as it does."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest
import uvicorn
from pydantic import SecretStr

from infra.emulators.twilio import instants
from infra.emulators.twilio.exchange import Exchange, Pace, Setup
from infra.emulators.twilio.phones import Phones
from infra.emulators.twilio.records import Account, Hook
from infra.emulators.twilio.server import Server, listen, running
from infra.twilio.client import TwilioClient
from infra.twilio.errors import AccountRefused, Refused, TooLarge
from infra.vault import Subject
from ingest.handlers.intake import Intake
from ingest.sweep import Sweep
from ingest.timer import Timer
from ingest.web.app import create_app
from tests.conftest import SettableClock
from tests.integration.ingest.conftest import INTAKE, NEIGHBOUR, Kept

pytestmark = pytest.mark.filterwarnings("ignore:.*encode_basic_auth.*:DeprecationWarning")

ACCOUNT = Account("AC" + "0" * 32, "the-current-token")


@pytest.fixture
def clock() -> SettableClock:
    """A minute after everything that happens here, so that the sweep takes nothing to be under way still."""
    return SettableClock(instants.now() + timedelta(minutes=1))


@pytest.fixture
async def exchange() -> AsyncIterator[Exchange]:
    bound = listen("127.0.0.1", 0)
    setup = Setup(ACCOUNT, f"http://127.0.0.1:{bound.getsockname()[1]}", pace=Pace(0.01))
    async with running(Exchange(setup), bound) as exchange:
        yield exchange


@pytest.fixture
async def reachable(exchange: Exchange, intake: Intake, clock: SettableClock) -> AsyncIterator[Intake]:
    """Ingest, served at an address that the provider's number points to."""
    bound = listen("127.0.0.1", 0)
    origin = f"http://127.0.0.1:{bound.getsockname()[1]}"
    number = exchange.own(INTAKE)
    number.sms, number.voice = Hook(f"{origin}/twilio/sms"), Hook(f"{origin}/twilio/voice")
    number.status_callback = Hook(f"{origin}/twilio/voice/status")
    settings = intake.settings.model_copy(
        update={
            "ingest_url": origin,
            "twilio_account_sid": ACCOUNT.sid,
            "twilio_auth_token": SecretStr(f"{ACCOUNT.auth_token},the-previous-token"),
            "twilio_api_url": exchange.setup.base_url,
        }
    )
    intake = replace(intake, settings=settings)
    config = uvicorn.Config(create_app(intake, clock), log_level="warning", access_log=False, ws="none")
    server = Server(config)
    serving = asyncio.ensure_future(server.serve([bound]))
    yield intake
    server.should_exit = True
    await serving


@pytest.fixture
async def phones(exchange: Exchange) -> AsyncIterator[Phones]:
    async with Phones(exchange.setup.base_url) as phones:
        yield phones


@pytest.fixture
async def twilio(reachable: Intake) -> AsyncIterator[TwilioClient]:
    client = TwilioClient(reachable.settings)
    yield client
    await client.close()


@pytest.fixture
def sweep(reachable: Intake, twilio: TwilioClient, clock: SettableClock) -> Sweep:
    return Sweep(reachable, twilio, clock)


@pytest.fixture
def timer(reachable: Intake, twilio: TwilioClient, clock: SettableClock) -> Timer:
    return Timer(reachable, twilio, clock)


async def test_a_sound_is_asked_for_with_our_credentials_and_within_bounds(
    reachable: Intake, phones: Phones, twilio: TwilioClient
) -> None:
    call = await phones.phone(NEIGHBOUR).calls(INTAKE)
    await call.press("2")
    await call.press("1")
    await call.speak("please come")
    await call.press("#")
    await call.hears("safe at this moment")
    await call.hang_up()
    [recording] = await twilio.recordings(instants.now() - timedelta(minutes=5))
    stranger = TwilioClient(reachable.settings.model_copy(update={"twilio_auth_token": SecretStr("another")}))
    try:
        with pytest.raises(AccountRefused):
            await stranger.sound(recording.sid, 1_000_000)
    finally:
        await stranger.close()

    assert (await twilio.sound(recording.sid, 1_000_000)).content_type == "audio/x-wav"
    with pytest.raises(TooLarge):
        await twilio.sound(recording.sid, 1000)
    with pytest.raises(Refused, match="404"):
        await twilio.sound("RE" + "0" * 32, 1000)


async def test_a_neighbour_texts_and_answers(reachable: Intake, phones: Phones, kept: Kept) -> None:
    neighbour = phones.phone(NEIGHBOUR)
    await neighbour.text("孩子一直在哭，+ 还有喊声 & 摔东西", to=INTAKE)
    await neighbour.receives("方便发短信吗")
    await neighbour.text("1", to=INTAKE)
    await neighbour.receives("处于危险中吗")
    await neighbour.text("1", to=INTAKE)
    await neighbour.receives("在哪里")

    assert (await kept.narratives())[0] == "孩子一直在哭，+ 还有喊声 & 摔东西"
    assert (await kept.events())[-1][1]["danger_now"] == "yes"


async def test_a_doctor_rings_tells_and_hears_the_code(
    reachable: Intake, phones: Phones, timer: Timer, kept: Kept
) -> None:
    call = await phones.phone(NEIGHBOUR).calls(INTAKE)
    await call.press("2")
    await call.hears("in danger now")
    await call.press("1")
    await call.hears("after the tone")
    await call.speak("An infant with a fracture, at the clinic")
    await call.press("#")
    for question in ("safe at this moment", "reach the child", "alone", "hurt", "there is news"):
        await call.hears(question)
        await call.press("1")
    await call.hears("sixteen digits")
    assert await call.ends() == "completed"

    await timer.fetch_due()
    [recording] = await kept.rows("ingest.recordings")
    assert recording["content_type"] == "audio/wav"
    async with kept.db.transaction() as tx:
        subject = Subject("report", recording["report_id"])
        sound = await kept.vault.open(tx, subject, "recording", recording["sound"])
    assert sound.startswith(b"RIFF")
    assert b"An infant with a fracture" in sound
    [report] = await kept.rows("ingest.reports")
    sids = [sid for row in await kept.rows("ingest.updates") for sid in (await kept.facts(row)).recording_sids]
    assert report["kind"] == "report"
    assert len(sids) == 1


async def test_whoever_hangs_up_in_the_middle_of_a_sentence_is_heard(
    reachable: Intake, phones: Phones, sweep: Sweep, timer: Timer, kept: Kept
) -> None:
    call = await phones.phone(NEIGHBOUR).calls(INTAKE)
    await call.press("2")
    await call.stay_silent()
    await call.stay_silent()
    await call.speak("please come")
    await call.hang_up()
    assert await call.ends() == "completed"

    await sweep.once()
    await timer.fetch_due()
    [recording] = await kept.rows("ingest.recordings")
    assert recording["fetched_at"] is not None
    [report] = await kept.rows("ingest.reports")
    [update] = await kept.rows("ingest.updates")
    assert report["kind"] == "nothing_said"
    assert len((await kept.facts(update)).recording_sids) == 1
    assert (await kept.events())[-1][1]["kind"] == "report"


async def test_a_silent_call_is_a_contact(reachable: Intake, phones: Phones, sweep: Sweep, kept: Kept) -> None:
    call = await phones.phone(NEIGHBOUR).calls(INTAKE)
    await call.hears("999")
    await call.hang_up()
    await call.ends()

    await sweep.once()
    [report] = await kept.rows("ingest.reports")
    assert report["kind"] == "nothing_said"


async def test_the_sweep_finds_what_no_webhook_told(
    reachable: Intake, phones: Phones, sweep: Sweep, kept: Kept
) -> None:
    await phones.fault("inbound_lost")
    neighbour = phones.phone(NEIGHBOUR)
    await neighbour.text("nobody answers me", to=INTAKE)
    call = await neighbour.calls(INTAKE)
    await call.ends()

    assert await sweep.once() == 2
    assert await sweep.once() == 0
    assert await kept.narratives() == ["nobody answers me", ""]


async def test_a_webhook_told_twice_is_one_report_and_one_answer(
    reachable: Intake, phones: Phones, kept: Kept
) -> None:
    await phones.fault("inbound_twice", count=1)
    neighbour = phones.phone(NEIGHBOUR)
    await neighbour.text("a child is crying", to=INTAKE)
    await neighbour.receives("Received.")

    assert len(await kept.rows("ingest.contacts")) == 1


@pytest.mark.parametrize("is_lost", [False, True])
async def test_the_ids_of_pictures_are_kept_whichever_way_a_text_comes(
    reachable: Intake, phones: Phones, sweep: Sweep, kept: Kept, is_lost: bool
) -> None:
    neighbour = phones.phone(NEIGHBOUR)
    if is_lost:
        await phones.fault("inbound_lost")
    await neighbour.text("look", to=INTAKE, pictures=["image/jpeg", "image/png"])
    if not is_lost:
        await neighbour.receives("Received.")

    assert await sweep.once() == int(is_lost)
    [report] = await kept.rows("ingest.reports")
    pictures = (await kept.facts(report)).recording_sids
    assert len(pictures) == 2
    assert all(sid.startswith("ME") for sid in pictures)
