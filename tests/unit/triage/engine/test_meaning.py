"""Meaning as evidence: it raises and says why, and lowers nothing; texts are cut into sentences that lie in them."""

from datetime import timedelta
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.report import Answers
from schemas.terms import Answer, Injury, Urgency
from tests.staffed import packs
from tests.unit.triage.engine.conftest import NOW
from triage.domain.assessment import ABSENT, BOTH_ENDS, AssessedReport, History, Meaning, Nearest, Piece, Source, Span
from triage.domain.engine import assess
from triage.semantics.alike import alike, plain
from triage.semantics.exemplars import digest, load
from triage.semantics.model import Embedder, Model, Vector, placed
from triage.semantics.readable import FIRST_READ, LAST_READ, LONGEST_PIECE, readable
from triage.semantics.reading import meaning_of
from triage.semantics.text import LONGEST, grams, sentences

PACK = packs().for_jurisdiction("CN", NOW.date())
DULL = Piece(id="a", text="他每天都在楼下等。")


@pytest.fixture(scope="module")
def model() -> Model:
    return Model.load()


def judged(
    meant: Urgency | None, answers: Answers | None = None, if_safe: Urgency | None = None
) -> tuple[Urgency, AssessedReport]:
    meaning = None
    if meant is not None:
        nearest = Nearest(exemplar="zh-1", similarity=0.9)
        meaning = Meaning(
            model="m",
            report_version=1,
            urgency=meant,
            if_safe=if_safe,
            span=Span(piece="a", start=0, end=9),
            nearest=nearest,
        )
    report = AssessedReport(pieces=(DULL,), answers=answers or Answers(), meaning=meaning)
    return assess(report, History(), PACK, NOW).urgency, report


def test_a_meaning_raises_and_its_reason_names_sentence_and_exemplar() -> None:
    assert judged(None)[0] is Urgency.ROUTINE
    urgency, report = judged(Urgency.IMMEDIATE)
    assert urgency is Urgency.IMMEDIATE
    reason = assess(report, History(), PACK, NOW).reasons[0]
    assert (reason.rule, reason.source, reason.span) == ("meaning", Source.MACHINE, Span(piece="a", start=0, end=9))
    assert reason.nearest == Nearest(exemplar="zh-1", similarity=0.9)


def test_what_led_to_the_urgency_stands_before_what_only_agrees() -> None:
    _, report = judged(Urgency.URGENT, Answers(danger_now=Answer.YES))
    rules = [reason.rule for reason in assess(report, History(), PACK, NOW).reasons]
    assert rules[0] != "meaning"
    assert "meaning" in rules
    assert judged(Urgency.IMMEDIATE)[0] is Urgency.IMMEDIATE


@pytest.mark.parametrize("meant", [Urgency.ROUTINE, Urgency.PRIORITY, Urgency.URGENT])
def test_a_meaning_lowers_nothing(meant: Urgency) -> None:
    assert judged(meant, Answers(danger_now=Answer.YES))[0] is Urgency.IMMEDIATE


SAFE, OUT_OF_REACH = Answers(child_safe_now=Answer.YES), Answers(person_of_concern_has_access=Answer.NO)


@pytest.mark.parametrize("answers", [SAFE, OUT_OF_REACH])
def test_an_answer_of_safety_is_weighed_with_the_words(answers: Answers) -> None:
    assert judged(Urgency.IMMEDIATE, answers, if_safe=Urgency.URGENT)[0] is Urgency.URGENT
    assert judged(Urgency.IMMEDIATE, answers, if_safe=Urgency.IMMEDIATE)[0] is Urgency.IMMEDIATE
    assert judged(Urgency.IMMEDIATE, answers)[0] is Urgency.IMMEDIATE
    assert judged(Urgency.IMMEDIATE, Answers(), if_safe=Urgency.URGENT)[0] is Urgency.IMMEDIATE


@pytest.mark.parametrize(
    "doubt",
    [
        {"person_of_concern_has_access": Answer.YES},
        {"person_of_concern_has_access": Answer.DOES_NOT_KNOW},
        {"danger_now": Answer.WOULD_NOT_SAY},
        {"injury": Injury.UNKNOWN},
        {"child_safe_until": NOW + timedelta(minutes=80)},
    ],
)
def test_an_answer_of_safety_beside_any_doubt_is_not(doubt: dict[str, Any]) -> None:
    answers = SAFE.model_copy(update=doubt)
    assert judged(Urgency.IMMEDIATE, answers, if_safe=Urgency.URGENT)[0] is Urgency.IMMEDIATE


