"""Exemplars: invented, reviewed texts with their urgency, which the model learns from and reasons point to."""

import hashlib
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from schemas.terms import Urgency

FOLDER = Path(__file__).with_name("texts")


class Exemplar(BaseModel):
    """One text: its urgency by the meanings in docs/triage.md, and in a few words why."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    id: str
    lang: str
    text: str
    label: Urgency
    concern: str
    why: str


def load() -> list[Exemplar]:
    """All exemplars, in the order of their files."""
    return [
        Exemplar.model_validate_json(line)
        for path in sorted(FOLDER.glob("*.jsonl"))
        for line in path.read_text("utf-8").splitlines()
    ]


def digest(exemplars: list[Exemplar]) -> str:
    """Eight characters that change whenever an exemplar does: weights say which exemplars they are of."""
    told = "\n".join(f"{each.id}\t{each.label}\t{each.text}" for each in exemplars)
    return hashlib.sha256(told.encode()).hexdigest()[:8]


@cache
def by_id() -> dict[str, Exemplar]:
    """Exemplars by their id, read once."""
    return {each.id: each for each in load()}
