"""What triage publishes for ingest: areas that can be chosen, and the state words of reports."""

from dataclasses import dataclass
from uuid import UUID

from infra.postgres import Transaction, queries
from ingest.domain.forms import written_area
from schemas.area import Area
from schemas.terms import StateWord

_sql = queries(__file__)


@dataclass(frozen=True)
class AreaRow:
    """An area that can be chosen on the form."""

    system: str
    edition: str
    code: str
    name_zh: str
    name_en: str
    jurisdiction: str

    @property
    def value(self) -> str:
        """The area as the value of a choice."""
        return written_area(Area(system=self.system, edition=self.edition, code=self.code))

    def name(self, language: str) -> str:
        """Its name in a language."""
        return self.name_zh if language == "zh" else self.name_en


async def areas(tx: Transaction) -> list[AreaRow]:
    """The areas that can be chosen on the form."""
    return [AreaRow(**row) async for row in _sql.areas(tx)]


async def jurisdiction_of_area(tx: Transaction, area: Area) -> str | None:
    """The jurisdiction of an area, as far as it is listed."""
    if area.code is None:
        return None
    found: str | None = await _sql.jurisdiction_of_area(tx, system=area.system, code=area.code)
    return found


async def state_word(tx: Transaction, report_id: UUID) -> StateWord:
    """What the reporter is told of a report: received, until triage says more."""
    return StateWord(await _sql.state_word(tx, report_id=report_id) or StateWord.RECEIVED)
