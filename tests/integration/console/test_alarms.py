"""What alarms is said in words, in both languages: what, about whom, at which level, when, whoever raises it."""

import ast
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import pytest

from infra.locales import Locales
from schemas.terms import Level
from tests.integration.console.conftest import Desk
from tests.integration.triage.conftest import Reports
from triage.domain.roster import Gap
from triage.handlers.covering import RosterRefused, Uncovered
from triage.seed import LOCALES, refusal
from triage.store import desks

ROOT = Path(__file__).parents[3]
PRODUCTION = [
    path for part in ("ingest", "triage", "notifier", "infra") for path in sorted((ROOT / part).rglob("*.py"))
]


@cache
def nodes() -> list[ast.AST]:
    """Every node of the source of every service."""
    return [node for path in PRODUCTION for node in ast.walk(ast.parse(path.read_text("utf-8")))]


def strings(found: Iterator[ast.expr | None] | list[ast.expr | None]) -> set[str]:
    return {each.value for each in found if isinstance(each, ast.Constant) and isinstance(each.value, str)}


def kinds() -> set[str]:
    """Every kind of alarm that anything raises: the second argument of `desks.alarm`, up to what it is about.

    A gap of a roster has its kind in a variable.
    """
    calls = [each for each in nodes() if isinstance(each, ast.Call) and isinstance(each.func, ast.Attribute)]
    written = [node for each in calls if ast.unparse(each.func) == "desks.alarm" for node in ast.walk(each.args[1])]
    constants = strings([node for node in written if isinstance(node, ast.Constant)])
    return {each.partition("/")[0] for each in constants} - {""} | {
        "roster_gap",
        "roster_gap_soon",
        "roster_gap_accepted",
    }


def checks() -> set[str]:
    """Every name under which a service reports a trouble: those it is wired with, and those of its health."""
    found: set[str] = set()
    for node in nodes():
        if isinstance(node, ast.keyword) and node.arg in ("checks", "gates") and isinstance(node.value, ast.Dict):
            found |= strings(node.value.keys)
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) in ("checks", "gates"):
            found |= {key for each in ast.walk(node) if isinstance(each, ast.Dict) for key in strings(each.keys)}
    health = ast.parse((ROOT / "infra" / "health.py").read_text("utf-8"))
    for node in ast.walk(health):
        if isinstance(node, ast.AsyncFunctionDef) and node.name in ("_refusals", "troubles"):
            inside = list(ast.walk(node))
            found |= {key for each in inside if isinstance(each, ast.Dict) for key in strings(each.keys)}
            stored = [each for each in inside if isinstance(each, ast.Subscript) and isinstance(each.ctx, ast.Store)]
            found |= strings([each.slice for each in stored])
    return found


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_alarm_and_every_check_has_its_words(language: str) -> None:
    t = Locales.load(LOCALES)[language]
    filled = dict.fromkeys(("alias", "team", "level", "clock", "purpose", "because", "error", "from_", "until"), "x")
    filled |= dict.fromkeys(("urgency", "week", "percent", "before", "count"), "x")

    assert {"roster_gap", "nobody_on_call", "clocks_failed", "clock_missed", "resting", "exhausted"} <= kinds()
    assert {"database", "listener", "clock", "broker", "sweep", "calling", "last_resort_is_on_call"} <= checks()
    for kind in kinds():
        assert t(f"desk_alarm_kind_{kind}", **filled)
    for check in checks():
        assert t(f"desk_check_{check}")


async def test_an_alarm_tells_team_level_and_time(desk: Desk, report: Reports) -> None:
    await desk.sign_in()
    event = await report(danger_now="yes")
    await desk.hotline.receive(event)
    case = await desk.hotline.case_of(event.report_id)
    camden = await desk.hotline.admin.pool.fetchval("select team_id from triage.teams where slug = 'camden'")
    begins = desk.hotline.clock.now()
    gap = {"level": "lead", "from": begins.isoformat(), "until": (begins + timedelta(hours=2)).isoformat()}
    async with desk.hotline.turn() as turn:
        await desks.alarm(turn.tx, "roster_gap", camden, gap, turn.now)
        await desks.alarm(turn.tx, "nobody_on_call", case["case_id"], {"level": "first"}, turn.now)
        await desks.alarm(turn.tx, "clocks_failed", case["case_id"], {"error": "KeyError"}, turn.now)
        await desks.alarm(turn.tx, "resting", case["case_id"], {"because": "response_missed"}, turn.now)

    english = (await desk.client.get("/alarms?language=en")).text
    chinese = (await desk.client.get("/alarms?language=zh")).text

    assert re.search(
        r"Camden[^<]*: nobody is on call at the third level \(lead\) from 04:00:00 until 06:00:00", english
    )
    assert f"Case {case['alias']}: nobody of" in english
    assert f"Case {case['alias']}: its clocks could not be worked (KeyError)" in english
    assert "calling rests, but a deadline passed (response missed)" in english
    assert re.search(r"：04:00:00 至 06:00:00，第三层（值班长）没有人值班", chinese)
    assert "roster gap" not in chinese
    assert "nobody on call" not in chinese


