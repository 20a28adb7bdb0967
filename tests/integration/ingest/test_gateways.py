"""Contacts that a gateway hands over: the whole of them, from whatever way it writes its senders."""

import json
from typing import Any

import httpx
import pytest

from infra.postgres import Database
from infra.webhook import sign
from tests.conftest import SettableClock
from tests.integration.ingest.conftest import SECRET, Kept
from tests.integration.ingest.test_api import MANCHESTER


def signed(contact: dict[str, Any], clock: SettableClock, secret: str = SECRET, late: int = 0) -> dict[str, Any]:
    body = json.dumps(contact).encode()
    at = str(int(clock.now().timestamp()) - late)
    return {"content": body, "headers": {"Hotline-Timestamp": at, "Hotline-Signature": sign(secret, at, body)}}


GATEWAY = {
    "provider": "domestic-sms",
    "sid": "m-1",
    "channel": "sms",
    "sender": "+861000000001",
    "narrative": "有孩子被打",
}


async def test_a_gateway_is_a_full_channel(client: httpx.AsyncClient, clock: SettableClock, kept: Kept) -> None:
    first = await client.post("/v1/contacts", **signed(GATEWAY, clock))
    again = await client.post("/v1/contacts", **signed(GATEWAY, clock))
    yes = await client.post("/v1/contacts", **signed(GATEWAY | {"sid": "m-2", "narrative": "1"}, clock))

    assert first.status_code == 201
    assert first.json()["reply"] == again.json()["reply"]
    assert "110 / 120" in first.json()["reply"]
    assert "危险" in yes.json()["reply"]
    assert len(await kept.rows("ingest.contacts")) == 2


