"""The page about phones: one's own, and for a supervisor everybody's."""

from uuid import UUID

import pytest

from tests.integration.console.conftest import Desk, token_in
from tests.integration.triage.test_ways import CODE, sent


def page_of(desk: Desk, handle: str = "duty-zhou") -> str:
    return f"/phones/{desk.hotline.people[handle]}"


async def press(desk: Desk, act: str, handle: str = "duty-zhou", **fields: str) -> tuple[int, str]:
    token = token_in((await desk.client.get(page_of(desk, handle))).text)
    answer = await desk.client.post(f"{page_of(desk, handle)}/{act}", data={"token": token} | fields)
    shown = await desk.client.get(answer.headers["location"]) if answer.status_code == 303 else answer
    return answer.status_code, shown.text


async def proven(desk: Desk, handle: str = "duty-zhou") -> list[int]:
    rows = await desk.hotline.admin.pool.fetch(
        "select position from triage.for_notifier_phones where person_id = $1 order by 1", desk.hotline.people[handle]
    )
    return [row["position"] for row in rows]


async def test_a_duty_officer_adds_a_phone_proves_it_and_removes_the_other(desk: Desk) -> None:
    await desk.sign_in()
    assert (await desk.client.get("/phones")).headers["location"] == page_of(desk)
    status, shown = await press(desk, "add", number="13912345678", channel="sms")
    assert status == 303
    assert "+8613912345678" in shown
    assert "Not proven yet" in shown
    await sent(desk.hotline)
    status, shown = await press(desk, "prove", place="2", code="111111")
    assert (status, "That code is wrong" in shown) == (409, True)
    status, shown = await press(desk, "prove", place="2", code=CODE)
    assert (status, "Proven: it is used from now on." in shown) == (303, True)
    assert await proven(desk) == [1, 2]
    assert (await press(desk, "remove", place="1"))[0] == 303
    assert await proven(desk) == [2]


async def test_a_bad_number_is_refused_in_the_language_of_the_page_and_kept_in_the_field(desk: Desk) -> None:
    await desk.sign_in()
    status, shown = await press(desk, "add", number="0044 7700", channel="voice")
    assert status == 409
    assert "too short" in shown
    assert 'value="0044 7700"' in shown
    desk.client.headers["accept-language"] = "zh"
    assert "号码太短" in (await press(desk, "add", number="0044 7700", channel="voice"))[1]


async def test_the_last_phone_of_a_shift_goes_only_with_a_supervisors_reason(desk: Desk) -> None:
    await desk.sign_in("lu")
    status, shown = await press(desk, "remove", "cam-doyle", place="1", reason="")
    assert status == 409
    assert "nobody who can be reached" in shown
    status, shown = await press(desk, "remove", "cam-doyle", place="1", reason="The phone was stolen")
    assert (status, "Removed." in shown) == (303, True)
    assert await proven(desk, "cam-doyle") == []
    assert "has shifts ahead and no proven phone" in shown
    assert "No phone is proven here" in shown


async def test_nobody_lets_their_own_gap_stand(desk: Desk) -> None:
    await desk.sign_in("lu")
    shown = (await desk.client.get(page_of(desk, "sup-lu"))).text
    assert 'name="reason"' not in shown
    status, shown = await press(desk, "remove", "sup-lu", place="1", reason="I say so")
    assert status == 409
    assert await proven(desk, "sup-lu") == [1]


async def test_a_duty_officer_sees_and_changes_nobody_elses_phones(desk: Desk) -> None:
    await desk.sign_in()
    own = (await desk.client.get(page_of(desk))).text
    assert "cam-doyle" not in own
    assert "Everybody" not in own
    other = page_of(desk, "duty-carter")
    assert (await desk.client.get(other)).status_code == 403
    answer = await desk.client.post(f"{other}/add", data={"token": token_in(own), "number": "+8613912345678"})
    assert answer.status_code == 403
    assert await desk.hotline.admin.pool.fetchval("select count(*) from triage.phones where position = 2") == 0


async def test_hours_and_orders_are_kept_and_shown_again(desk: Desk) -> None:
    await desk.sign_in()
    wanted = {
        "begins": "22:00",
        "ends": "06:30",
        "time_zone": "Asia/Shanghai",
        "priority_0": "sms:1",
        "urgent_1": "voice:1",
    }
    status, shown = await press(desk, "preferences", **wanted)
    assert status == 303
    assert 'value="22:00"' in shown
    kept = await desk.hotline.admin.pool.fetchval("select preferences from triage.preferences")
    assert kept["orders"] == {"priority": ["sms:1"], "urgent": ["voice:1"]}
    status, _ = await press(desk, "preferences", begins="", ends="", time_zone="Asia/Shanghai")
    assert status == 303
    kept = await desk.hotline.admin.pool.fetchval("select preferences from triage.preferences")
    assert kept == {"time_zone": "Asia/Shanghai"}


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"begins": "22:00", "ends": ""}, "when they end"),
        ({"begins": "20:00", "ends": "08:00"}, "at most eleven hours"),
        ({"begins": "late", "ends": "08:00"}, "at most eleven hours"),
        ({"time_zone": "Mars/Base"}, "time zone"),
        ({"routine_0": "fax:1"}, "Choose each way once"),
    ],
)
async def test_hours_that_cannot_be_are_refused(desk: Desk, fields: dict[str, str], said: str) -> None:
    await desk.sign_in()
    status, shown = await press(desk, "preferences", **({"time_zone": "Asia/Shanghai"} | fields))
    assert (status, said in shown) == (409, True)


