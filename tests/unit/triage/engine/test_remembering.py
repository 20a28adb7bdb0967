"""What the rules found in a text is remembered by its digest: no text is read twice, and nothing changes by it."""

from typing import Any

import pytest

from schemas.terms import ReporterRole
from tests.staffed import packs
from tests.unit.triage.engine.conftest import NOW
from triage.domain import evidence
from triage.domain.assessment import AssessedReport, History, Piece
from triage.domain.engine import assess
from triage.domain.evidence import read
from triage.domain.lexicon import Lexicon

TOLD = "孩子五岁，手上有淤青，妈妈说不是爸爸打的。"
PACK = packs().for_jurisdiction("CN", NOW.date())


@pytest.fixture
def lexicon() -> Lexicon:
    return Lexicon(PACK.lexicon.files)


@pytest.fixture
def searched(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every text that was searched."""
    found, hits = [], Lexicon.hits

    def counted(lexicon: Lexicon, text: str, ends: Any) -> Any:
        found.append(text)
        return hits(lexicon, text, ends)

    monkeypatch.setattr(Lexicon, "hits", counted)
    return found


def test_a_text_is_searched_once_however_often_it_is_judged(searched: list[str]) -> None:
    words = [Piece(id=str(at), text=f"{TOLD}{at} 一") for at in range(30)]
    first = [assess(AssessedReport(pieces=tuple(words[:count])), History(), PACK, NOW) for count in range(1, 31)]
    before = len(searched)

    again = [assess(AssessedReport(pieces=tuple(words[:count])), History(), PACK, NOW) for count in range(1, 31)]

    assert before == 30
    assert len(searched) == before
    assert again == first


def test_the_same_text_elsewhere_or_by_a_child_is_read_for_itself(lexicon: Lexicon) -> None:
    one, other = Piece(id="a", text=TOLD), Piece(id="b", text=TOLD)
    told = [read(piece, lexicon, ReporterRole.NEIGHBOUR) for piece in (one, other)]

    assert [{each.span.piece for each in said.findings if each.span} for said in told] == [{"a"}, {"b"}]
    assert read(one, lexicon, ReporterRole.CHILD) != told[0]
    assert read(one, lexicon, ReporterRole.NEIGHBOUR) == told[0]
    assert read(one, lexicon, ReporterRole.TEACHER) is told[0]


def test_no_words_are_kept_and_no_more_than_stated(lexicon: Lexicon, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evidence, "MOST_LATELY", 3)
    for at in range(10):
        read(Piece(id=str(at), text=f"{TOLD}\ud800{at}"), lexicon, ReporterRole.NOT_SAID)
        assert len(lexicon.lately) <= 3

    assert "孩子" not in repr(lexicon.lately)
