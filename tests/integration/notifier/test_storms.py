"""A storm: two hundred cases in a minute for one team, each with its own calling, and a phone that can be read."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

from notifier.domain.failures import REPORT_WITHIN
from notifier.store.alerts import Status
from schemas.terms import Level, Purpose, Urgency
from tests.integration.notifier.conftest import ALERT_NUMBER, SMS, VOICE, Night, ladder

MANY = 200
RINGS = "select count(*) from notifier.alerts where person_id = $1 and channel = 'voice' and folded_into is null"


async def case_of(night: Night, number: int, **changes: Any) -> UUID:
    """An urgent case with an alias of its own; the earlier its number the sooner it is due."""
    due = night.clock.now() + timedelta(hours=1, seconds=number)
    given: dict[str, Any] = {"urgency": Urgency.URGENT, "deadline_at": due, "ladder": ladder(SMS)} | changes
    return await night.hears(night.case(night.assignment(**given), alias=f"AB{number:03}"))


async def digests(night: Night, state: str = "%") -> int:
    return int(await night.one("select count(*) from notifier.alerts where kind = 'digest' and state like $1", state))


async def stormed(night: Night, cases: int, first: int = 0, **changes: Any) -> list[UUID]:
    return [await case_of(night, number, **changes) for number in range(first, first + cases)]


async def test_two_hundred_cases_in_a_minute_are_a_few_texts_and_no_case_waits(night: Night) -> None:
    li = await night.person("Li", Level.FIRST, language="en")
    wang = await night.person("Wang", Level.BACKUP)
    await asyncio.gather(
        *(stormed(night, MANY // 4, n, ladder=ladder(SMS, VOICE)) for n in range(0, MANY, MANY // 4))
    )
    immediate = [await case_of(night, 900 + n, urgency=Urgency.IMMEDIATE) for n in range(5)]

    for n in range(5):
        await night.phone(li).receives(f"NOW AB{900 + n}")
    assert await night.one("select count(*) from notifier.escalations where next_due_at is not null") == MANY + 5
    assert (
        await night.one("select count(distinct base) from notifier.reply_pairs where person_id = $1", li) == MANY + 5
    )
    told = await night.one(
        "select count(*) from notifier.alerts where person_id = $1 and not is_immediate and folded_into is null "
        "and kind = 'alert' and channel = 'sms'",
        li,
    )
    assert told == 3, "the first ones alone"
    await night.after(seconds=20)
    text = await night.phone(li).receives("cases wait for you")
    assert "205 cases wait for you, first AB" in text
    calls = await night.one(
        "select count(*) from notifier.alerts where channel = 'voice' and folded_into is null and not is_immediate"
    )
    assert 1 <= calls <= 3

    await night.after(seconds=100)
    await night.until(
        "select count(distinct escalation_id) = $2 from notifier.alerts where person_id = $1",
        wang,
        MANY + 5,
        within=30,
    )
    await night.after(seconds=20)
    assert "205个个案待接手" in await night.phone(wang).receives("个个案待接手")
    assert await night.one("select count(*) from notifier.escalations where next_due_at is not null") == MANY + 5
    assert not await night.one("select count(*) from notifier.alerts where is_immediate and folded_into is not null")
    for case in immediate:
        assert await night.one(
            "select count(*) from notifier.alerts join notifier.escalations using (escalation_id) "
            "where subject_id = $1 and person_id = $2 and channel = 'sms' and sent_at is not null",
            case,
            li,
        )


async def test_a_few_cases_are_told_one_by_one(night: Night) -> None:
    li = await night.person("Li", Level.FIRST)
    await stormed(night, 3)
    for number in range(3):
        await night.phone(li).receives(f"AB{number:03}")
    assert await digests(night) == 0


async def test_one_case_that_goes_on_ringing_is_no_storm(night: Night) -> None:
    li = await night.person("Li", Level.FIRST)
    await case_of(night, 1, ladder=ladder(SMS, VOICE))
    for _ in range(2):
        await (await night.phone(li).rings()).hang_up()
        await night.after(minutes=1)
    await night.phone(li).rings()
    assert await digests(night) == 0


async def test_a_digest_tells_the_first_due_and_its_pair_takes_that_case_alone(night: Night) -> None:
    li = await night.person("Li", Level.FIRST, language="en")
    cases = await stormed(night, 6)
    await night.after(seconds=20)
    text = await night.phone(li).receives("cases wait")
    assert "6 cases wait for you, first AB000 by" in text
    await night.phone(li).text("31", ALERT_NUMBER)
    await night.phone(li).receives("You have taken AB000")
    await night.status(cases[0], "acknowledged")
    assert await night.one("select count(*) from notifier.escalations where status = 'calling'") == 5


async def test_where_links_are_not_sent_whoever_waits_is_told_again_of_each_case_that_is_not_taken(
    night: Night,
) -> None:
    li = await night.person("Li", Level.FIRST, language="en")
    cases = await stormed(night, 6)
    await night.after(seconds=20)
    text = await night.phone(li).receives("6 cases wait")
    assert "You are told of the others again: wait, or ring the desk." in text
    await night.phone(li).text("31", ALERT_NUMBER)
    await night.phone(li).receives("You have taken AB000")
    taken_at = night.clock.now()
    await night.after(minutes=12)
    await night.until(
        "select count(distinct escalation_id) = 5 from notifier.alerts "
        "where kind = 'alert' and channel = 'sms' and person_id = $1 and planned_at > $2",
        li,
        taken_at,
    )
    await night.after(seconds=20)
    assert "5 cases wait for you, first AB001 by" in await night.phone(li).receives("5 cases wait")
    await night.phone(li).text("41", ALERT_NUMBER)
    await night.phone(li).receives("You have taken AB001")
    await night.status(cases[1], "acknowledged")


async def test_a_digest_goes_when_the_case_that_began_it_was_taken(night: Night) -> None:
    li = await night.person("Li", Level.FIRST, language="en")
    await stormed(night, 5)
    await night.phone(li).text("341", ALERT_NUMBER)
    await night.phone(li).text("61", ALERT_NUMBER)
    await night.phone(li).receives("You have taken AB003")
    await night.after(seconds=20)
    assert "4 cases wait for you" in await night.phone(li).receives("cases wait")


async def test_a_digest_of_cases_that_are_all_taken_is_never_sent(night: Night) -> None:
    li = await night.person("Li", Level.FIRST, language="en")
    cases = await stormed(night, 5)
    for base in (3, 4, 5, 6, 7):
        await night.phone(li).text(f"{base}1", ALERT_NUMBER)
    for case in cases:
        await night.status(case, "acknowledged")
    await night.after(seconds=20)
    await night.until("select state = 'cancelled' from notifier.alerts where kind = 'digest'")
    assert await night.one("select sent_at is null from notifier.alerts where kind = 'digest'")


async def test_what_a_digest_told_of_fares_as_it_does_and_a_lost_one_hurries_every_case(night: Night) -> None:
    li = await night.person("Li", Level.FIRST)
    wang = await night.person("Wang", Level.BACKUP)
    await night.stop_workers()
    await stormed(night, 5)
    digest = await night.one("select alert_id from notifier.alerts where kind = 'digest'")
    told = "select array_agg(state order by state) from notifier.for_triage_alerts where person_id = $1"
    assert await night.one(told, li) == ["planned"] * 5
    await night.db.pool.execute(
        "update notifier.alerts set state = 'sent', due_at = null where alert_id = $1 and kind = 'digest'", digest
    )
    told_of = await night.statuses.apply(Status(digest, "SM1", "undelivered", "30003"))
    assert told_of.is_step_due
    assert await night.one(told, li) == ["planned", "planned", "planned", "undelivered", "undelivered"]
    due = "select count(*) from notifier.escalations where next_due_at <= $1"
    assert await night.one(due, night.clock.now()) == 2
    night.start()
    await night.phone(li).rings()
    assert wang


async def test_a_case_whose_step_is_being_written_is_hurried_by_a_lost_digest_too(night: Night) -> None:
    await night.person("Li", Level.FIRST)
    await night.stop_workers()
    await stormed(night, 5)
    digest = await night.one("select alert_id from notifier.alerts where kind = 'digest'")
    single = await night.one(
        "select alert_id from notifier.alerts where kind = 'alert' and folded_into is null limit 1"
    )
    await night.db.pool.execute("update notifier.alerts set state = 'sent', due_at = null where state = 'planned'")
    folded = [
        row["escalation_id"]
        for row in await night.db.pool.fetch(
            "select escalation_id from notifier.alerts where folded_into = $1", digest
        )
    ]
    later = night.clock.now() + timedelta(hours=1)
    async with night.db.transaction() as step:
        await step.execute("select from notifier.escalations where escalation_id = $1 for update", folded[0])
        telling = asyncio.create_task(night.statuses.apply(Status(digest, "SM1", "undelivered", "30003")))
        await night.until("select state = 'undelivered' from notifier.alerts where alert_id = $1", digest)
        await night.statuses.apply(Status(single, "SM2", "delivered", None))
        await step.execute(
            "update notifier.escalations set next_due_at = $2 where escalation_id = $1", folded[0], later
        )
    assert (await telling).is_step_due
    due = "select count(*) from notifier.escalations where next_due_at <= $1 and escalation_id = any($2)"
    assert await night.one(due, night.clock.now(), folded) == len(folded) == 2


async def test_a_digest_of_which_nothing_is_told_is_replaced_by_a_call_after_thirty_seconds(night: Night) -> None:
    li = await night.person("Li", Level.FIRST)
    wang = await night.person("Wang", Level.BACKUP)
    await stormed(night, 5)
    await night.phones.fault("callbacks_lost", night.numbers[li], channel="sms")
    await night.after(seconds=20)
    await night.until("select state = 'queued' and sids <> '{}' from notifier.alerts where kind = 'digest'")
    assert await night.one("select due_at - sent_at from notifier.alerts where kind = 'digest'") == REPORT_WITHIN
    assert await night.sends(li, "Calls") == 0
    await night.after(seconds=31)
    await night.phone(li).rings()
    await night.until("select count(*) = 0 from notifier.escalations where next_due_at <= $1", night.clock.now())
    assert await night.one(RINGS, li) == 1, "one call for all that it told of"
    assert await night.one(RINGS, wang) == 0


async def test_calls_about_a_responder_are_never_one_of_many(night: Night) -> None:
    zhou = await night.person("Zhou", Level.FIRST)
    for number in range(5):
        await case_of(night, number, purpose=Purpose.SAFETY)
    for number in range(5):
        await night.phone(zhou).receives(f"AB{number:03}")
    assert await digests(night) == 0


async def test_after_a_digest_the_next_keeps_its_distance(night: Night) -> None:
    li = await night.person("Li", Level.FIRST, language="en")
    await stormed(night, 5)
    await night.after(seconds=20)
    await night.phone(li).receives("5 cases wait")
    await case_of(night, 5)
    waits = await night.one(
        "select max(due_at) - min(planned_at) from notifier.alerts where kind = 'digest' and person_id = $1", li
    )
    assert timedelta(seconds=119) < waits < timedelta(seconds=121)
    await night.after(seconds=100)
    await night.phone(li).receives("6 cases wait")
