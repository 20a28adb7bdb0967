"""Who has a case, and who may open its facts: told by all its callings, never by one of them alone."""

from collections.abc import Sequence
from uuid import UUID

from notifier.domain.answers import Standing
from notifier.domain.calling import ACTIVE
from schemas.terms import EscalationStatus, Purpose

OF_RESPONDERS = frozenset({Purpose.RESPOND, Purpose.CHECK_IN})
"""Callings of whoever goes to the child; the others are of the desk."""


def holder(purpose: Purpose, callings: Sequence[Standing]) -> UUID | None:
    """Who has it now: whoever took the newest calling of a purpose and has not handed it back; newest first."""
    newest = _newest(purpose, callings)
    if newest is None or newest.status is not EscalationStatus.ACKNOWLEDGED or newest.is_handed_back:
        return None
    return newest.acknowledged_by


def is_untaken(purpose: Purpose, callings: Sequence[Standing]) -> bool:
    """Whether nobody has it and people are called for it, or soon will be since it was handed back."""
    newest = _newest(purpose, callings)
    return newest is not None and (newest.status in ACTIVE or newest.is_handed_back)


def _newest(purpose: Purpose, callings: Sequence[Standing]) -> Standing | None:
    # Whoever is asked after is there for a case that somebody has to respond to.
    wanted = Purpose.RESPOND if purpose is Purpose.CHECK_IN else purpose
    return next((each for each in callings if each.purpose is wanted), None)


def is_kept_out(person_id: UUID, callings: Sequence[Standing]) -> bool:
    """Whether somebody is kept out of a case, as the newest calling of responders says; callings newest first."""
    newest = _newest(Purpose.RESPOND, callings) or next(iter(callings), None)
    return newest is not None and person_id in newest.excluded


def is_on_the_way(person_id: UUID, callings: Sequence[Standing]) -> bool:
    """Whether somebody took a case for which others are called now, and may be on their way or at the door."""
    return any(each.is_called_anew and each.acknowledged_by == person_id for each in callings)


def may_open_facts(person_id: UUID, asked: Standing, callings: Sequence[Standing]) -> bool:
    """Whether somebody may open the facts of a case by one of its callings: they are called by it, or took it.

    Not once somebody else took the case after them, but while they are at the place; never who is kept out of it.
    """
    if is_kept_out(person_id, callings):
        return False
    if asked.status in ACTIVE:
        return True
    if asked.acknowledged_by != person_id:
        return False
    return asked.purpose not in OF_RESPONDERS or not _is_handed_on(person_id, callings)


def _is_handed_on(person_id: UUID, callings: Sequence[Standing]) -> bool:
    taken = [each for each in callings if each.purpose is Purpose.RESPOND and each.acknowledged_by is not None]
    is_there = any(each.acknowledged_by == person_id and each.is_there for each in taken)
    return bool(taken) and taken[0].acknowledged_by != person_id and not is_there
