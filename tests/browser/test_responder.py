"""What a woken responder holds: the page behind the link, and the demonstration's phones, on a small screen."""

import pytest
from playwright.async_api import Page, expect

from schemas.report import InWords
from tests.browser.looking import Album, NewContext, fits, reads_well
from tests.integration.emulator.conftest import LIBRARY_WARNS
from tests.integration.notifier.conftest import PIN, Night, night
from tests.integration.notifier.test_digest_page import told
from tests.integration.notifier.test_pages import asked

__all__ = ["night"]

pytestmark = [pytest.mark.browser, LIBRARY_WARNS]

PHONE = {"width": 360, "height": 640}
LOCALE = {"zh": "zh-CN", "en": "en-GB"}
TAKE = {"zh": "我来接手", "en": "I take it"}
THERE = {"zh": "我已到达", "en": "I am there"}
SAFE = {"zh": "我安全", "en": "I am safe"}
HELP = {"zh": "我需要帮助", "en": "I need help"}
FOUND = {
    "at_door": (InWords(zh="有人持刀、枪等器械", en="A weapon is seen or threatened"),),
    "found": (InWords(zh="淤伤", en="Bruise"), InWords(zh="孩子害怕回家", en="The child is afraid to go home")),
}
FACTS = {"zh": "查看情况", "en": "Show the facts"}


async def seen(page: Page, shots: Album, name: str) -> None:
    await fits(page)
    await reads_well(page)
    await shots.keep(page, f"responder-{name}")


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_a_case_is_taken_on_the_page_behind_the_link(
    night: Night, new_context: NewContext, shots: Album, language: str
) -> None:
    _, case, url = await asked(night, language)
    await night.seal_facts(case, go_with=("police", "second_person"), desk_phone="+861000000003", **FOUND)
    context = await new_context(viewport=PHONE, locale=LOCALE[language])
    page = await context.new_page()
    await page.goto(url)
    await seen(page, shots, f"asked-{language}")

    await page.locator("[name=pin]").fill(PIN)
    await page.locator("[name=pin]").press("Enter")
    await expect(page.get_by_text("Maple Street 7")).to_be_visible()
    await expect(page.get_by_text(FOUND["at_door"][0].of(language))).to_be_visible()
    await seen(page, shots, f"facts-{language}")
    await night.status(case, "calling")

    await page.get_by_role("button", name=TAKE[language]).click()
    await night.status(case, "acknowledged")
    await seen(page, shots, f"taken-{language}")

    await page.get_by_role("button", name=THERE[language]).click()
    await expect(page.get_by_role("button", name=SAFE[language], exact=True)).to_be_visible()
    await seen(page, shots, f"there-{language}")
    await page.get_by_role("button", name=HELP[language]).click()
    await night.until("select needs_help_at is not null from notifier.escalations where subject_id = $1", case)
    await seen(page, shots, f"help-{language}")


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("width", [360, 1280])
async def test_the_cases_of_a_digest_are_listed_and_taken_without_script(
    night: Night, new_context: NewContext, shots: Album, language: str, width: int
) -> None:
    _, cases, url = await told(night, language)
    size = {"width": width, "height": 640}
    context = await new_context(viewport=size, locale=LOCALE[language], java_script_enabled=width > 360)
    page = await context.new_page()
    await page.goto(url)
    await shots.keep(page, f"responder-digest-pin-{language}-{width}")
    await page.locator("[name=pin]").fill(PIN)
    await page.locator("[name=pin]").press("Enter")
    await expect(page.get_by_role("button", name=TAKE[language])).to_have_count(5)
    if width > 360:
        await seen(page, shots, f"digest-{language}-{width}")
    await page.get_by_role("button", name=TAKE[language]).nth(2).click()
    await night.status(cases[2], "acknowledged")
    await expect(page.get_by_role("button", name=TAKE[language])).to_have_count(4)
    await shots.keep(page, f"responder-digest-{language}-{width}")


async def test_the_page_serves_a_phone_without_script(night: Night, new_context: NewContext) -> None:
    _, case, url = await asked(night, "zh")
    context = await new_context(viewport=PHONE, locale="zh-CN", java_script_enabled=False)
    page = await context.new_page()
    await page.goto(url)
    await page.get_by_role("button", name=TAKE["zh"]).click()
    await night.status(case, "acknowledged")


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_the_phones_of_the_demonstration_show_and_answer_a_text(
    night: Night, new_context: NewContext, shots: Album, language: str
) -> None:
    li, case, _ = await asked(night, language)
    base = await night.one("select base from notifier.reply_pairs")
    take = f"{base}1"
    text = await night.phone(li).receives(take)
    context = await new_context(viewport=PHONE, locale=LOCALE[language])
    page = await context.new_page()
    await page.goto(f"{night.settings.twilio_api_url}/?lang={language}")
    await expect(page.get_by_text(text).first).to_be_visible()
    await seen(page, shots, f"phones-{language}")
    await page.locator("textarea").first.fill(take)
    await page.locator("textarea").first.press("Tab")
    await page.keyboard.press("Enter")
    await night.status(case, "acknowledged")
