"""What triage publishes for ingest: areas that can be chosen, and the state words of reports."""

from dataclasses import dataclass
from uuid import UUID

from infra.clock import stopwatch
from infra.postgres import Transaction, queries
from ingest.domain.forms import written_area
from schemas.area import Area
from schemas.terms import StateWord

FRESH_SECONDS = 5.0

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


class Areas:
    """The jurisdictions of the listed areas, kept for some seconds: the list seldom changes, reports come often."""

    def __init__(self) -> None:
        self._jurisdictions: dict[tuple[str, str], str] = {}
        self._fresh_until = float("-inf")

    async def jurisdiction(self, tx: Transaction, area: Area) -> str | None:
        """The jurisdiction of the longest listed area whose code, closing zeros aside, begins the given one."""
        if area.code is None:
            return None
        if stopwatch() >= self._fresh_until:
            listed = await areas(tx)
            self._jurisdictions = {(each.system, each.code.rstrip("0")): each.jurisdiction for each in listed}
            self._fresh_until = stopwatch() + FRESH_SECONDS
        beginnings = (area.code[:length] for length in range(len(area.code), -1, -1))
        found = (self._jurisdictions.get((area.system, beginning)) for beginning in beginnings)
        return next(filter(None, found), None)


async def state_word(tx: Transaction, report_id: UUID) -> StateWord:
    """What the reporter is told of a report: received, until triage says more."""
    return StateWord(await _sql.state_word(tx, report_id=report_id) or StateWord.RECEIVED)
