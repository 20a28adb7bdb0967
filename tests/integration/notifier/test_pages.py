"""The page behind a link: buttons, the PIN, and everything that closes it."""

from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID

import httpx
import pytest
import pytest_asyncio

from schemas.report import InWords
from schemas.terms import Level
from tests.integration.notifier.conftest import PIN, SMS, Night, ladder


@pytest_asyncio.fixture
async def browser() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient() as client:
        yield client


async def asked(night: Night, language: str = "en") -> tuple[UUID, UUID, str]:
    """Somebody who got a link; the person, the case and the address."""
    li = await night.person("Li", Level.FIRST, language=language)
    case = await night.hears(night.case(night.assignment(ladder=ladder(SMS, links=True))))
    text = await night.phone(li).receives("/a/")
    return li, case, "http://" + text.split("http://")[1]


async def test_the_link_is_short_and_only_a_digest_of_it_is_kept(night: Night) -> None:
    _, _, url = await asked(night)
    assert len(url) <= 40
    kept = await night.one("select token_hmac from notifier.links")
    assert kept == night.vault.token("link", url.rsplit("/", 1)[1])


async def test_opening_takes_nothing_and_shows_no_facts(night: Night, browser: httpx.AsyncClient) -> None:
    _, case, url = await asked(night)
    await night.seal_facts(case)
    page = await browser.get(url)
    assert page.status_code == 200
    assert page.headers["cache-control"] == "no-store"
    assert "KD472" in page.text
    assert "DEMONSTRATION" in page.text
    assert "Maple Street" not in page.text
    await night.status(case, "calling")


async def test_a_press_takes_the_case_then_work_begins_and_it_can_be_handed_back(
    night: Night, browser: httpx.AsyncClient
) -> None:
    _, case, url = await asked(night)
    assert "You have taken KD472" in (await browser.post(url, data={"act": "take"})).text
    await night.status(case, "acknowledged")
    assert "you have begun" in (await browser.post(url, data={"act": "begun"})).text
    page = await browser.post(url, data={"act": "hand_back"})
    assert "handed KD472 back" in page.text
    assert (await night.events(case))[1:] == [
        "escalation.acknowledged",
        "first_action.begun",
        "escalation.handed_back",
    ]


async def test_the_facts_are_shown_after_the_pin_and_the_look_is_on_record(
    night: Night, browser: httpx.AsyncClient
) -> None:
    li, case, url = await asked(night)
    await night.seal_facts(case)
    page = await browser.post(url, data={"act": "pin", "pin": PIN})
    assert "Maple Street 7" in page.text
    assert "Xiaoming" in page.text
    assert "could not be opened" not in page.text
    entry = await night.db.pool.fetchrow("select actor, action, case_id, shown from infra.audit")
    assert entry is not None
    assert (entry["actor"], entry["action"], entry["case_id"]) == (str(li), "facts_shown", case)
    assert "Maple" not in str(entry["shown"])
    await night.status(case, "calling")


@pytest.mark.parametrize(
    ("language", "danger", "label", "found"),
    [("en", "A weapon", "What was found", "Bruise"), ("zh", "有人持刀", "另外发现", "淤伤")],
)
async def test_dangers_at_the_door_and_what_else_was_found_stand_apart_in_the_responders_language(
    night: Night, browser: httpx.AsyncClient, language: str, danger: str, label: str, found: str
) -> None:
    _, case, url = await asked(night, language)
    known = {"at_door": (InWords(zh="有人持刀", en="A weapon"),), "found": (InWords(zh="淤伤", en="Bruise"),)}
    await night.seal_facts(case, **known)

    page = (await browser.post(url, data={"act": "pin", "pin": PIN})).text

    dangers, rest = page.split(f"<dt>{label}</dt>")
    assert danger in dangers
    assert "a dog in the yard" in dangers, "what an older sheet says stands as it was written"
    assert found in rest
    assert found not in dangers
    shown = await night.db.pool.fetchval("select shown from infra.audit")
    assert {"at_door", "found"} <= set(shown)


