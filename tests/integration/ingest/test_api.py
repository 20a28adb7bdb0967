import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from infra import ids
from infra.postgres import Database
from infra.vault import KeyRing, MasterKey, Vault
from ingest.domain.told import Taken
from ingest.handlers import reports
from ingest.handlers.intake import Intake
from ingest.web.app import create_app
from tests.conftest import SettableClock
from tests.integration.ingest.conftest import Kept

REPORT: dict[str, Any] = {
    "narrative": "A pupil told me that she is afraid to go home.",
    "reporter_role": "teacher",
    "answers": {"danger_now": "does_not_know", "child_age_years": 9},
    "contact": {"phone": "020 7946 0018", "is_safe_to_call": "yes"},
}
MANCHESTER = (
    "insert into triage.areas (system, edition, code, name_zh, name_en, jurisdiction, time_zone, is_reserved) "
    "values ('GB-GSS', '2023', 'E08000003', '曼彻斯特', 'Manchester', 'GB-ENG', 'Europe/London', false)"
)
KEPT_WITH_A_REPORT = (
    "ingest.reports",
    "ingest.report_states",
    "ingest.contacts",
    "ingest.requests",
    "infra.vault_keys",
    "infra.outbox",
)


async def test_a_report_gets_its_sixteen_digits_at_once(client: httpx.AsyncClient, kept: Kept) -> None:
    answer = await client.post("/v1/reports", json=REPORT)

    assert answer.status_code == 201
    given = answer.json()
    assert len(given["code"]) == 16
    assert given["reference"] == given["code"][:8]
    assert given["state"] == "received"
    [report] = await kept.rows("ingest.reports")
    assert str(report["report_id"]) == given["report_id"]
    assert (await kept.facts(report)).contact.phone == "020 7946 0018"
    [(_, event)] = await kept.events()
    assert (event["reporter_role"], event["danger_now"], event["language"]) == ("teacher", "does_not_know", "en")


async def test_the_same_key_gets_the_first_answer_and_another_body_is_422(
    client: httpx.AsyncClient, kept: Kept
) -> None:
    headers = {"Idempotency-Key": "k1", "Authorization": "Bearer school"}
    first = await client.post("/v1/reports", json=REPORT, headers=headers)
    again = await client.post("/v1/reports", json=REPORT, headers=headers)
    other = await client.post("/v1/reports", json=REPORT | {"narrative": "else"}, headers=headers)
    elsewhere = await client.post("/v1/reports", json=REPORT, headers=headers | {"Authorization": "Bearer clinic"})

    assert first.json() == again.json()
    assert again.headers["Idempotent-Replayed"] == "true"
    assert other.status_code == 422
    assert elsewhere.json()["code"] != first.json()["code"]
    assert len(await kept.rows("ingest.reports")) == 2


async def test_the_same_key_sent_at_the_same_time_is_one_report(client: httpx.AsyncClient, kept: Kept) -> None:
    headers = {"Idempotency-Key": "k1"}
    answers = await asyncio.gather(*(client.post("/v1/reports", json=REPORT, headers=headers) for _ in range(5)))

    assert len({answer.json()["code"] for answer in answers}) == 1
    assert len(await kept.rows("ingest.reports")) == 1


async def test_an_unknown_field_is_refused_by_name_in_the_senders_language(client: httpx.AsyncClient) -> None:
    answer = await client.post(
        "/v1/reports", json=REPORT | {"score": 3}, headers={"Accept-Language": "zh-CN,en;q=0.5"}
    )

    assert answer.status_code == 422
    assert answer.json()["errors"] == [{"field": "score", "message": "没有这个字段。"}]
    assert "110 / 120" in answer.json()["emergency"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"contact": {"phone": "not a phone"}}, "contact.phone"),
        ({"contact": {"fax": "1"}}, "contact.fax"),
        ({"answers": {"danger_now": "maybe"}}, "answers.danger_now"),
        ({"happened_at": "2026-03-01T10:00:00"}, "happened_at"),
        ({"narrative": " ", "answers": {}}, "narrative"),
        ({"area": {"system": "CN\u0000", "edition": "1"}}, "area.system"),
        ({"happened_at": "0001-01-01T00:00:00+14:00"}, "happened_at"),
        ({"began_at": "9999-12-31T23:59:59-14:00"}, "began_at"),
        ({"answers": {"child_safe_until": "0001-01-01T00:00:00+14:00"}}, "answers.child_safe_until"),
    ],
)
async def test_a_value_that_cannot_be_is_refused_with_its_field(
    client: httpx.AsyncClient, change: dict[str, Any], field: str
) -> None:
    answer = await client.post("/v1/reports", json=REPORT | change)

    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]


