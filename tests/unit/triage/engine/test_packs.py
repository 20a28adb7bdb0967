import shutil
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from schemas.area import UNKNOWN, Area
from schemas.terms import Level, Urgency
from triage.packs import PackError, Packs, read_skills
from triage.packs.collection import HERE

Change = Callable[[str, str, str], Path]


@pytest.fixture
def changed(tmp_path: Path) -> Change:
    """A copy of the packs with one stretch of one file replaced; gives the file's path."""
    shutil.copytree(HERE, tmp_path / "packs", ignore=shutil.ignore_patterns("*.py", "__pycache__"))

    def change(name: str, old: str, new: str) -> Path:
        path = tmp_path / "packs" / name
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        return path

    return change


def line_of(path: Path, words: str) -> int:
    lines = path.read_text(encoding="utf-8").splitlines()
    return next(at for at, line in enumerate(lines, start=1) if words in line)


def problem(path: Path) -> str:
    root = path.parent if path.parent.name == "packs" else path.parent.parent
    with pytest.raises(PackError) as refused:
        Packs.load(root)
    return refused.value.problems[0]


def test_a_skill_for_what_no_factor_names_is_refused(changed: Change) -> None:
    path = changed("skills.yaml", "[disability]", "[deaf]")
    assert problem(path) == f'{path}:{line_of(path, "[deaf]")}: The factor "deaf" is not in factors.yaml.'


def test_a_skill_that_stands_twice_is_refused(changed: Change) -> None:
    path = changed("skills.yaml", "code: sign_language", "code: crisis_talk")
    assert problem(path).endswith(": a skill stands there twice.")


def test_a_skill_that_changes_nothing_is_refused(changed: Change) -> None:
    path = changed("skills.yaml", "is_never_alone: true", "is_never_alone: false")
    assert "a skill that nothing asks for, and that keeps nobody from going alone, is none" in problem(path)


def test_a_child_director_is_not_sent_alone() -> None:
    assert read_skills().never_alone == {"child_director"}


def test_what_was_found_asks_for_skills() -> None:
    skills = read_skills()
    assert skills.needed({"sexual-abuse", "bruise", "disability"}) == ("forensic_interview", "sign_language")
    assert skills.needed({"bruise"}) == ()


def test_an_unknown_key_is_refused_with_file_and_line(changed: Change) -> None:
    path = changed("cn.yaml", "time_zone:", "time_zones: x\ntime_zone:")
    line = line_of(path, "time_zones:")
    assert problem(path) == f'{path}:{line}: The key "time_zones" is not known here.'


def test_a_missing_key_is_refused_with_file_and_line(changed: Change) -> None:
    path = changed("cn.yaml", "    start_event: report_committed\n", "")
    assert problem(path) == f'{path}:{line_of(path, "- name: read")}: The key "start_event" is missing.'


def test_a_rule_id_used_twice_is_refused(changed: Change) -> None:
    path = changed("default.yaml", "id: fourth-closed", "id: strangulation")
    line = line_of(path, "id: strangulation")
    assert problem(path) == f'{path}:{line}: The rule id "strangulation" is used twice.'


def test_a_rule_that_names_an_unknown_factor_is_refused(changed: Change) -> None:
    path = changed("default.yaml", "- [fleeing]", "- [flying]")
    line = line_of(path, "[flying]")
    assert problem(path) == f'{path}:{line}: The factor "flying" is not in factors.yaml.'


def test_a_key_that_stands_twice_is_refused(changed: Change) -> None:
    path = changed("gb-eng.yaml", "version:", "version: other\nversion:")
    assert problem(path).endswith('The key "version" stands here twice.')


def test_what_nobody_verified_is_never_shown_as_law(changed: Change) -> None:
    path = changed("cn.yaml", "kind: internal", "kind: legal")
    assert "must be `internal`" in problem(path)


