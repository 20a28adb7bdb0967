"""What the desk says: every closed word in both languages, and marks that leave the words as they were written."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.locales import Locales
from schemas import report, terms
from tests.staffed import packs
from triage.console import shown
from triage.console.actions import ACTS
from triage.console.narrative import Mark, segments
from triage.domain import asking, assessment, case
from triage.seed import LOCALES

ROOT = Path(__file__).parents[3] / "triage"
CLOSED: dict[str, Iterable[str]] = {
    "urgency": terms.Urgency, "answer": [*terms.Answer, *terms.Injury], "channel": terms.Channel,
    "alert_channel": terms.AlertChannel, "role": terms.ReporterRole, "level": terms.Level, "purpose": terms.Purpose,
    "via": terms.AcknowledgedVia, "post": terms.Role, "contact": terms.ContactKind, "safe": terms.Answer,
    "certainty": assessment.Certainty, "because": case.Cause,
    "source": assessment.Source, "when": [each for each in assessment.When if each != "not_said"],
    "asked_of": asking.AskedOf, "question": asking.QUESTIONS, "field": [*asking.QUESTIONS, "asked_of", "asked_at"],
    "known": ["told", "measured", *get_args(report.HowKnown)], "instant": [*shown.TOLD.values(), *shown.MEASURED],
    "wanted": ["take", "decline", "begun", "hand_back", "there", "need_help", "not_reached", "left", "who",
               "unclear"],
    "done": [act.replace("-", "_") for act in ACTS],
}  # fmt: skip


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("kind", CLOSED)
def test_every_word_of_a_closed_set_is_said(kind: str, language: str) -> None:
    t = Locales.load(LOCALES)[language]
    for word in CLOSED[kind]:
        assert t(f"desk_{kind}_{word}")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_clocks_owners_and_services_of_the_packs_are_said(language: str) -> None:
    t = Locales.load(LOCALES)[language]
    for pack in packs():
        for clock in pack.clocks:
            assert t(f"desk_clock_{clock.name}")
            assert t(f"desk_owner_{clock.owner}")
        for number in pack.emergency_numbers:
            assert t(f"desk_service_{number.service}")


def test_everything_that_handlers_write_down_is_a_sentence() -> None:
    source = "\n".join(path.read_text("utf-8") for path in (ROOT / "handlers").glob("*.py"))
    kinds = set(re.findall(r'timeline\.add\(\s*turn\.tx,\s*case[._a-z]*,\s*"(\w+)"', source))
    kinds |= set(re.findall(r'^\s+\("(\w+)", state\.', source, re.M))
    assert len(kinds) > 12
    english = (LOCALES / "en.yaml").read_text("utf-8")
    assert [kind for kind in sorted(kinds) if f"desk_event_{kind}:" not in english] == []


def test_every_refusal_has_its_sentence() -> None:
    source = "\n".join(path.read_text("utf-8") for path in ROOT.rglob("*.py"))
    english = (LOCALES / "en.yaml").read_text("utf-8")
    refusals = set(re.findall(r'Refusal\("(\w+)"', source))
    assert [key for key in sorted(refusals) if f"\n{key}:" not in english] == []


def test_every_text_the_pages_name_exists() -> None:
    english = "\n" + (LOCALES / "en.yaml").read_text("utf-8")
    pages = "\n".join(
        path.read_text("utf-8") for path in (ROOT / "console").rglob("*") if path.suffix in (".html", ".py")
    )
    named = set(re.findall(r't\(\s*"(desk_\w*[a-z0-9])"', pages))
    assert len(named) > 100
    assert [key for key in sorted(named) if f"\n{key}:" not in english] == []


@given(st.text(max_size=40), st.lists(st.tuples(st.integers(-2, 45), st.integers(-2, 45), st.booleans()), max_size=6))
def test_marked_words_are_the_words_letter_for_letter(text: str, spans: list[tuple[int, int, bool]]) -> None:
    marks = [Mark(start, end, number, is_denied) for number, (start, end, is_denied) in enumerate(spans)]

    cut = segments(text, marks)

    assert "".join(each.text for each in cut) == text
    for mark in marks:
        if 0 <= mark.start < mark.end <= len(text):
            assert "".join(each.text for each in cut if mark.number in each.numbers) == text[mark.start : mark.end]


def test_words_denied_in_one_reading_and_meant_in_another_are_not_struck_through() -> None:
    cut = segments("no blood", [Mark(0, 8, 1, is_denied=True), Mark(3, 8, 2)])

    assert [(each.text, each.is_denied) for each in cut] == [("no ", True), ("blood", False)]