async def test_a_nul_in_the_words_is_kept_as_written(client: httpx.AsyncClient, kept: Kept) -> None:
    assert (await client.post("/v1/reports", json=REPORT | {"narrative": "a\u0000b"})).status_code == 201
    assert await kept.narratives() == ["a\u0000b"]


@pytest.mark.parametrize(
    ("body", "status"), [(b'{"narrative": "\xff\xfe"}', 400), (b"{", 400), (b"", 400), (b"[]", 422)]
)
async def test_bad_bytes_are_refused(client: httpx.AsyncClient, body: bytes, status: int) -> None:
    answer = await client.post("/v1/reports", content=body)

    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"


async def test_ten_megabytes_are_refused_without_being_read(client: httpx.AsyncClient) -> None:
    read = 0

    async def body() -> AsyncIterator[bytes]:
        nonlocal read
        for _ in range(160):
            read += 65536
            yield b"x" * 65536

    announced = await client.post("/v1/reports", content=b"x" * 10_485_760)
    streamed = await client.post("/v1/reports", content=body())

    assert announced.status_code == streamed.status_code == 413
    assert read < 1_000_000


async def test_a_code_adds_to_its_report_and_wrong_codes_are_limited(client: httpx.AsyncClient, kept: Kept) -> None:
    code = (await client.post("/v1/reports", json=REPORT)).json()["code"]
    added = await client.post("/v1/reports", json=REPORT | {"code": f"{code[:4]} {code[4:]}", "narrative": "more"})
    wrong = code[:8] + ("00000000" if code[8:] != "00000000" else "00000018")
    tried = [await client.post("/v1/reports", json=REPORT | {"code": wrong}) for _ in range(6)]
    locked = await client.post("/v1/reports", json=REPORT | {"code": code})

    assert added.status_code == 200
    assert (added.json()["version"], added.json()["is_update"]) == (2, True)
    assert [answer.status_code for answer in tried] == [422] * 5 + [429]
    assert locked.status_code == 429
    assert len(await kept.rows("ingest.reports")) == 1


async def test_the_emergency_numbers_are_those_of_where_the_child_is_and_a_given_time_zone_holds(
    client: httpx.AsyncClient, db: Database, kept: Kept
) -> None:
    await db.pool.execute(MANCHESTER)
    there = REPORT | {"area": {"system": "GB-GSS", "edition": "2023", "code": "E08000003"}}
    first = await client.post("/v1/reports", json=there, headers={"Idempotency-Key": "k1"})
    again = await client.post("/v1/reports", json=there, headers={"Idempotency-Key": "k1"})
    added = await client.post("/v1/reports", json=REPORT | {"code": first.json()["code"]})
    await client.post("/v1/reports", json=there | {"time_zone": "Asia/Shanghai"})

    assert [answer.json()["emergency_numbers"] for answer in (first, again, added)] == ["999"] * 3
    assert [each["time_zone"] for each in await kept.rows("ingest.reports")] == ["Europe/London", "Asia/Shanghai"]


async def test_where_the_child_is_now_decides_before_any_other_place_and_registration_last(
    client: httpx.AsyncClient, kept: Kept
) -> None:
    area = {"system": "CN-XZQH", "edition": "2024"}
    home, written = area | {"code": "110101001000"}, area | {"code": "330106000000"}
    elsewhere = {"registration": written, "home": home}
    now = area | {"code": "430102000000"}
    await client.post("/v1/reports", json=REPORT | {"area": now, "areas": elsewhere})
    await client.post("/v1/reports", json=REPORT | {"area": area, "areas": elsewhere})
    await client.post("/v1/reports", json=REPORT | {"areas": {"registration": written}})
    await client.post("/v1/reports", json=REPORT | {"area": area})

    stored = [(row["area_place"], row["area_code"]) for row in await kept.rows("ingest.reports")]
    assert stored == [("now", now["code"]), ("home", home["code"]), ("registration", written["code"]), ("now", None)]
    facts = await kept.facts((await kept.rows("ingest.reports"))[0])
    assert facts.areas.registration is not None
    assert (facts.areas.registration.code, facts.areas.incident) == (written["code"], None)


async def test_a_place_that_nobody_knows_of_is_refused_by_name(client: httpx.AsyncClient) -> None:
    answer = await client.post("/v1/reports", json=REPORT | {"areas": {"school": {"system": "X", "edition": "1"}}})

    assert answer.status_code == 422
    assert [each["field"] for each in answer.json()["errors"]] == ["areas.school"]


async def test_an_instant_that_a_system_gives_is_kept_with_its_words(client: httpx.AsyncClient, kept: Kept) -> None:
    code = (await client.post("/v1/reports", json=REPORT)).json()["code"]
    await client.post("/v1/reports", json=REPORT | {"code": code, "first_known_at": "2026-03-03T08:30:00Z"})

    [update] = await kept.rows("ingest.updates")
    [moment] = (await kept.facts(update)).moments
    assert (moment.kind, moment.at, moment.known) == ("first_known", datetime(2026, 3, 3, 8, 30, tzinfo=UTC), "given")


