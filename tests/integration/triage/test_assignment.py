"""Which team gets a case and who is called first, with the reasons kept; nobody there is an alarm at once."""

from typing import Any

import pytest

from schemas.area import UNKNOWN
from schemas.terms import Urgency
from tests.integration.triage.conftest import CAMDEN, NOWHERE, Hotline, Reports
from triage.domain.case import Cause
from triage.handlers import presses, responders
from triage.handlers.covering import RosterRefused
from triage.handlers.setup import PersonRow, Setup, TeamRow, write
from triage.store import cases

TOUCHED = "继父昨天摸了她的下体，性侵了孩子。"


async def received(hotline: Hotline, report: Reports, words: str = "孩子被打了", **given: Any) -> Any:
    event = await report(words, danger_now="yes", **given)
    await hotline.receive(event)
    return await hotline.case_of(event.report_id)


async def called(hotline: Hotline, case: Any) -> Any:
    """The newest calling of a case, with the team's slug."""
    newest = (await hotline.assignments(case["case_id"]))[-1]
    slug = await hotline.admin.pool.fetchval("select slug from triage.teams where team_id = $1", newest["team_id"])
    return {**newest, "slug": slug, "why": newest["reasons"][0]["reasons"]}


async def sounding(hotline: Hotline, subject_id: Any) -> dict[str, Any]:
    rows = await hotline.admin.pool.fetch(
        "select kind, detail from triage.alarms where subject_id = $1 and settled_at is null", subject_id
    )
    return {row["kind"]: row["detail"] for row in rows}


async def nobody_on_call(hotline: Hotline, *levels: str, slug: str = "dongcheng") -> None:
    await hotline.admin.pool.execute(
        "delete from triage.shifts s using triage.teams t "
        "where t.team_id = s.team_id and t.slug = $1 and s.level = any ($2)",
        slug,
        list(levels),
    )


EVERY = ("first", "backup", "lead", "manager")


async def test_a_team_by_where_the_child_is_now_needs_no_search_and_by_the_home_it_does(
    hotline: Hotline, report: Reports
) -> None:
    now = await received(hotline, report)
    home = await received(hotline, report, area_place="home")
    unknown = await received(hotline, report, area=UNKNOWN)
    uncovered = await received(hotline, report, area=NOWHERE, area_place="registration")

    assert now["team_reasons"] == ["place_now", "covers_area"]
    assert home["team_reasons"] == ["place_home", "covers_area"]
    assert unknown["team_reasons"] == ["place_unknown"]
    assert uncovered["team_reasons"] == ["place_registration", "place_not_covered"]
    assert home["team_id"] == now["team_id"]
    assert await hotline.clock_of(now["case_id"], "find_place") is None
    for case in (home, unknown, uncovered):
        assert (await hotline.clock_of(case["case_id"], "find_place"))["ended_at"] is None


async def test_who_has_the_skill_that_the_words_ask_for_is_called_first(hotline: Hotline, report: Reports) -> None:
    await hotline.admin.pool.execute("update triage.people set skills = '{}'")
    for handle in ("bj-li", "bj-wang"):
        await hotline.admin.pool.execute(
            "update triage.people set skills = case when handle = $1 then array['forensic_interview'] else '{}' end",
            handle,
        )
        newest = await called(hotline, await received(hotline, report, TOUCHED))
        assert newest["first_responder_id"] == hotline.people[handle]
        assert "has_skill" in newest["why"]
        assert newest["reasons"][0]["skills"] == ["forensic_interview"]


async def test_nobody_waits_for_a_skill_that_nobody_has(hotline: Hotline, report: Reports) -> None:
    await hotline.admin.pool.execute("update triage.people set skills = '{}'")
    newest = await called(hotline, await received(hotline, report, TOUCHED))

    assert newest["first_responder_id"] is not None
    assert "nobody_has_skill" in newest["why"]
    assert newest["reasons"][0]["missing"] == ["forensic_interview"]


async def test_a_case_that_asks_for_nothing_says_nothing_of_skills(hotline: Hotline, report: Reports) -> None:
    newest = await called(hotline, await received(hotline, report))
    assert not {"has_skill", "nobody_has_skill"} & set(newest["why"])