def test_an_answer_of_safety_takes_the_reason_with_it_where_nothing_is_left() -> None:
    _, report = judged(Urgency.PRIORITY, SAFE, if_safe=Urgency.ROUTINE)
    assert "meaning" not in assess(report, History(), PACK, NOW).rules


def test_a_judgement_without_a_model_says_so() -> None:
    _, report = judged(None)
    assert assess(report, History(), PACK, NOW).semantic == ABSENT


@pytest.mark.parametrize(
    ("probabilities", "expected"),
    [
        ((0.3, 0.1, 0.1, 0.5), 0),
        ((0.29, 0.1, 0.1, 0.51), 1),
        ((0.21, 0.1, 0.5, 0.19), 1),
        ((0.19, 0.1, 0.1, 0.61), 3),
        ((0.0, 0.7, 0.3, 0.0), 1),
        ((0.0, 0.1, 0.8, 0.1), 2),
    ],
)
def test_what_is_immediate_but_for_a_little_is_urgent_at_least(
    probabilities: tuple[float, ...], expected: int
) -> None:
    assert placed(np.array(probabilities, dtype=np.float32), (0.3, 0.6, 0.8)) == expected


def test_the_weights_are_of_the_exemplars_that_stand_beside_them(model: Model) -> None:
    assert model.name.endswith(f"{len(load())} exemplars {digest(load())}")


@given(st.text(max_size=600))
def test_sentences_lie_in_the_text_in_order_and_are_short(text: str) -> None:
    cut = sentences(text)
    assert cut
    assert all(0 <= start <= end <= len(text) for start, end in cut)
    assert all(before[1] <= after[0] for before, after in pairwise(cut))
    assert all(end - start <= LONGEST for start, end in cut) or not text.strip()


@given(st.text(max_size=200))
def test_grams_are_those_of_the_folded_text(text: str) -> None:
    assert grams(text) == grams(text.upper()) or any(char.lower() != char.casefold() for char in text)


@pytest.mark.parametrize(
    "text", ["", " ", "\u0000", "👍👍", "…" * 400, "a" * 5000, "\ud83d", "他要杀我。" * 200, "1\u200b2"]
)
def test_any_text_is_read(model: Model, text: str) -> None:
    reading = model.read(text)
    assert sum(reading.probabilities) == pytest.approx(1, abs=1e-3)
    assert reading.if_safe.rank >= reading.urgency.rank
    assert 0 <= reading.start <= reading.end <= max(1, len(text))


@pytest.mark.parametrize(
    "text", ["他手里拿着刀在追孩子，孩子躲在厕所哭", "She is not breathing and her lips are blue, please hurry"]
)
def test_strong_words_beside_an_answer_of_safety_are_urgent_at_least(model: Model, text: str) -> None:
    reading = model.read(text)
    assert reading.probabilities[0] > 0.5
    assert reading.if_safe.rank <= Urgency.URGENT.rank


def test_texts_read_together_are_read_as_each_alone(model: Model) -> None:
    texts = ["他拿刀。她哭了。", "她哭了。", "Mum hit him. She cried.", " ", ""]
    assert model.readings(texts) == [model.read(text) for text in texts]


def test_a_sentence_that_stands_in_several_texts_is_embedded_once(
    model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    embedded: list[str] = []
    embed = Embedder.embed

    def counted(embedder: Embedder, texts: list[str]) -> Vector:
        embedded.extend(texts)
        return embed(embedder, texts)

    monkeypatch.setattr(Embedder, "embed", counted)
    model.readings(["他拿刀。她哭了。", "她哭了。", "她哭了。他拿刀。"])
    assert sorted(embedded) == ["他拿刀", "她哭了"]


def test_the_piece_that_is_worst_off_is_the_meaning(model: Model) -> None:
    told = "He has locked us in the bathroom and is outside with the petrol can, please be quick."
    pieces = [Piece(id="a", text="Thank you for the leaflet about school meals."), Piece(id="b", text=told)]
    meaning = meaning_of(model, pieces, 3)
    assert meaning is not None
    assert meaning.span is not None
    assert (meaning.urgency, meaning.report_version, meaning.span.piece) == (Urgency.IMMEDIATE, 3, "b")
    assert meaning_of(model, [Piece(id="c", text="  ")], 1) is None


def test_a_piece_is_read_whole_and_without_what_is_weighed_already() -> None:
    told = (
        "He gets in tonight at six. She hides under the stairs. Mum says he never hurt her. He hit her with a belt."
    )
    whole, undenied, rest = readable([Piece(id="a", text=told), Piece(id="b", text=" ")], PACK)
    assert whole.text == told
    assert "never" not in undenied.text
    assert "belt" in undenied.text
    assert " ".join(rest.text.split()) == "He gets in tonight at six. She hides under the stairs."
    assert len(rest.text) == len(told)
    assert [each.text for each in readable([DULL], PACK)] == [DULL.text]
    assert len(readable([Piece(id="a", text="他拿着刀。")], PACK)) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("My stepdad does it", "My dad does it"),
        ("Her step-father drinks", "Her father drinks"),
        ("继父又喝多了", "爸爸又喝多了"),
        ("Khadija came in late", "Emily came in late"),
        ("他是从贵州省来的苗族孩子", "他是从上海来的汉族孩子"),
    ],
)
def test_who_is_named_and_from_where_is_read_alike(one: str, other: str) -> None:
    known = {"my", "her", "came", "in", "late", "dad", "father"}
    assert alike(one, known) == alike(other, known)


