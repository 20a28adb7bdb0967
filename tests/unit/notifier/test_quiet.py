"""Quiet hours and a person's own order, on the ladder."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifier.domain.calling import Alert, Escalation, Plan, Roster
from notifier.domain.ladder import next_steps
from notifier.domain.texts import phones_in_order
from schemas.terms import AlertChannel, EscalationStatus, Level, Urgency
from schemas.ways import Preferences
from tests.unit.notifier.test_ladder import IMMEDIATE, LI, ON_CALL, WANG, ZHOU

SMS, VOICE, EMAIL, WEBHOOK = AlertChannel.SMS, AlertChannel.VOICE, AlertChannel.EMAIL, AlertChannel.WEBHOOK
LOOPBACK = AlertChannel.LOOPBACK
EVENING = datetime(2026, 3, 4, 23, 0, tzinfo=UTC)
MORNING = datetime(2026, 3, 5, 7, 0, tzinfo=UTC)
ASLEEP = Preferences.model_validate({"quiet": {"begins": "22:00", "ends": "07:00"}})
EVERYBODY = tuple(dict.fromkeys(person for people in ON_CALL.values() for person in people))
REACH = frozenset({VOICE, SMS, EMAIL})


def escalation(urgency: Urgency, **changes: object) -> Escalation:
    made = Escalation(EscalationStatus.CALLING, urgency, IMMEDIATE, EVENING)
    return replace(made, **changes)  # type: ignore[arg-type]


def roster(preferences: dict[UUID, Preferences], reach: frozenset[AlertChannel] = REACH) -> Roster:
    return Roster(ON_CALL, dict.fromkeys(EVERYBODY, reach), preferences=preferences)


def look(
    urgency: Urgency, on_call: Roster, alerts: tuple[Alert, ...] = (), now: datetime = EVENING, **more: object
) -> Plan:
    return next_steps(escalation(urgency, **more), alerts, on_call, now)


def called(plan: Plan) -> list[tuple[UUID, AlertChannel]]:
    return [(step.person_id, step.channel) for step in plan.steps]


def test_immediate_wakes_whoever_is_asleep() -> None:
    asleep = look(Urgency.IMMEDIATE, roster(dict.fromkeys(EVERYBODY, ASLEEP)))
    assert called(asleep) == [(LI, VOICE), (LI, SMS)]


def test_urgent_goes_to_the_next_person_who_is_awake() -> None:
    plan = look(Urgency.URGENT, roster({LI: ASLEEP}, frozenset({VOICE, SMS})))
    assert called(plan) == [(ZHOU, VOICE), (ZHOU, SMS)]


def test_urgent_is_not_mailed_to_whoever_is_asleep_while_somebody_is_awake() -> None:
    assert called(look(Urgency.URGENT, roster({LI: ASLEEP}))) == [(ZHOU, VOICE), (ZHOU, SMS)]


def test_urgent_wakes_people_where_those_who_are_awake_have_mail_alone() -> None:
    on_call = roster({LI: ASLEEP})
    by_mail = dict.fromkeys(set(EVERYBODY) - {LI}, frozenset({EMAIL}))
    on_call = replace(on_call, channels={**on_call.channels, **by_mail})
    assert called(look(Urgency.URGENT, on_call)) == [(LI, VOICE), (LI, SMS)]


def test_urgent_rings_at_once_where_everybody_is_asleep_though_mail_would_reach_them() -> None:
    plan = look(Urgency.URGENT, roster(dict.fromkeys(EVERYBODY, ASLEEP)))
    assert called(plan) == [(LI, VOICE), (LI, SMS)]


def test_what_can_wait_is_mailed_to_whoever_is_asleep() -> None:
    assert called(look(Urgency.PRIORITY, roster(dict.fromkeys(EVERYBODY, ASLEEP)))) == [(LI, EMAIL)]


def test_urgent_wakes_people_where_everybody_is_asleep_and_nothing_else_reaches_them() -> None:
    plan = look(Urgency.URGENT, roster(dict.fromkeys(EVERYBODY, ASLEEP), frozenset({VOICE, SMS})))
    assert called(plan) == [(LI, VOICE), (LI, SMS)]


def test_urgent_wakes_whoever_was_passed_over_before_everybody_once_nobody_awake_is_left() -> None:
    asleep = roster(dict.fromkeys(set(EVERYBODY) - {LI}, ASLEEP))
    rang = Alert(LI, Level.FIRST, VOICE, 1, EVENING, "unanswered", ended_at=EVENING)
    plan = look(Urgency.URGENT, asleep, (rang,), declined=frozenset({LI}))
    assert (called(plan)[:1], plan.is_exhausted) == ([(ZHOU, VOICE)], False)


def test_urgent_wakes_everybody_at_the_end_of_the_ladder() -> None:
    asleep = roster(dict.fromkeys(EVERYBODY, ASLEEP))
    plan = look(Urgency.URGENT, asleep, status=EscalationStatus.EXHAUSTED, exhausted_at=EVENING)
    assert (LI, VOICE) in called(plan)


@pytest.mark.parametrize("urgency", [Urgency.PRIORITY, Urgency.ROUTINE])
def test_what_can_wait_waits_for_the_first_to_wake_and_is_not_exhausted(urgency: Urgency) -> None:
    on_call = roster(dict.fromkeys(EVERYBODY, ASLEEP), frozenset({VOICE, SMS}))
    plan = look(urgency, on_call)
    assert (called(plan), plan.is_exhausted, plan.next_due_at) == ([], False, EVENING + timedelta(minutes=4))
    nearly = look(urgency, on_call, now=MORNING - timedelta(minutes=1))
    assert nearly.next_due_at == MORNING
    assert called(look(urgency, on_call, now=MORNING)) == [(LI, VOICE), (LI, SMS)]


def test_a_phone_that_rang_before_the_quiet_hours_is_not_rung_again_in_them() -> None:
    rang = Alert(LI, Level.FIRST, VOICE, 1, EVENING - timedelta(minutes=1), "unanswered", ended_at=EVENING)
    plan = look(Urgency.PRIORITY, roster({LI: ASLEEP}), (rang,), started_at=EVENING - timedelta(minutes=1))
    assert LI not in [step.person_id for step in plan.steps if step.channel is not EMAIL]


@given(
    asleep=st.sets(st.sampled_from(EVERYBODY)),
    urgency=st.sampled_from([Urgency.IMMEDIATE, Urgency.URGENT]),
    reach=st.sets(st.sampled_from([VOICE, SMS, EMAIL, WEBHOOK]), min_size=1),
    minute=st.integers(0, 60),
)
def test_an_urgent_case_always_has_a_step_now_or_somebody_being_called(
    asleep: set[UUID], urgency: Urgency, reach: set[AlertChannel], minute: int
) -> None:
    now = EVENING + timedelta(minutes=minute)
    plan = look(urgency, roster(dict.fromkeys(asleep, ASLEEP), frozenset(reach)), now=now)
    assert plan.steps
    assert plan.next_due_at > now


# A person's own order


def wants(urgency: str, *ways: str) -> Preferences:
    return Preferences.model_validate({"orders": {urgency: ways}})


def test_priority_goes_by_mail_first_and_on_to_the_next_way_of_the_order() -> None:
    on_call = roster({LI: wants("priority", "email", "sms:1", "voice:1")})
    assert called(look(Urgency.PRIORITY, on_call)) == [(LI, EMAIL)]
    mail = Alert(LI, Level.FIRST, EMAIL, 1, EVENING, "sent")
    later = EVENING + timedelta(minutes=1)
    assert look(Urgency.PRIORITY, on_call, (mail,), EVENING + timedelta(seconds=5)).next_due_at == later
    assert called(look(Urgency.PRIORITY, on_call, (mail,), later)) == [(LI, SMS)]


def test_a_way_of_the_order_that_fails_is_replaced_by_the_next_of_it_at_once() -> None:
    on_call = roster({LI: wants("priority", "email", "sms:1")})
    lost = Alert(LI, Level.FIRST, EMAIL, 1, EVENING, "failed", ended_at=EVENING)
    assert (LI, SMS) in called(look(Urgency.PRIORITY, on_call, (lost,), EVENING + timedelta(seconds=1)))


def walk(urgency: Urgency, on_call: Roster, lasts: timedelta) -> list[tuple[timedelta, AlertChannel]]:
    """What the first person is sent by the ladder while nobody answers: how long after its start, and by what."""
    alerts: tuple[Alert, ...] = ()
    now = EVENING
    while now <= EVENING + lasts:
        plan = look(urgency, on_call, alerts, now)
        alerts += tuple(Alert(s.person_id, s.level, s.channel, s.attempt, now, "sent") for s in plan.steps)
        now = plan.next_due_at
    return [(alert.planned_at - EVENING, alert.channel) for alert in alerts if alert.person_id == LI]


@pytest.mark.parametrize(
    ("ways", "reach", "first"),
    [
        (("email",), REACH, [EMAIL, VOICE, SMS]),
        (("sms:1",), REACH, [SMS, VOICE]),
        (("email", "sms:1"), REACH, [EMAIL, SMS, VOICE]),
        (("email",), frozenset({EMAIL, VOICE, WEBHOOK}), [EMAIL, VOICE, WEBHOOK]),
        (("email",), frozenset({EMAIL}), [EMAIL]),
    ],
)
def test_an_urgent_case_goes_on_to_what_its_rung_has_and_an_order_leaves_out(
    ways: tuple[str, ...], reach: frozenset[AlertChannel], first: list[AlertChannel]
) -> None:
    on_call = roster({LI: wants("urgent", *ways)}, reach)
    begun = {channel: after for after, channel in reversed(walk(Urgency.URGENT, on_call, timedelta(minutes=4)))}
    assert begun == {channel: timedelta(minutes=number) for number, channel in enumerate(first)}


def test_an_order_of_mail_alone_keeps_no_urgent_case_from_every_phone() -> None:
    on_call = roster(dict.fromkeys(EVERYBODY, wants("urgent", "email")))
    alerts = walk(Urgency.URGENT, on_call, timedelta(minutes=10))
    assert {EMAIL, SMS, VOICE} == {channel for _, channel in alerts}


def test_an_order_for_what_can_wait_is_kept_to() -> None:
    on_call = roster({LI: wants("priority", "email")})
    assert walk(Urgency.PRIORITY, on_call, timedelta(minutes=3)) == [(timedelta(), EMAIL)]


def test_whoever_is_asleep_is_passed_over_whatever_their_order() -> None:
    asleep = Preferences.model_validate({"quiet": ASLEEP.quiet, "orders": {"urgent": ["email"]}})
    assert walk(Urgency.URGENT, roster({LI: asleep}), timedelta(minutes=3)) == []


def test_immediate_takes_every_channel_of_its_rung_whatever_the_order() -> None:
    on_call = roster({LI: wants("immediate", "sms:1", "voice:2")})
    assert called(look(Urgency.IMMEDIATE, on_call)) == [(LI, VOICE), (LI, SMS)]


def test_a_way_that_reaches_nobody_is_passed_over() -> None:
    on_call = roster({LI: wants("priority", "email", "voice:1")}, frozenset({VOICE}))
    assert called(look(Urgency.PRIORITY, on_call)) == [(LI, VOICE)]


def test_a_text_of_the_order_goes_through_the_gateway_of_the_country() -> None:
    on_call = roster({WANG: ASLEEP, LI: wants("priority", "sms:1")}, frozenset({VOICE, WEBHOOK}))
    assert called(look(Urgency.PRIORITY, on_call)) == [(LI, WEBHOOK)]


@pytest.mark.parametrize(
    ("phones", "order", "channel", "indexes"),
    [
        ([(1, False), (2, False)], (), VOICE, [0, 1]),
        ([(1, False), (2, False)], ("voice:2", "voice:1"), VOICE, [1, 0]),
        ([(1, False), (2, False), (4, False)], ("sms:2", "voice:4"), VOICE, [2, 0, 1]),
        ([(1, False), (2, True)], ("voice:2", "voice:1"), VOICE, [0, 1]),
        ([(1, False), (2, False)], ("sms:2",), WEBHOOK, [1, 0]),
        ([(1, False), (2, False)], ("voice:9", "voice:2", "voice:2"), VOICE, [1, 0]),
    ],
)
def test_phones_are_used_as_their_person_wants_and_those_that_do_not_work_last(
    phones: list[tuple[int, bool]], order: tuple[str, ...], channel: AlertChannel, indexes: list[int]
) -> None:
    assert phones_in_order(phones, order, channel) == indexes


@pytest.mark.parametrize(
    ("reach", "first"),
    [
        ({VOICE}, VOICE),
        ({EMAIL}, EMAIL),
        ({WEBHOOK}, WEBHOOK),
        ({LOOPBACK}, LOOPBACK),
        ({VOICE, EMAIL}, EMAIL),
        ({VOICE, WEBHOOK, EMAIL}, WEBHOOK),
        ({SMS, VOICE, EMAIL}, SMS),
    ],
)
def test_whom_a_text_does_not_reach_gets_a_priority_case_by_their_next_channel(
    reach: set[AlertChannel], first: AlertChannel
) -> None:
    rungs = tuple(rung.model_copy(update={"channels": (SMS,)}) for rung in IMMEDIATE.rungs)
    ladder = IMMEDIATE.model_copy(update={"rungs": rungs})
    on_call = Roster({Level.FIRST: (LI,)}, {LI: frozenset(reach)})
    assert called(look(Urgency.PRIORITY, on_call, ladder=ladder)) == [(LI, first)]


def test_whom_a_text_does_not_reach_gets_an_immediate_case_by_every_channel() -> None:
    rungs = tuple(rung.model_copy(update={"channels": (SMS,)}) for rung in IMMEDIATE.rungs)
    ladder = IMMEDIATE.model_copy(update={"rungs": rungs})
    on_call = Roster({Level.FIRST: (LI,)}, {LI: frozenset({VOICE, EMAIL})})
    assert called(look(Urgency.IMMEDIATE, on_call, ladder=ladder)) == [(LI, EMAIL), (LI, VOICE)]
