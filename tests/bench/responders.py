"""Teams of the bench: invented areas, each with responders of its own, so that no one phone takes all calls.

They are written as rosters leave them, sealed as triage seals them, and without what costs time and is not called for
here (PINs, sign-ins, rules of rotation).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from infra.ids import new_id
from infra.postgres import Database, Transaction, create_pool
from infra.settings import Settings, required
from infra.vault import Subject, Vault
from schemas.terms import Level
from tests.bench.stories import EDITION, SYSTEM, TEAMS, area_code

PHONES = "+447700900{:03d}"  # reserved for fiction (Ofcom); the demonstration's own end below 200
FIRST_PHONE = 200
ON_CALL = timedelta(days=30)


@dataclass(frozen=True)
class Team:
    """A team, who is on call first, and who is called next."""

    team_id: UUID
    first: UUID
    backup: UUID


@dataclass
class Hiring:
    """Writes people in one transaction, as triage."""

    tx: Transaction
    vault: Vault
    now: datetime
    hired: int = 0

    async def person(self) -> UUID:
        """Somebody with one phone for texts and calls."""
        person_id, number = new_id(), PHONES.format(FIRST_PHONE + self.hired)
        self.hired += 1
        subject = Subject("person", person_id)
        name = f"Bench {self.hired}"
        sealed = await self.vault.seal_all(self.tx, subject, {"name": name, "phone": number})
        await self.tx.execute(
            "insert into triage.people (person_id, handle, name, language, languages) values ($1, $2, $3, $4, $5)",
            *(person_id, f"bench-{self.hired}", sealed["name"], "zh" if self.hired % 2 else "en", ["zh", "en"]),
        )
        await self.tx.execute(
            "insert into triage.phones (person_id, position, number, number_token) values ($1, 1, $2, $3)",
            *(person_id, sealed["phone"], self.vault.token("phone", number)),
        )
        return person_id

    async def team(self, number: int, above: dict[Level, UUID]) -> Team:
        """A team with its area, a first and a backup of its own, and others above them."""
        team_id, first, backup = new_id(), await self.person(), await self.person()
        name, code = f"Bench {number}", area_code(number)
        await self.tx.execute(
            "insert into triage.teams (team_id, slug, name_zh, name_en, jurisdiction, time_zone) "
            "values ($1, $2, $3, $3, 'CN', 'Asia/Shanghai')",
            *(team_id, f"bench-{number}", name),
        )
        await self.tx.execute(
            "insert into triage.areas (system, edition, code, name_zh, name_en, jurisdiction, time_zone) "
            "values ($1, $2, $3, $4, $4, 'CN', 'Asia/Shanghai')",
            *(SYSTEM, EDITION, code, name),
        )
        await self.tx.execute(
            "insert into triage.team_areas (team_id, system, edition, prefix) values ($1, $2, $3, $4)",
            *(team_id, SYSTEM, EDITION, code[:6]),
        )
        await self._on_call(team_id, {Level.FIRST: first, Level.BACKUP: backup, **above})
        return Team(team_id, first, backup)

    async def _on_call(self, team_id: UUID, levels: dict[Level, UUID]) -> None:
        await self.tx.executemany(
            "insert into triage.shifts (shift_id, team_id, person_id, level, position, during, because) "
            "values ($1, $2, $3, $4, 1, tstzrange($5, $6), 'rotation')",
            [
                (new_id(), team_id, person_id, level.value, self.now - timedelta(hours=1), self.now + ON_CALL)
                for level, person_id in levels.items()
            ],
        )


async def hire(settings: Settings, now: datetime) -> list[Team]:
    """Write every team of the bench into a running hotline."""
    pool = await create_pool(required(settings.database_url, "database_url"), "hotline_triage", size=1)
    try:
        async with Database(pool).transaction() as tx:
            hiring = Hiring(tx, Vault.from_settings(settings), now)
            above = {Level.LEAD: await hiring.person(), Level.MANAGER: await hiring.person()}
            return [await hiring.team(number, above) for number in range(TEAMS)]
    finally:
        await pool.close()
