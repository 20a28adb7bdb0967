"""Calling a drill: whose ladder, whom it leaves asleep, what is refused, and what is told."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from infra.ids import new_id
from infra.settings import Settings
from schemas.events import ResponderNeedsHelp
from schemas.terms import Urgency
from tests.integration.triage.conftest import Hotline, Reports
from triage.domain.case import Refusal
from triage.domain.drill import Outcome
from triage.drill import Drill, NoDrill
from triage.handlers import drills
from triage.handlers.drills import Wanted

UNTIL_NIGHT = timedelta(hours=11)
"""From the first instant of the clock, noon in Shanghai, to eleven at night."""


async def call(hotline: Hotline, **wanted: Any) -> UUID:
    async with hotline.turn() as turn:
        return await drills.call(turn, Wanted(**wanted), "test")


async def refused(hotline: Hotline, **wanted: Any) -> str:
    with pytest.raises(Refusal) as refusal:
        await call(hotline, **wanted)
    return refusal.value.key


async def assignment(hotline: Hotline) -> dict[str, Any]:
    (event,) = await hotline.told("drill.called.v1")
    (made,) = event["body"]["assignments"]
    return dict(made)


async def took_up(hotline: Hotline, drill_id: UUID, status: str = "calling", **at: Any) -> UUID:
    """What the notifier writes when it takes a drill up."""
    now, escalation_id = hotline.clock.now(), new_id()
    await hotline.admin.pool.execute(
        "insert into notifier.subjects (subject_id, subject_kind, version, alias, time_zone, is_canary, "
        "correlation_id, causation_id, traceparent) values ($1, 'drill', 1, 'KD472', 'UTC', false, $1, $1, '')",
        drill_id,
    )
    await hotline.admin.pool.execute(
        "insert into notifier.escalations (escalation_id, subject_id, purpose, number, status, urgency, team_id, "
        "ladder, deadline_at, started_at, next_due_at, exhausted_at) "
        "select $1, $2, 'respond', 1, $3::text, 'immediate', team_id, ladder, $4, $4, "
        "case when $3 = 'calling' then $4::timestamptz end, $5 from triage.drills where drill_id = $2",
        escalation_id,
        drill_id,
        status,
        now,
        at.get("exhausted_at"),
    )
    return escalation_id


async def called(hotline: Hotline, escalation_id: UUID, person: str, **told: Any) -> None:
    now = hotline.clock.now()
    await hotline.admin.pool.execute(
        "insert into notifier.alerts (alert_id, escalation_id, kind, person_id, level, channel, attempt, "
        "is_immediate, state, planned_at, valid_until, sent_at, delivered_at, ended_at) "
        "values ($1, $2, 'alert', $3, $4, 'sms', 1, false, 'delivered', $5, $6, $7, $7, $7)",
        new_id(),
        escalation_id,
        hotline.people[person],
        told.get("level", "first"),
        now,
        now + timedelta(minutes=5),
        now + timedelta(seconds=2),
    )


async def test_it_calls_the_last_resort_team_by_its_own_ladder_unless_told_otherwise(hotline: Hotline) -> None:
    drill = await call(hotline)
    (row,) = await hotline.admin.pool.fetch(
        "select d.*, t.slug from triage.drills d join triage.teams t using (team_id)"
    )
    assert (row["drill_id"], row["slug"], row["urgency"]) == (drill, "last-resort", "immediate")
    assert row["over_by"] == hotline.clock.now() + timedelta(minutes=12)
    made = await assignment(hotline)
    assert [rung["level"] for rung in made["ladder"]["rungs"]] == ["first", "backup", "lead", "manager"]
    assert (made["status"], made["purpose"], made["excluded_responders"]) == ("calling", "respond", [])


async def test_it_calls_a_team_by_the_ladder_of_an_urgency_and_keeps_who_called_it(hotline: Hotline) -> None:
    await call(hotline, team="dongcheng", urgency=Urgency.URGENT)
    made = await assignment(hotline)
    assert [rung["after"] for rung in made["ladder"]["rungs"]] == ["PT0S", "PT15M", "PT30M", "PT45M"]
    looks = await hotline.admin.pool.fetch("select actor, purpose, action from infra.audit where purpose = 'drill'")
    assert [tuple(look) for look in looks] == [("test", "drill", "drill_called")]


async def test_it_is_no_case_and_has_no_clock(hotline: Hotline) -> None:
    await call(hotline)
    assert not await hotline.admin.pool.fetchval(
        "select count(*) from triage.cases full join triage.clocks using (case_id) "
        "full join triage.assignments a on a.subject_id = case_id "
        "full join triage.timeline t on t.subject_id = case_id"
    )


async def test_what_cannot_be_called_is_refused(hotline: Hotline) -> None:
    assert await refused(hotline, team="nowhere") == "refusal_drill_no_team"
    assert await refused(hotline, team="dongcheng", urgency=Urgency.ROUTINE) == "refusal_drill_no_ladder"
    assert await refused(hotline, team="canary") == "refusal_drill_nobody"
    assert not await hotline.told("drill.called.v1")


async def test_a_team_has_one_drill_at_a_time(hotline: Hotline) -> None:
    first = await call(hotline)
    assert await refused(hotline) == "refusal_drill_already"
    await call(hotline, team="dongcheng")
    hotline.clock.advance(timedelta(minutes=6))
    await call(hotline)  # Nobody took the first up: it is over.
    await took_up(hotline, first)
    assert await refused(hotline) == "refusal_drill_already"


async def test_at_night_only_those_who_agreed_are_called(hotline: Hotline) -> None:
    hotline.clock.advance(UNTIL_NIGHT)
    assert await refused(hotline) == "refusal_drill_night"
    await hotline.admin.pool.execute("update triage.people set drills_at_night = true where handle = 'lr-he'")
    await call(hotline)
    left_alone = {UUID(each) for each in (await assignment(hotline))["excluded_responders"]}
    assert left_alone == {hotline.people[who] for who in ("lr-sun", "lr-evans", "sup-lu", "mgr-gao")}


async def test_at_night_everybody_is_called_when_that_is_said(hotline: Hotline) -> None:
    hotline.clock.advance(UNTIL_NIGHT)
    await call(hotline, at_night=True)
    assert (await assignment(hotline))["excluded_responders"] == []


async def test_its_report_tells_each_rung(hotline: Hotline) -> None:
    drill = await call(hotline)
    escalation = await took_up(hotline, drill, "ended", exhausted_at=hotline.clock.now())
    await called(hotline, escalation, "lr-sun")
    await hotline.admin.pool.execute(
        "insert into notifier.empty_levels values ($1, 'lead', $2)", escalation, hotline.clock.now()
    )
    async with hotline.turn() as turn:
        report = await drills.report(turn, drill)
        assert await drills.report(turn, new_id()) is None
    assert report is not None
    assert report.outcome is Outcome.NOBODY
    assert [(rung.level, len(rung.lines), rung.is_empty) for rung in report.rungs] == [
        ("first", 1, False),
        ("backup", 0, False),
        ("lead", 0, True),
        ("manager", 0, False),
    ]
    assert report.rungs[0].lines[0].late == timedelta(seconds=2)


async def test_a_call_for_help_in_a_drill_alarms_the_desk(hotline: Hotline) -> None:
    drill, li = await call(hotline), hotline.people["lr-sun"]
    now = hotline.clock.now()
    event = ResponderNeedsHelp(
        version=1, escalation_id=new_id(), subject_id=drill, subject_kind="case", purpose="respond", number=1,
        status="calling", started_at=now, needs_help_at=now, needs_help_by=li,
    )  # fmt: skip
    await hotline.receive(event)
    await hotline.receive(event)
    alarms = await hotline.admin.pool.fetch("select kind, subject_id, detail from triage.alarms")
    assert [(row["kind"], row["subject_id"], row["detail"]["person"]) for row in alarms] == [
        ("drill_help", drill, str(li))
    ]


async def test_the_command_prints_the_report_in_both_languages(hotline: Hotline) -> None:
    said: list[str] = []

    drill = Drill(Wanted(), said.append)
    settings = Settings(languages="zh,en")
    await _while_notified(hotline, drill, settings)
    text = "\n".join(said)
    assert "The drill is called" in text
    assert "演练" in text
    assert ": taken, and over" in text
    assert "lr-sun" in text
    assert "third level (lead), after 5 min Not called." in text


async def _while_notified(hotline: Hotline, drill: Drill, settings: Settings) -> None:
    running = asyncio.create_task(drill.run(hotline.db, hotline.means, settings, hotline.clock))
    while not (drill_id := await hotline.admin.pool.fetchval("select drill_id from triage.drills")):
        await asyncio.sleep(0.01)
    escalation = await took_up(hotline, drill_id)
    await called(hotline, escalation, "lr-sun")
    await hotline.admin.pool.execute(
        "update notifier.escalations set status = 'acknowledged', next_due_at = null, acknowledged_by = $1, "
        "acknowledged_at = $2, acknowledged_via = 'sms'",
        hotline.people["lr-sun"],
        hotline.clock.now(),
    )
    await asyncio.wait_for(running, 30)


async def test_the_command_says_what_is_refused(hotline: Hotline) -> None:
    with pytest.raises(NoDrill, match='There is no team "nowhere"'):
        await Drill(Wanted("nowhere")).run(hotline.db, hotline.means, Settings(languages="en"), hotline.clock)


async def test_the_command_says_that_nobody_was_called(hotline: Hotline) -> None:
    drill = Drill(Wanted(), lambda _line: hotline.clock.advance(timedelta(minutes=6)))
    with pytest.raises(NoDrill, match="nobody was called"):
        await drill.run(hotline.db, hotline.means, Settings(languages="en"), hotline.clock)


async def test_a_drill_calls_first_whom_a_case_would(hotline: Hotline, report: Reports) -> None:
    await call(hotline, team="dongcheng")
    first = (await assignment(hotline))["first_responder_id"]
    event = await report(danger_now="yes")
    await hotline.receive(event)
    (real,) = await hotline.assignments((await hotline.case_of(event.report_id))["case_id"])
    assert first == str(real["first_responder_id"])


async def test_a_drill_goes_by_language_before_the_roster(hotline: Hotline) -> None:
    rows = await hotline.admin.pool.fetch(
        "select handle from triage.shifts join triage.people using (person_id) join triage.teams using (team_id) "
        "where slug = 'dongcheng' and level = 'first' and during @> $1::timestamptz order by position",
        hotline.clock.now(),
    )
    first, second = (row["handle"] for row in rows)
    await hotline.admin.pool.execute(
        "update triage.people set language = 'en', languages = '{}' where handle = $1", first
    )
    await call(hotline, team="dongcheng")
    assert (await assignment(hotline))["first_responder_id"] == str(hotline.people[second])
