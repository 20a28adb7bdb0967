"""The evaluation set: invented situations with their urgency, told by web, SMS and phone in Chinese and English.

Each line holds one situation: `text` and `structured` are what the engine reads; `label` is the urgency that a person
chose by the meanings in docs/triage.md before any engine read it; `hard` says what makes it hard to read. A fixed
hash of the text divides the set: the development part may be looked at while the engine is changed, and the model is
fitted on it; the test part is judged only through `make evaluate`.
"""

import hashlib
import json
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from schemas.terms import Urgency
from triage.domain.assessment import Piece
from triage.domain.pack import Pack
from triage.semantics.readable import readable

FOLDER = Path(__file__).parent / "texts"


class Part(StrEnum):
    """The half of the set that a text belongs to."""

    DEVELOPMENT = "development"
    TEST = "test"


class Situation(BaseModel):
    """One line of the set."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    lang: str
    channel: str
    reporter_role: str
    text: str
    structured: dict[str, Any]
    label: Urgency
    concern: str
    hard: str
    why: str

    @property
    def part(self) -> Part:
        """Which half: by the first byte of the SHA-256 of the text, even is the test part."""
        first = hashlib.sha256(self.text.encode()).digest()[0]
        return Part.DEVELOPMENT if first % 2 else Part.TEST

    def line(self) -> str:
        """What the engine reads of it, as a line for `hotline assess`."""
        read = {"id", "lang", "channel", "reporter_role", "text", "structured"}
        return json.dumps(self.model_dump(include=read), ensure_ascii=False)

    def labelled(self, pack: Pack) -> str:
        """All ways in which its text is read, and its label, as a line for the training to choose thresholds on."""
        readings = [piece.text for piece in readable([Piece(id=self.id, text=self.text)], pack)]
        return json.dumps({"readings": readings, "label": self.label.value}, ensure_ascii=False)


def load(part: Part) -> list[Situation]:
    """One half of the set, in the order of the files."""
    return [each for each in _all() if each.part is part]


def _all() -> Iterable[Situation]:
    for path in sorted(FOLDER.glob("*.jsonl")):
        with path.open(encoding="utf-8") as lines:
            for line in lines:
                yield Situation.model_validate_json(line)
