import pytest

from schemas.area import UNKNOWN, Area
from triage.domain.assignment import (
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


def area(code: str | None, system: str = "CN-XZQH") -> Area:
    return Area(system=system, edition="2024", code=code)


def test_the_longest_prefix_covers() -> None:
    assert choose_team(area("330106001002"), TEAMS).team_id == "district"
    assert choose_team(area("330108001002"), TEAMS).team_id == "city"


@pytest.mark.parametrize(
    ("place", "reason"),
    [
        (UNKNOWN, "place_unknown"),
        (area(None), "place_unknown"),
        (area("110101001001"), "place_not_covered"),
        (area("330106001002", "GB-GSS"), "place_not_covered"),
    ],
)
def test_what_nobody_covers_belongs_to_the_last_resort_team(place: Area, reason: str) -> None:
    choice = choose_team(place, TEAMS)
    assert (choice.team_id, choice.reasons) == ("last", (reason,))


def test_a_configuration_without_a_last_resort_team_is_refused() -> None:
    with pytest.raises(NoLastResortTeamError):
        choose_team(UNKNOWN, [CITY])


A, B, C = OnCall("a", 0, ("en",)), OnCall("b", 1, ("zh",)), OnCall("c", 2, ("zh", "en"))


def test_language_comes_before_load_and_load_before_position() -> None:
    assert choose_first_responder([A, B, C], "zh", {"b": 2}, ()).person_id == "c"
    choice = choose_first_responder([A, B, C], "zh", {}, ())
    assert (choice.person_id, choice.reasons) == ("b", ("speaks_language", "first_in_roster"))


def test_a_conflict_of_interest_is_never_called() -> None:
    assert choose_first_responder([A, B], "zh", {}, {"b"}).person_id == "a"
    assert choose_first_responder([B], "zh", {}, {"b"}).reasons == ("everybody_excluded",)


def test_nobody_on_call_is_said_at_once() -> None:
    choice = choose_first_responder([], "zh", {}, ())
    assert (choice.person_id, choice.reasons) == (None, ("nobody_on_call",))
