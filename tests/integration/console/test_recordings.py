"""Recordings at the desk: told of while they are missing, played once they are here, each look on record."""

from typing import Any
from uuid import UUID

import pytest_asyncio

from infra.ids import new_id
from infra.vault import Subject
from tests.integration.console.conftest import Desk
from tests.integration.triage.conftest import Hotline, Reports

SOUND = b"RIFF" + bytes(range(256)) * 8


async def note(hotline: Hotline, report_id: UUID, sound: bytes | None) -> UUID:
    """A recording as ingest notes it and, with a sound, keeps it."""
    recording_id, now = new_id(), hotline.clock.now()
    async with hotline.admin.transaction() as tx:
        sealed = sound and await hotline.vault.seal(tx, Subject("report", report_id), "recording", sound)
        await tx.execute(
            "insert into ingest.recordings (recording_id, report_id, provider, provider_sid, seconds, received_at, "
            "sound, content_type, fetched_at, due_at) values ($1, $2, 'twilio', $3, 9, $4, $5, $6, $7, $8)",
            recording_id,
            report_id,
            str(recording_id),
            now,
            sealed,
            "audio/wav" if sound else None,
            now if sound else None,
            None if sound else now,
        )
    return recording_id


@pytest_asyncio.fixture
async def told(hotline: Hotline, report: Reports) -> Any:
    """A case of a call in which nothing was written down."""
    event = await report("", danger_now="not_asked")
    await hotline.receive(event)
    return event, await hotline.case_of(event.report_id)


async def test_a_recording_that_is_not_fetched_is_told_of_in_words(desk: Desk, told: Any) -> None:
    event, case = told
    await note(desk.hotline, event.report_id, None)
    await desk.sign_in()
    page = (await desk.client.get(f"/cases/{case['case_id']}?language=en")).text

    assert "A recording: listen" in page
    assert "Recording not fetched yet" in page
    assert "nobody has listened yet" in page
    assert "<audio" not in page
    assert "Recording: listen" in (await desk.client.get("/")).text


async def test_a_recording_is_played_and_every_time_is_on_record(desk: Desk, told: Any) -> None:
    event, case = told
    recording = await note(desk.hotline, event.report_id, SOUND)
    await desk.sign_in()
    path = f"/cases/{case['case_id']}/recordings/{recording}"
    before = (await desk.client.get(f"/cases/{case['case_id']}?language=zh")).text
    whole = await desk.client.get(path)
    part = await desk.client.get(path, headers={"range": "bytes=4-7"})
    beyond = await desk.client.get(path, headers={"range": "bytes=999999-"})
    after = (await desk.client.get(f"/cases/{case['case_id']}")).text

    assert f'<audio controls preload="none" src="{path}"' in before
    assert f'<a href="{path}">' in before
    assert "还没有人听过" in before
    assert (whole.content, whole.headers["content-type"]) == (SOUND, "audio/wav")
    assert whole.headers["cache-control"] == "no-store"
    assert "media-src 'self'" in whole.headers["content-security-policy"]
    assert (part.status_code, part.content) == (206, SOUND[4:8])
    assert beyond.status_code == 416
    assert "还没有人听过" not in after
    assert "收听了录音" in after
    assert await desk.hotline.kinds(case["case_id"]) == [
        *[kind for kind in await desk.hotline.kinds(case["case_id"]) if kind != "recording_heard"],
        "recording_heard",
    ]
    heard = [look for look in await desk.looks(case["case_id"]) if look["action"] == "recording_heard"]
    assert [look["shown"] for look in heard] == [["report.recording"]] * 3


async def test_a_recording_of_another_case_or_for_somebody_not_signed_in_is_not_played(
    desk: Desk, told: Any, report: Reports
) -> None:
    event, case = told
    recording = await note(desk.hotline, event.report_id, SOUND)
    path = f"/cases/{case['case_id']}/recordings/{recording}"
    stranger = await desk.client.get(path)
    await desk.sign_in()
    other = await desk.client.get(f"/cases/{new_id()}/recordings/{recording}")

    assert stranger.status_code == 303
    assert stranger.content == b""
    assert other.status_code == 404


async def test_a_sound_that_cannot_be_opened_says_so_and_is_not_told_as_heard(desk: Desk, told: Any) -> None:
    event, case = told
    recording_id = await note(desk.hotline, event.report_id, SOUND)
    broken = b"broken beyond opening, but long enough for a sealed value"
    await desk.hotline.admin.pool.execute("alter table ingest.recordings disable trigger user")
    await desk.hotline.admin.pool.execute("update ingest.recordings set sound = $1", broken)
    await desk.sign_in()

    answer = await desk.client.get(f"/cases/{case['case_id']}/recordings/{recording_id}")
    page = (await desk.client.get(f"/cases/{case['case_id']}")).text

    assert answer.status_code == 500
    assert "Cannot be opened: needs a person" in answer.text
    assert "nobody has listened yet" in page
    assert f'data-trouble="trouble-{recording_id}"' in page