async def test_a_gateway_hands_over_a_call_and_a_canary(
    client: httpx.AsyncClient, clock: SettableClock, kept: Kept
) -> None:
    call = GATEWAY | {
        "channel": "voice",
        "answers": {"danger_now": "yes"},
        "recording_sids": ["r1"],
        "is_canary": True,
    }
    answers = [await client.post("/v1/contacts", **signed(call, clock)) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [201, 201]
    [(_, event)] = await kept.events()
    assert (event["channel"], event["danger_now"], event["is_canary"]) == ("voice", "yes", True)


async def test_a_gateway_without_a_good_fresh_signature_is_403(
    client: httpx.AsyncClient, clock: SettableClock
) -> None:
    moments = [signed(GATEWAY, clock, late=late) for late in (301, -301, -800_000_000_000)]
    requests = [signed(GATEWAY, clock, secret="wrong"), {"json": GATEWAY}, *moments]
    answers = [await client.post("/v1/contacts", **request) for request in requests]

    assert [answer.status_code for answer in answers] == [403] * 5


async def test_a_sender_without_its_country_code_is_one_phone(
    client: httpx.AsyncClient, clock: SettableClock, kept: Kept
) -> None:
    texts = [
        GATEWAY | {"sid": str(number), "sender": sender, "narrative": words}
        for number, (sender, words) in enumerate(
            [
                ("13800000000", "有孩子被打"),
                ("13800000000", "1"),
                ("+86 138 0000 0000", "2"),
                ("8613800000000", "在家"),
            ]
        )
    ]
    replies = [(await client.post("/v1/contacts", **signed(text, clock))).json()["reply"] for text in texts]

    assert "危险" in replies[1]
    assert len(await kept.rows("ingest.reports")) == 1
    assert [row["answers"]["danger_now"] for row in await kept.rows("ingest.updates")] == [
        "not_asked",
        "no",
        "not_asked",
    ]


FIELDS: dict[str, Any] = {
    "answers": {"danger_now": "yes", "child_age_years": 7},
    "people": [{"roles": ["child_of_concern"], "name": "小雨"}],
    "places": {"home": "幸福路 1 号"},
    "contact": {"phone": "010 0000 0012", "is_safe_to_call": "no"},
    "recording_sids": ["r1"],
    "reporter_role": "neighbour",
    "first_known_at": "2026-03-03T08:30:00Z",
    "time_zone": "Asia/Urumqi",
}


async def test_what_a_gateway_tells_in_fields_with_a_text_is_kept_with_its_words(
    client: httpx.AsyncClient, clock: SettableClock, kept: Kept
) -> None:
    answer = await client.post("/v1/contacts", **signed(GATEWAY | FIELDS | {"language": "en"}, clock))

    [report] = await kept.rows("ingest.reports")
    facts = await kept.facts(report)
    assert (report["answers"]["danger_now"], report["answers"]["child_age_years"]) == ("yes", 7)
    assert (report["reporter_role"], report["time_zone"], report["language"]) == ("neighbour", "Asia/Urumqi", "en")
    assert report["first_known_at"] is not None
    assert (facts.narrative, facts.places.home, facts.people[0].name) == ("有孩子被打", "幸福路 1 号", "小雨")
    assert (facts.contact.phone, facts.recording_sids) == ("010 0000 0012", ("r1",))
    assert (await kept.events())[0][1]["danger_now"] == "yes"
    assert "Received." in answer.json()["reply"]


async def test_the_words_of_a_text_answer_before_its_fields_but_never_lower_a_danger(
    client: httpx.AsyncClient, clock: SettableClock, kept: Kept
) -> None:
    for number, (words, fields) in enumerate([("有孩子被打", {}), ("1", {}), ("2", FIELDS), ("学校门口", FIELDS)]):
        await client.post(
            "/v1/contacts", **signed(GATEWAY | fields | {"sid": str(number), "narrative": words}, clock)
        )

    updates = await kept.rows("ingest.updates")
    assert [row["answers"]["danger_now"] for row in updates] == ["not_asked", "yes", "yes"]
    places = (await kept.facts(updates[2])).places
    assert (places.now, places.home) == ("学校门口", "幸福路 1 号")


async def test_a_text_belongs_where_its_area_lies(
    client: httpx.AsyncClient, clock: SettableClock, db: Database, kept: Kept
) -> None:
    await db.pool.execute(MANCHESTER)
    there = GATEWAY | {"area": {"system": "GB-GSS", "edition": "2023", "code": "E08000003"}, "sender": "07700900123"}
    first = await client.post("/v1/contacts", **signed(there | {"narrative": "A child is crying"}, clock))
    await client.post("/v1/contacts", **signed(there | {"sid": "m-2", "sender": "+447700900123"}, clock))

    assert "999" in first.json()["reply"]
    [report] = await kept.rows("ingest.reports")
    assert (report["jurisdiction"], report["time_zone"]) == ("GB-ENG", "Europe/London")


async def test_a_text_belongs_where_another_place_lies_while_the_child_s_own_is_not_known(
    client: httpx.AsyncClient, clock: SettableClock, db: Database, kept: Kept
) -> None:
    await db.pool.execute(MANCHESTER)
    home = {"system": "GB-GSS", "edition": "2023", "code": "E08000003"}
    await client.post("/v1/contacts", **signed(GATEWAY | {"areas": {"home": home}}, clock))

    [report] = await kept.rows("ingest.reports")
    assert (report["area_place"], report["area_code"]) == ("home", "E08000003")
    assert (report["jurisdiction"], report["time_zone"]) == ("GB-ENG", "Europe/London")


async def test_a_gateway_may_say_that_a_text_tells_of_something_new(
    client: httpx.AsyncClient, clock: SettableClock, kept: Kept
) -> None:
    await client.post("/v1/contacts", **signed(GATEWAY, clock))
    await client.post("/v1/contacts", **signed(GATEWAY | {"sid": "m-2", "is_new_event": True}, clock))

    assert len(await kept.rows("ingest.reports")) == 2


@pytest.mark.parametrize("channel", ["sms", "voice", "web"])
@pytest.mark.parametrize("sender", ["anonymous", "10086", "+266696687", ""])
async def test_a_sender_that_is_nobodys_phone_is_unknown_and_the_contact_is_taken(
    client: httpx.AsyncClient, clock: SettableClock, kept: Kept, channel: str, sender: str
) -> None:
    for sid in ("1", "2"):
        contact = GATEWAY | {"channel": channel, "sender": sender, "sid": sid}
        assert (await client.post("/v1/contacts", **signed(contact, clock))).status_code == 201

    assert [row["phone_token"] for row in await kept.rows("ingest.contacts")] == [None, None]
    assert len(await kept.rows("ingest.reports")) == 2


@pytest.mark.parametrize("channel", ["sms", "voice", "web"])
@pytest.mark.parametrize("sender", ["13800000000", "10086", "+86 138 0000 0000"])
async def test_the_sender_is_kept_sealed_as_the_gateway_names_it(
    client: httpx.AsyncClient, clock: SettableClock, kept: Kept, channel: str, sender: str
) -> None:
    await client.post("/v1/contacts", **signed(GATEWAY | {"channel": channel, "sender": sender}, clock))

    [report] = await kept.rows("ingest.reports")
    assert (await kept.facts(report)).came_from == sender
    assert sender not in str(await kept.rows("ingest.reports")) + str(await kept.events())


@pytest.mark.parametrize("channel", ["sms", "voice", "web"])
async def test_a_withheld_or_missing_sender_of_a_gateway_keeps_nothing(
    client: httpx.AsyncClient, clock: SettableClock, kept: Kept, channel: str
) -> None:
    for sid, sender in enumerate(["+266696687", "", None]):
        contact = GATEWAY | {"channel": channel, "sid": str(sid), "sender": sender}
        assert (await client.post("/v1/contacts", **signed(contact, clock))).status_code == 201

    reports = await kept.rows("ingest.reports")
    assert [(await kept.facts(report)).came_from for report in reports] == [None] * 3


async def test_a_phone_to_reach_somebody_must_still_be_one(client: httpx.AsyncClient, clock: SettableClock) -> None:
    answer = await client.post("/v1/contacts", **signed(GATEWAY | {"contact": {"phone": "anonymous"}}, clock))
    assert [error["field"] for error in answer.json()["errors"]] == ["contact.phone"]
