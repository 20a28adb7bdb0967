"""What an answer of a responder does. Whoever answers first wins; the caller holds the row's lock."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from notifier.domain.calling import ACTIVE
from notifier.domain.replies import Act
from schemas.terms import EscalationStatus


class Effect(StrEnum):
    """What an answer did, and so what its writer is told."""

    TAKEN = "taken"
    ALREADY_YOURS = "already_yours"
    TAKEN_BY_OTHER = "taken_by_other"
    DECLINED = "declined"
    BEGUN = "begun"
    ALREADY_BEGUN = "already_begun"
    HANDED_BACK = "handed_back"
    NOT_TAKEN = "not_taken"
    SUPERSEDED = "superseded"
    ENDED = "ended"


@dataclass(frozen=True)
class Standing:
    """Where an escalation stands when an answer comes in."""

    status: EscalationStatus
    acknowledged_by: UUID | None = None
    is_begun: bool = False
    is_handed_back: bool = False


def effect_of(act: Act, person_id: UUID, standing: Standing) -> Effect:
    """What an act does; nothing an answer to a superseded escalation says stops any calling.

    *I cannot* from the one who has taken the case hands it back.
    """
    if standing.status is EscalationStatus.SUPERSEDED:
        return Effect.SUPERSEDED
    if standing.status in ACTIVE:
        return {Act.TAKE: Effect.TAKEN, Act.DECLINE: Effect.DECLINED}.get(act, Effect.NOT_TAKEN)
    if standing.status is EscalationStatus.ENDED:
        return Effect.ENDED
    if standing.acknowledged_by != person_id:
        return Effect.TAKEN_BY_OTHER
    return _of_the_taker(act, standing)


def _of_the_taker(act: Act, standing: Standing) -> Effect:
    if standing.is_handed_back:
        return Effect.HANDED_BACK
    if act is Act.TAKE:
        return Effect.ALREADY_YOURS
    if act is Act.BEGUN:
        return Effect.ALREADY_BEGUN if standing.is_begun else Effect.BEGUN
    return Effect.HANDED_BACK
