"""What ingest does by the clock: fetches the sound of recordings, and forgets old attempts at codes."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from infra import log
from infra.clock import Clock
from infra.postgres import INFRASTRUCTURE_ERRORS
from infra.twilio.client import Sound
from infra.twilio.errors import ProviderError, Refused, TooLarge
from ingest.domain.recordings import LARGEST, content_type
from ingest.handlers import codes, recordings
from ingest.handlers.intake import Intake
from ingest.store.recordings import DueRecording

AT_ONCE = 4
LOOK_AGAIN = timedelta(seconds=30)
AFTER_TROUBLE = timedelta(seconds=2)
LATE = timedelta(minutes=15)
FORGET_EVERY = timedelta(minutes=10)
FORGOTTEN_AT_ONCE = 1000
MOST_BATCHES = 20

_log = log.get("ingest.timer")


class Sounds(Protocol):
    """What is asked of the provider: the sound of one recording."""

    async def sound(self, recording_sid: str, largest: int) -> Sound:
        """The sound, at most so many bytes."""


@dataclass
class Timer:
    """The loops of ingest beside its sweep. All instances may run them: what is due is claimed."""

    intake: Intake
    provider: Sounds
    clock: Clock

    async def run_recordings(self) -> None:
        """Fetch until cancelled; woken when a recording was noted, else when the next is due."""
        while True:
            self.intake.recordings_wait.clear()
            until = self.clock.now() + AFTER_TROUBLE
            try:
                while await self.fetch_due():
                    pass
                again = self.clock.now() + LOOK_AGAIN
                until = min(await recordings.next_due(self.intake) or again, again)
            except* INFRASTRUCTURE_ERRORS as away:
                _log.warning("recordings_wait_for_database", errors=len(away.exceptions))
            await self.clock.sleep_until(until, self.intake.recordings_wait)

    async def fetch_due(self) -> int:
        """Fetch what is due, a few at once; returns how many were asked for."""
        due = await recordings.claim_due(self.intake, self.clock.now(), AT_ONCE)
        async with asyncio.TaskGroup() as group:
            for each in due:
                group.create_task(self._fetch(each))
        return len(due)

    async def _fetch(self, due: DueRecording) -> None:
        try:
            sound = await self.provider.sound(due.provider_sid, LARGEST)
        except ProviderError as error:
            await self._put_off(due, _trouble(error))
            return
        kind = content_type(sound.content_type)
        if kind is None or not sound.content:
            await self._put_off(due, "no_sound")
            return
        await recordings.keep_sound(self.intake, due, sound.content, kind, self.clock.now())
        _log.info("recording_fetched", bytes=len(sound.content), attempts=due.attempts)

    async def _put_off(self, due: DueRecording, trouble: str) -> None:
        _log.warning("recording_not_fetched", trouble=trouble, attempts=due.attempts)
        await recordings.put_off(self.intake, due, trouble, self.clock.now())

    async def check_recordings(self) -> str | None:
        """A sentence while a recording is missing for long, for readiness and heartbeats."""
        late = await recordings.late(self.intake, self.clock.now() - LATE)
        return f"{late} recording(s) could not be fetched from the provider yet" if late else None

    async def run_forgetting(self) -> None:
        """Forget old attempts until cancelled. A database that is away is asked again at the next turn."""
        while True:
            try:
                await self.forget()
            except INFRASTRUCTURE_ERRORS as error:
                _log.warning("forgetting_waits_for_database", error=type(error).__name__)
            await self.clock.sleep_until(self.clock.now() + FORGET_EVERY)

    async def forget(self) -> int:
        """Forget attempts at codes that no limit counts any more; returns how many."""
        forgotten = 0
        for _ in range(MOST_BATCHES):
            batch = await codes.forget_attempts(self.intake, self.clock.now(), FORGOTTEN_AT_ONCE)
            forgotten += batch
            if batch < FORGOTTEN_AT_ONCE:
                break
        return forgotten


def _trouble(error: ProviderError) -> str:
    if isinstance(error, TooLarge):
        return "too_large"
    if isinstance(error, Refused):
        return "not_there" if error.code in ("404", "20404") else "refused"
    return "away"
