"""Presence at the desk: who confirmed, and when the next question comes."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from infra.postgres import Transaction
from triage.console.frame import Frame
from triage.console.opened import open_name
from triage.console.words import Words
from triage.domain.desk import ANSWER_WITHIN, CONFIRM_EVERY, Presence, next_question, presence
from triage.store import desks

NOWHERE = UUID(int=0)


@dataclass(frozen=True)
class DeskState:
    """Who is at the desk. `asks_at` is when the next question comes; `absent_at` when nobody would be here."""

    desk_id: UUID
    state: Presence
    names: list[str]
    asks_at: datetime | None = None
    absent_at: datetime | None = None


async def desk_state(tx: Transaction, frame: Frame, words: Words) -> DeskState:
    """How the desk stands now; absent before there is one."""
    now, vault = frame.service.clock.now(), frame.service.vault
    desk = await desks.read(tx)
    if desk is None:
        return DeskState(NOWHERE, Presence.ABSENT, [])
    here = await desks.present(tx, now - CONFIRM_EVERY - ANSWER_WITHIN)
    names = [await open_name(tx, vault, words, each) for each in here]
    absent_at = next_question(desk.state)
    return DeskState(desk.desk_id, presence(desk.state, now), names, absent_at - ANSWER_WITHIN, absent_at)
