"""Stored reports under packs that are tried: as they were last judged, nothing kept, every look on record."""

import io
import shutil
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from infra import audit
from infra.inbox import DeadLetter, Envelope
from infra.outbox import Trace
from infra.settings import Env, Settings
from schemas.report import Answers
from schemas.terms import Answer, Urgency
from tests.integration.triage.conftest import CAMDEN, Hotline, Reports, Updates
from tests.integration.triage.test_meanings import HINTED, meant
from tests.staffed import packs
from triage.domain.asking import Asked, AskedOf
from triage.handlers import asking, judging, on_dead_letter
from triage.handlers.meanings import on_meaning
from triage.packs import Packs
from triage.packs.collection import HERE
from triage.replay import Replay
from triage.store import reports as stored_reports

BELT = "爸爸昨天用皮带打孩子。"
SETTINGS = Settings(env=Env.TEST)


@pytest.fixture(scope="module")
def tried(tmp_path_factory: pytest.TempPathFactory) -> Packs:
    """China's pack with one rule more: being hit with a thing raises a step."""
    path = tmp_path_factory.mktemp("packs") / "cn.yaml"
    shutil.copy(HERE / "cn.yaml", path)
    text = path.read_text(encoding="utf-8")
    rule = "rules: [{id: tried-belt, class: R, says: {zh: 试, en: tried}, needs: [[hit-with-object]]}]"
    assert "\nrules: []\n" in text
    path.write_text(text.replace("\nrules: []\n", f"\n{rule}\n").replace("version: 2026", "version: tried-2026"))
    return Packs.tried(path)


async def replayed(hotline: Hotline, tried: Packs, days: int = 7) -> tuple[int, str, str]:
    """Exit code, what was printed, and what was told beside it."""
    out, errors = io.StringIO(), io.StringIO()
    code = await Replay(days, tried, out, errors).run(hotline.db, hotline.means, SETTINGS, hotline.clock)
    return code, out.getvalue(), errors.getvalue()


async def newest(hotline: Hotline, report_id: UUID) -> Any:
    return await hotline.admin.pool.fetchrow(
        "select * from triage.assessments where report_id = $1 order by assessed_at desc, assessment_id desc limit 1",
        report_id,
    )


async def everything(hotline: Hotline) -> dict[str, Any]:
    """All that triage keeps, and every event."""
    tables = await hotline.admin.pool.fetch(
        "select relname from pg_stat_user_tables where schemaname = 'triage' order by relname"
    )
    names = [f"triage.{row['relname']}" for row in tables] + ["infra.outbox"]
    return {
        name: await hotline.admin.pool.fetch(f"select t::text from {name} t order by 1")  # noqa: S608 - names of tables
        for name in names
    }


async def looks(hotline: Hotline) -> list[Any]:
    return list(await hotline.admin.pool.fetch("select * from infra.audit where purpose = 'replay' order by seq"))


async def judged_anew(hotline: Hotline, report_id: UUID) -> Any:
    """A stored report judged once more by the packs in force, as it was last judged."""
    async with hotline.turn() as turn:
        since = turn.now - timedelta(days=7)
        (stored,) = [each for each in await stored_reports.last_judged(turn.tx, since) if each.report_id == report_id]
        assert stored.assessed_at is not None
        beside = await judging.beside_of(turn, stored.case_id, stored.child_safe_until)
        report = await judging.open_report(turn, report_id, stored.version)
        assert report is not None
        pack = packs().for_jurisdiction(report.jurisdiction, turn.now)
        return beside.judge(report.as_of(stored.version), pack, stored.assessed_at)


async def agrees(hotline: Hotline, report_id: UUID) -> None:
    """Judging it again gives what is stored, to the last reason."""
    kept, again = await newest(hotline, report_id), await judged_anew(hotline, report_id)
    said = again.model_dump(mode="json")
    assert (said["urgency"], said["pack"], said["semantic"]) == (kept["urgency"], kept["pack"], kept["semantic"])
    for part in ("reasons", "ask", "what_would_change"):
        assert said[part] == kept[part]


async def test_a_stored_judgement_is_the_same_when_it_is_made_again(hotline: Hotline, report: Reports) -> None:
    event = await report(answers={"child_alone": "does_not_know"}, danger_now="yes")
    await hotline.receive(event)
    hotline.clock.advance(timedelta(days=2))
    await agrees(hotline, event.report_id)


async def test_so_is_one_with_new_words_a_meaning_answers_at_the_desk_and_a_past(
    hotline: Hotline, report: Reports, update: Updates
) -> None:
    first = await report(HINTED)
    await hotline.receive(first)
    second = await report(BELT, linked_to=first.report_id)
    await hotline.receive(second)
    hotline.clock.advance(timedelta(minutes=1))
    await hotline.receive(await update(first, "他还打了孩子。", child_safe_now="does_not_know"))
    case = await hotline.case_of(first.report_id)
    async with hotline.turn() as turn:
        given = Answers(person_of_concern_has_access=Answer.YES)
        asked = Asked(AskedOf.REPORTER, turn.now, given, {"strangulation": Answer.YES, "groomer-meeting": Answer.NO})
        await asking.record_answers(turn, await hotline.press(case["case_id"]), asked)
    hotline.clock.advance(timedelta(minutes=1))
    async with hotline.turn() as turn:
        await on_meaning(turn, (first.report_id, 2), meant(first.report_id, Urgency.IMMEDIATE, 2))
    hotline.clock.advance(timedelta(days=1))

    assert (await newest(hotline, first.report_id))["semantic"] == "m"
    for each in (first, second):
        await agrees(hotline, each.report_id)
        rules = {reason["rule"] for reason in (await newest(hotline, each.report_id))["reasons"]}
        assert {"earlier-reports", "strangulation"} <= rules


