"""What a caller says after the tone is fetched from the provider and kept sealed, whatever fails meanwhile."""

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from infra.postgres import Database
from infra.twilio.client import Sound
from infra.twilio.errors import ProviderDown, Refused, TooLarge
from infra.vault import Subject, Vault
from ingest.handlers.intake import Intake
from ingest.timer import Timer
from tests.conftest import DatabaseAs, SettableClock
from tests.integration.ingest.conftest import Kept, Provider

WAV = b"RIFF....WAVE and somebody speaking"


@dataclass
class Shelf:
    """The provider's recordings; each answer is a sound or an error."""

    answers: list[Sound | Exception] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    at_once: int = 0
    most_at_once: int = 0

    async def sound(self, recording_sid: str, largest: int) -> Sound:
        self.asked.append(recording_sid)
        self.at_once += 1
        self.most_at_once = max(self.at_once, self.most_at_once)
        await asyncio.sleep(0)
        self.at_once -= 1
        answer = self.answers.pop(0) if self.answers else Sound(WAV, "audio/x-wav")
        if isinstance(answer, Exception):
            raise answer
        return answer


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
def timer(intake: Intake, shelf: Shelf, clock: SettableClock) -> Timer:
    return Timer(intake, shelf, clock)


async def told(provider: Provider, sid: str = "RE1", call: str = "CA1") -> None:
    """A call in which something was said after the tone."""
    await provider.step("/twilio/voice", sid=call)
    await provider.step("/twilio/voice/danger", sid=call, Digits="1")
    await provider.step("/twilio/voice/told", sid=call, RecordingSid=sid, RecordingDuration="9")


async def sound_of(db: Database, vault: Vault, row: dict[str, Any]) -> bytes:
    async with db.transaction() as tx:
        return await vault.open(tx, Subject("report", row["report_id"]), "recording", row["sound"])


async def test_a_recording_is_noted_with_its_report_and_fetched_sealed(
    provider: Provider, timer: Timer, kept: Kept, vault: Vault, db: Database
) -> None:
    await told(provider)
    [missing] = await kept.rows("ingest.recordings")
    assert (missing["sound"], missing["seconds"]) == (None, 9)
    assert timer.intake.recordings_wait.is_set()

    assert await timer.fetch_due() == 1
    [row] = await kept.rows("ingest.recordings")
    [report] = await kept.rows("ingest.reports")
    assert row["report_id"] == report["report_id"]
    assert (row["content_type"], row["due_at"]) == ("audio/wav", None)
    assert WAV not in row["sound"]
    assert await sound_of(db, vault, row) == WAV
    assert await timer.fetch_due() == 0


async def test_what_is_not_there_yet_is_asked_for_again_after_longer_waits(
    provider: Provider, timer: Timer, shelf: Shelf, kept: Kept, clock: SettableClock
) -> None:
    shelf.answers = [Refused("404"), ProviderDown("503"), TooLarge("x"), Sound(b"<html>", "text/html")]
    await told(provider)
    troubles = []
    for wait in (0, 2, 4, 8):
        clock.advance(timedelta(seconds=wait))
        assert await timer.fetch_due() == 1
        assert await timer.fetch_due() == 0
        [row] = await kept.rows("ingest.recordings")
        troubles.append(row["trouble"])

    assert troubles == ["not_there", "away", "too_large", "no_sound"]
    clock.advance(timedelta(seconds=16))
    assert await timer.fetch_due() == 1
    [row] = await kept.rows("ingest.recordings")
    assert (row["trouble"], row["attempts"], row["sound"] is None) == (None, 5, False)


async def test_told_of_again_a_missing_recording_is_asked_for_at_once(
    provider: Provider, timer: Timer, shelf: Shelf, clock: SettableClock, kept: Kept
) -> None:
    shelf.answers = [Refused("404")] * 5
    await told(provider)
    for _ in range(5):
        await timer.fetch_due()
        clock.advance(timedelta(seconds=40))
    await provider.post("/twilio/recording", {"CallSid": "CA1", "RecordingSid": "RE1", "RecordingDuration": "9"})

    assert await timer.fetch_due() == 1
    assert len(await kept.rows("ingest.recordings")) == 1
    assert len(await kept.rows("ingest.updates")) == 1


async def test_many_recordings_are_fetched_a_few_at_once(provider: Provider, timer: Timer, shelf: Shelf) -> None:
    for number in range(6):
        await told(provider, f"RE{number}", f"CA{number}")

    assert [await timer.fetch_due() for _ in range(3)] == [4, 2, 0]
    assert shelf.most_at_once == 4


async def test_a_recording_whose_fetcher_died_is_due_again(
    provider: Provider, timer: Timer, shelf: Shelf, clock: SettableClock
) -> None:
    shelf.answers = [KeyError("the process dies here")]
    await told(provider)
    with pytest.raises(ExceptionGroup):
        await timer.fetch_due()

    assert await timer.fetch_due() == 0
    clock.advance(timedelta(minutes=2))
    assert await timer.fetch_due() == 1


async def test_the_loop_is_woken_by_the_commit(provider: Provider, timer: Timer, kept: Kept) -> None:
    running = asyncio.create_task(timer.run_recordings())
    await told(provider)
    async with asyncio.timeout(10):
        while not [row for row in await kept.rows("ingest.recordings") if row["sound"]]:
            await asyncio.sleep(0.02)
    running.cancel()


async def test_a_recording_missing_for_long_is_told_of(
    provider: Provider, timer: Timer, clock: SettableClock
) -> None:
    await told(provider)
    assert await timer.check_recordings() is None
    clock.advance(timedelta(minutes=16))
    assert await timer.check_recordings() == "1 recording(s) could not be fetched from the provider yet"


async def test_triage_reads_recordings_through_the_view_alone(
    provider: Provider, timer: Timer, db_as: DatabaseAs
) -> None:
    await told(provider)
    await timer.fetch_due()
    [row] = await (await db_as("triage")).pool.fetch("select * from ingest.for_triage_recordings")

    assert " ".join(row.keys()) == "recording_id report_id sound content_type seconds received_at"


async def test_old_attempts_at_codes_are_forgotten_and_new_ones_kept(
    timer: Timer, db: Database, clock: SettableClock
) -> None:
    for age in (timedelta(hours=1), timedelta(hours=25)):
        await db.pool.execute(
            "insert into ingest.code_attempts select gen_random_uuid(), 'r', 's', false, $1 "
            "from generate_series(1, 1500)",
            clock.now() - age,
        )

    assert await timer.forget() == 1500
    assert await timer.forget() == 0
    assert await db.pool.fetchval("select count(*) from ingest.code_attempts") == 1500
