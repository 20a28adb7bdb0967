import json
from pathlib import Path

from schemas.asyncapi import document
from schemas.registry import EVENTS

ROOT = Path(__file__).parents[3]


def test_the_published_document_is_the_one_the_models_make() -> None:
    published = json.loads((ROOT / "docs" / "asyncapi.json").read_text("utf-8"))
    assert published == document(), "run: python -m schemas > docs/asyncapi.json"


def test_every_event_ignores_fields_of_a_newer_writer() -> None:
    for kind, event in EVENTS.items():
        example = json.loads((ROOT / "schemas" / "examples" / f"{kind}.json").read_text("utf-8"))
        assert event.model_validate(example | {"from_the_future": 1}) == event.model_validate(example)