async def second_team(hotline: Hotline, capacity: int | None) -> Any:
    """Another team for Dongcheng, listed after the first."""
    return await hotline.admin.pool.fetchval(
        "with made as (insert into triage.teams (team_id, slug, name_zh, name_en, jurisdiction, time_zone, capacity) "
        "values ('ffffffff-0000-7000-8000-000000000001', 'second', '二组', 'Second team', 'CN', 'Asia/Shanghai', $1) "
        "returning team_id) insert into triage.team_areas (team_id, system, edition, prefix) "
        "select team_id, 'CN-XZQH', '2024', '110101' from made returning team_id",
        capacity,
    )


async def test_a_team_at_its_capacity_gives_way_to_one_that_covers_as_closely(
    hotline: Hotline, report: Reports
) -> None:
    second = await second_team(hotline, None)
    await hotline.admin.pool.execute("update triage.teams set capacity = 1 where slug = 'dongcheng'")
    first = await received(hotline, report)
    other = await received(hotline, report)

    assert first["team_reasons"] == ["place_now", "covers_area"]
    assert other["team_id"] == second
    assert other["team_reasons"] == ["place_now", "covers_area", "below_capacity"]
    assert await sounding(hotline, first["team_id"]) == {}


async def test_where_all_are_full_the_closest_still_gets_it_at_once_and_the_desk_is_alarmed(
    hotline: Hotline, report: Reports
) -> None:
    await hotline.admin.pool.execute("update triage.teams set capacity = 1 where slug = 'dongcheng'")
    first = await received(hotline, report)
    second, third = await received(hotline, report), await received(hotline, report)

    assert second["team_id"] == third["team_id"] == first["team_id"]
    assert second["team_reasons"][-1] == "at_capacity"
    assert (await called(hotline, second))["first_responder_id"] is not None
    assert await sounding(hotline, first["team_id"]) == {"team_full": {"count": 1}}


async def test_a_closed_case_fills_no_team(hotline: Hotline, report: Reports) -> None:
    await hotline.admin.pool.execute("update triage.teams set capacity = 1 where slug = 'dongcheng'")
    await hotline.had_closed((await received(hotline, report))["case_id"])

    assert (await received(hotline, report))["team_reasons"] == ["place_now", "covers_area"]


async def test_nobody_at_the_first_level_is_an_alarm_at_once_and_the_next_level_is_called(
    hotline: Hotline, report: Reports
) -> None:
    await nobody_on_call(hotline, "first")
    case = await received(hotline, report)

    newest = await called(hotline, case)
    assert (newest["slug"], newest["first_responder_id"], newest["why"]) == ("dongcheng", None, ["nobody_on_call"])
    assert await sounding(hotline, case["case_id"]) == {"nobody_on_call/first": {"level": "first"}}


async def test_a_person_without_a_phone_is_nobody(hotline: Hotline, report: Reports) -> None:
    await hotline.admin.pool.execute(
        "delete from triage.phones where person_id = any ($1)", [hotline.people["bj-li"], hotline.people["bj-wang"]]
    )
    case = await received(hotline, report)

    assert (await called(hotline, case))["why"] == ["nobody_on_call"]
    assert "nobody_on_call/first" in await sounding(hotline, case["case_id"])


async def act(hotline: Hotline, case: Any, cause: Cause) -> None:
    """Let something call a case anew."""
    if cause is Cause.HANDED_BACK:
        person, now = hotline.people["bj-li"], hotline.clock.now()
        await hotline.receive(
            hotline.escalation(case, acknowledged_by=person, handed_back_at=now, handed_back_by=person)
        )
        return
    async with hotline.turn() as turn:
        press = await hotline.press(case["case_id"])
        if cause is Cause.REASSIGNED:
            await presses.reassign(turn, press, case["team_id"])
        else:
            await presses.raise_urgency(turn, press, Urgency.IMMEDIATE)