async def test_so_is_one_whose_child_was_safe_for_some_time_then(hotline: Hotline, report: Reports) -> None:
    until = hotline.clock.now() + timedelta(hours=3)
    event = await report("想了解一下。", child_safe_until=until)
    await hotline.receive(event)
    before = (await newest(hotline, event.report_id))["urgency"]
    hotline.clock.advance(timedelta(hours=5))
    await agrees(hotline, event.report_id)
    assert (await judged_anew(hotline, event.report_id)).urgency == before


async def test_words_that_came_after_a_judgement_are_no_part_of_it(
    hotline: Hotline, report: Reports, update: Updates
) -> None:
    event = await report("想了解一下。")
    await hotline.receive(event)
    await update(event, "他拿着刀要砍孩子！", danger_now="yes")
    await agrees(hotline, event.report_id)
    assert (await judged_anew(hotline, event.report_id)).urgency is Urgency.ROUTINE


async def test_what_moves_is_told_by_alias_and_report_alone(hotline: Hotline, report: Reports, tried: Packs) -> None:
    moved, stays, other = (
        await report(BELT),
        await report("谢谢你们。"),
        await report(area=CAMDEN, jurisdiction="GB-ENG"),
    )
    for event in (moved, stays, other):
        await hotline.receive(event)

    code, out, errors = await replayed(hotline, tried)

    assert (code, errors) == (0, "")
    alias = (await hotline.case_of(moved.report_id))["alias"]
    assert out.splitlines()[-1] == f"{alias} {moved.report_id}: urgent -> immediate  +tried-belt"
    assert "CN tried-2026" in out
    assert "2 judged, 1 moved" in out
    assert not [word for word in (BELT, "皮带", "小雨", "三号楼") if word in out]


async def test_nothing_is_kept_and_each_look_is_on_record(hotline: Hotline, report: Reports, tried: Packs) -> None:
    event = await report(BELT)
    await hotline.receive(event)
    before = await everything(hotline)

    await replayed(hotline, tried)

    assert await everything(hotline) == before
    (look,) = await looks(hotline)
    case = await hotline.case_of(event.report_id)
    assert (look["actor"], look["purpose"], look["service"]) == (audit.operator(), "replay", "triage")
    assert (look["subject_kind"], look["subject_id"], look["case_id"]) == ("report", event.report_id, case["case_id"])
    assert look["actor"].startswith("operator:")
    assert look["shown"] == ["report.facts"]


async def test_nothing_moves_under_the_packs_in_force(hotline: Hotline, report: Reports) -> None:
    await hotline.receive(await report(BELT))
    code, out, _ = await replayed(hotline, Packs.tried(HERE))
    assert code == 0
    assert out.splitlines()[-1] == "nothing moved"


async def test_one_that_does_not_open_is_named_and_the_rest_goes_on(
    hotline: Hotline, report: Reports, tried: Packs
) -> None:
    broken, whole = await report(BELT), await report(BELT)
    for event in (broken, whole):
        await hotline.receive(event)
    await hotline.admin.pool.execute("alter table ingest.reports disable trigger user")
    await hotline.admin.pool.execute(
        "update ingest.reports set facts = $2 where report_id = $1",
        broken.report_id,
        b"broken beyond opening, but long enough for a sealed value",
    )

    code, out, errors = await replayed(hotline, tried)

    assert code == 1
    alias = (await hotline.case_of(broken.report_id))["alias"]
    assert errors == f"{alias} {broken.report_id}: does not open, and is left out\n"
    assert str(broken.report_id) not in out
    assert "1 judged, 1 moved" in out
    assert len(await looks(hotline)) == 2


async def test_one_that_was_never_judged_is_named_and_not_opened(
    hotline: Hotline, report: Reports, tried: Packs
) -> None:
    event = await report(BELT)
    body = event.model_dump(mode="json")
    async with hotline.turn() as turn:
        envelope = Envelope(event.report_id, event.type, event.key, body, Trace.begin())
        await on_dead_letter(DeadLetter(envelope, "broken", turn.now), turn)

    code, out, errors = await replayed(hotline, tried)

    assert (code, out) == (1, "nothing was judged\n")
    assert f"{event.report_id}: was never judged" in errors
    assert await looks(hotline) == []


async def test_canaries_and_what_is_older_are_left_alone(hotline: Hotline, report: Reports, tried: Packs) -> None:
    await hotline.receive(await report(BELT))
    hotline.clock.advance(timedelta(days=3))
    await hotline.receive(await report(BELT, is_canary=True))

    assert await replayed(hotline, tried, days=2) == (0, "nothing was judged\n", "")
    assert await looks(hotline) == []
    assert "1 judged, 1 moved" in (await replayed(hotline, tried, days=4))[1]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


async def test_somebody_who_watches_sees_how_far_it_is(hotline: Hotline, report: Reports, tried: Packs) -> None:
    for _ in range(2):
        await hotline.receive(await report(BELT))
    errors = Terminal()
    await Replay(7, tried, io.StringIO(), errors).run(hotline.db, hotline.means, SETTINGS, hotline.clock)
    assert errors.getvalue() == "\r1 of 2\r2 of 2\n"
