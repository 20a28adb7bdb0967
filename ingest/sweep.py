"""The provider sweep: takes every text, call and recording that the provider has and we do not, by its id.

It finds what reached the provider while our webhooks, or the database, were down. It answers nobody: a text taken
here gets its first answer when its phone writes again. A contact that cannot be added to what was told before
becomes a report of its own, and one that cannot be taken at all keeps no other from being taken.
"""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from prometheus_client import Counter as Count

from infra import log
from infra.clock import Clock
from infra.inbox import PAUSING_ERRORS
from infra.postgres import Transaction
from infra.twilio.client import InboundCall, InboundMessage, Recording
from infra.twilio.errors import ProviderError, Refused
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
DAY = timedelta(days=1)
"""How far the first sweep looks back, and every sweep at what may become ours late: what the notifier must first
judge to be no answer, calls that went on for long, and recordings of calls that were taken late."""
IN_FLIGHT = timedelta(seconds=20)
"""Longer than a provider waits for a webhook (15 s): until then the webhook itself may still be under way."""
FORGOTTEN_CALL = timedelta(hours=2)
OVER = frozenset({"completed", "busy", "failed", "no-answer", "canceled"})
PROVIDER = "twilio"
AWAY: tuple[type[Exception], ...] = (ProviderError, *PAUSING_ERRORS)

_log = log.get("ingest.sweep")
_failed = Count(
    "ingest_sweep_failures_total", "Attempts at contacts that failed by the contact's own fault.", ["kind"]
)


class Provider(Protocol):
    """What the sweep asks of the provider: everything inbound since an instant."""

    async def inbound_messages(self, to: str, since: datetime) -> list[InboundMessage]:
        """Texts to a number of ours."""

    async def inbound_calls(self, to: str, since: datetime) -> list[InboundCall]:
        """Calls to a number of ours."""

    async def recordings(self, since: datetime) -> list[Recording]:
        """Recordings of calls."""

    async def pictures(self, message_sid: str) -> tuple[str, ...]:
        """The ids of the pictures of a text."""


@dataclass(frozen=True)
class Window:
    """What a sweep looks at: since the last one, or since a day for what may become ours late."""

    since: datetime
    since_a_day: datetime
    now: datetime


