"""A send that breaks in the middle: found again, or sent again and marked; never lost, never quietly doubled."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from infra import buckets
from notifier.handlers.statuses import Statuses
from notifier.store import alerts
from notifier.store.alerts import Moved, Status
from notifier.timer import sends
from schemas.terms import Level
from tests.integration.notifier.conftest import SMS, VOICE, Night, ladder

CANCELLED = "select state = 'cancelled' from notifier.alerts where person_id = $1 and kind = 'alert'"


async def broken(*_args: Any, **_kinds: Any) -> None:
    """What a process that dies here leaves behind: nothing after this line."""
    raise asyncio.CancelledError


async def test_a_process_that_dies_before_the_intent_leaves_an_alert_that_was_never_sent(
    night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    li = await night.person("Li", Level.FIRST)
    with monkeypatch.context() as patched:
        patched.setattr(alerts, "begin_send", broken)
        await night.hears(night.case(night.assignment(ladder=ladder(SMS))))
        await night.until("select fence = 1 and state = 'planned' from notifier.alerts")
        await night.stop_workers()
    night.start(instance="another")
    await night.after(seconds=11)
    await night.phone(li).receives("KD472")
    assert not await night.one("select is_repeat from notifier.alerts")
    assert await night.sends(li, "Messages") == 1


async def test_a_process_that_dies_between_intent_and_request_leaves_a_marked_repeat(
    night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    li = await night.person("Li", Level.FIRST)
    with monkeypatch.context() as patched:
        patched.setattr(type(night.counter.channels[SMS]), "send", broken)
        await night.hears(night.case(night.assignment(ladder=ladder(SMS))))
        await night.until("select state = 'sending' from notifier.alerts")
        await night.stop_workers()
    night.start(instance="another")
    await night.after(seconds=11)
    await night.phone(li).receives("KD472")
    assert await night.one("select is_repeat from notifier.alerts")
    assert await night.sends(li, "Messages") == 1


@pytest.mark.parametrize("channel", [SMS, VOICE])
async def test_a_process_that_dies_after_the_request_finds_its_alert_again(
    night: Night, monkeypatch: pytest.MonkeyPatch, channel: Any
) -> None:
    li = await night.person("Li", Level.FIRST)
    await night.phones.fault("callbacks_lost", night.numbers[li])
    with monkeypatch.context() as patched:
        patched.setattr(alerts, "record_sent", broken)
        await night.hears(night.case(night.assignment(ladder=ladder(channel))))
        await night.until("select state = 'sending' from notifier.alerts")
        await asyncio.sleep(0.2)
        await night.stop_workers()
    night.start(instance="w0")
    await night.until("select cardinality(sids) = 1 and state <> 'sending' from notifier.alerts")
    assert not await night.one("select is_repeat from notifier.alerts")
    assert await night.sends(li, "Messages") + await night.sends(li, "Calls") == 1


@pytest.mark.parametrize("channel", [SMS, VOICE])
async def test_an_answer_that_comes_after_we_gave_up_is_found_in_the_list(night: Night, channel: Any) -> None:
    li = await night.person("Li", Level.FIRST)
    await night.phones.fault("callbacks_lost", night.numbers[li])
    await night.phones.fault("slow_answer", night.numbers[li], seconds=1.5, count=1)
    await night.hears(night.case(night.assignment(ladder=ladder(channel))))
    await night.until(
        "select error_code = 'uncertain' and cardinality(sids) = 1 from notifier.alerts where channel = $1", channel
    )
    assert await night.sends(li, "Messages" if channel is SMS else "Calls") == 1


async def test_a_callback_before_the_answer_settles_an_uncertain_send(night: Night) -> None:
    li = await night.person("Li", Level.FIRST)
    await night.phones.fault("slow_answer", night.numbers[li], seconds=1.5, count=1)
    await night.hears(night.case(night.assignment(ladder=ladder(SMS))))
    await night.until("select state = 'delivered' from notifier.alerts")
    await asyncio.sleep(0.7)
    assert await night.one("select state = 'delivered' and cardinality(sids) = 1 from notifier.alerts")
    assert await night.sends(li, "Messages") == 1


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_a_provider_that_refuses_for_the_moment_is_asked_again(night: Night, status: int) -> None:
    li = await night.person("Li", Level.FIRST)
    await night.phones.fault("error_before", night.numbers[li], status=status, count=2)
    await night.hears(night.case(night.assignment(ladder=ladder(SMS))))
    await night.phone(li).receives("KD472", within=8)
    assert len([text for text in await night.phone(li).texts() if "KD472" in text]) == 1


async def test_a_number_that_is_refused_for_good_goes_on_at_once(night: Night) -> None:
    li = await night.person("Li", Level.FIRST)
    wang = await night.person("Wang", Level.BACKUP)
    await night.phones.fault("refuse", night.numbers[li], code=21610)
    case = await night.hears(night.case(night.assignment()))
    await night.phone(wang).rings(within=10)
    # Whichever way was refused first went on at once: the other may still be on its way there.
    refused = "select bool_and(error_code is not distinct from '21610') from notifier.for_triage_alerts"
    await night.until(f"{refused} where subject_id = $1 and person_id = $2", case, li)


async def test_a_call_whose_end_nobody_told_is_asked_after_and_rung_again(
    night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    li = await night.person("Li", Level.FIRST)
    # Somebody at every level, so that the ladder does not end in the round that calls everybody.
    for name, level in (("Wu", Level.BACKUP), ("Ma", Level.LEAD), ("Xu", Level.MANAGER)):
        await night.person(name, level)
    await night.hears(night.case(night.assignment(ladder=ladder(VOICE))))
    call = await night.phone(li).rings()
    await call.pick_up()
    await night.until("select state = 'connected' from notifier.alerts where attempt = 1 and level = 'first'")
    await night.after(seconds=76)
    first = "from notifier.alerts where attempt = 1 and level = 'first'"
    looked = f"select fence = 2 and state = 'connected' and due_at > $1 {first}"
    await night.until(looked, night.clock.now() + timedelta(seconds=30))

    async def lost(*_given: Any) -> Moved:
        return Moved(is_unwanted=False, is_step_due=False)

    with monkeypatch.context() as patched:
        patched.setattr(Statuses, "apply", lost)
        await call.hang_up()
        await call.ends()
        await asyncio.sleep(0.3)
    assert await night.one("select state from notifier.alerts where attempt = 1 and level = 'first'") == "connected"
    await night.after(seconds=76)
    await night.until("select state = 'unanswered' from notifier.alerts where attempt = 1 and level = 'first'")
    await night.until("select count(*) = 2 from notifier.alerts where person_id = $1", li)


async def test_callbacks_that_come_twice_late_or_backwards_change_nothing(night: Night) -> None:
    li = await night.person("Li", Level.FIRST)
    await night.phones.fault("callbacks_twice", night.numbers[li])
    await night.phones.fault("callbacks_reversed", night.numbers[li])
    await night.phones.fault("callbacks_late", night.numbers[li], seconds=0.2)
    await night.hears(night.case(night.assignment(ladder=ladder(SMS))))
    await night.until("select state = 'delivered' from notifier.alerts")
    await asyncio.sleep(0.3)
    row = await night.db.pool.fetchrow("select state, cardinality(sids) as sids from notifier.alerts")
    assert row is not None
    assert dict(row) == {"state": "delivered", "sids": 1}


async def test_a_queued_text_is_taken_back_when_somebody_else_takes_the_case(night: Night) -> None:
    li = await night.person("Li", Level.FIRST)
    wang = await night.person("Wang", Level.BACKUP)
    await night.phones.fault("held", night.numbers[wang], channel="sms", seconds=30, count=1)
    await night.hears(night.case(night.assignment(ladder=ladder(SMS))))
    await night.phone(li).receives("KD472")
    await night.after(minutes=2)
    await night.until("select state = 'queued' from notifier.alerts where person_id = $1", wang)
    await night.phone(li).text("31", night.settings.alert_number or "")
    await night.until(CANCELLED, wang)


async def test_an_alert_planned_before_an_acknowledgement_never_begins(
    night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    li = await night.person("Li", Level.FIRST)
    wang = await night.person("Wang", Level.BACKUP)
    case = await night.hears(night.case(night.assignment(ladder=ladder(SMS))))
    await night.phone(li).receives("KD472")
    waiting, go_on = asyncio.Event(), asyncio.Event()
    held = buckets.take_many

    async def hold(*given: Any) -> Any:
        waiting.set()
        await go_on.wait()
        return await held(*given)

    with monkeypatch.context() as patched:
        patched.setattr(buckets, "take_many", hold)
        await night.after(minutes=2)
        await waiting.wait()
        await night.phone(li).text("31", night.settings.alert_number or "")
        await night.status(case, "acknowledged")
        go_on.set()
        await night.until(
            "select state = 'cancelled' from notifier.alerts where person_id = $1 and kind = 'alert'", wang
        )
    texts = [text for text in await night.phone(wang).texts() if "我来接手" in text]
    assert texts == []


async def test_a_paused_process_whose_lease_is_over_sends_nothing(
    night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    li = await night.person("Li", Level.FIRST)
    real: Callable[..., Any] = sends.Sends._has_token
    paused, go_on = asyncio.Event(), asyncio.Event()

    async def pause(self: Any, claim: Any, post: Any) -> bool:
        if not paused.is_set():
            paused.set()
            await go_on.wait()
        answer: bool = await real(self, claim, post)
        return answer

    monkeypatch.setattr(sends.Sends, "_has_token", pause)
    await night.hears(night.case(night.assignment(ladder=ladder(SMS))))
    await paused.wait()
    night.start(instance="another")
    await night.after(seconds=11)
    await night.phone(li).receives("KD472")
    go_on.set()
    await asyncio.sleep(0.3)
    assert await night.sends(li, "Messages") == 1


async def test_two_workers_share_the_work(night: Night) -> None:
    night.start(instance="second")
    people: list[UUID] = [await night.person(f"P{n}") for n in range(12)]
    for person_id in people:
        await night.hears(night.case(night.assignment(ladder=ladder(SMS), first_responder_id=person_id)))
    for person_id in people:
        await night.phone(person_id).receives("KD472")
    assert [await night.sends(person_id, "Messages") for person_id in people] == [1] * 12


async def test_a_failure_told_while_a_step_is_being_written_is_looked_at_at_once(night: Night) -> None:
    li = await night.person("Li", Level.FIRST)
    case = await night.hears(night.case(night.assignment()))
    call = await night.phone(li).rings()
    await night.until("select true from notifier.alerts where state = 'ringing' and channel = 'voice'")
    await night.stop_workers()
    alert_id = await night.one("select alert_id from notifier.alerts where channel = 'voice'")
    now = night.clock.now()
    await night.db.pool.execute("update notifier.escalations set next_due_at = $1 where subject_id = $2", now, case)

    async with night.db.transaction() as step:
        await step.execute("select from notifier.escalations where subject_id = $1 for update", case)
        telling = asyncio.create_task(night.statuses.apply(Status(alert_id, call.sid, "unanswered", None)))
        await asyncio.sleep(0.3)
        later = now + timedelta(minutes=1)
        await step.execute("update notifier.escalations set next_due_at = $1 where subject_id = $2", later, case)
    await telling

    due = await night.one("select next_due_at from notifier.escalations where subject_id = $1", case)
    assert now <= due < later
