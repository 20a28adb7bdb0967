"""Clues of a report: what two reports of one child share, and what those of two children do not."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.area import Area
from schemas.report import Answers, Facts, Person, Places, SafeContact
from schemas.terms import ReporterRole
from tests.staffed import packs
from triage.domain import birth, places
from triage.domain.assessment import History
from triage.domain.clues import MOST, Clue, Kind, Told, aliases_in, clues_of, phones_in, references_in
from triage.domain.history import Earlier, history, must_be_assigned
from triage.domain.lexicon import Lexicon
from triage.domain.likeness import Strength, in_order, kind_between, strength

DAY = date(2026, 3, 4)
DONGCHENG = Area(system="CN-XZQH", edition="2024", code="110101001000")
CHAOYANG = Area(system="CN-XZQH", edition="2024", code="110105001000")
NOON = datetime(2026, 3, 4, 4, tzinfo=UTC)


@pytest.fixture(scope="module")
def lexicon() -> Lexicon:
    return packs().for_jurisdiction("CN", DAY).lexicon


def told(words: str = "", area: Area = DONGCHENG, child: str = "", age: str = "", **given: Any) -> Told:
    people = (Person(roles=("child_of_concern",), name=child, age=age),) if child else ()
    facts = Facts(
        narrative=words,
        people=people,
        places=Places(now=given.get("place")),
        came_from=given.get("came_from"),
        contact=SafeContact(phone=given.get("phone")),
    )
    role = given.get("role", ReporterRole.NEIGHBOUR)
    return Told((facts,), Answers(), role, "CN", area, given.get("day", DAY))


def shared(one: Told, other: Told, lexicon: Lexicon) -> set[Kind]:
    here = {clue.value: clue.kind for clue in clues_of(one, lexicon)}
    return {kind_between(here[c.value], c.kind) for c in clues_of(other, lexicon) if c.value in here}


def test_a_whole_name_and_the_birth_year_are_a_strong_clue(lexicon: Lexicon) -> None:
    kinds = shared(told(child="陈小雨", age="六岁"), told(child="陳小雨", age="7", area=CHAOYANG), lexicon)

    assert Kind.NAME_BORN in kinds
    assert strength(kinds) is Strength.STRONG


def test_the_sound_of_a_name_is_possible_in_one_district_and_nothing_in_two(lexicon: Lexicon) -> None:
    here, there = told(child="陈小雨"), told(child="程晓宇")
    assert shared(here, there, lexicon) == {Kind.SOUND_AREA}
    assert strength(shared(here, there, lexicon)) is Strength.POSSIBLE
    assert shared(here, told(child="程晓宇", area=CHAOYANG), lexicon) == set()


def test_another_birth_year_is_another_child(lexicon: Lexicon) -> None:
    one, other = told(child="陈小雨", age="六岁"), told(child="陈小雨", age="十二岁", area=CHAOYANG)
    assert shared(one, other, lexicon) == {Kind.NAME}


def test_a_pet_name_counts_with_the_year_and_the_district(lexicon: Lexicon) -> None:
    assert shared(told(child="陈小雨", age="六岁"), told(child="小雨", age="六岁"), lexicon) == {Kind.GIVEN_BORN_AREA}


def test_a_name_in_running_words_counts(lexicon: Lexicon) -> None:
    one = told("隔壁的孩子叫陈小雨，六岁，总是哭。")
    assert Kind.NAME_BORN in shared(one, told(child="陈小雨", age="六岁"), lexicon)
    english = told("A girl named Ella Brown, 6 years old, is left alone.")
    assert Kind.NAME_BORN in shared(english, told(child="Brown, Ella", age="6 years old"), lexicon)


def test_a_phone_that_is_named_is_strong_and_one_reporter_twice_is_not(lexicon: Lexicon) -> None:
    named = told("孩子的电话是 138 1234 5678。")
    called = told(came_from="+8613812345678")
    assert shared(named, called, lexicon) == {Kind.PHONE}
    assert shared(called, told(phone="138-1234-5678"), lexicon) == {Kind.REPORTER_PHONE}
    by_child = told(came_from="+8613812345678", role=ReporterRole.CHILD)
    assert shared(by_child, called, lexicon) == {Kind.PHONE}


def test_a_place_counts_on_one_day_across_midnight_and_not_a_week_later(lexicon: Lexicon) -> None:
    here = told("阳光小区有孩子在哭")
    assert shared(here, told("我住在阳光小区", day=DAY + timedelta(days=1)), lexicon) == {Kind.PLACE_DAY}
    assert shared(here, told("我住在阳光小区", day=DAY + timedelta(days=7)), lexicon) == set()


def test_a_birthday_with_the_sound_of_the_name_is_strong(lexicon: Lexicon) -> None:
    one = told(child="陈小雨", age="2019-05-01", area=CHAOYANG)
    other = told("程晓宇 2019年5月1日出生", child="程晓宇")
    assert strength(shared(one, other, lexicon)) is Strength.STRONG


def test_an_identity_number_is_a_clue_and_tells_the_birthday(lexicon: Lexicon) -> None:
    number = "11010120190501123X"
    assert shared(told(f"身份证{number}"), told(number.lower()), lexicon) == {Kind.IDENTITY}
    assert birth.born_in(number, DAY) == (date(2019, 5, 1),)


def test_references_and_aliases_are_found_in_words() -> None:
    one = told("my earlier number is 1234 5678 9012 3456, your case AC234")
    assert references_in(one) == {"12345678"}
    assert aliases_in(one) == {"AC234"}


def test_the_age_gives_a_window_of_years_and_a_birthday_one() -> None:
    assert birth.years_of(72, DAY) == (2019, 2020)
    assert birth.born_in("born 1 May 2019, hit on 3 March 2026", DAY) == (date(2019, 5, 1),)
    assert birth.dates_in("1990-01-01, 2027-01-01, 2019-13-45", DAY) == ()


def test_places_are_named_ones() -> None:
    assert "阳光小区" in places.words_in("我住在阳光小区三号楼")
    assert places.words_in("at Oak Hill School, 12 High St, NW1 4AB") == ("hill school", "high street", "nw14ab")
    assert places.words_in("at the school") == ()


def test_a_number_of_another_country_needs_its_code() -> None:
    assert phones_in("07700 900123", "GB") == ("+447700900123",)
    assert phones_in("07700 900123", "XX") == ()
    assert phones_in("12345", "GB") == ()
    assert phones_in("on 2026-03-04 at 12:30, 2026.03.05", "CN") == ()


def test_what_is_said_by_a_stronger_reason_is_not_said_twice() -> None:
    assert in_order({Kind.NAME, Kind.NAME_BORN, Kind.SOUND_BORN, Kind.PLACE_DAY}) == (Kind.NAME_BORN, Kind.PLACE_DAY)


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=300), st.text(max_size=20), st.text(max_size=20))
def test_any_words_give_clues_and_never_too_many(lexicon: Lexicon, words: str, name: str, age: str) -> None:
    found = clues_of(told(words, child=name or "x", age=age, place=name, phone=age), lexicon)
    assert len(found) <= MOST
    assert all(isinstance(each, Clue) and each.value for each in found)


def test_years_before_the_calendar_break_nothing() -> None:
    assert birth.years_of(300, date(1, 1, 1)) == (1,)


def earlier(day: int, is_closed: bool = True, was_acted_on: bool = False) -> Earlier:
    return Earlier(UUID(int=day), UUID(int=99), NOON + timedelta(days=day), is_closed, was_acted_on)


NEWEST = (NOON + timedelta(days=9), UUID(int=9))


def test_earlier_reports_count_whatever_became_of_them_and_later_ones_do_not() -> None:
    known = history(1, [earlier(1), earlier(2, is_closed=False), earlier(20)], NEWEST)
    assert known == History(earlier_reports=3, closed_in_a_row=1)


def test_a_row_ends_where_somebody_acted_and_not_at_what_is_undecided() -> None:
    assert history(0, [earlier(1), earlier(2), earlier(3)], NEWEST).closed_in_a_row == 3
    assert history(0, [earlier(1), earlier(2, False), earlier(3)], NEWEST).closed_in_a_row == 2
    assert history(0, [earlier(1), earlier(2, was_acted_on=True), earlier(3)], NEWEST).closed_in_a_row == 1


def test_reports_of_one_instant_are_told_apart_by_their_ids() -> None:
    assert history(0, [earlier(9)], (earlier(9).received_at, UUID(int=10))).earlier_reports == 1
    assert history(0, [earlier(9)], (earlier(9).received_at, UUID(int=9))).earlier_reports == 0


@pytest.mark.parametrize(("closed", "ages", "must"), [(3, (59,), True), (3, (60,), False), (2, (12,), False),
    (4, (), True), (3, (200, 30), True)])  # fmt: skip
def test_the_fourth_closed_in_a_row_with_a_young_child_must_be_assigned(
    closed: int, ages: tuple[int, ...], must: bool
) -> None:
    assert must_be_assigned(History(earlier_reports=closed, closed_in_a_row=closed), ages) is must


def test_the_reporters_own_age_is_no_clue_to_a_child_they_tell_of(lexicon: Lexicon) -> None:
    def of(words: str) -> Told:
        return told(words, child="陈小雨")

    assert Kind.NAME_BORN not in shared(of("我今年16岁，我妹妹被打"), of("她十六岁"), lexicon)
    assert Kind.NAME_BORN in shared(of("我今年16岁，我妹妹8岁"), of("她八岁"), lexicon)
    assert Kind.NAME_BORN in shared(of("我今年16岁，我爸打我"), of("她十六岁"), lexicon)
