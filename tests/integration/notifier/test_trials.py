"""A way to a person is tried: codes go through the ordinary sending, and stand nowhere in the clear."""

import re
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from infra.emulators.twilio.phones import Phone
from infra.ids import new_id
from infra.inbox import Delivery
from infra.locales import Locales
from infra.outbox import Trace
from infra.vault import Subject
from notifier.domain.texts import segments
from notifier.handlers.trials import TrialHandlers, said
from notifier.store.letters import find_letter
from schemas.terms import AlertChannel, Level, Urgency
from schemas.trials import TrialAsked, TrialKind
from tests.integration.notifier.conftest import ALERT_NUMBER, SMS, VOICE, Night

CODE = re.compile(r"\b\d{6}\b")


async def ask(
    night: Night, person: UUID, kind: TrialKind = "code", channel: AlertChannel = SMS, **more: int
) -> TrialAsked:
    """Triage has asked for a trial, and the notifier hears of it."""
    position, event_id = more.get("position", 1), new_id()
    asked = TrialAsked(
        version=1,
        trial_id=new_id(),
        person_id=person,
        kind=kind,
        channel=channel,
        position=position,
        asked_at=night.clock.now() - timedelta(seconds=more.get("seconds_ago", 0)),
    )
    await night.db.pool.execute(
        "insert into triage.trials (trial_id, person_id, position, channel, kind, asked_by, asked_at, expires_at) "
        "values ($1, $2, $3, $4, $5, $6, $7, $8)",
        asked.trial_id,
        person,
        position,
        channel.value,
        kind,
        person if kind == "code" else None,
        asked.asked_at,
        asked.asked_at + timedelta(minutes=10) if kind == "code" else None,
    )
    handlers = TrialHandlers(night.clock, night.wake)
    for _ in range(1 + more.get("again", 0)):
        async with night.own.transaction() as tx:
            await handlers.on_asked(Delivery(event_id, asked.type, asked, Trace.begin()), tx)
    return asked


async def second_phone(night: Night, person: UUID, number: str, is_proven: bool = False) -> Phone:
    async with night.db.transaction() as tx:
        await tx.execute(
            "insert into triage.phones (person_id, position, number, number_token, verified_at) "
            "values ($1, 2, $2, $3, $4)",
            person,
            await night.vault.seal(tx, Subject("person", person), "phone", number),
            night.vault.token("phone", number),
            night.clock.now() if is_proven else None,
        )
    return night.phones.phone(number)


def digest(night: Night, asked: TrialAsked, code: str) -> bytes:
    return night.vault.token("trial code", f"{asked.trial_id} {code}")


async def state(night: Night, asked: TrialAsked, wanted: str) -> None:
    await night.until(
        "select true from notifier.for_triage_trials where trial_id = $1 and state = $2", asked.trial_id, wanted
    )


async def test_a_code_is_texted_to_the_phone_that_is_to_be_proven_and_kept_as_a_digest(night: Night) -> None:
    li = await night.person("Li", Level.FIRST, "en")
    phone = await second_phone(night, li, "+447700900777")
    asked = await ask(night, li, position=2)
    found = CODE.search(await phone.receives("Give it to nobody"))
    assert found
    assert await night.one("select code_hmac from notifier.codes") == digest(night, asked, found[0])
    await state(night, asked, "delivered")
    everything = await night.db.pool.fetch(
        "select a::text from notifier.alerts a union all select s::text from notifier.subjects s"
    )
    assert everything
    assert not [row for row in everything if found[0] in row[0]]
    assert await night.one("select count(*) from infra.outbox") == 0


