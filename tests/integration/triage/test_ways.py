"""Phones and addresses: added unproven, proven by a code, removed without leaving a gap, and all of it on record."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from infra.ids import new_id
from infra.vault import Subject
from schemas.terms import AlertChannel
from schemas.ways import Preferences
from tests.integration.triage.conftest import Hotline
from triage.domain.case import Refusal
from triage.domain.roster.author import Author
from triage.handlers import phones, trials
from triage.handlers.covering import RosterRefused
from triage.store import rosters, ways

SMS, VOICE, EMAIL = AlertChannel.SMS, AlertChannel.VOICE, AlertChannel.EMAIL
CODE = "482915"


def author(hotline: Hotline, handle: str = "cam-baker", may_grant: bool = False) -> Author:
    return Author(hotline.people[handle], may_grant)


async def add(hotline: Hotline, written: str = "07700 900555", handle: str = "cam-baker", **more: Any) -> None:
    async with hotline.turn() as turn:
        by = more.get("by") or author(hotline, handle)
        await phones.add_phone(turn, hotline.people[handle], written, more.get("channel", SMS), by)


async def sent(hotline: Hotline, code: str = CODE, position: int = 2) -> UUID:
    """What the notifier keeps once it has sent the newest code of a place."""
    trial_id: UUID = await hotline.admin.pool.fetchval(
        "select trial_id from triage.trials where position = $1 order by asked_at desc, trial_id desc limit 1",
        position,
    )
    async with hotline.admin.transaction() as tx:
        await tx.execute("set local session_replication_role = replica")
        await tx.execute(
            "insert into notifier.codes values ($1, $2, $3)",
            trial_id,
            hotline.vault.token("trial code", f"{trial_id} {code}"),
            hotline.clock.now(),
        )
    return trial_id


async def give(hotline: Hotline, code: str = CODE, position: int = 2, handle: str = "cam-baker") -> bool:
    async with hotline.turn() as turn:
        return await trials.give_code(turn, hotline.people[handle], position, code, author(hotline, handle))


async def seen_by_notifier(hotline: Hotline, handle: str = "cam-baker") -> list[int]:
    rows = await hotline.admin.pool.fetch(
        "select position from triage.for_notifier_phones where person_id = $1 order by position",
        hotline.people[handle],
    )
    return [row["position"] for row in rows]


async def acts(hotline: Hotline) -> list[str]:
    rows = await hotline.admin.pool.fetch("select action from infra.audit where purpose = 'reach' order by seq")
    return [row["action"] for row in rows]


@pytest.fixture(autouse=True)
def home(hotline: Hotline) -> None:
    object.__setattr__(hotline.means, "home", "GB-ENG")


async def test_a_phone_is_sealed_and_not_called_until_its_code_was_given(hotline: Hotline) -> None:
    await add(hotline)
    row = await hotline.admin.pool.fetchrow("select * from triage.phones where position = 2")
    assert row
    assert row["region"] == "GB"
    async with hotline.turn() as turn:
        number = await hotline.vault.open_text(turn.tx, Subject("person", row["person_id"]), "phone", row["number"])
    assert number == "+447700900555"
    assert await seen_by_notifier(hotline) == [1]
    (asked,) = await hotline.told("trial.asked.v1")
    assert (asked["body"]["kind"], asked["body"]["channel"], asked["body"]["position"]) == ("code", "sms", 2)
    await sent(hotline)
    assert await give(hotline, "４８２ 915")
    assert await seen_by_notifier(hotline) == [1, 2]
    assert await acts(hotline) == ["add_phone", "ask_code_sms", "prove_way"]


async def test_a_code_of_a_message_sent_again_counts_too(hotline: Hotline) -> None:
    await add(hotline)
    await sent(hotline)
    await sent(hotline, "111111")
    assert await give(hotline, "111111")


async def test_five_wrong_codes_end_it_and_each_is_on_record(hotline: Hotline) -> None:
    await add(hotline)
    await sent(hotline)
    for _ in range(5):
        assert not await give(hotline, "000000")
    with pytest.raises(Refusal, match="refusal_code_over"):
        await give(hotline)
    assert await seen_by_notifier(hotline) == [1]
    assert (await acts(hotline)).count("give_wrong_code") == 5


@pytest.mark.parametrize(("minutes", "is_right"), [(9, True), (10, False)])
async def test_a_code_lasts_ten_minutes(hotline: Hotline, minutes: int, is_right: bool) -> None:
    await add(hotline)
    await sent(hotline)
    hotline.clock.advance(timedelta(minutes=minutes))
    if is_right:
        assert await give(hotline)
    else:
        with pytest.raises(Refusal, match="refusal_code_over"):
            await give(hotline)


async def test_a_code_works_once_and_a_newer_one_ends_it(hotline: Hotline) -> None:
    await add(hotline)
    await sent(hotline)
    hotline.clock.advance(timedelta(seconds=1))
    async with hotline.turn() as turn:
        await trials.ask_code(turn, hotline.people["cam-baker"], 2, VOICE, author(hotline))
    # The newer one was not sent yet, and the earlier one proves nothing any more.
    assert not await give(hotline)
    await sent(hotline, "222222")
    assert await give(hotline, "222222")
    with pytest.raises(Refusal, match="refusal_code_over"):
        await give(hotline, "222222")


async def test_five_codes_an_hour_are_enough(hotline: Hotline) -> None:
    await add(hotline)
    baker = hotline.people["cam-baker"]
    for _ in range(4):
        async with hotline.turn() as turn:
            await trials.ask_code(turn, baker, 1, SMS, author(hotline))
    with pytest.raises(Refusal, match="refusal_codes_often"):
        async with hotline.turn() as turn:
            await trials.ask_code(turn, baker, 2, VOICE, author(hotline))
    hotline.clock.advance(timedelta(hours=1))
    async with hotline.turn() as turn:
        await trials.ask_code(turn, baker, 2, VOICE, author(hotline))


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("hello", "refusal_number"),
        ("0770", "refusal_number_short"),
        ("+44 7700 900555 123456", "refusal_number_long"),
        ("+999 123 456 789", "refusal_number_country"),
        ("+447700900101", "refusal_number_known"),
    ],
)
async def test_what_can_be_no_new_number_is_refused_and_nothing_is_written(
    hotline: Hotline, written: str, key: str
) -> None:
    with pytest.raises(Refusal, match=f"{key}$"):
        await add(hotline, written)
    assert await hotline.told("trial.asked.v1") == []
    assert await acts(hotline) == []


async def test_only_the_person_and_a_supervisor_touch_the_ways_to_a_person(hotline: Hotline) -> None:
    other = author(hotline, "cam-jones")
    baker = hotline.people["cam-baker"]
    for act in (
        lambda turn: phones.add_phone(turn, baker, "07700900555", SMS, other),
        lambda turn: phones.save_email(turn, baker, "a@b.example", other),
        lambda turn: phones.remove_email(turn, baker, other),
        lambda turn: phones.save_preferences(turn, baker, Preferences(), other),
        lambda turn: trials.ask_code(turn, baker, 1, SMS, other),
        lambda turn: trials.give_code(turn, baker, 1, CODE, other),
    ):
        with pytest.raises(Refusal, match="refusal_not_own"):
            async with hotline.turn() as turn:
                await act(turn)
    await add(hotline, by=author(hotline, "sup-lu", may_grant=True))
    with pytest.raises(Refusal, match="refusal_no_person"):
        async with hotline.turn() as turn:
            await phones.save_email(turn, new_id(), "a@b.example", author(hotline, "sup-lu", may_grant=True))


async def test_a_place_is_not_given_to_another_number_and_its_codes_end_with_it(hotline: Hotline) -> None:
    await add(hotline)
    await sent(hotline)
    async with hotline.turn() as turn:
        await phones.remove_phone(turn, hotline.people["cam-baker"], 2, author(hotline))
    with pytest.raises(Refusal, match="refusal_code_over"):
        await give(hotline)
    await add(hotline, "07700 900556")
    assert await hotline.admin.pool.fetchval("select max(position) from triage.phones") == 3


async def test_an_unproven_phone_covers_no_shift_and_the_last_proven_one_is_not_removed(hotline: Hotline) -> None:
    doyle = hotline.people["cam-doyle"]
    await add(hotline, handle="cam-doyle")
    with pytest.raises(RosterRefused):
        async with hotline.turn() as turn:
            await phones.remove_phone(turn, doyle, 1, author(hotline, "cam-doyle"))
    await sent(hotline)
    await give(hotline, handle="cam-doyle")
    async with hotline.turn() as turn:
        await phones.remove_phone(turn, doyle, 1, author(hotline, "cam-doyle"))
        shifts = await rosters.shifts(turn.tx, turn.now, turn.now + timedelta(minutes=1), turn.now)
    assert "cam-doyle" in {shift.person for of_team in shifts.values() for shift in of_team}


async def test_an_address_is_proven_by_a_code_that_was_sent_to_it(hotline: Hotline) -> None:
    baker = hotline.people["cam-baker"]
    seen = "select count(*) from triage.for_notifier_emails where person_id = $1"
    async with hotline.turn() as turn:
        await phones.save_email(turn, baker, " amara@example.org ", author(hotline))
    assert await hotline.admin.pool.fetchval(seen, baker) == 0
    await sent(hotline, position=0)
    assert await give(hotline, position=0)
    assert await hotline.admin.pool.fetchval(seen, baker) == 1
    async with hotline.turn() as turn:
        await phones.save_email(turn, baker, "other@example.org", author(hotline))
    assert await hotline.admin.pool.fetchval(seen, baker) == 0
    async with hotline.turn() as turn:
        await phones.remove_email(turn, baker, author(hotline))
        assert await ways.email(turn.tx, baker) is None


@pytest.mark.parametrize("written", ["", "amara", "a b@x.org", "a@b", "<a@x.org>", "a@" + "b" * 260 + ".org"])
async def test_what_is_no_address_is_refused(hotline: Hotline, written: str) -> None:
    with pytest.raises(Refusal, match="refusal_address"):
        async with hotline.turn() as turn:
            await phones.save_email(turn, hotline.people["cam-baker"], written, author(hotline))


@pytest.mark.parametrize(("position", "channel"), [(0, EMAIL), (1, EMAIL), (0, SMS), (9, VOICE)])
async def test_a_code_goes_nowhere_where_there_is_nothing(
    hotline: Hotline, position: int, channel: AlertChannel
) -> None:
    with pytest.raises(Refusal, match="refusal_no_way"):
        async with hotline.turn() as turn:
            await trials.ask_code(turn, hotline.people["cam-baker"], position, channel, author(hotline))


async def test_preferences_are_kept_as_they_were_wanted(hotline: Hotline) -> None:
    wanted = Preferences.model_validate(
        {
            "time_zone": "Europe/London",
            "quiet": {"begins": "22:00", "ends": "06:30"},
            "orders": {"priority": ["email", "sms:1"]},
        }
    )
    baker = hotline.people["cam-baker"]
    async with hotline.turn() as turn:
        assert await ways.preferences(turn.tx, baker, "Asia/Shanghai") == Preferences(time_zone="Asia/Shanghai")
        await phones.save_preferences(turn, baker, wanted, author(hotline))
        assert await ways.preferences(turn.tx, baker, "UTC") == wanted
    kept = await hotline.admin.pool.fetchval("select preferences from triage.for_notifier_preferences")
    assert Preferences.model_validate(kept) == wanted
