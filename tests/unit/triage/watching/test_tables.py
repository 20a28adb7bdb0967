"""Small cells are hidden, and no hidden one can be computed from the others and the total."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from triage.domain.figures import HandledCase
from triage.domain.tables import DIMENSIONS, by_group, hide, total

COUNTS = st.dictionaries(st.sampled_from("abcdefgh"), st.integers(0, 40))


def handled(area: str, count: int, closed: int = 0, waited: int = 0) -> list[HandledCase]:
    """So many cases of an area, some of them closed, some taken within a minute."""
    groups = dict.fromkeys(DIMENSIONS, area)
    minute = timedelta(minutes=1)
    return [HandledCase(groups, False, False, at < closed, minute if at < waited else None) for at in range(count)]


def test_a_small_cell_takes_the_smallest_other_with_it() -> None:
    assert hide({"a": 3, "b": 12, "c": 40}, 10) == {"a", "b"}


def test_small_cells_that_are_enough_together_take_no_other() -> None:
    assert hide({"a": 6, "b": 7, "c": 40}, 10) == {"a", "b"}


def test_small_cells_that_are_small_together_take_another() -> None:
    assert hide({"a": 2, "b": 3, "c": 15, "d": 40}, 10) == {"a", "b", "c"}


def test_nothing_is_hidden_where_nothing_is_small() -> None:
    assert hide({"a": 10, "b": 11}, 10) == frozenset()
    assert hide({}, 10) == frozenset()


@given(COUNTS, st.integers(2, 12))
def test_no_hidden_cell_can_be_computed(counts: dict[str, int], least: int) -> None:
    hidden = hide(counts, least)
    shown = counts.keys() - hidden

    assert all(counts[each] >= least for each in shown)
    if hidden and shown:
        # What total and shown cells give away is the sum of the hidden ones: never one cell, never a small number.
        assert len(hidden) >= 2
        assert sum(counts.values()) - sum(counts[each] for each in shown) >= least


@given(COUNTS, COUNTS)
def test_a_part_hides_whatever_its_whole_hides(counts: dict[str, int], parts: dict[str, int]) -> None:
    whole = hide(counts, 10)
    part = {each: min(count, parts.get(each, 0)) for each, count in counts.items()}

    assert whole <= hide(part, 10, whole)


def test_a_table_hides_every_figure_of_a_small_group_and_of_its_companion() -> None:
    cases = [*handled("a", 3, closed=1, waited=3), *handled("b", 12, waited=12), *handled("c", 50, 10, 40)]

    lines = {each.group: each for each in by_group("area", cases, [], 10)}

    assert lines["c"].cases == 50
    closed = lines["c"].shares["closed"]
    assert closed is not None
    assert (closed.value, closed.count) == (0.2, 50)
    for group in ("a", "b"):
        assert lines[group].cases is None
        assert lines[group].waited is None
        assert set(lines[group].shares.values()) == {None}


def test_a_figure_that_rests_on_few_of_many_cases_is_hidden_by_itself() -> None:
    cases = [*handled("a", 30, waited=2), *handled("b", 30, waited=25), *handled("c", 30, waited=28)]

    lines = {each.group: each for each in by_group("area", cases, [], 10)}

    assert [lines[each].cases for each in "abc"] == [30, 30, 30]
    assert lines["a"].waited is None
    assert lines["b"].waited is None
    assert lines["c"].waited is not None


def test_hidden_lines_stand_last_in_an_order_that_tells_no_size() -> None:
    cases = [*handled("z", 2), *handled("y", 9), *handled("a", 60), *handled("b", 80)]

    assert [each.group for each in by_group("area", cases, [], 10)] == ["b", "a", "y", "z"]


def test_the_total_counts_every_case() -> None:
    found = total([*handled("a", 3, 1), *handled("b", 12, 2)], [])

    assert found.cases == 15
    assert found.closed is not None
    assert found.closed.value == 0.2
    assert found.under_triage is None
    assert found.agreement.count == 0
