from dataclasses import replace

import pytest

from schemas.area import UNKNOWN, Area, Areas, Place
from triage.domain.assignment import (
    Needs,
    NoLastResortTeamError,
    OnCall,
    Team,
    choose_first_responder,
    choose_team,
)

CITY = Team("city", "CN-XZQH", ("3301",))
DISTRICT = Team("district", "CN-XZQH", ("330106",))
LAST = Team("last", is_last_resort=True)
TEAMS = [CITY, DISTRICT, LAST]
COVERED = ("place_now", "covers_area")


def area(code: str | None, system: str = "CN-XZQH") -> Area:
    return Area(system=system, edition="2024", code=code)


XIHU = area("330106001002")


def test_where_the_child_is_now_comes_before_every_other_place_and_registration_last() -> None:
    given = Areas(registration=area("1"), carers=area("2"), home=area("3"), incident=area("4"), now=area("5"))
    order: list[Place] = ["now", "incident", "home", "carers", "registration"]
    for place in order:
        assert given.first() == (getattr(given, place), place)
        given = given.model_copy(update={place: area(None)})
    assert given.first() == (area(None), "now")
    assert Areas().first() == (UNKNOWN, "now")


def test_the_longest_prefix_covers() -> None:
    assert choose_team(XIHU, "now", TEAMS).team_id == "district"
    assert choose_team(area("330108001002"), "now", TEAMS).team_id == "city"


@pytest.mark.parametrize(
    ("place", "reasons"),
    [
        (UNKNOWN, ("place_unknown",)),
        (area(None), ("place_unknown",)),
        (area("110101001001"), ("place_home", "place_not_covered")),
        (area("330106001002", "GB-GSS"), ("place_home", "place_not_covered")),
    ],
)
def test_what_nobody_covers_belongs_to_the_last_resort_team(place: Area, reasons: tuple[str, ...]) -> None:
    choice = choose_team(place, "home", TEAMS)
    assert (choice.team_id, choice.reasons) == ("last", reasons)
    assert not choice.is_where_child_is


@pytest.mark.parametrize("place", ["incident", "home", "carers", "registration"])
def test_a_team_that_covers_another_place_is_told_so_and_the_child_is_still_to_be_found(place: Place) -> None:
    choice = choose_team(XIHU, place, TEAMS)
    assert (choice.team_id, choice.reasons) == ("district", (f"place_{place}", "covers_area"))
    assert not choice.is_where_child_is
    assert choose_team(XIHU, "now", TEAMS).is_where_child_is


def test_a_configuration_without_a_last_resort_team_is_refused() -> None:
    with pytest.raises(NoLastResortTeamError):
        choose_team(UNKNOWN, "now", [CITY])


FULL = replace(DISTRICT, capacity=3, open_cases=3)
NIGHT = replace(DISTRICT, id="night", capacity=3, open_cases=2)


def test_of_teams_that_cover_alike_one_below_its_capacity_comes_first() -> None:
    choice = choose_team(XIHU, "now", [FULL, NIGHT, LAST])
    assert (choice.team_id, choice.reasons) == ("night", (*COVERED, "below_capacity"))
    assert choose_team(XIHU, "now", [NIGHT, FULL, LAST]).team_id == "night"
    assert choose_team(XIHU, "now", [DISTRICT, NIGHT, LAST]).reasons == COVERED


def test_a_full_team_still_gets_what_nobody_else_covers_as_closely() -> None:
    choice = choose_team(XIHU, "now", [CITY, FULL, replace(NIGHT, open_cases=9), LAST])
    assert (choice.team_id, choice.reasons) == ("district", (*COVERED, "at_capacity"))


def test_a_full_last_resort_team_still_gets_what_nobody_covers() -> None:
    choice = choose_team(UNKNOWN, "now", [CITY, replace(LAST, capacity=1, open_cases=1)])
    assert (choice.team_id, choice.reasons) == ("last", ("place_unknown", "at_capacity"))


A, B, C = OnCall("a", 0, ("en",)), OnCall("b", 1, ("zh",)), OnCall("c", 2, ("zh", "en"))
ZH = Needs("zh")
SKILLED = Needs("zh", ("crisis_talk", "sign_language"))


def test_language_comes_before_load_and_load_before_position() -> None:
    assert choose_first_responder([A, replace(B, open_cases=2), C], ZH, ()).person_id == "c"
    choice = choose_first_responder([A, B, C], ZH, ())
    assert (choice.person_id, choice.reasons) == ("b", ("speaks_language", "first_in_roster"))


def test_language_comes_before_skill_and_skill_before_load() -> None:
    able = [replace(A, skills=SKILLED.skills), B, replace(C, skills=("sign_language",), open_cases=5)]
    choice = choose_first_responder(able, SKILLED, ())
    assert (choice.person_id, choice.reasons) == ("c", ("speaks_language", "has_skill"))
    assert (choice.skills, choice.missing) == (("sign_language",), ("crisis_talk",))


def test_who_has_more_of_the_skills_comes_first() -> None:
    able = [replace(B, skills=("sign_language",)), replace(C, skills=SKILLED.skills)]
    assert choose_first_responder(able, SKILLED, ()).person_id == "c"


def test_nobody_waits_for_a_skill_or_a_language() -> None:
    choice = choose_first_responder([B, C], SKILLED, ())
    assert choice.person_id == "b"
    assert choice.reasons == ("speaks_language", "nobody_has_skill", "first_in_roster")
    assert (choice.skills, choice.missing) == ((), SKILLED.skills)
    assert choose_first_responder([A], ZH, ()).reasons == ("nobody_speaks_language",)


def test_a_conflict_of_interest_is_never_called() -> None:
    choice = choose_first_responder([A, replace(B, skills=SKILLED.skills)], SKILLED, {"b"})
    assert (choice.person_id, choice.reasons[0]) == ("a", "conflict_left_out")
    assert choose_first_responder([B], ZH, {"b"}).reasons == ("everybody_excluded",)


def test_a_conflict_that_only_people_can_know_of_is_said_and_holds_nobody_up() -> None:
    choice = choose_first_responder([A, B], replace(ZH, may_conflict=True), ())
    assert choice.person_id == "b"
    assert choice.reasons == ("conflict_to_check", "speaks_language")


def test_who_must_not_go_alone_is_called_first_only_where_nobody_else_is() -> None:
    director = replace(A, skills=("child_director", *SKILLED.skills))
    needs = replace(SKILLED, never_alone=frozenset({"child_director"}))
    choice = choose_first_responder([director, B], needs, ())
    assert (choice.person_id, choice.reasons[0]) == ("b", "never_alone_left_out")
    choice = choose_first_responder([director, B], needs, {"b"})
    assert (choice.person_id, choice.reasons[:2]) == ("a", ("conflict_left_out", "only_never_alone"))
    other = choose_first_responder([director, B], SKILLED, ())
    assert not {"never_alone_left_out", "only_never_alone"} & set(other.reasons)


def test_who_handed_the_case_back_is_called_again_only_where_nobody_else_is() -> None:
    choice = choose_first_responder([A, B], ZH, (), avoid="b")
    assert (choice.person_id, choice.reasons[0]) == ("a", "handed_back_left_out")
    choice = choose_first_responder([A, B], ZH, {"a"}, avoid="b")
    assert (choice.person_id, choice.reasons[:2]) == ("b", ("conflict_left_out", "only_who_handed_back"))


def test_nobody_on_call_is_said_at_once() -> None:
    choice = choose_first_responder([], ZH, ())
    assert (choice.person_id, choice.reasons) == (None, ("nobody_on_call",))