async def test_a_sheet_of_which_a_part_does_not_open_says_so(night: Night, browser: httpx.AsyncClient) -> None:
    _, case, url = await asked(night)
    await night.seal_facts(case, is_partial=True)

    page = await browser.post(url, data={"act": "pin", "pin": PIN})

    assert "could not be opened and may be missing here" in page.text
    assert "Maple Street 7" in page.text


async def test_three_wrong_pins_close_the_link_and_the_desk_can_read_it(
    night: Night, browser: httpx.AsyncClient
) -> None:
    _, case, url = await asked(night)
    await night.seal_facts(case)
    assert "Tries left: 2" in (await browser.post(url, data={"act": "pin", "pin": "0000"})).text
    await browser.post(url, data={"act": "pin", "pin": "1111"})
    third = await browser.post(url, data={"act": "pin", "pin": "2222"})
    assert third.status_code == 403
    assert "is closed" in third.text
    right = await browser.post(url, data={"act": "pin", "pin": PIN})
    assert right.status_code == 403
    assert "Maple" not in right.text
    effects = await night.db.pool.fetch(
        "select effect from notifier.for_triage_answers where subject_id = $1 order by answered_at", case
    )
    assert [row["effect"] for row in effects] == ["wrong_pin", "wrong_pin", "link_closed"]


async def test_an_expired_an_unknown_and_a_strange_request_get_a_clear_page(
    night: Night, browser: httpx.AsyncClient
) -> None:
    _, case, url = await asked(night, "zh")
    strange = await browser.post(url, data={"act": "close"})
    assert strange.status_code == 400
    assert "什么都没有改变" in strange.text
    unknown = await browser.get(url[:-1], headers={"Accept-Language": "en-GB,en;q=0.9"})
    assert (unknown.status_code, "no such page" in unknown.text) == (404, True)
    assert (await browser.post(url, content=b"x" * 100_000)).status_code == 413
    night.clock.advance(timedelta(hours=13))
    expired = await browser.post(url, data={"act": "take"})
    assert (expired.status_code, "已过期" in expired.text) == (410, True)
    await night.until("select acknowledged_by is null from notifier.escalations where subject_id = $1", case)


async def test_the_link_of_somebody_who_was_switched_off_opens_nothing_and_takes_nothing(
    night: Night, browser: httpx.AsyncClient
) -> None:
    li, case, url = await asked(night)
    await night.seal_facts(case)
    await night.one("update triage.people set is_active = false where person_id = $1 returning true", li)

    answers = [await browser.get(url)]
    answers += [await browser.post(url, data=pressed) for pressed in ({"act": "pin", "pin": PIN}, {"act": "take"})]
    assert [answer.status_code for answer in answers] == [404, 404, 404]
    assert not any("Maple Street" in answer.text or "KD472" in answer.text for answer in answers)
    await night.status(case, "calling")


async def test_a_link_from_before_somebody_left_opens_nothing_when_they_are_back(
    night: Night, browser: httpx.AsyncClient
) -> None:
    li, case, url = await asked(night)
    back = "update triage.people set back_at = $2 where person_id = $1 returning true"
    await night.one(back, li, night.clock.now() + timedelta(minutes=1))
    answers = [await browser.get(url), await browser.post(url, data={"act": "take"})]
    assert [answer.status_code for answer in answers] == [404, 404]
    await night.status(case, "calling")

    await night.one(back, li, night.clock.now() - timedelta(hours=1))
    assert (await browser.get(url)).status_code == 200, "one that was made after it opens"


async def test_who_did_not_take_the_case_sees_who_did_and_no_facts(night: Night, browser: httpx.AsyncClient) -> None:
    _, case, url = await asked(night)
    await night.seal_facts(case)
    wang = await night.person("Wang Fang", Level.BACKUP)
    await night.after(minutes=2)
    await night.phone(wang).receives("特急")
    await night.phone(wang).text("31", night.settings.alert_number or "")
    await night.status(case, "acknowledged")
    assert "taken by Wang Fang" in (await browser.get(url)).text
    page = await browser.post(url, data={"act": "pin", "pin": PIN})
    assert "Maple" not in page.text
    late = await browser.post(url, data={"act": "take"})
    assert late.status_code == 409
    assert "taken by Wang Fang" in late.text
