"""Rosters are applied whole or not at all, and the demonstration is written once."""

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from infra.settings import Env, Settings
from schemas.terms import Purpose
from tests.integration.triage.conftest import Hotline, desk_says
from triage.domain.roster import Roster
from triage.handlers import covering, rosters
from triage.handlers.covering import RosterRefused
from triage.handlers.rosters import apply_rosters
from triage.seed import ACCOUNTS_FILE, PHONES_FILE, Applying, SeedRefused, apply_file, read, refusal, seed_demo
from triage.why import NothingToExplain, why


def roster(**given: Any) -> Roster:
    people = [{"level": level, "people": ["cam-baker"], "starts_on": "2026-01-01"} for level in LEVELS]
    rules = {"team": "camden", "time_zone": "Europe/London", "levels": LEVELS, "rotations": people}
    return Roster.model_validate(rules | given)


LEVELS = ["first", "backup", "lead", "manager"]


async def test_a_roster_with_a_gap_is_refused_and_changes_nothing(hotline: Hotline) -> None:
    gap = {"level": "backup", "remove": "cam-baker", "begins": "2026-03-10T08:00", "ends": "2026-03-10T20:00"}
    before = await hotline.admin.pool.fetchval("select count(*) from triage.shifts")

    with pytest.raises(RosterRefused) as refused:
        async with hotline.turn() as turn:
            await apply_rosters(turn, [roster(overrides=[gap])], "test")

    said = refusal(refused.value, ["en", "zh"]).splitlines()
    assert said[0] == (
        "Camden child protection team: nobody who can be reached is on call at the second level (backup) "
        "from 2026-03-10 08:00 until 2026-03-10 20:00. Add somebody to the roster, then apply it again."
    )
    assert "卡姆登儿童保护组" in said[1]
    assert await hotline.admin.pool.fetchval("select count(*) from triage.shifts") == before


async def test_a_person_without_a_phone_covers_nothing(hotline: Hotline) -> None:
    await hotline.admin.pool.execute("delete from triage.phones where person_id = $1", hotline.people["cam-baker"])

    with pytest.raises(RosterRefused, match="roster_gap"):
        async with hotline.turn() as turn:
            await apply_rosters(turn, [roster()], "test")


@pytest.mark.parametrize(("team", "key"), [("last-resort", "roster_no_last_resort"), ("desk", "roster_no_desk")])
async def test_a_hotline_without_its_last_teams_is_refused(hotline: Hotline, team: str, key: str) -> None:
    await hotline.admin.pool.execute(
        "update triage.teams set is_desk = false, is_last_resort = false where slug = $1", team
    )

    with pytest.raises(RosterRefused, match=key):
        async with hotline.turn() as turn:
            await apply_rosters(turn, [roster()], "test")


@pytest.mark.parametrize(
    ("given", "key"),
    [
        ({"team": "nowhere"}, "roster_no_team"),
        ({"rotations": [{"level": "first", "people": ["nobody"], "starts_on": "2026-01-01"}]}, "roster_no_person"),
    ],
)
async def test_unknown_names_are_refused(hotline: Hotline, given: dict[str, Any], key: str) -> None:
    with pytest.raises(RosterRefused, match=key):
        async with hotline.turn() as turn:
            await apply_rosters(turn, [roster(**given)], "test")


async def test_applying_again_replaces_what_is_to_come(hotline: Hotline) -> None:
    hotline.clock.advance(timedelta(days=2))
    async with hotline.turn() as turn:
        await apply_rosters(turn, [roster()], "test")

    rows = await hotline.admin.pool.fetch(
        "select distinct p.handle from triage.shifts s join triage.people p using (person_id) "
        "join triage.teams t using (team_id) where t.slug = 'camden' and upper(during) > $1",
        hotline.clock.now(),
    )
    assert [row["handle"] for row in rows] == ["cam-baker"]


async def test_shifts_are_made_ahead_as_days_go_by(hotline: Hotline) -> None:
    hotline.clock.advance(timedelta(days=10))
    async with hotline.turn() as turn:
        await rosters.extend(turn)
        assert await covering.uncovered(turn) == []
    assert await hotline.admin.pool.fetchval("select max(upper(during)) from triage.shifts") == (
        hotline.clock.now() + timedelta(days=35)
    )
    assert await hotline.admin.pool.fetchval("select count(*) from triage.alarms") == 0


async def test_a_gap_of_this_night_calls_the_manager_once(hotline: Hotline) -> None:
    await hotline.admin.pool.execute(
        "delete from triage.shifts s using triage.teams t where s.team_id = t.team_id and t.slug = 'camden'"
    )
    for _ in range(2):
        async with hotline.turn() as turn:
            await covering.watch(turn)

    (told,) = await hotline.told("desk.changed.v1")
    (assignment,) = told["body"]["assignments"]
    assert [rung["level"] for rung in assignment["ladder"]["rungs"]] == ["manager"]
    kinds = await hotline.admin.pool.fetch("select kind from triage.alarms")
    assert "roster_gap_soon/first" in {row["kind"] for row in kinds}


async def test_a_manager_who_answers_for_a_gap_is_not_taken_to_be_at_the_desk(hotline: Hotline) -> None:
    await hotline.admin.pool.execute(
        "delete from triage.shifts s using triage.teams t where s.team_id = t.team_id and t.slug = 'camden'"
    )
    async with hotline.turn() as turn:
        await covering.watch(turn)
    await desk_says(hotline, Purpose.ROSTER, "mgr-gao")

    assert await hotline.admin.pool.fetchval("select count(*) from triage.presence") == 0
    assert (await hotline.told("desk.changed.v1"))[-1]["body"]["assignments"][0]["status"] == "ended"