async def test_no_storm_hides_a_responder_who_needs_help(desk: Desk, report: Reports) -> None:
    """Ladders that were exhausted since, whose cases were stood down, and more newer alarms than are listed."""
    await desk.sign_in()
    event = await report(danger_now="yes")
    await desk.hotline.receive(event)
    case = await desk.hotline.case_of(event.report_id)
    async with desk.hotline.turn() as turn:
        await desks.alarm(turn.tx, "responder_help", case["case_id"], {}, turn.now)
        await desks.alarm(turn.tx, "child_not_reached", case["case_id"], {}, turn.now)
        await desks.alarm(turn.tx, "clock_missed/response", case["case_id"], {}, turn.now)
        await desks.alarm(turn.tx, "team_full", None, {}, turn.now)
    for kind in ("exhausted/respond", "raises_jumped"):
        await desk.hotline.admin.pool.execute(
            "insert into triage.alarms (alarm_id, kind, subject_id, raised_at) "
            "select gen_random_uuid(), $1, gen_random_uuid(), $2 from generate_series(1, 250)",
            kind,
            desk.hotline.clock.now() + timedelta(minutes=1),
        )

    async with desk.hotline.turn() as turn:
        kinds = [row["kind"] for row in await desks.alarms(turn.tx)]
    english = (await desk.client.get("/alarms?language=en")).text
    chinese = (await desk.client.get("/alarms?language=zh")).text

    assert kinds == ["responder_help", "child_not_reached", "clock_missed/response", *["raises_jumped"] * 198]
    lines = re.findall(r'<li data-kind="kept">.*', english)
    assert "THE RESPONDER NEEDS HELP" in lines[0]
    assert "is at its capacity" not in english
    assert "53 alarms that weigh less are not listed" in english
    assert "还有 53 项较轻的警示未列出" in chinese
    listed = len(re.findall("<li data-kind", english))
    assert f"To be looked at: {listed + 53}" in english
    assert f"and {listed - 8} more" in english


async def test_no_number_of_responders_in_danger_hides_one(desk: Desk) -> None:
    await desk.hotline.admin.pool.execute(
        "insert into triage.alarms (alarm_id, kind, subject_id, raised_at) select gen_random_uuid(), "
        "case i % 3 when 0 then 'send_police/responder_silent' when 1 then 'responder_help' else 'facts_closed' end, "
        "gen_random_uuid(), $1 from generate_series(1, 750) i",
        desk.hotline.clock.now(),
    )

    async with desk.hotline.turn() as turn:
        found = await desks.alarms(turn.tx)

    kinds = [row["kind"] for row in found]
    assert (kinds.count("responder_help"), kinds.count("send_police/responder_silent")) == (250, 250)
    assert (kinds[500:], found[0]["standing"]) == (["facts_closed"] * 200, 750)


async def test_a_trouble_is_told_in_words_with_what_is_behind_it(desk: Desk) -> None:
    await desk.sign_in()
    await desk.hotline.admin.pool.execute(
        "insert into infra.heartbeats (service, instance, at, troubles) values ('triage', '1', $1, $2)",
        desk.hotline.clock.now(),
        {"last_resort_is_on_call": "nobody is on call now for: last-resort"},
    )

    part = (await desk.client.get("/alarms?language=zh")).text

    assert "值班台或兜底值班组此刻无人值班（nobody is on call now for: last-resort）" in part
    assert "last_resort_is_on_call" not in re.sub(r'value="[^"]*"', "", part)


def test_a_refused_roster_names_the_level_in_words() -> None:
    gap = Gap(Level.FIRST, datetime(2026, 3, 4, 1, tzinfo=UTC), datetime(2026, 3, 4, 2, tzinfo=UTC))
    team = {"name_zh": "东城组", "name_en": "Dongcheng team", "time_zone": "Asia/Shanghai"}

    said = refusal(RosterRefused("roster_gap", [Uncovered(team, gap)]), ["zh", "en"])

    assert "第一层没有可以联系到的人" in said
    assert "at the first level from" in said
