import re
from datetime import timedelta
from html import unescape

import httpx
import pytest

from infra.postgres import Database
from tests.conftest import SettableClock
from tests.integration.ingest.conftest import Kept

FORM = {"form_id": "once", "danger_now": "yes", "what": "孩子身上有伤", "where": "幸福路 1 号"}
HEADERS = {"Content-Type": "application/x-www-form-urlencoded"}


def code_on(page: str) -> str:
    found = re.search(r'id="code">([\d ]{19})<', page)
    assert found, page
    return found[1]


@pytest.mark.parametrize(("path", "language"), [("/zh", "zh"), ("/en", "en")])
async def test_the_form_works_without_script_and_leaves_little_behind(
    client: httpx.AsyncClient, path: str, language: str
) -> None:
    page = await client.get(path)

    assert page.status_code == 200
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert "unsafe" not in page.headers["Content-Security-Policy"]
    assert "<script>" not in page.text
    assert " style=" not in page.text
    assert "110 / 120" in page.text
    assert "999" in page.text
    start = page.text.index("<body>")
    body = re.sub(r"<[^>]+>|\s+", " ", page.text[start:]).strip()
    assert body.startswith({"zh": "演示系统", "en": "DEMONSTRATION"}[language])


async def test_every_field_has_a_label(client: httpx.AsyncClient) -> None:
    page = (await client.get("/en")).text
    ids = re.findall(r'<(?:input|textarea|select) id="(\w+)"', page)

    assert ids
    assert all(f'<label for="{name}">' in page for name in ids)
    assert page.count("<fieldset") == page.count("<legend>")


@pytest.mark.parametrize(("accept", "language"), [("en-GB,en", "en"), ("zh-TW", "zh"), ("fr", "zh"), ("", "zh")])
async def test_without_a_language_in_the_address_the_browser_chooses(
    client: httpx.AsyncClient, accept: str, language: str
) -> None:
    page = await client.get("/", headers={"Accept-Language": accept})
    assert page.headers["Content-Language"] == language


async def test_three_answers_and_send_are_a_complete_report(client: httpx.AsyncClient, kept: Kept) -> None:
    page = await client.post("/zh", data=FORM)

    assert page.status_code == 200
    assert len(code_on(page.text).split()) == 4
    [report] = await kept.rows("ingest.reports")
    facts = await kept.facts(report)
    assert (facts.narrative, facts.places.now) == ("孩子身上有伤", "幸福路 1 号")
    assert (await kept.events())[0][1]["danger_now"] == "yes"


async def test_a_repeated_send_gets_the_same_digits_and_other_words_are_an_update(
    client: httpx.AsyncClient, kept: Kept
) -> None:
    first = await client.post("/zh", data=FORM)
    again = await client.post("/zh", data=FORM)
    changed = [await client.post("/zh", data=FORM | {"what": "还有弟弟"}) for _ in range(2)]

    assert len({code_on(page.text) for page in (first, again, *changed)}) == 1
    assert len(await kept.rows("ingest.reports")) == 1
    assert await kept.narratives() == ["孩子身上有伤", "还有弟弟"]


async def test_a_mistake_keeps_every_word_and_is_linked_to_its_field(client: httpx.AsyncClient, kept: Kept) -> None:
    page = await client.post(
        "/en", data=FORM | {"phone": "twelve", "child_name": 'Lin "<b>"', "what": "  kept\nas typed"}
    )

    assert page.status_code == 422
    assert 'href="#phone"' in page.text
    assert 'aria-describedby="phone-hint phone-mistake"' in page.text
    assert 'value="yes" checked' in page.text
    text = unescape(page.text)
    assert 'value="twelve"' in text
    assert 'Lin "<b>"' in text
    assert "<b>" not in page.text
    assert "  kept\nas typed</textarea>" in text
    assert 'name="form_id" value="once"' in page.text
    assert await kept.rows("ingest.reports") == []