def test_a_wrong_value_is_refused_at_its_line(changed: Change) -> None:
    path = changed("cn.yaml", "length: PT2M", "length: soon")
    assert problem(path).startswith(f"{path}:{line_of(path, 'length: soon')}: ")


def test_broken_yaml_is_refused_at_its_line(changed: Change) -> None:
    path = changed("cn.yaml", "languages: [zh, en]", "languages: [zh, en")
    assert "This is not YAML" in problem(path)


def test_a_pattern_with_an_unknown_set_is_refused_at_its_line(changed: Change) -> None:
    path = changed("lexicon/en.yaml", "being {hit}", "being {hitt}")
    assert problem(path).startswith(f"{path}:{line_of(path, '{hitt}')}: ")


@pytest.mark.parametrize("code", ["XX", "", "GB"])
def test_a_place_without_a_pack_gets_the_strictest(packs: Packs, code: str) -> None:
    assert packs.for_jurisdiction(code, date(2026, 11, 23)).jurisdiction == "DEFAULT"


def test_a_day_before_any_pack_gets_the_strictest(packs: Packs) -> None:
    assert packs.for_jurisdiction("GB-ENG", date(1999, 1, 1)).jurisdiction == "DEFAULT"
    assert packs.for_jurisdiction("CN", datetime(2026, 11, 23, 3)).jurisdiction == "CN"  # noqa: DTZ001


def test_the_immediate_ladder_is_that_of_the_domain(packs: Packs) -> None:
    plan = packs.for_jurisdiction("CN", date(2026, 11, 23)).plan_for(Urgency.IMMEDIATE, UNKNOWN)
    assert plan.start == "at_once"
    assert plan.ladder is not None
    assert [(rung.level, rung.after) for rung in plan.ladder.rungs] == [
        (Level.FIRST, timedelta()),
        (Level.BACKUP, timedelta(minutes=2)),
        (Level.LEAD, timedelta(minutes=5)),
        (Level.MANAGER, timedelta(minutes=8)),
    ]


def test_only_england_may_put_links_in_sms(packs: Packs) -> None:
    allowed = {pack.jurisdiction: pack.links_in_sms.allowed for pack in packs}
    assert allowed == {"CN": False, "GB-ENG": True, "DEFAULT": False}


def test_every_pack_says_as_much_as_its_ladders(packs: Packs) -> None:
    for pack in packs:
        ladders = [pack.plan_for(urgency, UNKNOWN).ladder for urgency in Urgency]
        assert {one.links for one in ladders if one} == {pack.links_in_sms.allowed}


def test_china_lists_the_nine_situations(packs: Packs) -> None:
    codes = [category.code for category in packs.for_jurisdiction("CN", date(2026, 11, 23)).categories]
    assert codes == [f"CN-0{number}" for number in range(1, 10)]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "start_event: acknowledged",
            "start_event: transfer_offered",
            'Nothing starts a clock by "transfer_offered"',
        ),
        ("start_event: police_delivery", "start_event: result_owed_to_reporter", "Nothing starts a clock by"),
        ("on_breach: call_supervisor", "on_breach: call_somebody", "alarm_desk"),
        ("on_breach: call_supervisor", "on_breach: start_ladder_again", "Only `first_action` and `arrival` start"),
        ("start_event: police_delivery", "start_event: police_delivery\n    rules: [weapon]", "starts with a report"),
        ("    owner: duty_officer", "    owner: duty_officer\n    rules: [weapons]", 'There is no rule "weapons".'),
        ("  - name: first_action", "  - name: first_acts", "Only `first_action`"),
        ("    start: at_once", "    start: desk_only", "An immediate case is called `at_once`."),
        ("    start: by_day", "    start: desk_only", "An urgent case is called `at_once` or `by_day`."),
    ],
)
def test_a_clock_that_cannot_start_and_a_case_nobody_is_called_for_are_refused(
    changed: Change, old: str, new: str, said: str
) -> None:
    assert said in problem(changed("cn.yaml", old, new))