async def test_a_code_is_said_digit_by_digit_and_is_another_one_each_time_it_is_asked_for(night: Night) -> None:
    wang = await night.person("Wang", Level.FIRST, "en")
    asked = await ask(night, wang, channel=VOICE)
    call = await night.phone(wang).rings()
    await call.pick_up()
    await call.hears("Your code is")
    alert_id = await night.one("select alert_id from notifier.alerts where kind = 'code'")
    letter = await find_letter(night.own.pool, alert_id)
    assert letter
    async with night.own.transaction() as tx:
        sentences = await said(tx, night.counter.letters.phrases, letter, night.clock.now())
    code = sentences[2:8]
    assert sentences[1:] == ["Your code is", *code] * 2
    kept = await night.db.pool.fetch("select code_hmac from notifier.codes")
    assert len(kept) == 2
    assert digest(night, asked, "".join(code)) in [row["code_hmac"] for row in kept]


async def test_an_event_that_comes_twice_sends_one_code(night: Night) -> None:
    li = await night.person("Li", Level.FIRST)
    asked = await ask(night, li, again=1)
    await state(night, asked, "delivered")
    assert await night.sends(li, "Messages") == 1


async def test_what_was_asked_for_too_long_ago_is_not_sent_any_more(night: Night) -> None:
    li = await night.person("Li", Level.FIRST)
    await ask(night, li, seconds_ago=301)
    assert await night.one("select count(*) from notifier.subjects") == 0


async def test_a_code_to_a_number_that_is_no_longer_there_fails_and_says_so(night: Night) -> None:
    li = await night.person("Li", Level.FIRST)
    asked = await ask(night, li, position=7)
    await state(night, asked, "failed")
    assert await night.one("select error_code from notifier.for_triage_trials") == "unwritable"


async def test_a_code_that_the_provider_cannot_deliver_says_why(night: Night) -> None:
    li = await night.person("Li", Level.FIRST)
    await night.phones.fault("undelivered", night.numbers[li], channel="sms", code=30006)
    asked = await ask(night, li)
    await state(night, asked, "undelivered")
    assert await night.one("select mark from notifier.marked_phones where person_id = $1", li) == "no_texts"


async def test_a_phone_that_is_not_proven_is_not_called_and_answers_for_nobody(night: Night) -> None:
    zhao = await night.person("Zhao", Level.FIRST)
    await second_phone(night, zhao, "+447700900778")
    await night.db.pool.execute("update triage.phones set verified_at = null where position = 1")
    case_id = await night.hears(night.case(night.assignment()))
    await night.status(case_id, "exhausted")
    assert await night.one("select count(*) from notifier.alerts") == 0
    await night.db.pool.execute("update triage.phones set verified_at = $1 where position = 2", night.clock.now())
    await night.after(minutes=4)
    await night.until("select true from notifier.alerts where phone_position = 2")


async def test_the_monthly_test_wants_no_answer_and_proves_a_number_that_was_thought_dead(night: Night) -> None:
    li = await night.person("Li", Level.FIRST, "en")
    await night.db.pool.execute(
        "insert into notifier.marked_phones select person_id, number_token, 'dead', '30005', $1 from triage.phones",
        night.clock.now(),
    )
    asked = await ask(night, li, "test")
    await night.phone(li).receives("need not answer")
    await state(night, asked, "delivered")
    assert await night.one("select count(*) from notifier.marked_phones") == 0
    assert await night.one("select count(*) from notifier.codes") == 0


async def test_a_test_call_says_what_it_is_and_ends(night: Night) -> None:
    wang = await night.person("Wang", Level.FIRST, "en")
    asked = await ask(night, wang, "test", VOICE)
    call = await night.phone(wang).rings()
    await call.pick_up()
    await call.hears("monthly test")
    await state(night, asked, "unanswered")
    assert await night.one("select status from notifier.escalations") == "ended"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_code_fits_one_segment(language: str) -> None:
    t = Locales.load(Path("notifier/locales"))[language]
    assert segments(t("trial_code", code="123456")) == 1
    assert segments(t("trial_test")) == 1


