"""Who is on call, what reaches them, whose phone a number is: views of triage, read afresh each time."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from infra.postgres import Pool, Transaction, queries
from notifier.domain.calling import Roster
from notifier.domain.own_shifts import OwnShift
from notifier.domain.watching import Team
from schemas.terms import AlertChannel, Level
from schemas.ways import MARK_LASTS, Preferences

sql: Any = queries(__file__)


@dataclass(frozen=True)
class Person:
    """Somebody who can be called. The name is sealed under the person, field `name`."""

    person_id: UUID
    name: bytes
    language: str
    pin_hash: str | None


@dataclass(frozen=True)
class Feed:
    """The calendar of somebody's own shifts, and the language they read."""

    feed_id: UUID
    person_id: UUID
    language: str


async def reach(
    tx: Transaction, people: Iterable[UUID], is_canary: bool, now: datetime
) -> Mapping[UUID, frozenset[AlertChannel]]:
    """The channels of people: loopback for the canary and for nothing else."""
    return (await roster(tx, None, set(people), now, is_canary)).channels


def _channels(row: Any) -> frozenset[AlertChannel]:
    if row["is_loopback"]:
        return frozenset({AlertChannel.LOOPBACK})
    kinds = (AlertChannel.SMS, AlertChannel.VOICE, AlertChannel.EMAIL, AlertChannel.WEBHOOK)
    return frozenset(channel for channel in kinds if row[f"can_{channel}"])


async def roster(
    tx: Transaction, team_id: UUID | None, known: Iterable[UUID], now: datetime, is_canary: bool
) -> Roster:
    """Who is on call for a team (None: no team) in roster order; what reaches them and those already `known`."""
    levels: dict[Level, list[UUID]] = defaultdict(list)
    channels: dict[UUID, frozenset[AlertChannel]] = {}
    refusing: set[UUID] = set()
    wanted: dict[UUID, Preferences] = {}
    found = sql.find_roster(
        tx, team_id=team_id, known=list(known), now=now, is_canary=is_canary, marked_since=now - MARK_LASTS
    )
    async for row in found:
        if row["level"] is not None:
            levels[Level(row["level"])].append(row["person_id"])
        if of_person := _channels(row):
            channels[row["person_id"]] = of_person
        if row["is_refusing"]:
            refusing.add(row["person_id"])
        if row["preferences"]:
            wanted[row["person_id"]] = Preferences.model_validate(row["preferences"])
    in_order = {level: tuple(people) for level, people in levels.items()}
    return Roster(in_order, channels, frozenset(refusing), wanted)


async def set_routes(tx: Transaction, has_email: bool, regions: Iterable[str]) -> None:
    """What this hotline can send by beside its provider: e-mail, and a gateway for the texts to these countries."""
    routes = [("webhook", region) for region in regions] + ([("email", "")] if has_email else [])
    await sql.forget_routes(tx)
    await sql.add_routes(tx, channels=[channel for channel, _ in routes], regions=[region for _, region in routes])


async def refuse_texts(tx: Transaction, people: Iterable[UUID], now: datetime) -> None:
    """These people's phones refuse our texts: what they are called for is looked at at once."""
    await sql.hurry_callings_of(tx, people=list(people), now=now)
    await sql.refuse_texts(tx, people=list(people), now=now)


async def allow_texts(tx: Transaction, people: Iterable[UUID]) -> None:
    """These people's phones take our texts again."""
    await sql.allow_texts(tx, people=list(people))


async def by_phone(tx: Transaction, tokens: tuple[bytes, ...]) -> dict[UUID, str]:
    """The people a number belongs to, with their languages."""
    found = sql.find_people_by_phone(tx, tokens=list(tokens))
    return {row["person_id"]: row["language"] async for row in found}


async def person(tx: Transaction | Pool, person_id: UUID) -> Person | None:
    """One person."""
    row = await sql.find_person(tx, person_id=person_id)
    return Person(**dict(row)) if row else None


async def teams(tx: Transaction) -> list[Team]:
    """Every team, to choose a desk from."""
    return [Team(**dict(row)) async for row in sql.find_teams(tx)]


async def feed(tx: Transaction, tokens: Sequence[bytes]) -> Feed | None:
    """The running calendar of an address, or None."""
    row = await sql.find_feed(tx, tokens=list(tokens))
    return Feed(row["feed_id"], row["person_id"], row["language"]) if row else None


async def own_shifts(tx: Transaction, person_id: UUID, since: datetime) -> list[OwnShift]:
    """The shifts of somebody that are not over at an instant, of every team and level."""
    return [
        OwnShift(row["team_id"], row["level"], row["position"], row["begins_at"], row["ends_at"])
        async for row in sql.find_own_shifts(tx, person_id=person_id, since=since)
    ]
