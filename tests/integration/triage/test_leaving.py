"""Somebody works here no more: the rota is watched, their cases are told, and nothing of theirs opens anything."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from schemas.terms import AcknowledgedVia, AlertChannel
from tests.integration.triage.conftest import Hotline, Reports
from triage.domain.case import Refusal
from triage.domain.desk import is_staffed
from triage.domain.roster.author import Acceptance, Author
from triage.handlers import covering, feeds, leaving, presence, setup, trials
from triage.handlers.covering import RosterRefused
from triage.seed import DEMO, read
from triage.store import desks


def lu(hotline: Hotline) -> Author:
    return Author(hotline.people["sup-lu"], may_grant=True)


async def leaves(hotline: Hotline, handle: str, override: str | None = None, by: Author | None = None) -> None:
    async with hotline.turn() as turn:
        await leaving.deactivate(turn, hotline.people[handle], by or lu(hotline), override)


async def active(hotline: Hotline, handle: str) -> bool:
    found: bool = await hotline.admin.pool.fetchval("select is_active from triage.people where handle = $1", handle)
    return found


async def alarms(hotline: Hotline, kind: str) -> list[UUID]:
    rows = await hotline.admin.pool.fetch(
        "select subject_id from triage.alarms where split_part(kind, '/', 1) = $1 and settled_at is null", kind
    )
    return [row["subject_id"] for row in rows]


async def test_who_leaves_a_level_empty_stays_unless_a_supervisor_accepts_it_with_a_reason(hotline: Hotline) -> None:
    with pytest.raises(RosterRefused, match="roster_gap_left"):
        await leaves(hotline, "bj-zhao")
    assert await active(hotline, "bj-zhao")
    with pytest.raises(Refusal, match="refusal_empty"):
        await leaves(hotline, "bj-zhao", " ")
    await leaves(hotline, "bj-zhao", "long illness")
    assert not await active(hotline, "bj-zhao")
    assert await alarms(hotline, "roster_gap_accepted")
    entry = await hotline.admin.pool.fetchrow("select * from infra.audit where action = 'deactivate'")
    assert entry is not None
    assert (entry["actor"], entry["subject_id"]) == (
        str(hotline.people["sup-lu"]),
        hotline.people["bj-zhao"],
    )


async def test_nobody_ends_their_own_part_and_no_officer_anybodys(hotline: Hotline) -> None:
    with pytest.raises(Refusal, match="refusal_second_person"):
        await leaves(hotline, "sup-lu")
    with pytest.raises(Refusal, match="refusal_role"):
        await leaves(hotline, "bj-li", by=Author(hotline.people["duty-zhou"]))
    await leaves(hotline, "bj-li")
    with pytest.raises(Refusal, match="refusal_no_person"):
        await leaves(hotline, "bj-li")


async def test_the_desk_is_told_of_the_cases_they_have(hotline: Hotline, report: Reports) -> None:
    cases: list[Any] = []
    for _ in range(2):
        event = await report(danger_now="yes")
        await hotline.receive(event)
        cases.append(await hotline.case_of(event.report_id))
    li = hotline.people["bj-li"]
    await hotline.receive(hotline.escalation(cases[0], acknowledged_by=li, acknowledged_via=AcknowledgedVia.SMS))
    await leaves(hotline, "bj-li")
    assert await alarms(hotline, leaving.WITHOUT_TAKER) == [cases[0]["case_id"]]


async def test_who_has_left_staffs_the_desk_no_more(hotline: Hotline) -> None:
    zhou, carter = hotline.people["duty-zhou"], hotline.people["duty-carter"]
    async with hotline.turn() as turn:
        await presence.confirm(turn, carter)
    hotline.clock.advance(timedelta(minutes=10))
    async with hotline.turn() as turn:
        await presence.confirm(turn, zhou)
    assert await at_the_desk(hotline) == (True, [zhou, carter])
    await leaves(hotline, "duty-zhou", "left")
    hotline.clock.advance(timedelta(minutes=20))
    assert await at_the_desk(hotline) == (True, [carter])
    await leaves(hotline, "duty-carter", "left")
    assert await at_the_desk(hotline) == (False, [])
    await comes_back(hotline, "duty-carter")
    assert await at_the_desk(hotline) == (False, []), "nothing of before counts again"


async def test_who_is_switched_off_in_the_database_staffs_the_desk_no_more(hotline: Hotline) -> None:
    async with hotline.turn() as turn:
        await presence.confirm(turn, hotline.people["duty-zhou"])
    await hotline.admin.pool.execute("update triage.people set is_active = false where handle = 'duty-zhou'")
    assert await at_the_desk(hotline) == (False, [])
    async with hotline.turn() as turn:
        locked = await desks.lock(turn.tx)
    assert locked is not None
    assert locked.state.confirmed_at is None


async def at_the_desk(hotline: Hotline) -> tuple[bool, list[UUID]]:
    """Whether the desk counts as staffed, and by whom."""
    async with hotline.turn() as turn:
        desk = await desks.read(turn.tx)
        assert desk is not None
        present = await desks.present(turn.tx, turn.now - timedelta(hours=1))
        return is_staffed(desk.state, turn.now), [row["person_id"] for row in present]


async def test_their_sign_in_calendar_and_number_end_with_them(hotline: Hotline) -> None:
    zhou, pool = hotline.people["duty-zhou"], hotline.admin.pool
    async with hotline.turn() as turn:
        await feeds.make_feed(turn, zhou, Author(zhou))
    await pool.execute(
        "insert into triage.sessions (token_digest, account_id, began_at, seen_at, ends_at) "
        "select $2, account_id, $3, $3, $3::timestamptz + interval '8 hours' from triage.accounts "
        "where person_id = $1",
        zhou,
        b"0" * 32,
        hotline.clock.now(),
    )
    await leaves(hotline, "duty-zhou", "left")
    assert not await pool.fetchval("select is_active from triage.accounts where person_id = $1", zhou)
    assert await pool.fetchval("select count(*) from triage.sessions where ended_at is null") == 0
    assert await pool.fetchval("select count(*) from triage.for_notifier_feeds") == 0
    assert not await pool.fetchval("select is_active from triage.for_notifier_people where person_id = $1", zhou)


async def test_a_case_is_called_past_who_is_gone(hotline: Hotline, report: Reports) -> None:
    await leaves(hotline, "bj-li")
    event = await report(danger_now="yes")
    await hotline.receive(event)
    (made,) = await hotline.assignments((await hotline.case_of(event.report_id))["case_id"])
    assert made["first_responder_id"] == hotline.people["bj-wang"]


async def comes_back(hotline: Hotline, handle: str, by: Author | None = None) -> None:
    async with hotline.turn() as turn:
        await leaving.bring_back(turn, hotline.people[handle], by or lu(hotline))


async def test_a_supervisor_brings_somebody_back_and_it_is_on_record(hotline: Hotline) -> None:
    await leaves(hotline, "bj-li")
    with pytest.raises(Refusal, match="refusal_role"):
        await comes_back(hotline, "bj-li", Author(hotline.people["duty-zhou"]))
    with pytest.raises(Refusal, match="refusal_second_person"):
        await comes_back(hotline, "bj-li", Author(hotline.people["bj-li"], may_grant=True))
    assert not await active(hotline, "bj-li")
    await comes_back(hotline, "bj-li")
    assert await active(hotline, "bj-li")
    entry = await hotline.admin.pool.fetchrow("select * from infra.audit where action = 'bring_back'")
    assert entry is not None
    assert (entry["actor"], entry["subject_id"]) == (str(hotline.people["sup-lu"]), hotline.people["bj-li"])
    with pytest.raises(Refusal, match="refusal_not_gone"):
        await comes_back(hotline, "bj-li")


async def test_nothing_of_before_comes_back(hotline: Hotline) -> None:
    zhou, pool = hotline.people["duty-zhou"], hotline.admin.pool
    async with hotline.turn() as turn:
        await feeds.make_feed(turn, zhou, Author(zhou))
        await trials.ask_code(turn, zhou, 1, AlertChannel.SMS, Author(zhou))
    await leaves(hotline, "duty-zhou", "left")
    await comes_back(hotline, "duty-zhou")
    assert not await pool.fetchval("select is_active from triage.accounts where person_id = $1", zhou)
    assert await pool.fetchval("select pin_hash from triage.for_notifier_people where person_id = $1", zhou) is None
    assert await pool.fetchval("select count(*) from triage.for_notifier_phones where person_id = $1", zhou) == 0
    assert await pool.fetchval("select count(*) from triage.for_notifier_feeds") == 0
    with pytest.raises(Refusal, match="refusal_code_over"):
        async with hotline.turn() as turn:
            await trials.give_code(turn, zhou, 1, "123456", Author(zhou))


async def test_a_roster_counts_them_from_the_first_proven_phone_on(hotline: Hotline) -> None:
    await leaves(hotline, "bj-zhao", "long illness")

    async def gaps() -> int:
        async with hotline.turn() as turn:
            return len(await covering.uncovered(turn))

    with_gaps = await gaps()
    await comes_back(hotline, "bj-zhao")
    assert await gaps() == with_gaps > 0
    await hotline.admin.pool.execute(
        "update triage.phones set verified_at = $2 where person_id = $1",
        hotline.people["bj-zhao"],
        hotline.clock.now(),
    )
    assert await gaps() == 0


async def test_a_file_draws_their_secrets_anew_and_proves_none_of_their_phones(hotline: Hotline) -> None:
    pool, zhou = hotline.admin.pool, hotline.people["duty-zhou"]
    before = await pool.fetchval("select password_hash from triage.accounts where person_id = $1", zhou)
    given = read(sorted(DEMO.glob("*.yaml")))
    await leaves(hotline, "duty-zhou", "left")
    async with hotline.turn() as turn:
        assert await setup.write(turn, given, "test", override=Acceptance(lu(hotline), "left")) == []
    assert not await active(hotline, "duty-zhou")
    await comes_back(hotline, "duty-zhou")
    async with hotline.turn() as turn:
        drawn = await setup.write(turn, given, "test", override=Acceptance(lu(hotline), "left"))
    assert [each.person.handle for each in drawn] == ["duty-zhou"]
    account = await pool.fetchrow("select * from triage.accounts where person_id = $1", zhou)
    assert account is not None
    assert account["is_active"]
    assert account["password_hash"] != before
    assert await pool.fetchval("select count(*) from triage.for_notifier_phones where person_id = $1", zhou) == 0
    async with hotline.turn() as turn:
        assert await setup.write(turn, given, "test", override=Acceptance(lu(hotline), "left")) == []


async def test_renewing_everybodys_secrets_opens_no_door_for_who_is_gone(hotline: Hotline) -> None:
    await leaves(hotline, "duty-zhou", "left")
    async with hotline.turn() as turn:
        await setup.write(turn, read(sorted(DEMO.glob("*.yaml"))), "test", True, Acceptance(lu(hotline), "left"))
    zhou = hotline.people["duty-zhou"]
    assert not await hotline.admin.pool.fetchval("select is_active from triage.accounts where person_id = $1", zhou)
