"""From a report to a case whose responders are called, in one transaction and once."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from infra.vault import Subject
from schemas.report import FactSheet
from schemas.terms import Purpose
from tests.integration.triage.conftest import CAMDEN, NOWHERE, Hotline, Reports, Updates
from triage.handlers import presence


async def test_a_report_becomes_a_case_with_everything_it_needs(hotline: Hotline, report: Reports) -> None:
    event = await report(danger_now="yes")

    await hotline.receive(event)

    case = await hotline.case_of(event.report_id)
    assert (case["urgency"], case["status"], case["version"]) == ("immediate", "open", 1)
    for name, minutes in {"read": 2, "emergency_service": 2, "response": 60}.items():
        clock = await hotline.clock_of(case["case_id"], name)
        assert clock["due_at"] - hotline.clock.now() == timedelta(minutes=minutes), name
    (assignment,) = await hotline.assignments(case["case_id"])
    assert assignment["first_responder_id"] in (hotline.people["bj-li"], hotline.people["bj-wang"])
    assert [rung["level"] for rung in assignment["ladder"]["rungs"]] == ["first", "backup", "lead", "manager"]
    (opened,) = await hotline.told("case.opened.v1")
    assert opened["body"]["assignments"][0]["status"] == "calling"
    assert await hotline.kinds(case["case_id"]) == ["report_received", "case_opened", "assigned"]
    assert "小雨" not in str(opened["body"])


async def test_the_sheet_of_facts_is_sealed_under_the_case(hotline: Hotline, report: Reports) -> None:
    event = await report(danger_now="yes")
    await hotline.receive(event)
    case = await hotline.case_of(event.report_id)

    async with hotline.turn() as turn:
        sealed = await turn.tx.fetchval("select sheet from triage.sheets where case_id = $1", case["case_id"])
        opened = await hotline.vault.open(turn.tx, Subject("case", case["case_id"]), "sheet", sealed)

    sheet = FactSheet.model_validate_json(opened)
    assert (sheet.place, sheet.children[0].name) == ("三号楼二层", "小雨")
    assert "A weapon is seen or threatened" in sheet.dangers_in("en")
    assert "有人持刀、枪等器械" in sheet.dangers_in("zh")
    assert set(sheet.dangers) == set(sheet.dangers_in("zh")), "for whoever reads sheets as they were"


async def sheet_of(hotline: Hotline, event: Any) -> FactSheet:
    await hotline.receive(event)
    case_id = (await hotline.case_of(event.report_id))["case_id"]
    async with hotline.turn() as turn:
        sealed = await turn.tx.fetchval("select sheet from triage.sheets where case_id = $1", case_id)
        opened = await hotline.vault.open(turn.tx, Subject("case", case_id), "sheet", sealed)
    return FactSheet.model_validate_json(opened)


async def test_what_is_no_danger_to_who_arrives_stands_under_what_was_found(
    hotline: Hotline, report: Reports
) -> None:
    sheet = await sheet_of(hotline, await report("两岁的孩子耳朵上有淤青，害怕回家。院子里有一条恶狗，没有刀。"))

    assert sheet.dangers_in("en") == ("A dog that may attack",), "though no rule rests on it; what is denied is none"
    assert "The child is afraid to go home" in sheet.found_in("en")
    assert "孩子害怕回家" in sheet.found_in("zh")
    assert not set(sheet.found) & set(sheet.at_door)


async def test_what_is_past_is_no_danger_at_the_door(hotline: Hotline, report: Reports) -> None:
    sheet = await sheet_of(hotline, await report("三年前他家养过恶犬，早就不在了。孩子害怕回家。"))

    assert sheet.dangers_in("zh") == ()


async def test_the_same_event_again_changes_nothing(hotline: Hotline, report: Reports) -> None:
    event = await report(danger_now="yes")
    first = await hotline.receive(event)

    await hotline.receive(event, first)
    await hotline.receive(event)

    assert await hotline.admin.pool.fetchval("select count(*) from triage.cases") == 1
    assert len(await hotline.told()) == 1


async def test_the_same_report_by_two_events_at_once_is_one_case(hotline: Hotline, report: Reports) -> None:
    event = await report(danger_now="yes")

    await asyncio.gather(*(hotline.receive(event) for _ in range(4)))

    assert await hotline.admin.pool.fetchval("select count(*) from triage.cases") == 1


async def test_an_alias_that_is_in_use_is_drawn_again(
    hotline: Hotline, report: Reports, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = iter(["AC222", "AC222", "AC223"])
    monkeypatch.setattr("triage.handlers.opening.new_alias", lambda: next(drawn))

    events = [await report(danger_now="yes") for _ in range(2)]
    for event in events:
        await hotline.receive(event)

    assert [(await hotline.case_of(event.report_id))["alias"] for event in events] == ["AC222", "AC223"]


async def test_an_area_nobody_covers_belongs_to_the_last_resort_team(hotline: Hotline, report: Reports) -> None:
    event = await report(area=NOWHERE, danger_now="yes")

    await hotline.receive(event)

    case = await hotline.case_of(event.report_id)
    team = await hotline.admin.pool.fetchval("select slug from triage.teams where team_id = $1", case["team_id"])
    assert team == "last-resort"
    assert await hotline.clock_of(case["case_id"], "find_place") is not None


async def test_words_that_come_before_the_first_event_are_found_with_it(
    hotline: Hotline, report: Reports, update: Updates
) -> None:
    event = await report("想了解一下你们的服务。")
    later = await update(event, "他拿着刀，孩子现在有危险。", danger_now="yes")

    await hotline.receive(later)
    assert await hotline.case_of(event.report_id) is None
    await hotline.receive(event)
    await hotline.receive(later)

    assert (await hotline.case_of(event.report_id))["urgency"] == "immediate"
    assert len(await hotline.told()) == 1


async def test_new_words_raise_call_and_must_be_read(hotline: Hotline, report: Reports, update: Updates) -> None:
    event = await report("想了解一下你们的服务。")
    await hotline.receive(event)
    case = await hotline.case_of(event.report_id)
    assert (case["urgency"], await hotline.assignments(case["case_id"])) == ("routine", [])

    await hotline.receive(await update(event, "他拿着刀，孩子现在有危险。", danger_now="yes"))

    case = await hotline.case_of(event.report_id)
    assert (case["urgency"], case["version"]) == ("immediate", 2)
    assert [each["because"] for each in await hotline.assignments(case["case_id"])] == ["raised"]
    read = await hotline.clock_of(case["case_id"], "read")
    assert read["due_at"] == hotline.clock.now() + timedelta(minutes=2)
    assert await hotline.clock_of(case["case_id"], "emergency_service") is not None


async def test_soothing_words_lower_nothing(hotline: Hotline, report: Reports, update: Updates) -> None:
    event = await report(danger_now="yes")
    await hotline.receive(event)

    await hotline.receive(await update(event, "没事了，刚才是误会。", danger_now="no"))

    assert (await hotline.case_of(event.report_id))["urgency"] == "immediate"


async def test_a_linked_report_joins_its_case(hotline: Hotline, report: Reports) -> None:
    first = await report(danger_now="yes")
    await hotline.receive(first)
    second = await report("又听见孩子哭。", linked_to=first.report_id)

    await hotline.receive(second)

    case = await hotline.case_of(second.report_id)
    assert case["case_id"] == (await hotline.case_of(first.report_id))["case_id"]
    changed = (await hotline.told("case.changed.v1"))[-1]
    assert changed["body"]["report_ids"] == [str(first.report_id), str(second.report_id)]


async def test_an_urgent_report_at_night_waits_for_the_morning_unless_unread(
    hotline: Hotline, report: Reports
) -> None:
    hotline.clock.advance(timedelta(hours=11))  # 23:00 in Beijing
    event = await report("想了解一下你们的服务。", danger_now="does_not_know")
    await hotline.receive(event)
    case = await hotline.case_of(event.report_id)
    assert case["urgency"] == "urgent"
    begins = await hotline.clock_of(case["case_id"], "begin_calling")
    assert begins["due_at"] == hotline.clock.now() + timedelta(hours=8, minutes=30)
    assert await hotline.assignments(case["case_id"]) == []

    hotline.clock.advance(timedelta(minutes=10))
    await hotline.take_due()

    assert [each["because"] for each in await hotline.assignments(case["case_id"])] == ["began"]
    assert len(await hotline.assignments(case["case_id"], Purpose.READ)) == 1


@pytest.mark.parametrize(("danger", "to"), [("does_not_know", "urgent"), ("yes", "immediate")])
async def test_a_reading_that_was_missed_is_called_for_anew_when_the_case_rises(
    hotline: Hotline, report: Reports, update: Updates, danger: str, to: str
) -> None:
    hotline.clock.advance(timedelta(hours=8, minutes=40))  # 20:40 in Beijing
    async with hotline.turn() as turn:
        await presence.confirm(turn, hotline.people["duty-zhou"])
    event = await report("孩子已经好几个星期没来上学了，六岁。")
    await hotline.receive(event)
    case = await hotline.case_of(event.report_id)
    assert case["urgency"] == "priority"
    hotline.clock.advance(timedelta(minutes=61))
    await hotline.take_due()
    (called,) = await hotline.assignments(case["case_id"], Purpose.READ)

    hotline.clock.advance(timedelta(minutes=30))
    await hotline.receive(await update(event, "今天还是没有来。", danger_now=danger))
    assert (await hotline.case_of_id(case["case_id"]))["urgency"] == to
    hotline.clock.advance(timedelta(minutes=10))
    await hotline.take_due()

    *before, anew = await hotline.assignments(case["case_id"], Purpose.READ)
    assert [each["number"] for each in before] == [called["number"]]
    assert (anew["urgency"], anew["status"]) == (to, "calling")
    assert (await hotline.assignments(case["case_id"]))[-1]["status"] == "calling", "responders, without the morning"


async def test_a_canary_calls_its_loopback_and_nothing_else(hotline: Hotline, report: Reports) -> None:
    area = CAMDEN.model_copy(update={"system": "CANARY", "edition": "1", "code": "000000"})
    event = await report(area=area, danger_now="yes", is_canary=True)

    await hotline.receive(event)

    case = await hotline.case_of(event.report_id)
    (assignment,) = await hotline.assignments(case["case_id"])
    assert assignment["first_responder_id"] == hotline.people["loopback"]
    assert assignment["ladder"]["rungs"][0]["channels"] == ["loopback"]
    assert await hotline.admin.pool.fetchval("select count(*) from triage.clocks") == 0