async def test_a_chosen_area_brings_its_jurisdiction_and_a_reserved_one_cannot_be_chosen(
    client: httpx.AsyncClient, db: Database, kept: Kept
) -> None:
    await db.pool.execute(
        "insert into triage.areas (system, edition, code, name_zh, name_en, jurisdiction, time_zone, is_reserved) "
        "values ('GB-GSS', '2023', 'E08000003', '曼彻斯特', 'Manchester', 'GB-ENG', 'Europe/London', false), "
        "('CANARY', '1', '1', '演练', 'Exercise', 'CN', 'UTC', true)"
    )
    page = await client.get("/en")
    await client.post("/en", data=FORM | {"area": "GB-GSS|2023|E08000003"})
    refused = await client.post("/en", data=FORM | {"form_id": "2", "area": "CANARY|1|1"})

    assert "Manchester" in page.text
    assert "Exercise" not in page.text
    assert refused.status_code == 422
    [report] = await kept.rows("ingest.reports")
    assert (report["jurisdiction"], report["area_code"], report["time_zone"]) == (
        "GB-ENG",
        "E08000003",
        "Europe/London",
    )


async def test_an_empty_form_is_told_so(client: httpx.AsyncClient) -> None:
    page = await client.post("/zh", data={"form_id": "x", "what": " "})
    assert page.status_code == 422
    assert "请写几个字" in page.text


@pytest.mark.parametrize("body", [b"what=%FF%FE", b"what=\xff"])
async def test_bytes_that_are_no_utf8_get_a_clear_page(client: httpx.AsyncClient, body: bytes) -> None:
    page = await client.post("/zh", content=body, headers=HEADERS)
    assert page.status_code == 400
    assert "UTF-8" in page.text
    assert "没能保留您写的内容" in page.text
    assert "还在" not in page.text
    assert "110 / 120" in page.text


async def test_a_form_of_ten_megabytes_is_refused(client: httpx.AsyncClient) -> None:
    page = await client.post("/en", content=b"what=" + b"x" * 10_000_000, headers=HEADERS)
    assert page.status_code == 413
    assert "256 kB" in page.text
    assert "Nothing was received" in page.text
    assert "still" not in page.text


async def test_the_code_shows_the_state_and_takes_more_words(client: httpx.AsyncClient, kept: Kept) -> None:
    code = code_on((await client.post("/zh", data=FORM)).text)
    page = await client.post("/en/follow", data={"code": code})
    added = [
        await client.post("/en/follow/add", data={"code": code, "form_id": "a", "words": "She is at her aunt's"})
        for _ in range(2)
    ]

    assert "We have received your report." in page.text
    assert "received what you added" in added[1].text
    assert await kept.narratives() == ["孩子身上有伤", "She is at her aunt's"]


async def test_a_wrong_code_is_told_so_and_attempts_are_limited(client: httpx.AsyncClient) -> None:
    code = code_on((await client.post("/zh", data=FORM)).text)
    wrong = code.replace(" ", "")[:8] + "00000000"
    slip = await client.post("/zh/follow", data={"code": code[:-1]})
    tried = [await client.post("/zh/follow", data={"code": wrong}) for _ in range(6)]
    right = await client.post("/zh/follow", data={"code": code})

    assert slip.status_code == 422
    assert [page.status_code for page in tried] == [422] * 5 + [429]
    assert right.status_code == 429


async def test_words_that_must_wait_are_kept_on_the_page(client: httpx.AsyncClient, kept: Kept) -> None:
    code = code_on((await client.post("/zh", data=FORM)).text)
    for _ in range(5):
        await client.post("/zh/follow", data={"code": code.replace(" ", "")[:8] + "00000000"})
    words = {"code": code, "form_id": "a", "words": "他们要带她走 <今晚>"}
    page = await client.post("/zh/follow/add", data=words)

    assert page.status_code == 429
    assert "他们要带她走 <今晚></textarea>" in unescape(page.text)
    assert 'name="form_id" value="a"' in page.text
    assert f'value="{code}"' in page.text
    assert "再次发送</button>" in page.text
    assert "110 / 120" in page.text
    assert "已收到您的报告" not in page.text
    assert await kept.narratives() == ["孩子身上有伤"]

    assert 'formaction="/zh">作为新的报告发送' in page.text
    new = await client.post("/zh", data=words)
    assert code_on(new.text) != code
    assert await kept.narratives() == ["孩子身上有伤", "他们要带她走 <今晚>"]