def test_a_pack_without_a_first_action_is_refused(changed: Change) -> None:
    path = changed(
        "gb-eng.yaml",
        "urgency: [immediate]\n    start_event: acknowledged",
        "urgency: [urgent]\n    start_event: acknowledged",
    )
    assert "A clock is missing: `first_action` for immediate" in problem(path)


ISLAND = """
area_ladders:
  - prefix: "PREFIX"
    immediate:
      start: at_once
      ladder:
        rungs:
          - {level: first, after: PT0S, channels: [sms, voice]}
          - {level: manager, after: PT1M, channels: [sms, voice]}
clocks:"""


def island(prefix: str) -> tuple[str, str, str]:
    return "cn.yaml", "\nclocks:", ISLAND.replace("PREFIX", prefix)


def levels(packs: Packs, urgency: Urgency, code: str | None, system: str = "CN-XZQH") -> list[Level]:
    area = Area(system=system, edition="2024", code=code)
    ladder = packs.for_jurisdiction("CN", date(2026, 11, 23)).plan_for(urgency, area).ladder
    return [rung.level for rung in ladder.rungs] if ladder else []


def test_an_area_has_its_own_ladder_for_an_urgency_and_the_usual_one_for_the_rest(changed: Change) -> None:
    packs = Packs.load(changed(*island("4690")).parent)
    own, usual = [Level.FIRST, Level.MANAGER], list(Level)
    assert levels(packs, Urgency.IMMEDIATE, "469027001000") == own
    for elsewhere in ("460100000000", None):
        assert levels(packs, Urgency.IMMEDIATE, elsewhere) == usual
    assert levels(packs, Urgency.IMMEDIATE, "469027001000", system="GB-GSS") == usual
    assert levels(packs, Urgency.URGENT, "469027001000") == usual


def test_of_two_prefixes_the_longer_that_names_the_urgency_holds(changed: Change) -> None:
    path = changed(*island("4690"))
    path.write_text(
        path.read_text("utf-8").replace(
            "area_ladders:",
            """area_ladders:
  - prefix: "469027"
    urgent:
      start: at_once
      ladder:
        rungs: [{level: lead, after: PT0S, channels: [voice]}]""",
        ),
        "utf-8",
    )
    packs = Packs.load(path.parent)
    assert levels(packs, Urgency.IMMEDIATE, "469027001000") == [Level.FIRST, Level.MANAGER]
    assert levels(packs, Urgency.URGENT, "469027001000") == [Level.LEAD]


@pytest.mark.parametrize("prefix", ["990101", "E09", "11010x", "1101010010001", "0"])
def test_ladders_of_an_area_that_is_none_are_refused(changed: Change, prefix: str) -> None:
    path = changed(*island(prefix))
    line = line_of(path, f'prefix: "{prefix}"')
    assert problem(path) == f'{path}:{line}: No area of CN-XZQH begins with "{prefix}".'


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("\nclocks:", '\n  - {prefix: "4690", routine: {start: desk_only}}\nclocks:', "stands there twice"),
        ("\nclocks:", '\n  - {prefix: "1101"}\nclocks:', "names at least one urgency"),
        ("start: at_once", "start: desk_only", "An immediate case is called `at_once`."),
        (ISLAND[ISLAND.index("\n          -") : -len("\nclocks:")], " []", "at least 1 item"),
    ],
)
def test_ladders_of_an_area_that_call_nobody_or_stand_twice_are_refused(
    changed: Change, old: str, new: str, said: str
) -> None:
    path = changed(*island("4690"))
    before, own = path.read_text("utf-8").split("area_ladders:", 1)
    path.write_text(f"{before}area_ladders:{own.replace(old, new, 1)}", "utf-8")
    assert said in problem(path)


def test_a_pack_without_areas_has_no_ladders_for_one(changed: Change) -> None:
    _, old, new = island("1")
    assert "No area of none" in problem(changed("default.yaml", old, new))
