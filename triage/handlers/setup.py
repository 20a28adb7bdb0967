"""Writing who works here: areas, teams, people and their rosters, from one file.

Who exists is left as they are, but for what a team can hold and what a person is able to do: there the file holds.
"""

from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

import argon2
from pydantic import Field

from infra.ids import new_digits, new_id, new_token
from infra.vault import Subject
from schemas.ladder import Ladder
from schemas.terms import Role
from triage.domain.phone_number import region_of
from triage.domain.roster import Roster, Rule
from triage.domain.roster.author import Acceptance
from triage.handlers.covering import RosterRefused
from triage.handlers.rosters import apply_rosters
from triage.handlers.turn import Turn
from triage.store import desks, people, rosters

PIN_DIGITS = 6
PASSWORD_LENGTH = 14
DESK_ALIAS = "DESK"
HASHER = argon2.PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
"""OWASP's least for Argon2id: writing dozens of people at once must not take a minute on a small machine."""


class AreaRow(Rule):
    """An area that can be chosen; a reserved one is never offered."""

    system: str
    edition: str
    code: str
    name_zh: str
    name_en: str
    jurisdiction: str
    time_zone: str
    is_reserved: bool = False


class Cover(Rule):
    """Codes that begin with `prefix` are covered."""

    system: str
    edition: str
    prefix: str = Field(min_length=1)


class TeamRow(Rule):
    """A team. A desk and the last-resort team keep their own ladder. `capacity`: how many live cases it can hold."""

    slug: str
    name_zh: str
    name_en: str
    jurisdiction: str
    time_zone: str
    is_desk: bool = False
    is_last_resort: bool = False
    capacity: int | None = Field(default=None, gt=0)
    ladder: Ladder | None = None
    covers: tuple[Cover, ...] = ()


class PersonRow(Rule):
    """A person who can be called, sign in, or both. `drills_at_night`: has agreed to be called in drills at night."""

    handle: str
    name: str
    language: str
    languages: tuple[str, ...] = ()
    skills: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    email: str | None = None
    username: str | None = None
    role: Role | None = None
    is_loopback: bool = False
    drills_at_night: bool = False


class Setup(Rule):
    """A whole file."""

    areas: tuple[AreaRow, ...] = ()
    teams: tuple[TeamRow, ...] = ()
    people: tuple[PersonRow, ...] = ()
    rosters: tuple[Roster, ...] = ()


@dataclass(frozen=True, slots=True)
class Secrets:
    """What was drawn for a person and is nowhere kept in the clear."""

    person: PersonRow
    pin: str
    password: str


async def write(
    turn: Turn, setup: Setup, by: str, is_renewing: bool = False, override: Acceptance | None = None
) -> list[Secrets]:
    """Write what is not there yet and apply the rosters; returns what was drawn, for everybody when renewing.

    Who was brought back gets a PIN and a password as somebody new does, but the file proves none of their phones.

    Refused too when somebody has a skill that no pack knows. `override` lets gaps stand.
    """
    _refuse_unknown_skills(turn, setup)
    await rosters.lock(turn.tx)
    for area in setup.areas:
        await rosters.add_area(turn.tx, **area.model_dump())
    slugs = {row["slug"] for row in await people.teams(turn.tx)}
    for team in setup.teams:
        if team.slug not in slugs:
            await _add_team(turn, team)
        else:
            await rosters.save_capacity(turn.tx, team.slug, team.capacity)
    known = {row["handle"]: row for row in await people.people(turn.tx)}
    drawn = [
        await _write_person(turn, person, known.get(person.handle))
        for person in setup.people
        if is_renewing or person.handle not in known or known[person.handle]["awaits_secrets"]
    ]
    for person in setup.people:
        able = person.model_dump(include={"language", "drills_at_night"})
        spoken, skills = list(person.languages), list(person.skills)
        await people.save_able(turn.tx, person.handle, **able, languages=spoken, skills=skills)
    await apply_rosters(turn, setup.rosters, by, override)
    return drawn


def _refuse_unknown_skills(turn: Turn, setup: Setup) -> None:
    for person in setup.people:
        if unknown := sorted(set(person.skills) - turn.means.packs.skills.codes):
            raise RosterRefused("roster_no_skill", person=person.handle, skill=", ".join(unknown))


async def _add_team(turn: Turn, team: TeamRow) -> None:
    team_id = new_id()
    ladder = team.ladder.model_dump(mode="json") if team.ladder else None
    await rosters.add_team(turn.tx, **team.model_dump(exclude={"covers", "ladder"}), team_id=team_id, ladder=ladder)
    for cover in team.covers:
        await rosters.add_team_area(turn.tx, team_id=team_id, **cover.model_dump())
    if team.is_desk:
        await desks.add(turn.tx, team_id, DESK_ALIAS, turn.now)


async def _write_person(turn: Turn, person: PersonRow, known: Any | None) -> Secrets:
    person_id = known["person_id"] if known else new_id()
    seal = partial(turn.means.vault.seal, turn.tx, Subject("person", person_id))
    drawn = Secrets(person, new_digits(PIN_DIGITS), new_token(PASSWORD_LENGTH))
    await people.save_person(
        turn.tx,
        person_id=person_id,
        **person.model_dump(include={"handle", "language", "is_loopback"}),
        name=await seal("name", person.name),
        languages=list(person.languages),
        skills=list(person.skills),
        pin_hash=HASHER.hash(drawn.pin),
    )
    if not (known and known["awaits_secrets"]):
        await _write_ways(turn, person_id, person)
    if person.username is not None:
        await people.save_account(
            turn.tx,
            account_id=new_id(),
            person_id=person_id,
            username=person.username,
            password_hash=HASHER.hash(drawn.password),
            role=person.role or Role.DUTY_OFFICER,
            now=turn.now,
        )
    return drawn


async def _write_ways(turn: Turn, person_id: UUID, person: PersonRow) -> None:
    """The phones and the address of a file count as proven, by whoever applies it."""
    seal = partial(turn.means.vault.seal, turn.tx, Subject("person", person_id))
    for position, number in enumerate(person.phones, 1):
        await people.save_phone(
            turn.tx,
            person_id=person_id,
            position=position,
            number=await seal("phone", number),
            number_token=turn.means.vault.token("phone", number),
            region=region_of(number),
            now=turn.now,
        )
    address = await seal("email", person.email) if person.email else None
    await people.save_email(turn.tx, person_id, address, turn.now)