@pytest.mark.parametrize(("language", "thanks"), [("en", "your phone works"), ("zh", "您的电话可用")])
async def test_a_one_texted_back_to_the_monthly_test_counts_as_its_answer(
    night: Night, language: str, thanks: str
) -> None:
    li = await night.person("Li", Level.FIRST, language)
    asked = await ask(night, li, kind="test")
    await night.until("select sending_at is not null from notifier.alerts where kind = 'test'")
    await night.phone(li).text("1", ALERT_NUMBER)
    await night.phone(li).receives(thanks)
    await state(night, asked, "answered")
    assert await night.one("select effect from notifier.answers where person_id = $1", li) == "test_answered"
    await night.phone(li).text("1", ALERT_NUMBER)
    await night.until("select count(*) = 1 from notifier.answers where effect = 'asked_back'")


async def test_a_one_is_asked_back_while_somebody_is_called_and_the_test_stays_unanswered(night: Night) -> None:
    li = await night.person("Li", Level.FIRST, "en")
    await ask(night, li, kind="test")
    case = await night.hears(night.case(night.assignment()))
    await night.phone(li).receives("KD472")
    await night.phone(li).text("1", ALERT_NUMBER)
    await night.until("select true from notifier.answers where effect = 'asked_back'")
    assert not await night.one("select count(*) from notifier.alerts where kind = 'test' and state = 'answered'")
    await night.status(case, "calling")


async def test_a_code_by_mail_goes_to_the_address_and_fails_where_there_is_no_mail(night: Night) -> None:
    li = await night.person("Li", Level.FIRST, "en")
    async with night.db.transaction() as tx:
        address = await night.vault.seal(tx, Subject("person", li), "email", "li@example.org")
        await tx.execute(
            "insert into triage.emails (person_id, address, verified_at) values ($1, $2, null)", li, address
        )
    asked = await ask(night, li, channel=AlertChannel.EMAIL, position=0)
    await state(night, asked, "failed")
    assert await night.one("select error_code from notifier.for_triage_trials") == "no_channel"
    letter = await find_letter(night.own.pool, await night.one("select alert_id from notifier.alerts"))
    assert letter
    async with night.own.transaction() as tx:
        post = await night.counter.letters.write(tx, letter, night.clock.now())
    found = CODE.search(post.outgoing.body)
    assert found
    assert post.outgoing.to == "li@example.org"
    assert post.intent.code == (asked.trial_id, digest(night, asked, found[0]))
    assert post.outgoing.subject == "Child protection hotline"


async def test_a_case_rings_the_phone_that_its_person_wants_first(night: Night) -> None:
    li = await night.person("Li", Level.FIRST)
    second = await second_phone(night, li, "+447700900779", is_proven=True)
    await night.db.pool.execute(
        "insert into triage.preferences values ($1, $2, $3)",
        li,
        {"time_zone": "UTC", "orders": {"immediate": ["voice:2", "voice:1"]}},
        night.clock.now(),
    )
    await night.hears(night.case(night.assignment()))
    await second.rings()
    places = "select phone_position from notifier.alerts where kind = 'alert' and channel = $1"
    assert await night.one(places, "voice") == 2
    assert await night.until(places, "sms") == 1


async def test_a_priority_case_leaves_whoever_is_asleep_in_peace(night: Night) -> None:
    li = await night.person("Li", Level.FIRST)
    wang = await night.person("Wang", Level.BACKUP)
    now = night.clock.now()
    quiet = {"begins": f"{now - timedelta(hours=1):%H:00}", "ends": f"{now + timedelta(hours=3):%H:00}"}
    await night.db.pool.execute(
        "insert into triage.preferences values ($1, $2, $3)", li, {"time_zone": "UTC", "quiet": quiet}, now
    )
    await night.hears(night.case(night.assignment(urgency=Urgency.PRIORITY), urgency=Urgency.PRIORITY))
    await night.phone(wang).rings()
    assert await night.one("select count(*) from notifier.alerts where person_id = $1", li) == 0
