"""What newer words mean is added to what earlier ones meant, and comes to the same as reading all of them again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.terms import Urgency
from tests.staffed import packs
from tests.unit.triage.engine.conftest import NOW
from triage.domain.assessment import BOTH_ENDS, Meaning, Piece, Span
from triage.domain.meant import added, can_be_added_to
from triage.semantics.model import Model
from triage.semantics.readable import readable
from triage.semantics.reading import meaning_of

PACK = packs().for_jurisdiction("CN", NOW.date())
TOLD = (
    "想问一下你们晚上有没有人。",
    "He has locked us in the bathroom and is outside with the petrol can. He never hurt her, mum says.",
    "孩子的手上有伤，她说不是爸爸打的。",
    "",
    "谢谢你们。",
    "他把我们锁在厕所里，外面有汽油。妈妈说他没有打过人。",
)
PIECES = [Piece(id=str(at), text=text) for at, text in enumerate(TOLD)]


@pytest.fixture(scope="module")
def model() -> Model:
    return Model.load()


def of(model: Model, pieces: list[Piece], version: int) -> Meaning | None:
    return meaning_of(model, readable(pieces, PACK), version)


@pytest.mark.parametrize("cuts", [(1,), (1, 2, 3, 4, 5), (2, 4), (3,), (5,)])
def test_words_read_as_they_come_mean_what_they_mean_read_at_once(model: Model, cuts: tuple[int, ...]) -> None:
    meaning = of(model, PIECES[: cuts[0]], cuts[0])
    for start, end in zip(cuts, (*cuts[1:], len(PIECES)), strict=True):
        newer = of(model, PIECES[start:end], end)
        assert meaning is not None
        assert can_be_added_to(meaning, newer)
        meaning = added(meaning, newer, end)

    whole = of(model, PIECES, len(PIECES))
    assert meaning is not None
    assert whole is not None
    assert meaning.model_dump(exclude={"danger"}) == whole.model_dump(exclude={"danger"})
    assert meaning.danger == pytest.approx(whole.danger)


def meanings(version: int) -> st.SearchStrategy[Meaning]:
    return st.builds(
        Meaning,
        model=st.sampled_from(["m", "m" + BOTH_ENDS]),
        report_version=st.just(version),
        urgency=st.sampled_from(list(Urgency)),
        if_safe=st.sampled_from(list(Urgency)),
        danger=st.sampled_from([0.1, 0.5, 0.9]),
        span=st.builds(Span, piece=st.sampled_from("abc"), start=st.just(0), end=st.just(1)),
    )


@given(meanings(1), meanings(2), meanings(3))
def test_it_matters_not_how_many_are_added_at_once(one: Meaning, two: Meaning, three: Meaning) -> None:
    assert added(added(one, two, 2), three, 3) == added(one, added(two, three, 3), 3)


@given(meanings(1), meanings(2))
def test_newer_words_only_raise(before: Meaning, newer: Meaning) -> None:
    both = added(before, newer, 2)
    assert both.urgency.rank <= min(before.urgency.rank, newer.urgency.rank)
    assert both.if_safe is not None
    assert before.if_safe is not None
    assert both.if_safe.rank <= before.if_safe.rank
    assert added(before, None, 2) == before.model_copy(update={"report_version": 2})


def test_another_models_reading_or_one_without_its_weight_is_no_ground_to_add_to() -> None:
    before = Meaning(model="m" + BOTH_ENDS, report_version=1, urgency=Urgency.ROUTINE, danger=0.1)

    assert can_be_added_to(before, before.model_copy(update={"model": "m"}))
    assert not can_be_added_to(before, before.model_copy(update={"model": "n"}))
    assert not can_be_added_to(before.model_copy(update={"danger": None}), None)
    assert not can_be_added_to(None, before)
