"""The ways to a person as their page shows them: numbers opened, what is known of each, codes that wait, tests."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from infra.postgres import Transaction
from infra.vault import Subject, VaultError
from schemas.terms import AlertChannel, Urgency
from schemas.ways import EMAIL_PLACE, Preferences
from triage.console.frame import Frame
from triage.console.opened import open_name
from triage.console.words import Words
from triage.domain.trials import FAILED, Tried
from triage.store import people, rosters, ways

TRIALS_SHOWN = timedelta(days=70)
MOST_WRONG = 5
RANKS = 3
"""How many ways of an order the form offers for each urgency."""


@dataclass(frozen=True)
class Place:
    """A phone or, in place 0, the address. `code_until` while a code that was sent there can be given."""

    position: int
    written: str
    verified_at: datetime | None
    channels: tuple[str, ...]
    notes: tuple[str, ...]
    code_until: datetime | None = None
    code_said: str = ""
    last_test: str = ""


@dataclass(frozen=True)
class WaysView:
    """Everything of the page."""

    person_id: UUID
    name: str
    phones: tuple[Place, ...]
    email: Place | None
    preferences: Preferences
    ways: tuple[str, ...]
    zones: tuple[str, ...]
    back: tuple[str, ...] = ()
    """Of who was brought back: since when, and from when rosters count them."""

    @property
    def is_reachable(self) -> bool:
        """Whether any phone is proven."""
        return any(phone.verified_at for phone in self.phones)

    def chosen(self, urgency: Urgency) -> list[str]:
        """The ways of an urgency, as many as the form offers."""
        order = list(self.preferences.order(urgency))[:RANKS]
        return [*order, *[""] * (RANKS - len(order))]


async def ways_view(tx: Transaction, frame: Frame, words: Words, person: Any) -> WaysView:
    """The page of a person (a row of `people.people`)."""
    person_id, now = person["person_id"], words.now
    tried = await ways.trials(tx, person_id, now - TRIALS_SHOWN)
    opened = _Opened(tx, frame, words, person_id, tried)
    rows = await ways.phones(tx, person_id, now)
    phones = tuple([await opened.phone(row) for row in rows])
    address = await ways.email(tx, person_id)
    zone = (await rosters.zones(tx)).get(person["handle"], frame.service.settings.timezone)
    preferences = await ways.preferences(tx, person_id, zone)
    zones = {frame.service.settings.timezone, preferences.time_zone}
    zones |= {str(team["time_zone"]) for team in await people.teams(tx)}
    each = [f"{way}:{place.position}" for way in ("voice", "sms") for place in phones if way in place.channels]
    return WaysView(
        person_id,
        await open_name(tx, frame.service.vault, words, person),
        phones,
        await opened.email(address) if address else None,
        preferences,
        (*each, *(["email"] if address else [])),
        tuple(sorted(zones)),
        _back(words, person, preferences.time_zone, [phone.verified_at for phone in phones]),
    )


def _back(words: Words, person: Any, zone: str, proven: list[datetime | None]) -> tuple[str, ...]:
    """What is told of who was brought back, for as long as tests are: since when; from when rosters count them."""
    back_at = person["back_at"]
    if back_at is None or back_at < words.now - TRIALS_SHOWN:
        return ()
    said = [words.t("desk_back_since", at=words.shift_time(back_at, zone))]
    said += [words.t("desk_back_unsigned")] if person["awaits_secrets"] else []
    counted = min((at for at in proven if at is not None), default=None)
    said.append(
        words.t("desk_back_counted", at=words.shift_time(counted, zone))
        if counted
        else words.t("desk_back_uncounted")
    )
    return tuple(said)


@dataclass(frozen=True)
class _Opened:
    tx: Transaction
    frame: Frame
    words: Words
    person_id: UUID
    tried: list[Any]

    async def phone(self, row: Any) -> Place:
        notes = [f"desk_phone_{row['mark']}"] if row["mark"] else []
        notes += ["desk_phone_refusing"] if row["is_refusing"] else []
        channels = tuple(channel for channel in ("sms", "voice") if row[f"can_{channel}"])
        written = await self._open("phone", row["number"])
        return self._place((row["position"], written, row["verified_at"]), channels, [self.words.t(n) for n in notes])

    async def email(self, row: Any) -> Place:
        written = await self._open("email", row["address"])
        return self._place((EMAIL_PLACE, written, row["verified_at"]), ("email",), [])

    def _place(self, way: tuple[int, str, datetime | None], channels: tuple[str, ...], notes: list[str]) -> Place:
        position, written, verified_at = way
        of_place = [row for row in self.tried if row["position"] == position]
        code = next((row for row in of_place if row["kind"] == "code" and self._is_open(row)), None)
        tests = [row for row in of_place if row["kind"] == "test" and verified_at and row["asked_at"] >= verified_at]
        return Place(
            position,
            written,
            verified_at,
            channels,
            tuple(notes),
            code["expires_at"] if code else None,
            self._code_said(code) if code else "",
            self._test_said(tests[0]) if tests else "",
        )

    def _is_open(self, row: Any) -> bool:
        """Whether a code can still be given."""
        return bool(
            row["expires_at"] > self.words.now and row["passed_at"] is None and row["wrong_codes"] < MOST_WRONG
        )

    def _code_said(self, row: Any) -> str:
        """How the sending of a code goes."""
        if row["state"] in FAILED or row["state"] in ("expired", "cancelled"):
            return self.words.t("desk_code_failed", code=row["error_code"] or "—")
        key = "desk_code_waiting" if row["sent_at"] is None else f"desk_code_sent_{row['channel']}"
        return self.words.t(key)

    def _test_said(self, row: Any) -> str:
        tried = Tried(AlertChannel(row["channel"]), row["asked_at"], row["state"], row["error_code"])
        result = {True: "worked", False: "failed", None: "open"}[tried.has_worked]
        zone = self.frame.service.settings.timezone
        channel = self.words.term("alert_channel", row["channel"])
        return self.words.t(f"desk_test_{result}", at=self.words.instant(row["asked_at"], zone), channel=channel)

    async def _open(self, field: str, sealed: bytes) -> str:
        try:
            return await self.frame.service.vault.open_text(self.tx, Subject("person", self.person_id), field, sealed)
        except VaultError:
            return self.words.t("desk_phone_shut")