@dataclass
class Sweep:
    """Sweeps at start and every minute, and says so while it cannot."""

    intake: Intake
    provider: Provider
    clock: Clock
    trouble: str | None = None
    _alone: int = 0
    _left: int = 0

    async def run(self) -> None:
        """Sweep until cancelled. A provider or database that is away is tried again at the next turn."""
        while True:
            began = self.clock.now()
            try:
                await self.once()
            except AWAY as error:
                self.trouble = "the provider's lists could not be swept"
                _log.warning("sweep_failed", error=type(error).__name__)
            await self.clock.sleep_until(began + EVERY)

    async def check(self) -> str | None:
        """The trouble of the last sweep, for readiness and heartbeats."""
        return self.trouble

    async def once(self) -> int:
        """Take what was missed; returns how many contacts that were."""
        self._alone = self._left = 0
        messages = await self._swept("messages", self._messages)
        started = await self._swept("calls", self._calls)
        recorded = await self._swept("recordings", self._recordings)
        taken = messages + started + recorded + await self._forgotten_calls()
        self.trouble = _trouble(self._left, self._alone)
        if taken:
            _log.info("sweep_took", messages=messages, calls=started, recordings=recorded)
        return taken

    async def _swept(self, kind: SweepKind, take: Callable[[Window], Awaitable[int]]) -> int:
        """Sweep one list. While a contact of it is left, the next sweeps begin where this one did."""
        now, left = self.clock.now(), self._left
        async with self.intake.db.transaction() as tx:
            last = await sweeps.swept_at(tx, kind)
        # The provider's instants know nothing of a clock that a test has moved.
        since = (last - OVERLAP if last else now - DAY) - self.clock.offset
        taken = await take(Window(since, min(since, now - DAY - self.clock.offset), now))
        if self._left == left:
            async with self.intake.db.transaction() as tx:
                await sweeps.set_swept_at(tx, kind, now)
        return taken

    async def _messages(self, window: Window) -> int:
        settings, found = self.intake.settings, []
        if settings.intake_number:
            found += await self.provider.inbound_messages(settings.intake_number, window.since)
        if settings.alert_number:
            listed = await self.provider.inbound_messages(settings.alert_number, window.since_a_day)
            meant = await self._no_answers(message.sid for message in listed)
            found += [message for message in listed if message.sid in meant]
        missed = await self._missed(message.sid for message in found)
        due = [m for m in found if m.sid in missed and m.sent_at <= window.now - IN_FLIGHT]
        return sum([await self._message(m) for m in sorted(due, key=lambda message: message.sent_at)])

    async def _message(self, message: InboundMessage) -> bool:
        media = await self._pictures(message)
        text = InboundText(
            PROVIDER, message.sid, message.from_, message.body, message.sent_at, media=media, can_answer=False
        )

        async def take(tx: Transaction, is_alone: bool) -> None:
            await texts.take_text(tx, self.intake, replace(text, is_alone=is_alone), self.clock.now())

        return await self._take("messages", message.sid, take)

    async def _pictures(self, message: InboundMessage) -> tuple[str, ...]:
        """The ids of its pictures. Pictures the provider has no more must not cost us the words."""
        try:
            return await self.provider.pictures(message.sid) if message.pictures else ()
        except Refused as error:
            _log.warning("pictures_not_listed", sid=message.sid, code=error.code)
            return ()

    async def _calls(self, window: Window) -> int:
        settings, found = self.intake.settings, []
        if settings.intake_number:
            found += await self.provider.inbound_calls(settings.intake_number, window.since_a_day)
        if settings.alert_number:
            listed = await self.provider.inbound_calls(settings.alert_number, window.since_a_day)
            meant = await self._no_answers(call.sid for call in listed)
            found += [call for call in listed if call.sid in meant]
        async with self.intake.db.transaction() as tx:
            reported = await stored_calls.reported(tx, PROVIDER, [call.sid for call in found])
        over = [c for c in found if c.status in OVER and c.started_at <= window.now - IN_FLIGHT]
        missed = [Call(PROVIDER, c.sid, c.from_, c.started_at) for c in over if c.sid not in reported]
        return sum([await self._end(call) for call in missed])

    async def _recordings(self, window: Window) -> int:
        listed = await self.provider.recordings(window.since_a_day)
        found = [recording for recording in listed if recording.created_at <= window.now - IN_FLIGHT]
        async with self.intake.db.transaction() as tx:
            known = await stored_recordings.known_sids(tx, PROVIDER, [recording.sid for recording in found])
            ours = await stored_calls.reported(tx, PROVIDER, [recording.call_sid for recording in found])
        return sum([await self._recording(r) for r in found if r.sid not in known and r.call_sid in ours])

    async def _recording(self, recording: Recording) -> bool:
        call = Call(PROVIDER, recording.call_sid, "", recording.created_at)
        heard = Heard("", recording_sid=recording.sid, seconds=recording.duration)

        async def take(tx: Transaction, is_alone: bool) -> None:
            await calls.take_recording(tx, self.intake, call, heard, self.clock.now(), is_alone=is_alone)

        return await self._take("recordings", recording.sid, take)

    async def _forgotten_calls(self) -> int:
        """Calls whose end nobody told, and which the provider does not list either."""
        before = self.clock.now() - FORGOTTEN_CALL
        async with self.intake.db.transaction() as tx:
            forgotten = await stored_calls.unreported(tx, before)
        return sum([await self._end(Call(provider, sid, "", before)) for provider, sid in forgotten])

    async def _end(self, call: Call) -> bool:
        async def take(tx: Transaction, is_alone: bool) -> None:
            await calls.end_call(tx, self.intake, call, self.clock.now(), is_alone=is_alone)

        return await self._take("calls", call.sid, take)

    async def _take(self, kind: SweepKind, sid: str, take: Callable[[Transaction, bool], Awaitable[None]]) -> bool:
        """Take a contact, if need be as a report of its own; False when it had to be left."""
        for is_alone in (False, True):
            try:
                async with self.intake.db.transaction() as tx:
                    await take(tx, is_alone)
            except AWAY:
                raise
            except Exception as error:  # noqa: BLE001 - one bad row must not keep others' contacts from being taken
                _failed.labels(kind).inc()
                _log.error("contact_not_taken", sid=sid, kind=kind, was_alone=is_alone, error=type(error).__name__)
            else:
                self._alone += is_alone
                return True
        self._left += 1
        return False

    async def _missed(self, sids: Iterable[str]) -> set[str]:
        asked = list(sids)
        async with self.intake.db.transaction() as tx:
            return set(asked) - await stored_reports.known_sids(tx, PROVIDER, asked)

    async def _no_answers(self, sids: Iterable[str]) -> set[str]:
        async with self.intake.db.transaction() as tx:
            return await sweeps.no_answers(tx, list(sids))


def _trouble(left: int, alone: int) -> str | None:
    if left:
        return f"{left} contact(s) at the provider cannot be taken"
    return (
        f"{alone} contact(s) could not be added to their reports and became reports of their own" if alone else None
    )
