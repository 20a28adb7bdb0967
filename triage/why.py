"""The command that says who is on call and why. People are named by their handles: no name is opened."""

from datetime import datetime
from pathlib import Path

from infra.clock import Clock
from infra.locales import Locales
from infra.postgres import Database
from infra.settings import Settings
from schemas.terms import Level
from triage.handlers import Means, Turn, covering, explaining
from triage.handlers.covering import RosterRefused
from triage.handlers.rosters import explanation


class NothingToExplain(Exception):
    """There is no such team, or it has no roster: a sentence in each language."""


async def why(team: str, at: datetime | None, db: Database, means: Means, given: Settings, clock: Clock) -> None:
    """Print, in each language, who is on call for a team at each level at an instant (now unless said), and why."""
    locales = Locales.load(Path(__file__).with_name("locales"))
    languages = given.languages.split(",")
    try:
        async with db.transaction() as tx:
            turn = Turn(tx, means, clock.now())
            told = [await explanation(turn, team, level, at or turn.now) for level in Level]
    except RosterRefused as error:
        said = [line for language in languages for line in covering.sentences(error, locales[language], language)]
        raise NothingToExplain("\n".join(said)) from None
    for language in languages:
        say = locales[language]
        for each in told:
            if each.on_call or each.absent:
                lines = " ".join(explaining.sentences(each, say, language))
                level = say(f"desk_level_{each.level}")
                print(say("roster_why_level", level=level, said=lines))  # noqa: T201 - what the command is for
