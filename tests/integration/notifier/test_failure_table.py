"""Every row of the table of failures, injected at the provider, as whoever is called for lives it."""

from datetime import timedelta

import pytest

from notifier.domain.failures import FAILURES, NO_REPORT, Kind, Mark, failure
from schemas.terms import Level
from tests.integration.notifier.conftest import ALERT_NUMBER, POOL_NUMBER, SMS, Night, ladder

MARK = "select mark from notifier.for_triage_marked_phones where person_id = $1"
TEXTS = "select count(*) from notifier.alerts where person_id = $1 and channel = 'sms' and kind = 'alert'"
# The rows of the table, and what each says of the number.
AFTER_SENDING = {
    "30001": None,
    "30002": None,
    "30003": None,
    "30004": "no_texts",
    "30005": "dead",
    "30006": "no_texts",
    "30007": None,
    "30008": None,
}
AT_CREATE = {"21610": None, "21614": "no_texts", "21211": "dead"}


@pytest.mark.parametrize(("code", "mark"), AFTER_SENDING.items())
async def test_a_text_that_fails_on_its_way_becomes_a_call_at_once(night: Night, code: str, mark: str | None) -> None:
    li = await night.person("Li", Level.FIRST)
    wang = await night.person("Wang", Level.BACKUP)
    await night.phones.fault("undelivered", night.numbers[li], channel="sms", code=int(code))
    await night.hears(night.case(night.assignment(ladder=ladder(SMS))))
    await night.phone(li).rings()
    assert await night.one(TEXTS, wang) == 0, "no retry and no failure of a number calls the next person early"
    assert await night.one(MARK, li) == mark


@pytest.mark.parametrize(("code", "mark"), AT_CREATE.items())
async def test_a_text_that_is_refused_becomes_a_call_at_once(night: Night, code: str, mark: str | None) -> None:
    li = await night.person("Li", Level.FIRST)
    await night.person("Wang", Level.BACKUP)
    await night.phones.fault("refuse", night.numbers[li], channel="sms", code=int(code))
    await night.hears(night.case(night.assignment(ladder=ladder(SMS))))
    await night.phone(li).rings()
    assert await night.one(MARK, li) == mark
    assert await night.one(TEXTS, li) == 1


@pytest.mark.parametrize("code", ["30003", "30008"])
async def test_what_may_pass_is_sent_once_more_after_a_minute_and_never_again(night: Night, code: str) -> None:
    li = await night.person("Li", Level.FIRST)
    await night.person("Wang", Level.BACKUP)
    await night.phones.fault("undelivered", night.numbers[li], channel="sms", code=int(code))
    await night.hears(night.case(night.assignment(ladder=ladder(SMS))))
    await night.phone(li).rings()
    assert await night.one(TEXTS, li) == 1
    await night.after(seconds=61)
    await night.until(f"{TEXTS.replace('count(*)', 'count(*) = 2')} and state = 'undelivered'", li)
    await night.until("select count(*) >= 2 from notifier.alerts where person_id = $1 and channel = 'voice'", li)
    await night.after(seconds=121)
    await night.until("select count(*) >= 3 from notifier.alerts where person_id = $1 and channel = 'voice'", li)
    assert await night.one(TEXTS, li) == 2


async def test_a_full_queue_sends_again_at_once_from_another_number_of_ours(pooled: Night) -> None:
    li = await pooled.person("Li", Level.FIRST)
    await pooled.phones.fault("failed", pooled.numbers[li], channel="sms", code=30001, count=1)
    await pooled.hears(pooled.case(pooled.assignment(ladder=ladder(SMS))))
    await pooled.phone(li).receives("KD472")
    requests = await pooled.phones.requests("Messages", "POST")
    senders = [one["params"]["From"] for one in requests if one["params"]["To"] == pooled.numbers[li]]
    assert senders == [ALERT_NUMBER, POOL_NUMBER]
    await pooled.phone(li).rings()


async def test_each_number_has_a_bucket_of_its_own_and_what_many_get_leaves_from_the_pool(pooled: Night) -> None:
    li, wang = await pooled.person("Li", Level.FIRST), await pooled.person("Wang", Level.BACKUP)
    await pooled.hears(pooled.case(pooled.assignment(ladder=ladder(SMS))))
    await pooled.phone(li).receives("KD472")
    await pooled.after(minutes=2)
    await pooled.phone(wang).receives("KD472")
    await pooled.phone(li).text("31", ALERT_NUMBER)
    await pooled.phone(wang).receives("已由Li接手")
    requests = await pooled.phones.requests("Messages", "POST")
    senders = [one["params"]["From"] for one in requests if one["params"]["To"] == pooled.numbers[wang]]
    assert senders == [ALERT_NUMBER, POOL_NUMBER]
    rows = await pooled.db.pool.fetch("select name from infra.send_buckets where name like 'test:sms%' order by name")
    assert [row["name"] for row in rows] == [f"test:sms:{ALERT_NUMBER}", f"test:sms:{POOL_NUMBER}"]