async def test_one_key_for_a_new_report_and_for_added_words_at_the_same_instant_is_422(
    client: httpx.AsyncClient, kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = (await client.post("/v1/reports", json=REPORT)).json()["code"]
    headers, add_update = {"Idempotency-Key": "k1"}, reports.add_update
    new: list[httpx.Response] = []

    async def meanwhile(*given: Any) -> Taken:
        new.append(await client.post("/v1/reports", json=REPORT, headers=headers))
        return await add_update(*given)

    monkeypatch.setattr(reports, "add_update", meanwhile)
    added = await client.post("/v1/reports", json=REPORT | {"code": code}, headers=headers)

    assert (new[0].status_code, added.status_code) == (201, 422)
    assert await kept.rows("ingest.updates") == []


async def test_a_fault_of_ours_is_told_in_both_languages_with_the_numbers_and_what_was_typed(
    intake: Intake, clock: SettableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr(reports, "try_report", broken)
    transport = httpx.ASGITransport(create_app(intake, clock), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://inside:8000") as client:
        answer = await client.post("/v1/reports", json=REPORT)
        page = await client.post("/zh", data={"form_id": "once", "what": "孩子身上有伤"})

    assert (answer.status_code, page.status_code) == (500, 500)
    assert answer.headers["content-type"] == "application/problem+json"
    for words in ("went wrong on our side", "我们这边出了问题"):
        assert words in answer.json()["detail"]
        assert words in page.text
    assert "999" in answer.json()["emergency"]
    assert "110 / 120" in page.text
    assert "孩子身上有伤</textarea>" in page.text
    assert 'name="form_id" value="once"' in page.text


async def test_the_description_is_openapi_3_1_of_what_is_really_taken(client: httpx.AsyncClient) -> None:
    described = (await client.get("/openapi.json")).json()

    assert described["openapi"].startswith("3.1")
    assert described["components"]["schemas"]["ReportIn"]["additionalProperties"] is False
    assert set(described["paths"]) == {"/v1/reports", "/v1/reports/{report_id}", "/v1/contacts"}


async def test_the_public_door_makes_no_canary(client: httpx.AsyncClient) -> None:
    assert (await client.post("/v1/reports", json=REPORT | {"is_canary": True})).status_code == 422


async def test_a_reference_that_somebody_has_is_drawn_again(
    client: httpx.AsyncClient, kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = (await client.post("/v1/reports", json=REPORT)).json()["code"]
    drawn = iter([first, first[:8] + "00000018", "0000001800000018"])
    monkeypatch.setattr(ids, "new_code", lambda: next(drawn))
    second = await client.post("/v1/reports", json=REPORT, headers={"Idempotency-Key": "k1"})

    assert (second.status_code, second.json()["code"]) == (201, "0000001800000018")
    counts = {table: len(await kept.rows(table)) for table in KEPT_WITH_A_REPORT}
    assert counts == dict.fromkeys(KEPT_WITH_A_REPORT, 2) | {"ingest.requests": 1}


async def test_a_key_and_a_reference_are_known_after_the_master_key_is_rotated(
    intake: Intake, clock: SettableClock, kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new = MasterKey.new("old"), MasterKey.new("new")
    offline = X25519PrivateKey.generate().public_key()
    headers, given = {"Idempotency-Key": "k1"}, []
    drawn = iter(["0000001800000018", "0000001800000018", "0000001800000018", "0000002600000018"])
    monkeypatch.setattr(ids, "new_code", lambda: next(drawn))
    for ring, key in ((KeyRing([old]), headers), (KeyRing([new, old]), headers), (KeyRing([new, old]), {})):
        app = create_app(replace(intake, vault=Vault(ring, offline)), clock)
        transport = httpx.ASGITransport(app, raise_app_exceptions=True)
        async with httpx.AsyncClient(transport=transport, base_url="http://inside:8000") as client:
            given.append((await client.post("/v1/reports", json=REPORT, headers=key)).json()["code"])

    assert given == ["0000001800000018", "0000001800000018", "0000002600000018"]
    assert len(await kept.rows("ingest.reports")) == 2


async def test_an_age_is_a_number_and_no_truth_value(client: httpx.AsyncClient) -> None:
    for age in (True, "nine", -1):
        answer = await client.post("/v1/reports", json=REPORT | {"answers": {"child_age_years": age}})
        assert answer.status_code == 422
    answer = await client.post("/v1/reports", json=REPORT | {"answers": {"child_age_years": 9.0}})
    assert answer.status_code == 201
