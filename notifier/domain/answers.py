"""What an answer of a responder does. Whoever answers first wins; the caller holds the row's lock.

What somebody says about their own safety always counts, whatever became of the calling: a responder may stand at a
door while the case is being called for anew.
"""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from notifier.domain.calling import ACTIVE
from notifier.domain.replies import Act
from schemas.terms import EscalationStatus, Purpose


class Effect(StrEnum):
    """What an answer did, and so what its writer is told."""

    TAKEN = "taken"
    ALREADY_YOURS = "already_yours"
    TAKEN_BY_OTHER = "taken_by_other"
    DECLINED = "declined"
    BEGUN = "begun"
    ALREADY_BEGUN = "already_begun"
    HANDED_BACK = "handed_back"
    ARRIVED = "arrived"
    CHECKED_IN = "checked_in"
    NEEDS_HELP = "needs_help"
    NOT_REACHED = "not_reached"
    LEFT = "left"
    NOT_TAKEN = "not_taken"
    SUPERSEDED = "superseded"
    ENDED = "ended"


SAFETY = frozenset({Effect.ARRIVED, Effect.CHECKED_IN, Effect.NEEDS_HELP, Effect.NOT_REACHED, Effect.LEFT})
"""What is said on the way and there. None of these stops the calling of others."""


@dataclass(frozen=True)
class Standing:
    """Where an escalation stands when an answer comes in."""

    status: EscalationStatus
    acknowledged_by: UUID | None = None
    is_begun: bool = False
    is_handed_back: bool = False
    purpose: Purpose = Purpose.RESPOND
    has_arrived: bool = False
    has_left: bool = False
    excluded: frozenset[UUID] = frozenset()

    @property
    def is_there(self) -> bool:
        """Whether the responder is at the place."""
        return self.has_arrived and not self.has_left

    @property
    def is_called_anew(self) -> bool:
        """Whether others are called for a case that whoever took it has not given up: they may be on their way."""
        is_over = self.is_handed_back or self.has_left or self.acknowledged_by is None
        return self.status is EscalationStatus.SUPERSEDED and self.purpose is Purpose.RESPOND and not is_over


_OVER = {EscalationStatus.SUPERSEDED: Effect.SUPERSEDED, EscalationStatus.ENDED: Effect.ENDED}
_OF_CHECK_IN = {
    Act.TAKE: Effect.CHECKED_IN,
    Act.BEGUN: Effect.CHECKED_IN,
    Act.THERE: Effect.CHECKED_IN,
    Act.DECLINE: Effect.NEEDS_HELP,
    Act.NOT_REACHED: Effect.NOT_REACHED,
    Act.LEFT: Effect.LEFT,
}
"""A call that asks whether somebody is safe has two keys: the one that takes, and the one that cannot."""


def effect_of(act: Act, person_id: UUID, standing: Standing) -> Effect:
    """What an act does; nothing an answer to a superseded escalation says stops any calling.

    *I cannot* from the one who has taken the case hands it back. *I need help* counts from whomever it comes.
    """
    if act is Act.NEED_HELP:
        return Effect.NEEDS_HELP
    if standing.purpose is Purpose.CHECK_IN:
        return _of_check_in(act, person_id, standing)
    if standing.acknowledged_by == person_id and (said := _said_there(act, standing)) is not None:
        return said
    if standing.status in ACTIVE:
        return {Act.TAKE: Effect.TAKEN, Act.DECLINE: Effect.DECLINED}.get(act, Effect.NOT_TAKEN)
    if standing.status in _OVER or standing.acknowledged_by != person_id:
        return _OVER.get(standing.status, Effect.TAKEN_BY_OTHER)
    return _of_the_taker(act, standing)


def offered(person_id: UUID, standing: Standing) -> tuple[Act, ...]:
    """The acts that make sense for a person now, the likeliest first."""
    if standing.status in ACTIVE:
        return (Act.THERE, Act.NEED_HELP) if standing.purpose is Purpose.CHECK_IN else (Act.TAKE, Act.DECLINE)
    if standing.acknowledged_by != person_id:
        return ()
    if standing.is_there:
        back = () if standing.is_handed_back else (Act.HAND_BACK,)
        return (Act.THERE, Act.NEED_HELP, Act.NOT_REACHED, Act.LEFT, *back)
    if standing.is_called_anew:
        return (Act.THERE, Act.NEED_HELP)
    if standing.status is not EscalationStatus.ACKNOWLEDGED or standing.is_handed_back:
        return ()
    begun = () if standing.is_begun or standing.has_arrived else (Act.BEGUN,)
    there = (Act.THERE, Act.NEED_HELP, Act.NOT_REACHED) if standing.purpose is Purpose.RESPOND else ()
    return (*begun, *there, Act.HAND_BACK)


def _of_check_in(act: Act, person_id: UUID, standing: Standing) -> Effect:
    if standing.status in ACTIVE or standing.acknowledged_by == person_id:
        return _OF_CHECK_IN.get(act, Effect.NOT_TAKEN)
    return Effect.ENDED


def _said_there(act: Act, standing: Standing) -> Effect | None:
    """What somebody who took the case says of the place and of themselves; None for any other act.

    Only who has not handed the case back is asked to say that the child cannot be reached.
    """
    if standing.purpose is not Purpose.RESPOND:
        return None
    if act is Act.THERE:
        return Effect.CHECKED_IN if standing.is_there else Effect.ARRIVED
    if act is Act.LEFT:
        return Effect.LEFT
    if act is Act.NOT_REACHED and not standing.is_handed_back:
        return Effect.NOT_REACHED
    return None


def _of_the_taker(act: Act, standing: Standing) -> Effect:
    if standing.is_handed_back:
        return Effect.HANDED_BACK
    if act is Act.TAKE:
        return Effect.ALREADY_YOURS
    if act is Act.BEGUN:
        return Effect.ALREADY_BEGUN if standing.is_begun else Effect.BEGUN
    if act in (Act.HAND_BACK, Act.DECLINE):
        return Effect.HANDED_BACK
    return Effect.NOT_TAKEN
