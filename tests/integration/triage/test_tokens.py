"""Tokens of clues: keyed, kept with their report, made anew after a rotation, common ones passed over."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from infra.vault import KeyRing, MasterKey, Vault
from tests.integration.triage.conftest import CAMDEN, Hotline, Reports, Updates
from triage.domain.clues import Kind
from triage.domain.likeness import MOST_CARRIERS
from triage.handlers import Turn, likenesses
from triage.store import reports
from triage.store.matches import Alike

QUESTION = "想了解一下你们的服务。"


async def opened(hotline: Hotline, report: Reports, words: str = QUESTION, **given: Any) -> Any:
    event = await report(words, **given)
    await hotline.receive(event)
    return event


async def alike(hotline: Hotline, report_id: UUID, vault: Vault | None = None) -> list[Alike]:
    case = await hotline.case_of(report_id)
    async with hotline.turn() as turn:
        told = [await reports.read(turn.tx, hotline.vault, report_id)]
        of = (case["case_id"], case["alias"], turn.now.date())
        return await likenesses.alike(turn.tx, (vault or hotline.vault, turn.means.packs), of, told)


async def renew(hotline: Hotline, vault: Vault | None = None) -> None:
    """Let the loop of the timer run until nothing is left."""
    is_more = True
    while is_more:
        async with hotline.turn() as turn:
            means = replace(turn.means, vault=vault or hotline.vault)
            is_more = await likenesses.renew(Turn(turn.tx, means, turn.now))


def rotated(vault: Vault) -> Vault:
    """The same vault with a new master key in front."""
    old = [vault.ring.find(each) for each in vault.ring.ids]
    return Vault(KeyRing([MasterKey.new("newer"), *old]), vault.recovery_key)


async def tokens_of(hotline: Hotline, report_id: UUID) -> set[tuple[bytes, str, str]]:
    rows = await hotline.admin.pool.fetch(
        "select token, kind, key_version from triage.match_tokens where report_id = $1", report_id
    )
    return {tuple(row) for row in rows}


async def test_what_is_kept_is_keyed_and_says_nothing(hotline: Hotline, report: Reports) -> None:
    event = await opened(hotline, report, "孩子叫陈小雨，电话 13812345678")

    kept = await tokens_of(hotline, event.report_id)
    assert {"name", "sound_area", "phone", "place_day", "reference"} <= {kind for _, kind, _ in kept}
    assert {len(token) for token, kind, _ in kept if kind != "reference"} == {33}
    assert {key for _, _, key in kept} == {hotline.vault.ring.current.id}
    dumped = str(kept)
    assert "小雨" not in dumped
    assert "138" not in {token.hex() for token, _, _ in kept}


async def test_new_words_bring_new_tokens_and_keep_the_old(
    hotline: Hotline, report: Reports, update: Updates
) -> None:
    event = await opened(hotline, report)
    before = await tokens_of(hotline, event.report_id)

    await hotline.receive(await update(event, "孩子的电话是 13812345678"))

    after = await tokens_of(hotline, event.report_id)
    assert before < after
    assert "phone" in {kind for _, kind, _ in after - before}


async def test_a_shared_phone_is_a_strong_reason(hotline: Hotline, report: Reports) -> None:
    first = await opened(hotline, report, "她的电话 13812345678", area=CAMDEN)
    hotline.clock.advance(timedelta(days=40))
    second = await opened(hotline, report, QUESTION, came_from="+8613812345678")

    (found,) = [each for each in await alike(hotline, second.report_id) if Kind.PHONE in each.kinds]
    assert found.case_id == (await hotline.case_of(first.report_id))["case_id"]


async def test_a_named_alias_or_reference_finds_its_case(hotline: Hotline, report: Reports) -> None:
    first = await opened(hotline, report, area=CAMDEN)
    case = await hotline.case_of(first.report_id)
    hotline.clock.advance(timedelta(days=40))
    token = hotline.vault.token("reference", "12345674")
    second = await opened(hotline, report, f"关于个案 {case['alias']}，编号 1234 5674")
    assert [Kind.REFERENCE in each.kinds for each in await alike(hotline, second.report_id)] == [True]

    third = await report(QUESTION)
    await hotline.admin.pool.execute("alter table ingest.reports disable trigger all")
    await hotline.admin.pool.execute(
        "update ingest.reports set reference_token = $2 where report_id = $1", third.report_id, token
    )
    await hotline.receive(third)
    shared = {each.case_id: each.kinds for each in await alike(hotline, third.report_id)}
    assert Kind.REFERENCE in shared[(await hotline.case_of(second.report_id))["case_id"]]


async def test_a_common_token_says_nothing(hotline: Hotline, report: Reports) -> None:
    events = [await opened(hotline, report) for _ in range(3)]
    assert len(await alike(hotline, events[0].report_id)) == 2

    await hotline.admin.pool.execute(
        "insert into triage.case_reports (report_id, case_id, report_version, joined_at) "
        "select gen_random_uuid(), case_id, 1, joined_at from triage.case_reports, generate_series(1, $2) "
        "where report_id = $1",
        events[2].report_id,
        MOST_CARRIERS,
    )
    await hotline.admin.pool.execute(
        "insert into triage.match_tokens (report_id, token, kind, key_version) "
        "select r.report_id, m.token, m.kind, m.key_version from triage.match_tokens m, triage.case_reports r "
        "where m.report_id = $1 on conflict do nothing",
        events[2].report_id,
    )
    assert await alike(hotline, events[0].report_id) == []


async def test_after_a_rotation_they_are_found_at_once_and_made_anew(hotline: Hotline, report: Reports) -> None:
    first, second = [await opened(hotline, report) for _ in range(2)]
    newer = rotated(hotline.vault)
    assert len(await alike(hotline, first.report_id, newer)) == 1

    await renew(hotline, newer)

    assert {key for _, _, key in await tokens_of(hotline, second.report_id)} >= {"newer"}
    assert len(await alike(hotline, first.report_id, newer)) == 1
    async with hotline.turn() as turn:
        assert not await likenesses.renew(Turn(turn.tx, replace(turn.means, vault=newer), turn.now))


async def test_reports_from_before_get_theirs_and_a_canary_none(hotline: Hotline, report: Reports) -> None:
    event = await opened(hotline, report)
    canary = await opened(hotline, report, is_canary=True)
    await hotline.admin.pool.execute("delete from triage.match_tokens")
    await hotline.admin.pool.execute("update triage.case_reports set tokens_key = null")

    await renew(hotline)

    assert await tokens_of(hotline, event.report_id)
    assert await tokens_of(hotline, canary.report_id) == set()


@pytest.mark.parametrize("broken", [b"short", b"\x01" + b"broken beyond opening, but long enough for a sealed value"])
async def test_a_report_that_does_not_open_holds_no_other_and_keeps_its_tokens(
    hotline: Hotline, report: Reports, broken: bytes
) -> None:
    shut, open_ = [await opened(hotline, report) for _ in range(2)]
    before = await tokens_of(hotline, shut.report_id)
    await hotline.admin.pool.execute("alter table ingest.reports disable trigger all")
    await hotline.admin.pool.execute(
        "update ingest.reports set facts = $2 where report_id = $1", shut.report_id, broken
    )

    await renew(hotline, rotated(hotline.vault))

    assert await tokens_of(hotline, shut.report_id) == before
    assert "newer" in {key for _, _, key in await tokens_of(hotline, open_.report_id)}


async def test_a_fault_in_one_report_is_logged_and_holds_no_other(
    hotline: Hotline, report: Reports, monkeypatch: pytest.MonkeyPatch
) -> None:
    faulty, other = [await opened(hotline, report) for _ in range(2)]
    keep = likenesses.keep

    async def breaking(turn: Turn, alias: str, told: Any) -> None:
        if told.report_id == faulty.report_id:
            raise LookupError("a fault")
        await keep(turn, alias, told)

    monkeypatch.setattr(likenesses, "keep", breaking)
    await renew(hotline, rotated(hotline.vault))

    assert "newer" in {key for _, _, key in await tokens_of(hotline, other.report_id)}
    keys = await hotline.admin.pool.fetch("select distinct tokens_key from triage.case_reports")
    assert [row["tokens_key"] for row in keys] == ["newer"]
