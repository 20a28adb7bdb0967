"""A phone that refuses our texts: the next person is called at once, and the lead is rung out of turn, once."""

from datetime import timedelta

from schemas.ladder import Ladder
from schemas.terms import AlertChannel, Level
from tests.unit.notifier.test_hours import HOURS
from tests.unit.notifier.test_ladder import CHEN, IMMEDIATE, LI, START, WANG, ZHAO, ZHOU, Calling, minutes

SMS, VOICE, EMAIL = AlertChannel.SMS, AlertChannel.VOICE, AlertChannel.EMAIL
TEXTS = Ladder(rungs=tuple(rung.model_copy(update={"channels": (SMS,)}) for rung in IMMEDIATE.rungs))


def refused(ladder: Ladder = IMMEDIATE) -> Calling:
    """The first person was called, and their phone refuses our texts."""
    calling = Calling(ladder=ladder, first=LI)
    calling.look(START)
    calling.fail(LI, SMS, "21610")
    calling.refusing.add(LI)
    return calling


def test_the_lead_is_rung_once_and_not_again_before_their_rung() -> None:
    calling = refused(TEXTS)
    assert calling.called(START) == [(ZHOU, SMS), (LI, VOICE), (ZHAO, VOICE)]
    for seconds in range(10, 120, 10):
        assert ZHAO not in {person for person, _ in calling.called(START + timedelta(seconds=seconds))}


def test_their_call_brings_no_rung_nearer_and_ends_nothing() -> None:
    calling = refused(TEXTS)
    calling.look(START)
    assert calling.called(minutes(2))[0] == (WANG, SMS), "the waits are those of the ladder"
    assert (ZHAO, VOICE) not in calling.called(minutes(4)), "a lead who is texted is not rung for the call before"
    assert (ZHAO, SMS) in calling.called(minutes(5))
    assert (CHEN, SMS) in calling.called(minutes(8))
    assert calling.exhausted_at is None
    calling.look(minutes(12))
    assert calling.exhausted_at == minutes(12)


def test_a_second_phone_that_refuses_does_not_ring_the_lead_again() -> None:
    calling = refused(TEXTS)
    calling.look(START)
    calling.fail(ZHOU, SMS, "21610")
    calling.refusing.add(ZHOU)
    called = calling.called(minutes(0.5))
    assert (WANG, SMS) in called
    assert ZHAO not in {person for person, _ in called}


def test_a_lead_who_cannot_is_not_called_by_their_rung_either() -> None:
    calling = refused(TEXTS)
    calling.look(START)
    calling.declined.add(ZHAO)
    calling.look(minutes(2))
    plan = calling.look(minutes(5))
    assert (plan.empty, plan.steps[0].person_id) == ((Level.LEAD,), CHEN)


def test_nobody_is_rung_who_is_kept_off_or_has_no_phone_to_ring() -> None:
    for change in ({"excluded": frozenset({ZHAO})}, {"channels": {LI: {SMS}, ZHOU: {SMS}, ZHAO: {SMS, EMAIL}}}):
        calling = refused(TEXTS)
        for name, value in change.items():
            setattr(calling, name, value)
        assert ZHAO not in {person for person, _ in calling.called(START)}


def test_what_can_wait_rings_the_lead_when_the_hours_begin() -> None:
    late = [rung.model_copy(update={"after": rung.after * 600}) for rung in TEXTS.rungs]
    in_new_york = HOURS.model_copy(update={"time_zone": "America/New_York"})
    calling = refused(Ladder(rungs=tuple(late), hours=in_new_york))
    plan = calling.look(START)
    assert ZHAO not in {step.person_id for step in plan.steps}, "there it is night"
    assert plan.next_due_at == in_new_york.next_within(START)
    assert (ZHAO, VOICE) in calling.called(plan.next_due_at)
    assert (ZHAO, VOICE) not in calling.called(plan.next_due_at + timedelta(minutes=2))