async def test_a_manager_who_hands_a_gap_back_is_called_about_it_again(hotline: Hotline) -> None:
    await hotline.admin.pool.execute(
        "delete from triage.shifts s using triage.teams t where s.team_id = t.team_id and t.slug = 'camden'"
    )
    async with hotline.turn() as turn:
        await covering.watch(turn)
    await desk_says(hotline, Purpose.ROSTER, "mgr-gao")
    await desk_says(hotline, Purpose.ROSTER, "mgr-gao", hands_back=True)

    async with hotline.turn() as turn:
        await covering.watch(turn)
    told = (await hotline.told("desk.changed.v1"))[-1]["body"]["assignments"][0]
    assert (told["purpose"], told["status"], told["number"]) == ("roster", "calling", 2)


async def test_one_person_is_not_twice_at_one_level(hotline: Hotline) -> None:
    with pytest.raises(Exception, match="shifts_once"):
        await hotline.admin.pool.execute(
            "insert into triage.shifts select gen_random_uuid(), team_id, person_id, level, 9, during, because "
            "from triage.shifts limit 1"
        )


async def test_the_demonstration_is_written_once(hotline: Hotline, tmp_path: Path) -> None:
    given = Settings(env=Env.DEMO, state_dir=tmp_path)
    await seed_demo(hotline.db, hotline.means, given, hotline.clock)
    accounts = json.loads((tmp_path / ACCOUNTS_FILE).read_text("utf-8"))
    phones = json.loads((tmp_path / PHONES_FILE).read_text("utf-8"))
    before = await hotline.admin.pool.fetch("select handle, version, pin_hash from triage.people order by handle")

    await seed_demo(hotline.db, hotline.means, given, hotline.clock)

    assert json.loads((tmp_path / ACCOUNTS_FILE).read_text("utf-8")) == accounts
    after = await hotline.admin.pool.fetch("select handle, version, pin_hash from triage.people order by handle")
    assert before == after
    assert {each["role"] for each in accounts} == {"duty_officer", "supervisor", "manager"}
    assert all(set(each) == {"number", "name", "language", "pin"} for each in phones)


async def test_the_demonstration_is_refused_in_production(hotline: Hotline, tmp_path: Path) -> None:
    given = Settings(env=Env.TEST, state_dir=tmp_path).model_copy(update={"env": Env.PRODUCTION})
    with pytest.raises(SeedRefused, match="production"):
        await seed_demo(hotline.db, hotline.means, given, hotline.clock)


async def test_a_file_that_is_wrong_says_where(hotline: Hotline, tmp_path: Path) -> None:
    file = tmp_path / "roster.yaml"
    file.write_text("rosters:\n  - {team: camden, time_zone: Mars/Base, levels: [first], rotations: []}\n")

    with pytest.raises(SeedRefused, match=r"rosters\.0\.time_zone: Mars/Base is no time zone"):
        await apply_file(Applying(file), hotline.db, hotline.means, Settings(env=Env.TEST), hotline.clock)
    file.write_text("rosters: [")
    with pytest.raises(SeedRefused, match="not YAML"):
        read([file])


GAP_FILE = """
rosters:
  - team: camden
    time_zone: Europe/London
    levels: [first, backup]
    rotations:
      - {level: first, people: [cam-baker], starts_on: 2026-01-01}
"""


async def test_a_command_accepts_a_gap_in_the_name_of_a_supervisor_alone(hotline: Hotline, tmp_path: Path) -> None:
    file = tmp_path / "roster.yaml"
    file.write_text(GAP_FILE)
    rest = (hotline.db, hotline.means, Settings(env=Env.TEST), hotline.clock)

    with pytest.raises(SeedRefused, match=r"second level \(backup\) from"):
        await apply_file(Applying(file), *rest)
    for username, reason in (("zhou", "why not"), ("nobody", "why not"), ("lu", " ")):
        with pytest.raises(SeedRefused, match=f"{username} is no supervisor"):
            await apply_file(Applying(file, (username, reason)), *rest)
    await apply_file(Applying(file, ("lu", "Khan left, the post is open")), *rest)

    by = await hotline.admin.pool.fetchval("select accepted_by from triage.accepted_gaps")
    assert by == hotline.people["sup-lu"]


async def test_the_command_says_who_is_on_call_and_why(hotline: Hotline, capsys: pytest.CaptureFixture[str]) -> None:
    change = {"level": "backup", "begins": "2026-03-10T08:00", "ends": "2026-03-11T08:00", "remove": "cam-baker"}
    at = datetime.fromisoformat("2026-03-10T03:00")
    rest = (hotline.db, hotline.means, Settings(env=Env.TEST), hotline.clock)
    async with hotline.turn() as turn:
        await apply_rosters(turn, [roster(overrides=[change | {"add": "cam-khan"}])], "test")

    await why("camden", at, *rest)
    await why("camden", at + timedelta(hours=5), *rest)

    weekly, changed = (
        "cam-baker, because of the weekly rotation.",
        "cam-khan, because an override of the roster replaced",
    )
    said = capsys.readouterr().out
    assert f"first level: {weekly}\nsecond level (backup): {weekly}" in said
    assert f"second level (backup): {changed} the weekly rotation: it would have been cam-baker." in said
    assert "第二层（备班）：cam-khan值班：值班表的调整替换了每周轮班，原为cam-baker。" in said
    with pytest.raises(NothingToExplain, match="No roster is known for the team nowhere"):
        await why("nowhere", None, *rest)
