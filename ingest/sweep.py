"""The provider sweep: takes every text, call and recording that the provider has and we do not, by its id.

It finds what reached the provider while our webhooks, or the database, were down. It answers nobody: a text taken
here gets its first answer when its phone writes again.
"""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from infra import log
from infra.clock import Clock
from infra.postgres import INFRASTRUCTURE_ERRORS
from infra.twilio.client import InboundCall, InboundMessage, Recording
from infra.twilio.errors import ProviderError
from ingest.handlers import calls, texts
from ingest.handlers.calls import Call, Heard
from ingest.handlers.intake import Intake
from ingest.handlers.texts import InboundText
from ingest.store import calls as stored_calls
from ingest.store import recordings as stored_recordings
from ingest.store import reports as stored_reports
from ingest.store import sweeps
from ingest.store.sweeps import SweepKind

EVERY = timedelta(minutes=1)
OVERLAP = timedelta(minutes=30)
FIRST_LOOK_BACK = timedelta(days=1)
IN_FLIGHT = timedelta(seconds=20)
"""Longer than a provider waits for a webhook (15 s): until then the webhook itself may still be under way."""
FORGOTTEN_CALL = timedelta(hours=2)
OVER = frozenset({"completed", "busy", "failed", "no-answer", "canceled"})
PROVIDER = "twilio"
AWAY: tuple[type[Exception], ...] = (ProviderError, *INFRASTRUCTURE_ERRORS)

_log = log.get("ingest.sweep")


class Provider(Protocol):
    """What the sweep asks of the provider: everything inbound since an instant."""

    async def inbound_messages(self, to: str, since: datetime) -> list[InboundMessage]:
        """Texts to a number of ours."""

    async def inbound_calls(self, to: str, since: datetime) -> list[InboundCall]:
        """Calls to a number of ours."""

    async def recordings(self, since: datetime) -> list[Recording]:
        """Recordings of calls."""


@dataclass
class Sweep:
    """Sweeps at start and every minute, and says so while it cannot."""

    intake: Intake
    provider: Provider
    clock: Clock
    trouble: str | None = None

    async def run(self) -> None:
        """Sweep until cancelled. A provider or database that is away is tried again at the next turn."""
        while True:
            began = self.clock.now()
            try:
                await self.once()
                self.trouble = None
            except AWAY as error:
                self.trouble = "the provider's lists could not be swept"
                _log.warning("sweep_failed", error=type(error).__name__)
            await self.clock.sleep_until(began + EVERY)

    async def check(self) -> str | None:
        """The trouble of the last sweep, for readiness and heartbeats."""
        return self.trouble

    async def once(self) -> int:
        """Take what was missed; returns how many contacts that were."""
        messages = await self._swept("messages", self._messages)
        started = await self._swept("calls", self._calls)
        recorded = await self._swept("recordings", self._recordings)
        taken = messages + started + recorded + await self._forgotten_calls()
        if taken:
            _log.info("sweep_took", messages=messages, calls=started, recordings=recorded)
        return taken

    async def _swept(self, kind: SweepKind, take: Callable[[datetime, datetime], Awaitable[int]]) -> int:
        now = self.clock.now()
        async with self.intake.db.transaction() as tx:
            last = await sweeps.swept_at(tx, kind)
        # The provider's instants know nothing of a clock that a test has moved.
        since = (last - OVERLAP if last else now - FIRST_LOOK_BACK) - self.clock.offset
        taken = await take(since, now)
        async with self.intake.db.transaction() as tx:
            await sweeps.set_swept_at(tx, kind, now)
        return taken

    async def _messages(self, since: datetime, now: datetime) -> int:
        settings, found = self.intake.settings, []
        if settings.intake_number:
            found += await self.provider.inbound_messages(settings.intake_number, since)
        if settings.alert_number:
            listed = await self.provider.inbound_messages(settings.alert_number, since)
            meant = await self._no_answers(message.sid for message in listed)
            found += [message for message in listed if message.sid in meant]
        missed = await self._missed(message.sid for message in found)
        taken = [m for m in found if m.sid in missed and m.sent_at <= now - IN_FLIGHT]
        for message in sorted(taken, key=lambda message: message.sent_at):
            text = InboundText(PROVIDER, message.sid, message.from_, message.body, message.sent_at, can_answer=False)
            async with self.intake.db.transaction() as tx:
                await texts.take_text(tx, self.intake, text, self.clock.now())
        return len(taken)

    async def _calls(self, since: datetime, now: datetime) -> int:
        settings, found = self.intake.settings, []
        if settings.intake_number:
            found += await self.provider.inbound_calls(settings.intake_number, since)
        if settings.alert_number:
            listed = await self.provider.inbound_calls(settings.alert_number, since)
            meant = await self._no_answers(call.sid for call in listed)
            found += [call for call in listed if call.sid in meant]
        async with self.intake.db.transaction() as tx:
            reported = await stored_calls.reported(tx, PROVIDER, [call.sid for call in found])
        over = [c for c in found if c.status in OVER and c.started_at <= now - IN_FLIGHT]
        missed = [call for call in over if call.sid not in reported]
        for call in missed:
            await self._end(Call(PROVIDER, call.sid, call.from_, call.started_at))
        return len(missed)

    async def _recordings(self, since: datetime, now: datetime) -> int:
        found = [r for r in await self.provider.recordings(since) if r.created_at <= now - IN_FLIGHT]
        async with self.intake.db.transaction() as tx:
            known = await stored_recordings.known_sids(tx, PROVIDER, [recording.sid for recording in found])
            ours = await stored_calls.reported(tx, PROVIDER, [recording.call_sid for recording in found])
        taken = [r for r in found if r.sid not in known and r.call_sid in ours]
        for recording in taken:
            call = Call(PROVIDER, recording.call_sid, "", recording.created_at)
            async with self.intake.db.transaction() as tx:
                heard = Heard("", recording_sid=recording.sid, seconds=recording.duration)
                await calls.take_recording(tx, self.intake, call, heard, self.clock.now())
        return len(taken)

    async def _forgotten_calls(self) -> int:
        """Calls whose end nobody told, and which the provider does not list either."""
        before = self.clock.now() - FORGOTTEN_CALL
        async with self.intake.db.transaction() as tx:
            forgotten = await stored_calls.unreported(tx, before)
        for provider, sid in forgotten:
            await self._end(Call(provider, sid, "", before))
        return len(forgotten)

    async def _end(self, call: Call) -> None:
        async with self.intake.db.transaction() as tx:
            await calls.end_call(tx, self.intake, call, self.clock.now())

    async def _missed(self, sids: Iterable[str]) -> set[str]:
        asked = list(sids)
        async with self.intake.db.transaction() as tx:
            return set(asked) - await stored_reports.known_sids(tx, PROVIDER, asked)

    async def _no_answers(self, sids: Iterable[str]) -> set[str]:
        async with self.intake.db.transaction() as tx:
            return await sweeps.no_answers(tx, list(sids))