@pytest.mark.parametrize("cause", [Cause.RAISED, Cause.REASSIGNED, Cause.HANDED_BACK])
async def test_nobody_on_call_is_an_alarm_whatever_calls_anew(
    hotline: Hotline, report: Reports, cause: Cause
) -> None:
    case = await received(hotline, report)
    if cause is Cause.RAISED:
        await hotline.admin.pool.execute("update triage.cases set urgency = 'urgent'")
    assert await sounding(hotline, case["case_id"]) == {}
    await nobody_on_call(hotline, "first")

    await act(hotline, case, cause)

    newest = await called(hotline, case)
    assert (newest["because"], newest["first_responder_id"]) == (cause, None)
    assert await sounding(hotline, case["case_id"]) == {"nobody_on_call/first": {"level": "first"}}


async def test_everybody_excluded_is_an_alarm_at_once(hotline: Hotline, report: Reports) -> None:
    case = await received(hotline, report)
    for handle in ("bj-li", "bj-wang"):
        async with hotline.turn() as turn:
            await presses.reassign(
                turn, await hotline.press(case["case_id"]), case["team_id"], hotline.people[handle]
            )

    newest = await called(hotline, case)
    assert (newest["slug"], newest["why"]) == ("dongcheng", ["everybody_excluded"])
    assert "nobody_on_call/first" in await sounding(hotline, case["case_id"])
    assert (await hotline.case_of_id(case["case_id"]))["team_reasons"] == ["place_now", "covers_area"]


async def test_a_team_with_nobody_at_any_level_has_the_last_resort_called_in_its_stead(
    hotline: Hotline, report: Reports
) -> None:
    await nobody_on_call(hotline, *EVERY)
    case = await received(hotline, report)

    newest = await called(hotline, case)
    assert newest["slug"] == "last-resort"
    assert newest["first_responder_id"] in (hotline.people["lr-sun"], hotline.people["lr-evans"])
    assert newest["why"][0] == "last_resort_stands_in"
    (told,) = (await hotline.told())[-1]["body"]["assignments"]
    assert told["team_id"] == str(newest["team_id"]) != str(case["team_id"])
    assert "nobody_on_call/first" in await sounding(hotline, case["case_id"])


async def test_with_nobody_of_the_last_resort_either_the_team_stays_and_the_desk_is_alarmed(
    hotline: Hotline, report: Reports
) -> None:
    await nobody_on_call(hotline, *EVERY)
    await nobody_on_call(hotline, *EVERY, slug="last-resort")
    case = await received(hotline, report)

    newest = await called(hotline, case)
    assert (newest["slug"], newest["first_responder_id"]) == ("dongcheng", None)
    assert "nobody_on_call/first" in await sounding(hotline, case["case_id"])


async def test_a_canary_calls_no_person_in_the_stead_of_its_own(hotline: Hotline, report: Reports) -> None:
    await nobody_on_call(hotline, *EVERY, slug="canary")
    reserved = UNKNOWN.model_copy(update={"system": "CANARY", "edition": "1", "code": "000000"})
    case = await received(hotline, report, area=reserved, is_canary=True)

    newest = await called(hotline, case)
    assert (newest["slug"], newest["first_responder_id"]) == ("canary", None)


async def test_a_team_that_the_desk_gave_a_case_has_it_for_that(hotline: Hotline, report: Reports) -> None:
    case = await received(hotline, report)
    camden = await hotline.admin.pool.fetchval("select team_id from triage.teams where slug = 'camden'")
    async with hotline.turn() as turn:
        await presses.reassign(turn, await hotline.press(case["case_id"]), camden)

    assert (await hotline.case_of_id(case["case_id"]))["team_reasons"] == ["given_at_desk"]
    assert await sounding(hotline, camden) == {}


async def test_a_full_team_that_the_desk_gives_a_case_gets_it_and_the_desk_is_alarmed(
    hotline: Hotline, report: Reports
) -> None:
    team = await hotline.admin.pool.fetchval(
        "update triage.teams set capacity = 1 where slug = 'camden' returning team_id"
    )
    cases = [(await received(hotline, report))["case_id"] for _ in range(2)]
    for case_id in cases:
        async with hotline.turn() as turn:
            await presses.reassign(turn, await hotline.press(case_id), team)

    first, second = [await hotline.case_of_id(each) for each in cases]
    assert (first["team_id"], first["team_reasons"]) == (team, ["given_at_desk"])
    assert (second["team_id"], second["team_reasons"]) == (team, ["given_at_desk", "at_capacity"])
    assert await sounding(hotline, team) == {"team_full": {"count": 1}}
    assert (await called(hotline, second))["team_id"] == team