@pytest.mark.parametrize(
    ("act", "fields", "status"),
    [
        ("code", {"place": "x", "channel": "sms"}, 409),
        ("code", {"place": "1", "channel": "fax"}, 409),
        ("code", {"place": "1", "channel": "email"}, 409),
        ("prove", {"place": "1", "code": "1"}, 409),
        ("remove", {"place": "0"}, 303),
        ("remove", {"place": "9"}, 409),
        ("email", {"address": "nowhere"}, 409),
        ("fly", {}, 404),
    ],
)
async def test_what_cannot_be_done_is_said(desk: Desk, act: str, fields: dict[str, str], status: int) -> None:
    await desk.sign_in()
    assert (await press(desk, act, **fields))[0] == status


async def test_every_look_is_on_record_and_a_stranger_is_not_found(desk: Desk) -> None:
    await desk.sign_in("lu")
    await desk.client.get(page_of(desk))
    row = await desk.hotline.admin.pool.fetchrow("select * from infra.audit where action = 'ways_shown'")
    assert row
    assert (row["actor"], row["subject_id"]) == (str(desk.hotline.people["sup-lu"]), desk.hotline.people["duty-zhou"])
    assert (await desk.client.get(f"/phones/{UUID(int=7)}")).status_code == 404


async def test_an_address_waits_for_its_code_and_is_removed(desk: Desk) -> None:
    await desk.sign_in()
    _, shown = await press(desk, "email", address="min@example.org")
    assert "min@example.org" in shown
    assert "A code is on its way" in shown
    await sent(desk.hotline, position=0)
    assert (await press(desk, "prove", place="0", code=CODE))[0] == 303
    _, shown = await press(desk, "remove", place="0")
    assert "min@example.org" not in shown


async def test_a_supervisor_ends_somebodys_part_and_an_officer_is_offered_no_such_thing(desk: Desk) -> None:
    await desk.sign_in()
    assert "deactivate" not in (await desk.client.get(page_of(desk))).text
    await desk.sign_in("lu")
    shown = (await desk.client.get(page_of(desk))).text
    assert "Works here no more" in shown
    pressed = await desk.client.post(f"{page_of(desk)}/deactivate", data={"token": token_in(shown), "reason": "left"})
    assert pressed.status_code == 303
    assert "cannot sign in" in (await desk.client.get(pressed.headers["location"])).text
    assert (await desk.client.get(page_of(desk))).status_code == 404


async def test_a_supervisor_brings_them_back_and_the_page_says_from_when_they_count(desk: Desk) -> None:
    await desk.sign_in("lu")
    assert "Work here no more" not in (await desk.client.get(page_of(desk))).text
    await press(desk, "deactivate", reason="left")
    own = (await desk.client.get(page_of(desk, "sup-lu"))).text
    assert "Work here no more (1)" in own
    pressed = await desk.client.post(f"{page_of(desk)}/bring_back", data={"token": token_in(own)})
    assert pressed.status_code == 303
    shown = (await desk.client.get(pressed.headers["location"])).text
    assert "Here again since Wed 4 Mar 12:00." in shown
    assert "No PIN and no sign-in yet" in shown
    assert "as soon as a phone is proven" in shown
    assert "Work here no more" not in shown
    await press(desk, "code", place="1", channel="sms")
    await sent(desk.hotline, position=1)
    _, shown = await press(desk, "prove", place="1", code=CODE)
    assert "count them since Wed 4 Mar 12:00." in shown
    again = await desk.client.post(f"{page_of(desk)}/bring_back", data={"token": token_in(shown)})
    assert again.status_code == 409
    assert "works here already" in again.text


async def test_an_officer_brings_nobody_back(desk: Desk) -> None:
    await desk.sign_in("lu")
    await press(desk, "deactivate", handle="bj-li", reason="left")
    await desk.sign_in()
    own = (await desk.client.get(page_of(desk))).text
    assert "Work here no more" not in own
    refused = await desk.client.post(f"{page_of(desk, 'bj-li')}/bring_back", data={"token": token_in(own)})
    assert refused.status_code == 403
    assert not await desk.hotline.admin.pool.fetchval(
        "select is_active from triage.people where handle = $1", "bj-li"
    )
