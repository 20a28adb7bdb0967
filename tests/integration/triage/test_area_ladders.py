"""A pack may give an area its own ladder for an urgency: from the report through the assignment to the calling."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from infra.ids import new_id
from infra.inbox import Delivery
from infra.outbox import Trace
from notifier.handlers.cases import CaseHandlers
from notifier.handlers.waking import Wake
from schemas.area import Area
from schemas.events import CaseOpened
from schemas.ladder import Ladder, Rung
from schemas.terms import AlertChannel, Level, Urgency
from tests.conftest import DatabaseAs, SettableClock
from tests.integration.triage.conftest import CAMDEN, DONGCHENG, Hotline, Reports, subscriber
from triage.domain.pack import AreaLadders, LadderPlan
from triage.handlers import drills
from triage.handlers.drills import Wanted
from triage.packs import Packs

OWN = Ladder(
    rungs=(
        Rung(level=Level.LEAD, after=timedelta(), channels=(AlertChannel.VOICE,)),
        Rung(level=Level.MANAGER, after=timedelta(minutes=1), channels=(AlertChannel.VOICE,)),
    )
)
ELSEWHERE = Area(system="CN-XZQH", edition="2024", code="330106001000")
LADDER = "select ladder from notifier.escalations where subject_id = $1 and purpose = 'respond'"


@pytest.fixture
def with_own(hotline: Hotline) -> Hotline:
    """Dongcheng is called by a ladder of its own where it is immediate."""
    own = AreaLadders(prefix="110101", immediate=LadderPlan(start="at_once", ladder=OWN))
    packs = [
        pack.model_copy(update={"area_ladders": (own,)}) if pack.jurisdiction == "CN" else pack
        for pack in hotline.means.packs
    ]
    shared = hotline.means.packs
    hotline.means = replace(hotline.means, packs=Packs(tuple(packs), shared.watching, shared.closing, shared.skills))
    hotline.subscriber = subscriber(hotline.db, hotline.clock, hotline.means)
    return hotline


async def called(hotline: Hotline, db_as: DatabaseAs, clock: SettableClock, event: Any) -> list[str]:
    """The levels of the ladder by which the notifier calls for a report that triage has judged."""
    await hotline.receive(event)
    case = await hotline.case_of(event.report_id)
    (opened,) = [
        row for row in await hotline.told("case.opened.v1") if row["body"]["subject_id"] == str(case["case_id"])
    ]
    state = CaseOpened.model_validate(opened["body"])
    notifier = await db_as("notifier")
    async with notifier.transaction() as tx:
        await CaseHandlers(clock, Wake()).on_calling(Delivery(new_id(), state.type, state, Trace.begin()), tx)
    ladder = await hotline.admin.pool.fetchval(LADDER, case["case_id"])
    (assignment,) = await hotline.assignments(case["case_id"])
    assert assignment["ladder"] == ladder
    return [rung["level"] for rung in ladder["rungs"]]


async def test_a_case_of_the_area_is_called_by_its_ladder_and_one_elsewhere_by_the_usual(
    with_own: Hotline, report: Reports, db_as: DatabaseAs, clock: SettableClock
) -> None:
    here = await called(with_own, db_as, clock, await report(danger_now="yes", area=DONGCHENG))
    there = await called(with_own, db_as, clock, await report(danger_now="yes", area=ELSEWHERE))
    assert here == ["lead", "manager"]
    assert there == ["first", "backup", "lead", "manager"]


@pytest.mark.parametrize(("place", "number"), [((DONGCHENG, "CN", "zh"), "110"), ((CAMDEN, "GB-ENG", "en"), "999")])
async def test_a_ladder_says_what_to_ring_in_danger_at_the_place(
    hotline: Hotline, report: Reports, place: tuple[Area, str, str], number: str
) -> None:
    area, jurisdiction, language = place
    event = await report(danger_now="yes", area=area, jurisdiction=jurisdiction, language=language)
    await hotline.receive(event)
    case = await hotline.case_of(event.report_id)
    called = [each for each in await hotline.assignments(case["case_id"]) if each["purpose"] == "respond"]
    assert [each["ladder"]["emergency"] for each in called] == [number]


async def test_the_first_of_that_ladder_is_called_first(with_own: Hotline, report: Reports) -> None:
    event = await report(danger_now="yes", area=DONGCHENG)
    await with_own.receive(event)
    case = await with_own.case_of(event.report_id)
    (assignment,) = await with_own.assignments(case["case_id"])
    assert assignment["first_responder_id"] == with_own.people["bj-chen"]


async def test_a_drill_of_a_team_is_called_as_a_case_of_its_area(with_own: Hotline) -> None:
    async with with_own.turn() as turn:
        drill_id = await drills.call(turn, Wanted("dongcheng", Urgency.IMMEDIATE), "test")
    ladder = await with_own.admin.pool.fetchval("select ladder from triage.drills where drill_id = $1", drill_id)
    assert [rung["level"] for rung in ladder["rungs"]] == ["lead", "manager"]