@pytest.mark.parametrize(("one", "other"), [("他又在门外", "他又在门外。"), ("he is here", "he is here.. ")])
def test_a_mark_that_closes_a_text_does_not_weigh(model: Model, one: str, other: str) -> None:
    assert model.read(one).probabilities == model.read(other).probabilities


@given(st.text(max_size=200))
def test_the_plain_form_keeps_every_character_in_its_place(text: str) -> None:
    assert len(plain(text)) == len(text)


def test_traditional_and_wide_forms_are_read_as_the_plain_ones(model: Model) -> None:
    assert (
        model.read("媽媽說她今晚不回來，門鎖著").probabilities
        == model.read("妈妈说她今晚不回来，门锁着").probabilities
    )
    assert model.read("he is ｈｅｒｅ").probabilities == model.read("he is here").probabilities


LONG = {
    "sentences": "".join(f"第{at}天他都在楼下等着，谁也不知道为什么。" for at in range(1000))[:19_000],
    "no end of a sentence": "他又来了" * 4_900,
    "English": "".join(f"On day {at} he was waiting downstairs again. " for at in range(450)),
}


@pytest.mark.parametrize("middle", LONG.values(), ids=LONG.keys())
def test_of_a_very_long_piece_the_model_reads_beginning_and_end(middle: str) -> None:
    text = f"孩子在家。{middle}最后他说要杀了孩子。"
    piece = Piece(id="a", text=text)
    assert len(text) > LONGEST_PIECE

    for each in readable([piece], PACK):
        assert len(each.text) == len(text)
        kept = [text[start:end] for start, end in sentences(each.text)]
        assert sum(map(len, kept)) <= FIRST_READ + LAST_READ
        assert all(each.text[start:end] == text[start:end] for start, end in sentences(each.text))
    first = readable([piece], PACK)[0].text
    assert first.startswith("孩子在家。")
    assert first.endswith("最后他说要杀了孩子。")
    found = assess(AssessedReport(pieces=(Piece(id="a", text=f"{middle}他拿着刀。{middle}"),)), History(), PACK, NOW)
    assert any(reason.factor == "weapon" for reason in found.reasons), "rules read all"


def test_the_work_of_a_reading_is_bounded_and_the_assessment_says_so(
    model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    embedded: list[str] = []
    embed = model._embedder.embed

    def counted(texts: list[str]) -> Vector:
        embedded.extend(texts)
        return embed(texts[:1]).repeat(len(texts), axis=0)

    monkeypatch.setattr(model._embedder, "embed", counted)
    text = (LONG["sentences"] * 2)[:20_000]

    meaning = meaning_of(model, readable([Piece(id="a", text=text)], PACK), 1)

    assert sum(map(len, embedded)) <= FIRST_READ + LAST_READ
    assert meaning is not None
    assert meaning.span is not None
    assert text[meaning.span.start : meaning.span.end].strip()
    assert meaning.model == model.name + BOTH_ENDS
    report = AssessedReport(pieces=(Piece(id="a", text=text),), meaning=meaning)
    assert assess(report, History(), PACK, NOW).semantic.endswith(BOTH_ENDS)


def test_a_piece_that_is_not_very_long_is_read_whole(model: Model) -> None:
    text = ("他在楼下等着。" * 1_000)[:LONGEST_PIECE]
    assert readable([Piece(id="a", text=text)], PACK)[0].text == text
    meaning = meaning_of(model, readable([DULL], PACK), 1)
    assert meaning is not None
    assert meaning.model == model.name
