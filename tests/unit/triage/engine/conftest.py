from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest

from schemas.report import Answers
from schemas.terms import ReporterRole
from tests.staffed import packs as known_packs
from triage.domain.assessment import AssessedReport, Assessment, History, Piece
from triage.domain.engine import assess
from triage.domain.pack import Pack
from triage.packs import Packs

NOW = datetime(2026, 11, 23, 20, 0, tzinfo=UTC)

Judge = Callable[..., Assessment]


@pytest.fixture(scope="session")
def packs() -> Packs:
    return known_packs()


@pytest.fixture(scope="session")
def pack(packs: Packs) -> Pack:
    return packs.for_jurisdiction("CN", date(2026, 11, 23))


@pytest.fixture(scope="session")
def judge(pack: Pack) -> Judge:
    def judged(
        text: str = "",
        answers: Answers | None = None,
        role: ReporterRole = ReporterRole.NOT_SAID,
        history: History | None = None,
    ) -> Assessment:
        report = AssessedReport(
            pieces=(Piece(id="narrative", text=text),), answers=answers or Answers(), reporter_role=role
        )
        return assess(report, history or History(), pack, NOW)

    return judged