async def test_calling_a_full_teams_own_case_again_fills_nothing(hotline: Hotline, report: Reports) -> None:
    case = await received(hotline, report)
    await hotline.admin.pool.execute("update triage.teams set capacity = 1 where team_id = $1", case["team_id"])
    async with hotline.turn() as turn:
        await presses.reassign(turn, await hotline.press(case["case_id"]), case["team_id"])

    assert (await hotline.case_of_id(case["case_id"]))["team_reasons"] == case["team_reasons"]
    assert await sounding(hotline, case["team_id"]) == {}


async def test_a_file_holds_for_skills_languages_and_capacity_of_who_is_there_already(hotline: Hotline) -> None:
    able_to = {"language": "en", "languages": ("en", "zh"), "skills": ("sign_language",)}
    person = PersonRow(handle="bj-li", name="another name", **able_to)
    team = TeamRow(slug="camden", name_zh="组", name_en="x", jurisdiction="GB-ENG", time_zone="UTC", capacity=12)
    for _ in range(2):
        async with hotline.turn() as turn:
            assert await write(turn, Setup(teams=(team,), people=(person,)), "test") == []

    able = "select language, languages, skills, version from triage.people where handle = 'bj-li'"
    row = await hotline.admin.pool.fetchrow(able)
    assert row is not None
    assert tuple(row) == ("en", ["en", "zh"], ["sign_language"], 2)
    team_row = await hotline.admin.pool.fetchrow("select name_en, capacity from triage.teams where slug = 'camden'")
    assert team_row is not None
    assert tuple(team_row) == ("Camden child protection team", 12)


async def test_a_skill_that_no_pack_knows_is_refused_and_nothing_is_changed(hotline: Hotline) -> None:
    person = PersonRow(handle="new-one", name="x", language="zh", skills=("sign_langage",))
    with pytest.raises(RosterRefused) as refused:
        async with hotline.turn() as turn:
            await write(turn, Setup(people=(person,)), "test")

    assert (refused.value.key, refused.value.values["skill"]) == ("roster_no_skill", "sign_langage")
    assert await hotline.admin.pool.fetchval("select count(*) from triage.people where handle = 'new-one'") == 0


async def test_an_english_report_in_camden_asks_for_english(hotline: Hotline, report: Reports) -> None:
    case = await received(hotline, report, "he hit her", area=CAMDEN, jurisdiction="GB-ENG", language="en")
    assert "speaks_language" in (await called(hotline, case))["why"]


async def test_a_case_left_to_the_desk_calls_nobody_and_alarms_nothing(hotline: Hotline, report: Reports) -> None:
    await nobody_on_call(hotline, *EVERY)
    event = await report("想咨询一下", danger_now="no")
    await hotline.receive(event)
    case = await hotline.case_of(event.report_id)
    async with hotline.turn() as turn:
        locked = await cases.lock(turn.tx, case["case_id"])
        assert locked is not None
        made = await responders.assign(turn, locked, Cause.BEGAN)

    assert (case["urgency"], made) == ("routine", None)
    assert await sounding(hotline, case["case_id"]) == {}


async def test_a_person_is_written_with_the_country_of_each_number_and_a_sealed_address(hotline: Hotline) -> None:
    people = tuple(
        PersonRow(handle=handle, name="x", language="zh", phones=phones, email=email)
        for handle, phones, email in (
            ("one-cn", ("+8613800000001", "+447700900199"), "li@responders.example"),
            ("one-nowhere", ("+8820000000001",), None),
        )
    )
    async with hotline.turn() as turn:
        await write(turn, Setup(people=people), "test")
    rows = await hotline.admin.pool.fetch(
        "select p.handle, f.region from triage.for_notifier_phones f join triage.people p using (person_id) "
        "where p.handle like 'one-%' order by p.handle, f.position"
    )
    assert [tuple(row) for row in rows] == [("one-cn", "CN"), ("one-cn", "GB"), ("one-nowhere", None)]
    (address,) = await hotline.admin.pool.fetch(
        "select e.address from triage.for_notifier_emails e join triage.people p using (person_id) "
        "where p.handle like 'one-%'"
    )
    assert b"responders" not in address["address"]