@pytest.mark.parametrize("path", ["/nowhere", "/zh/nowhere", "/v1/nowhere", "/twilio/nowhere"])
async def test_what_is_not_there_is_404(client: httpx.AsyncClient, path: str) -> None:
    assert (await client.get(path)).status_code == 404


async def test_styles_and_the_exit_are_served(client: httpx.AsyncClient) -> None:
    for path in ("/static/page.css", "/static/exit.js", "/static/blank.svg"):
        assert (await client.get(path)).status_code == 200


async def test_a_time_until_which_the_child_is_safe_is_kept_as_an_instant_there(
    client: httpx.AsyncClient, db: Database, kept: Kept
) -> None:
    await db.pool.execute(
        "insert into triage.areas (system, edition, code, name_zh, name_en, jurisdiction, time_zone, is_reserved) "
        "values ('GB-GSS', '2023', 'E08000003', '曼彻斯特', 'Manchester', 'GB-ENG', 'Europe/London', false)"
    )
    await client.post("/zh", data=FORM | {"child_safe_until": "16:30"})
    there = {"form_id": "2", "area": "GB-GSS|2023|E08000003", "child_safe_until": "3:15 pm"}
    await client.post("/en", data=FORM | there)
    refused = await client.post("/en", data=FORM | {"form_id": "3", "child_safe_until": "after school"})

    here, far = await kept.rows("ingest.reports")
    assert here["answers"]["child_safe_until"] == "2026-03-04T16:30:00+08:00"
    assert far["answers"]["child_safe_until"] == "2026-03-04T15:15:00Z"
    assert [moment.written for moment in (await kept.facts(far)).moments] == ["3:15 pm"]
    assert refused.status_code == 422
    assert 'href="#child_safe_until"' in refused.text
    assert 'type="text" value="after school"' in refused.text


async def test_without_an_area_the_earliest_wall_clock_ends_safety(
    client: httpx.AsyncClient, clock: SettableClock, kept: Kept
) -> None:
    clock.advance(timedelta(hours=8))  # noon in England
    await client.post("/en", data=FORM | {"child_safe_until": "16:30"})

    [report] = await kept.rows("ingest.reports")
    assert report["answers"]["child_safe_until"] == "2026-03-04T16:30:00Z"


async def test_when_a_reporter_first_knew_is_kept_as_written_and_as_an_instant(
    client: httpx.AsyncClient, kept: Kept
) -> None:
    page = await client.get("/zh")
    await client.post("/zh", data=FORM | {"first_known": "昨天 16:30", "happened": "上周", "injury": "would_not_say"})

    assert page.text.index('id="where"') < page.text.index('id="first_known"')
    [report] = await kept.rows("ingest.reports")
    first, happened = sorted((await kept.facts(report)).moments, key=lambda moment: moment.kind)
    assert (first.written, first.at, first.known) == ("昨天 16:30", report["first_known_at"], "read_as_time")
    assert (happened.written, happened.at, report["happened_at"]) == ("上周", None, None)
    assert report["answers"]["injury"] == "would_not_say"


async def test_what_was_typed_is_there_in_the_other_language_and_is_not_sent(
    client: httpx.AsyncClient, kept: Kept
) -> None:
    empty = await client.post("/en", data={"form_id": "once", "switch": "en"})
    typed = await client.post("/en", data=FORM | {"phone": "twelve", "switch": "en"})
    sent = await client.post("/en", data=FORM)

    assert "Write a few words" not in empty.text
    assert "孩子身上有伤</textarea>" in typed.text
    assert 'name="form_id" value="once"' in typed.text
    assert "not a phone number" in typed.text
    assert sent.status_code == 200
    assert len(await kept.rows("ingest.reports")) == 1


async def test_enter_sends_the_form_and_never_switches_the_language(client: httpx.AsyncClient) -> None:
    page = (await client.get("/zh")).text
    first = re.search(r"<button[^>]*>", page)

    assert first
    assert "formaction" not in first[0]
