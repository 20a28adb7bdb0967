"""Commands that write who works here: the demonstration's invented people, or a file of one's own."""

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from infra import audit
from infra.clock import Clock
from infra.locales import Locales
from infra.postgres import Database
from infra.settings import Settings
from triage.domain.roster import Roster
from triage.domain.roster.rules import ByHand
from triage.handlers import Means, Turn
from triage.handlers.covering import RosterRefused, acceptance_of, sentences
from triage.handlers.importing import keep_imported
from triage.handlers.setup import Secrets, Setup, write
from triage.store import people

DEMO = Path(__file__).with_name("demo")
LOCALES = Path(__file__).with_name("locales")
ACCOUNTS_FILE = "demo-accounts.json"
PHONES_FILE = "demo-phones.json"


class SeedRefused(Exception):
    """The file cannot be applied: sentences a person can act on. Nothing was changed."""


@dataclass(frozen=True, slots=True)
class Applying:
    """A file that is applied. `accepted`: a supervisor's user name and reason, which let gaps stand."""

    path: Path
    accepted: tuple[str, str] | None = None
    is_replacing: bool = False


async def seed_demo(db: Database, means: Means, given: Settings, clock: Clock) -> None:
    """Write the demonstration's teams, people and rosters; a second time changes nothing.

    When the files with what was drawn are gone, PINs and passwords are drawn again.
    """
    if not given.is_demonstration:
        raise SeedRefused("seed-demo invents people and is refused in production; use `hotline triage roster FILE`.")
    files = [given.state_dir / ACCOUNTS_FILE, given.state_dir / PHONES_FILE]
    async with db.transaction() as tx:
        is_written = bool(await people.teams(tx))
    if is_written and all(file.exists() for file in files):
        return
    drawn = await _write(db, means, clock.now(), (read(sorted(DEMO.glob("*.yaml"))), True, given))
    given.state_dir.mkdir(parents=True, exist_ok=True)
    for file, rows in zip(files, (_accounts(drawn), _phones(drawn)), strict=True):
        _keep(file, rows)


async def apply_file(asked: "Applying", db: Database, means: Means, given: Settings, clock: Clock) -> None:
    """Apply a file of areas, teams, people and rosters; prints what was drawn for new people, once.

    Shifts that an import added stay, and are named, unless they are to be replaced. The audit names the operator.
    """
    for each in await _write(db, means, clock.now(), (read([asked.path]), False, given), asked):
        print(f"{each.person.handle}: PIN {each.pin}")  # noqa: T201 - the only place where it is ever shown
        if each.person.username is not None:
            print(f"{each.person.handle}: {each.person.username} / {each.password}")  # noqa: T201 - as above


def read(paths: list[Path]) -> Setup:
    """One setup from several YAML files; SeedRefused names the file, the place and what is wrong."""
    whole: dict[str, list[Any]] = {}
    for path in paths:
        try:
            loaded = yaml.safe_load(path.read_text("utf-8")) or {}
            Setup.model_validate(loaded)
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            raise SeedRefused(f"{path}: this is not YAML: {error}") from None
        except ValidationError as error:
            raise SeedRefused("\n".join(f"{path}: {_sentence(each)}" for each in error.errors())) from None
        for key, rows in loaded.items():
            whole.setdefault(key, []).extend(rows)
    return Setup.model_validate(whole)


def refusal(error: RosterRefused, languages: list[str]) -> str:
    """Why a roster was refused, in each language."""
    locales = Locales.load(LOCALES)
    return "\n".join(line for language in languages for line in sentences(error, locales[language], language))


async def _write(
    db: Database,
    means: Means,
    now: datetime,
    asked: tuple[Setup, bool, Settings],
    applying: Applying | None = None,
) -> list[Secrets]:
    setup, is_renewing, given = asked
    try:
        async with db.transaction() as tx:
            turn = Turn(tx, means, now)
            accepted = applying.accepted if applying else None
            override = await acceptance_of(tx, *accepted) if accepted else None
            kept: list[tuple[Roster, ByHand]] = []
            if applying and not applying.is_replacing:
                rosters, kept = await keep_imported(turn, setup.rosters)
                setup = setup.model_copy(update={"rosters": tuple(rosters)})
            drawn = await write(turn, setup, audit.operator(), is_renewing, override)
    except RosterRefused as error:
        raise SeedRefused(refusal(error, given.languages.split(","))) from None
    for line in _kept(kept, given.languages.split(",")):
        print(line)  # noqa: T201 - what the command did not drop
    return drawn


def _kept(kept: list[tuple[Roster, ByHand]], languages: list[str]) -> list[str]:
    """What a file does not name and an import added: that it stays, and how it is dropped."""
    locales = Locales.load(LOCALES)
    told = []
    for t in (locales[language] for language in languages if kept):
        for roster, each in kept:
            level = t(f"desk_level_{each.level}")
            times = {"begins": f"{each.begins:%Y-%m-%d %H:%M}", "ends": f"{each.ends:%Y-%m-%d %H:%M}"}
            shift = t("roster_lines_shift", person=each.person, level=level, place=each.position, **times)
            told.append(f"= {roster.team}: {shift}")
        told.append(t("roster_kept", count=len(kept)))
    return told


def _accounts(drawn: list[Secrets]) -> list[dict[str, Any]]:
    return [
        {
            "name": each.person.name,
            "role": each.person.role,
            "username": each.person.username,
            "password": each.password,
        }
        for each in drawn
        if each.person.username is not None
    ]


def _phones(drawn: list[Secrets]) -> list[dict[str, Any]]:
    return [
        {"number": number, "name": each.person.name, "language": each.person.language, "pin": each.pin}
        for each in drawn
        for number in each.person.phones
    ]


def _keep(file: Path, rows: list[dict[str, Any]]) -> None:
    """Write a file that only its owner may read, whole or not at all."""
    growing = file.with_name(f"{file.name}.growing")
    growing.unlink(missing_ok=True)
    growing.touch(mode=0o600)
    growing.write_text(json.dumps(rows, ensure_ascii=False, indent=2) + "\n", "utf-8")
    growing.rename(file)


def _sentence(error: Any) -> str:
    where = ".".join(str(part) for part in error["loc"])
    return f"{where}: {error['msg'].removeprefix('Value error, ')}"
