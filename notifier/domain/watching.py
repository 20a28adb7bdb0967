"""Danger now without a case: whom the notifier calls by itself, and when."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from schemas.ladder import Ladder, Rung
from schemas.terms import AlertChannel, Answer, Level

CASE_WITHIN = timedelta(seconds=15)
"""How long a report with danger now may be without a case; source: section 2 of the design."""
DEADLINE = timedelta(minutes=2)
"""An immediate report is read within two minutes; source: rule 7 of the design."""
DANGEROUS = frozenset({Answer.YES, Answer.DOES_NOT_KNOW, Answer.WOULD_NOT_SAY})


@dataclass(frozen=True)
class Team:
    """A team, as far as a report without a case needs it."""

    team_id: UUID
    is_desk: bool
    is_last_resort: bool
    jurisdiction: str


def is_danger(danger_now: Answer) -> bool:
    """Whether an answer counts as danger now."""
    return danger_now in DANGEROUS


def desk_for(jurisdiction: str, teams: Iterable[Team]) -> UUID | None:
    """The desk of a jurisdiction, else any desk, else the last-resort team; None when there is no such team."""
    ranked = sorted(
        (team for team in teams if team.is_desk or team.is_last_resort),
        key=lambda team: (not team.is_desk, team.jurisdiction != jurisdiction, str(team.team_id)),
    )
    return ranked[0].team_id if ranked else None


def own_ladder(scale: float) -> Ladder:
    """The ladder of a call that rests on no pack: duty officer, second, supervisor, manager, a minute apart."""
    channels = (AlertChannel.VOICE, AlertChannel.SMS)
    waits = {Level.FIRST: 0, Level.BACKUP: 1, Level.LEAD: 2, Level.MANAGER: 3}
    return Ladder(
        rungs=tuple(Rung(level=n, after=timedelta(minutes=m) * scale, channels=channels) for n, m in waits.items()),
        voice_again=timedelta(seconds=60) * scale,
        voice_every=timedelta(minutes=2) * scale,
        everybody_every=timedelta(minutes=4) * scale,
    )
