"""Swaps: one person has another's stretch, for one of their own or none. Supervisors grant what people ask for."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from infra.ids import new_id
from infra.vault import Subject
from schemas.terms import Level
from triage.domain.case import Refusal
from triage.domain.roster.author import Acceptance, Author, refuse_unless_granting, refuse_unless_own
from triage.domain.roster.stretches import Stretch, without
from triage.handlers import covering, rosters
from triage.handlers.covering import Act
from triage.handlers.turn import Turn
from triage.store import changes, people
from triage.store import rosters as store


@dataclass(frozen=True, slots=True)
class Half:
    """At a level of the team, from–until."""

    level: Level
    begins_at: datetime
    ends_at: datetime

    @property
    def stretch(self) -> Stretch:
        """From–until."""
        return self.begins_at, self.ends_at


@dataclass(frozen=True, slots=True)
class Asked:
    """A swap in a team: `taker` has what is `giver`'s, and the giver has `back`, the taker's, if anything."""

    team_id: UUID
    giver: UUID
    taker: UUID
    there: Half
    back: Half | None = None

    @property
    def halves(self) -> list[tuple[UUID, UUID, Half]]:
        """Who gives which half to whom."""
        back = [(self.taker, self.giver, self.back)] if self.back is not None else []
        return [(self.giver, self.taker, self.there), *back]


async def ask_swap(turn: Turn, asked: Asked, by: Author) -> UUID:
    """Ask for a swap, of one's own or as a supervisor; nothing changes until it is granted. Returns the swap.

    Refusal when a stretch is not whole its giver's, or has begun, or whoever would have it is on call there already
    or on leave.
    """
    refuse_unless_own(by, asked.giver)
    await store.lock(turn.tx)
    await _is_possible(turn, asked)
    swap_id = new_id()
    there, back = asked.there, asked.back
    await changes.add_swap(
        turn.tx,
        swap_id=swap_id,
        team_id=asked.team_id,
        giver_id=asked.giver,
        taker_id=asked.taker,
        level=there.level,
        begins_at=there.begins_at,
        ends_at=there.ends_at,
        back_level=back.level if back else None,
        back_begins_at=back.begins_at if back else None,
        back_ends_at=back.ends_at if back else None,
        asked_by=by.person_id,
        now=turn.now,
    )
    await rosters.record(turn, str(by.person_id), "ask_swap", Subject("person", asked.giver))
    return swap_id


async def grant_swap(turn: Turn, swap_id: UUID, seen: int, by: Author, override: str | None = None) -> None:
    """A supervisor who has no part in it grants a swap as it was `seen`; refused as asking and leave are."""
    await store.lock(turn.tx)
    row = await _open(turn, swap_id, seen)
    concerned = frozenset({row["asked_by"], row["giver_id"], row["taker_id"]})
    refuse_unless_granting(by, concerned)
    asked = _asked(row)
    await _is_possible(turn, asked)
    before = await covering.uncovered(turn)
    await changes.decide_swap(turn.tx, swap_id, by.person_id, True, turn.now)
    begins = min(half.begins_at for _, _, half in asked.halves)
    await rosters.remake(turn, {asked.team_id}, begins)
    acceptance = Acceptance(by, override) if override is not None else None
    await covering.check(turn, before, Act("grant_swap", concerned, acceptance))
    await rosters.record(turn, str(by.person_id), "grant_swap", Subject("person", asked.giver))


async def refuse_swap(turn: Turn, swap_id: UUID, seen: int, by: Author) -> None:
    """A supervisor refuses a swap, or one of the two will not have it; it can be asked for anew."""
    row = await _open(turn, swap_id, seen)
    if by.person_id not in (row["giver_id"], row["taker_id"]) and not by.may_grant:
        raise Refusal("refusal_role")
    await changes.decide_swap(turn.tx, swap_id, by.person_id, False, turn.now)
    await rosters.record(turn, str(by.person_id), "refuse_swap", Subject("person", row["giver_id"]))


async def _open(turn: Turn, swap_id: UUID, seen: int) -> Any:
    row = await changes.lock_swap(turn.tx, swap_id)
    if row is None:
        raise Refusal("refusal_no_swap")
    if row["decided_at"] is not None or row["version"] != seen:
        raise Refusal("refusal_roster_changed")
    return row


def _asked(row: Any) -> Asked:
    there = Half(Level(row["level"]), row["begins_at"], row["ends_at"])
    back = None
    if row["back_level"] is not None:
        back = Half(Level(row["back_level"]), row["back_begins_at"], row["back_ends_at"])
    return Asked(row["team_id"], row["giver_id"], row["taker_id"], there, back)


async def _is_possible(turn: Turn, asked: Asked) -> None:
    if asked.giver == asked.taker:
        raise Refusal("refusal_same_person")
    for person_id in sorted((asked.giver, asked.taker)):
        if await people.lock(turn.tx, person_id) is None:
            raise Refusal("refusal_no_person")
    for giver, taker, half in asked.halves:
        await _is_exchangeable(turn, asked.team_id, (giver, taker), half)


async def _is_exchangeable(turn: Turn, team_id: UUID, who: tuple[UUID, UUID], half: Half) -> None:
    """Refusal unless a half is to come, whole its giver's, and free for its taker."""
    giver, taker = who
    if half.begins_at < turn.now or half.ends_at <= half.begins_at:
        raise Refusal("refusal_over")
    own = await store.stretches(turn.tx, team_id, half.level, giver, half.stretch)
    if without(half.stretch, own):
        raise Refusal("refusal_not_on_call")
    if await store.stretches(turn.tx, team_id, half.level, taker, half.stretch):
        raise Refusal("refusal_on_call_already")
    if await changes.has_leave(turn.tx, taker, *half.stretch):
        raise Refusal("refusal_on_leave")
