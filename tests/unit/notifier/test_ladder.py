"""The ladder, step by step and as properties that hold at every instant."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from notifier.domain.calling import FAILED, Alert, Escalation, Plan, Roster
from notifier.domain.ladder import next_steps
from schemas.ladder import Ladder, Rung
from schemas.terms import AlertChannel, EscalationStatus, Level, Urgency

SMS, VOICE, LOOPBACK = AlertChannel.SMS, AlertChannel.VOICE, AlertChannel.LOOPBACK
WEBHOOK, EMAIL = AlertChannel.WEBHOOK, AlertChannel.EMAIL
EVERYTHING = frozenset({SMS, VOICE, WEBHOOK, EMAIL})
START = datetime(2026, 3, 4, 4, 0, tzinfo=UTC)
LEVELS = list(Level)
WAITS = [0, 2, 5, 8]
IMMEDIATE = Ladder(
    rungs=tuple(
        Rung(level=level, after=timedelta(minutes=wait), channels=(VOICE, SMS))
        for level, wait in zip(LEVELS, WAITS, strict=True)
    )
)
LI, WANG, ZHAO, CHEN, ZHOU = (UUID(int=n) for n in range(1, 6))
ON_CALL = {Level.FIRST: (LI, ZHOU), Level.BACKUP: (WANG,), Level.LEAD: (ZHAO,), Level.MANAGER: (CHEN,)}
BOTH = frozenset({SMS, VOICE})


def minutes(number: float) -> datetime:
    return START + timedelta(minutes=number)


@dataclass
class Calling:
    """A ladder that is walked without a database."""

    ladder: Ladder = IMMEDIATE
    levels: dict[Level, tuple[UUID, ...]] = field(
        default_factory=lambda: {
            Level.FIRST: (LI, ZHOU),
            Level.BACKUP: (WANG,),
            Level.LEAD: (ZHAO,),
            Level.MANAGER: (CHEN,),
        }
    )
    channels: dict[UUID, frozenset[AlertChannel]] = field(
        default_factory=lambda: dict.fromkeys((LI, WANG, ZHAO, CHEN, ZHOU), BOTH)
    )
    first: UUID | None = None
    excluded: frozenset[UUID] = frozenset()
    declined: set[UUID] = field(default_factory=set)
    refusing: set[UUID] = field(default_factory=set)
    alerts: list[Alert] = field(default_factory=list)
    exhausted_at: datetime | None = None

    def look(self, now: datetime) -> Plan:
        escalation = Escalation(
            status=EscalationStatus.EXHAUSTED if self.exhausted_at else EscalationStatus.CALLING,
            urgency=Urgency.IMMEDIATE,
            ladder=self.ladder,
            started_at=START,
            first_responder_id=self.first,
            excluded=self.excluded,
            declined=frozenset(self.declined),
            exhausted_at=self.exhausted_at,
        )
        plan = next_steps(escalation, self.alerts, Roster(self.levels, self.channels, frozenset(self.refusing)), now)
        if plan.is_exhausted:
            self.exhausted_at = now
        self.alerts += [
            Alert(s.person_id, s.level, s.channel, s.attempt, now, is_everybody=s.is_everybody) for s in plan.steps
        ]
        return plan

    def fail(self, person_id: UUID, channel: AlertChannel, code: str, at: datetime = START) -> None:
        """The newest alert of a person on a channel fails."""
        last = next(a for a in reversed(self.alerts) if (a.person_id, a.channel) == (person_id, channel))
        self.alerts[self.alerts.index(last)] = replace(last, state="undelivered", error_code=code, ended_at=at)

    def called(self, now: datetime) -> list[tuple[UUID, AlertChannel]]:
        return [(step.person_id, step.channel) for step in self.look(now).steps]

    def becomes(self, person_id: UUID, channel: AlertChannel, state: str) -> None:
        newest = max(i for i, a in enumerate(self.alerts) if (a.person_id, a.channel) == (person_id, channel))
        self.alerts[newest] = replace(self.alerts[newest], state=state)


def test_first_responder_gets_a_call_and_a_text_at_once() -> None:
    assert Calling().called(START) == [(LI, VOICE), (LI, SMS)]


def test_triages_choice_is_called_before_roster_order() -> None:
    assert Calling(first=ZHOU).called(START) == [(ZHOU, VOICE), (ZHOU, SMS)]


def test_a_silent_phone_rings_again_after_a_minute_then_every_two() -> None:
    calling = Calling(levels={Level.FIRST: (LI,)}, ladder=IMMEDIATE.model_copy(update={"rungs": IMMEDIATE.rungs[:1]}))
    assert calling.look(START).next_due_at == minutes(1)
    assert calling.called(minutes(1)) == [(LI, VOICE)]
    assert calling.look(minutes(1)).next_due_at == minutes(3)
    assert calling.called(minutes(3)) == [(LI, VOICE)]


def test_rungs_add_people_and_earlier_ones_go_on_ringing() -> None:
    calling = Calling()
    calling.look(START)
    calling.look(minutes(1))
    assert calling.called(minutes(2)) == [(WANG, VOICE), (WANG, SMS)]
    assert calling.called(minutes(3)) == [(LI, VOICE), (WANG, VOICE)]
    assert (ZHAO, VOICE) in calling.called(minutes(5))
    assert (CHEN, SMS) in calling.called(minutes(8))


def test_an_empty_level_is_skipped_at_once_and_told() -> None:
    calling = Calling(levels={Level.FIRST: (LI,), Level.LEAD: (ZHAO,), Level.MANAGER: (CHEN,)})
    calling.look(START)
    plan = calling.look(minutes(2))
    assert plan.empty == (Level.BACKUP,)
    assert ZHAO in {step.person_id for step in plan.steps}
    assert CHEN in {person for person, _ in calling.called(minutes(5))}, "the waits count from the last rung called"


def test_a_decline_goes_on_at_once_first_at_the_same_level() -> None:
    calling = Calling()
    calling.look(START)
    calling.declined.add(LI)
    assert calling.called(minutes(0.2)) == [(ZHOU, VOICE), (ZHOU, SMS)]
    calling.declined.add(ZHOU)
    assert calling.called(minutes(0.4)) == [(WANG, VOICE), (WANG, SMS)]
    assert LI not in {person for person, _ in calling.called(minutes(3))}


def test_a_failed_text_turns_into_a_call_at_once() -> None:
    texts = Ladder(rungs=tuple(rung.model_copy(update={"channels": (SMS,)}) for rung in IMMEDIATE.rungs))
    calling = Calling(ladder=texts)
    assert calling.called(START) == [(LI, SMS)]
    for state in FAILED:
        trial = replace(calling, alerts=list(calling.alerts))
        trial.becomes(LI, SMS, state)
        assert trial.called(minutes(0.1)) == [(LI, VOICE)]


def test_somebody_whom_nothing_reaches_is_passed_over_at_once() -> None:
    calling = Calling(channels={WANG: BOTH, LI: frozenset({SMS})}, levels={Level.FIRST: (LI,), Level.BACKUP: (WANG,)})
    assert calling.called(START) == [(LI, SMS)]
    calling.becomes(LI, SMS, "failed")
    assert calling.called(minutes(0.1)) == [(WANG, VOICE), (WANG, SMS)]


def test_nobody_is_called_again_while_they_listen() -> None:
    calling = Calling()
    calling.look(START)
    calling.becomes(LI, VOICE, "connected")
    assert (LI, VOICE) not in calling.called(minutes(1))


def test_after_the_last_rung_everybody_is_called_together_also_who_declined() -> None:
    calling = Calling()
    for minute in (0, 2, 5, 8):
        calling.look(minutes(minute))
    calling.declined.add(WANG)
    plan = calling.look(minutes(12))
    assert plan.is_exhausted
    assert {(s.person_id, s.channel) for s in plan.steps} == {
        (p, c) for p in (LI, WANG, ZHAO, CHEN, ZHOU) for c in BOTH
    }
    assert plan.next_due_at == minutes(16)
    assert calling.called(minutes(14)) == []
    assert len(calling.called(minutes(16))) == 10


def test_a_ladder_with_nobody_on_it_is_exhausted_at_once_and_looks_again() -> None:
    calling = Calling(levels={})
    plan = calling.look(START)
    assert plan.is_exhausted
    assert not plan.steps
    assert plan.empty == tuple(LEVELS)
    calling.levels = {Level.FIRST: (LI,)}
    assert (LI, VOICE) in calling.called(plan.next_due_at)


def test_loopback_takes_the_place_of_every_channel() -> None:
    calling = Calling(channels={LI: frozenset({LOOPBACK})}, levels={Level.FIRST: (LI,)})
    assert calling.called(START) == [(LI, LOOPBACK)]


people = st.sampled_from([LI, WANG, ZHAO, CHEN, ZHOU])
rosters = st.dictionaries(st.sampled_from(LEVELS), st.lists(people, max_size=3, unique=True).map(tuple))
reaches = st.dictionaries(
    people,
    st.sets(st.sampled_from(sorted(EVERYTHING)), min_size=1).map(frozenset),
)
happenings = st.lists(
    st.tuples(
        st.integers(1, 240),
        st.one_of(st.none(), people),
        st.sampled_from(["decline", "failed", "undelivered", "unanswered", "connected", "delivered", "stalled"]),
    ),
    max_size=30,
)


@given(rosters, reaches, st.frozensets(people, max_size=2), st.one_of(st.none(), people), happenings)
def test_whatever_happens_there_is_a_next_step_and_nobody_excluded_is_called(
    levels: dict[Level, tuple[UUID, ...]],
    channels: dict[UUID, frozenset[AlertChannel]],
    excluded: frozenset[UUID],
    first: UUID | None,
    story: list[tuple[int, UUID | None, str]],
) -> None:
    calling = Calling(levels=levels, channels=channels, excluded=excluded, first=first)
    now = START
    for seconds, person_id, happening in story:
        due_at = calling.look(now).next_due_at
        assert due_at > now
        assert due_at <= now + timedelta(minutes=5)
        now += timedelta(seconds=seconds)
        mine = [i for i, alert in enumerate(calling.alerts) if alert.person_id == person_id]
        if person_id is not None and happening == "decline" and mine:
            calling.declined.add(person_id)
        elif mine:
            is_stalled = happening == "stalled"
            state = calling.alerts[mine[-1]].state if is_stalled else happening
            calling.alerts[mine[-1]] = replace(calling.alerts[mine[-1]], state=state, is_stalled=is_stalled)
    called = {alert.person_id for alert in calling.alerts}
    assert not called & excluded
    assert called <= set(channels)
    attempts = [(a.person_id, a.channel, a.attempt) for a in calling.alerts]
    assert len(attempts) == len(set(attempts)), "no attempt is planned twice"


@given(rosters, reaches)
def test_everybody_reachable_on_the_roster_is_called_before_long(
    levels: dict[Level, tuple[UUID, ...]], channels: dict[UUID, frozenset[AlertChannel]]
) -> None:
    calling = Calling(levels=levels, channels=channels)
    now = START
    while now < minutes(20):
        now = calling.look(now).next_due_at
    wanted = {person for on_call in levels.values() for person in on_call} & set(channels)
    assert wanted == {alert.person_id for alert in calling.alerts}


@given(rosters, reaches)
def test_looking_twice_at_one_instant_calls_nobody_twice(
    levels: dict[Level, tuple[UUID, ...]], channels: dict[UUID, frozenset[AlertChannel]]
) -> None:
    calling = Calling(levels=levels, channels=channels)
    calling.look(START)
    assert calling.look(START).steps == ()


def test_nobody_waits_for_a_phone_that_refuses_our_texts_though_it_rings() -> None:
    calling = Calling(levels={Level.FIRST: (LI,), Level.BACKUP: (WANG,), Level.LEAD: (ZHAO,)})
    assert calling.called(START) == [(LI, VOICE), (LI, SMS)]
    calling.fail(LI, SMS, "21610")
    calling.refusing.add(LI)
    assert calling.called(START) == [(WANG, VOICE), (WANG, SMS), (ZHAO, VOICE)]
    assert calling.called(minutes(1)) == [(LI, VOICE), (WANG, VOICE)]
    assert {(ZHAO, VOICE), (ZHAO, SMS)} <= set(calling.called(minutes(3))), "the lead's own rung comes in its turn"


def test_the_end_of_the_ladder_does_not_ring_a_phone_that_rings() -> None:
    calling = Calling(levels={Level.FIRST: (LI,)}, refusing={LI})
    assert calling.called(START) == [(LI, VOICE), (LI, SMS)]
    assert calling.exhausted_at == START
    assert calling.called(minutes(4)) == [(LI, SMS), (LI, VOICE)]


def test_a_text_that_a_phone_could_not_take_for_the_moment_is_sent_once_more_beside_the_calls() -> None:
    calling = Calling(levels={Level.FIRST: (LI,), Level.BACKUP: (WANG,)})
    calling.look(START)
    calling.fail(LI, SMS, "30003", minutes(0.2))
    assert calling.look(minutes(0.2)).next_due_at == minutes(1)
    assert calling.called(minutes(1)) == [(LI, VOICE)]
    assert calling.called(minutes(1.2)) == [(LI, SMS)]
    calling.fail(LI, SMS, "30003", minutes(1.3))
    assert all(channel is not SMS for person, channel in calling.called(minutes(3)) if person == LI)


def texts_alone(reach: frozenset[AlertChannel], channel: AlertChannel = SMS) -> Calling:
    rungs = tuple(rung.model_copy(update={"channels": (channel,)}) for rung in IMMEDIATE.rungs)
    people: dict[Level, tuple[UUID, ...]] = {Level.FIRST: (LI,), Level.BACKUP: (WANG,)}
    return Calling(ladder=Ladder(rungs=rungs), levels=people, channels={LI: reach, WANG: BOTH})


def test_what_a_provider_does_not_take_goes_by_the_next_way_and_calls_nobody_else() -> None:
    calling = texts_alone(EVERYTHING)
    assert calling.called(START) == [(LI, SMS)]
    for instead in (VOICE, WEBHOOK, EMAIL):
        stall(calling, "planned")
        assert calling.called(minutes(0.1)) == [(LI, instead)]
    stall(calling, "planned")
    assert calling.called(minutes(0.2)) == []
    assert (WANG, SMS) in calling.called(minutes(2))


def stall(calling: Calling, state: str) -> None:
    """The newest alert is not brought for the moment."""
    calling.alerts[-1] = replace(calling.alerts[-1], state=state, is_stalled=True)


def test_a_person_of_whose_text_nothing_is_told_and_who_has_nothing_else_is_not_waited_for() -> None:
    calling = texts_alone(frozenset({SMS}))
    calling.look(START)
    stall(calling, "sent")
    assert calling.called(minutes(0.5)) == [(WANG, SMS)]


def test_a_text_that_arrives_late_after_all_is_no_failure() -> None:
    calling = texts_alone(frozenset({SMS}))
    calling.look(START)
    stall(calling, "delivered")
    assert calling.called(minutes(0.5)) == []


def test_a_suspended_account_hurries_nobody_else() -> None:
    calling = texts_alone(frozenset({SMS}))
    calling.look(START)
    calling.fail(LI, SMS, "30002")
    assert calling.called(minutes(0.1)) == []
    assert (WANG, SMS) in calling.called(minutes(2))


def test_a_rung_that_asks_for_a_text_gets_it_through_the_gateway_of_the_country() -> None:
    assert texts_alone(frozenset({WEBHOOK, VOICE})).called(START) == [(LI, WEBHOOK)]
    assert texts_alone(EVERYTHING, EMAIL).called(START) == [(LI, EMAIL)]


def test_a_full_queue_sends_again_at_once() -> None:
    calling = texts_alone(BOTH)
    calling.look(START)
    calling.fail(LI, SMS, "30001", minutes(0.1))
    assert calling.called(minutes(0.1)) == [(LI, VOICE), (LI, SMS)]
    calling.fail(LI, SMS, "30001", minutes(0.2))
    assert calling.called(minutes(0.2)) == []