async def test_a_suspended_account_switches_the_channel_and_not_the_person(night: Night) -> None:
    li = await night.person("Li", Level.FIRST)
    wang = await night.person("Wang", Level.BACKUP)
    await night.phones.fault("failed", night.numbers[li], channel="sms", code=30002)
    await night.phones.fault("refuse", night.numbers[li], channel="voice", code=30002)
    await night.hears(night.case(night.assignment(ladder=ladder(SMS))))
    await night.until(
        "select stalled_at is not null from notifier.alerts where person_id = $1 and channel = 'voice'", li
    )
    assert await night.one(TEXTS, wang) == 0
    await night.after(minutes=2)
    await night.phone(wang).receives("KD472", within=15)


async def test_a_text_of_which_nothing_is_told_for_thirty_seconds_becomes_a_call(night: Night) -> None:
    li = await night.person("Li", Level.FIRST)
    await night.phones.fault("callbacks_lost", night.numbers[li], channel="sms")
    await night.hears(night.case(night.assignment(ladder=ladder(SMS))))
    await night.until("select state in ('queued', 'sent') from notifier.alerts where person_id = $1", li)
    await night.after(seconds=29)
    assert await night.one("select stalled_at is null from notifier.alerts where person_id = $1", li)
    await night.after(seconds=2)
    await night.phone(li).rings()
    assert await night.one("select error_code = $1 from notifier.alerts where channel = 'sms'", NO_REPORT)
    await night.phone(li).text("31", night.settings.alert_number or "")
    await night.phone(li).receives("您已接手")


async def test_a_report_that_comes_in_time_leaves_it_at_the_text(night: Night) -> None:
    li = await night.person("Li", Level.FIRST)
    await night.hears(night.case(night.assignment(ladder=ladder(SMS))))
    await night.until("select state = 'delivered' and due_at is null from notifier.alerts where person_id = $1", li)
    await night.after(seconds=31)
    assert await night.sends(li, "Calls") == 0


async def test_a_text_whose_validity_passed_becomes_a_call(night: Night) -> None:
    li = await night.person("Li", Level.FIRST)
    await night.phones.fault("failed", night.numbers[li], channel="sms", code=30036)
    await night.hears(night.case(night.assignment(ladder=ladder(SMS))))
    await night.phone(li).rings()
    assert await night.one(TEXTS, li) == 1


@pytest.mark.parametrize(("kind", "details"), [("error_before", {"status": 503}), ("slow_answer", {"seconds": 2})])
async def test_a_provider_that_fails_or_is_silent_for_texts_is_left_for_a_call_at_once(
    night: Night, kind: str, details: dict[str, int]
) -> None:
    li = await night.person("Li", Level.FIRST)
    await night.phones.fault("callbacks_lost", night.numbers[li], channel="sms")
    await night.phones.fault(kind, night.numbers[li], channel="sms", count=1, **details)
    await night.hears(night.case(night.assignment(ladder=ladder(SMS))))
    await night.phone(li).rings()
    await night.phone(li).receives("KD472", within=8)


async def test_a_marked_number_gets_no_text_but_rings_until_the_directory_is_mended(night: Night) -> None:
    li = await night.person("Li", Level.FIRST)
    await night.phones.fault("undelivered", night.numbers[li], channel="sms", code=30006, count=1)
    first = night.assignment(ladder=ladder(SMS))
    await night.hears(night.case(first))
    await night.phone(li).rings()
    await night.hears(night.case(night.assignment(ladder=ladder(SMS)), alias="PT118"))
    await night.until("select count(*) = 2 from notifier.alerts where person_id = $1 and channel = 'voice'", li)
    assert await night.one(TEXTS, li) == 1
    await night.db.pool.execute("update triage.phones set number_token = $1 where person_id = $2", b"another", li)
    await night.hears(night.case(night.assignment(ladder=ladder(SMS)), alias="QW205"))
    await night.phone(li).receives("QW205")


async def test_a_dead_number_that_is_picked_up_is_dead_no_more(night: Night) -> None:
    li = await night.person("Li", Level.FIRST)
    await night.phones.fault("undelivered", night.numbers[li], channel="sms", code=30005, count=1)
    await night.hears(night.case(night.assignment(ladder=ladder(SMS))))
    call = await night.phone(li).rings()
    assert await night.one(MARK, li) == Mark.DEAD
    await call.pick_up()
    await night.until("select count(*) = 0 from notifier.marked_phones")


def test_every_row_of_the_table_is_here() -> None:
    assert set(AFTER_SENDING | AT_CREATE) | {"30036", NO_REPORT} == set(FAILURES)
    again = {code: row.retry_after for code, row in FAILURES.items() if row.retry_after is not None}
    minute = timedelta(minutes=1)
    assert again == {"30001": timedelta(), "30003": minute, "30008": minute}
    assert {code for code, row in FAILURES.items() if row.other_sender} == {"30001"}
    assert {code for code, row in FAILURES.items() if row.is_told} == {"30001", "30002", "30007"}
    assert failure("99999").kind is Kind.UNKNOWN
    assert failure(None) == failure("")
