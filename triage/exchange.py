"""Commands that write a team's shifts as a table or calendar, and take shifts written by hand from one."""

import sys
from collections.abc import Callable
from pathlib import Path

from infra import audit
from infra.clock import Clock
from infra.locales import Locales
from infra.postgres import Database
from infra.settings import Settings
from triage.domain.case import Refusal
from triage.domain.roster import Shift
from triage.domain.roster.importing import Difference
from triage.handlers import Means, Turn, covering, importing, lines
from triage.handlers.covering import RosterRefused
from triage.handlers.importing import Team
from triage.handlers.lines import LinesRefused

FORMATS = ("csv", "ics")
LOCALES = Path(__file__).with_name("locales")

Say = Callable[..., str]


class ExchangeRefused(Exception):
    """A file or a team that cannot be taken: sentences a person can act on, in each language. Nothing was changed."""


class _OnlyShown(Exception):
    """Ends a transaction whose changes are not wanted."""

    def __init__(self, found: Difference) -> None:
        super().__init__()
        self.found = found


async def export(slug: str, form: str, db: Database, means: Means, given: Settings, clock: Clock) -> None:
    """Write to standard output the shifts of a team as they are made; people by their handles."""
    async with db.transaction() as tx:
        turn = Turn(tx, means, clock.now())
        try:
            team = await importing.team_of(turn, slug)
        except RosterRefused as error:
            raise ExchangeRefused(_refusal(error, given)) from None
        made = await importing.made(turn, team)
    written = lines.as_csv(made, team.zone) if form == "csv" else lines.as_ics(made, slug, turn.now)
    sys.stdout.buffer.write(written)
    sys.stdout.buffer.flush()


async def take(
    asked: tuple[str, Path, bool],
    accepted: tuple[str, str] | None,
    db: Database,
    means: Means,
    given: Settings,
    clock: Clock,
) -> None:
    """Take a file's shifts into a team's roster, or only show what that would change; the audit names the operator.

    `asked` are the team, the file, and whether to apply it; `accepted` a supervisor's user name and reason.
    """
    slug, path, is_applied = asked
    if path.suffix.lower().removeprefix(".") not in FORMATS:
        raise ExchangeRefused(_in_each(given, lambda say: say("roster_lines_suffix", file=path.name)))
    raw = path.read_bytes()
    try:
        async with db.transaction() as tx:
            turn = Turn(tx, means, clock.now())
            team = await importing.team_of(turn, slug)
            read = lines.read_csv if path.suffix.lower() == ".csv" else lines.read_ics
            override = await covering.acceptance_of(tx, *accepted) if accepted else None
            found = await importing.import_shifts(turn, slug, read(raw, team.zone), audit.operator(), override)
            if not is_applied:
                raise _OnlyShown(found)
    except _OnlyShown as shown:
        found = shown.found
    except (LinesRefused, Refusal) as error:
        raise ExchangeRefused(_refusal(error, given)) from None
    print(_in_each(given, lambda say: told(found, team, say, is_applied)))  # noqa: T201 - what the command is for


def told(found: Difference, team: Team, say: Say, is_applied: bool) -> str:
    """What changes or has changed: `-` for shifts that go, `+` for those that come, and how to make it so."""
    if not found.gone and not found.new:
        return say("roster_lines_nothing")
    marked = [*(("-", each) for each in found.gone), *(("+", each) for each in found.new)]
    marked.sort(key=lambda each: (each[1].begins_at, each[1].level, each[0]))
    last = say("roster_lines_applied" if is_applied else "roster_lines_shown")
    return "\n".join([*(f"{mark} {_shift(each, team, say)}" for mark, each in marked), last])


def _shift(shift: Shift, team: Team, say: Say) -> str:
    begins, ends = (f"{at.astimezone(team.zone):%Y-%m-%d %H:%M}" for at in (shift.begins_at, shift.ends_at))
    level = say(f"desk_level_{shift.level}")
    return say("roster_lines_shift", person=shift.person, level=level, place=shift.position, begins=begins, ends=ends)


def _refusal(error: LinesRefused | Refusal, given: Settings) -> str:
    """Every fault of a file with its line, or why else it was refused, and what to do."""
    locales = Locales.load(LOCALES)
    return "\n".join(line for language in given.languages.split(",") for line in _why(error, locales, language))


def _why(error: LinesRefused | Refusal, locales: Locales, language: str) -> list[str]:
    say = locales[language]
    if isinstance(error, RosterRefused):
        return covering.sentences(error, say, language)
    if isinstance(error, Refusal):
        return [say(error.key, **error.values)]
    return [say("roster_lines_line", number=each.number, said=say(each.key, **each.values)) for each in error.faults]


def _in_each(given: Settings, told: Callable[[Say], str]) -> str:
    locales = Locales.load(LOCALES)
    return "\n".join(told(locales[language]) for language in given.languages.split(","))
