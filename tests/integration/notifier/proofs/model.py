"""Everything that can happen to the calling of a case, in any order, held against the reference after each."""

import asyncio
from collections import Counter
from collections.abc import Coroutine
from datetime import timedelta
from typing import Any, TypeVar
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from infra.ids import new_id
from notifier.domain.replies import Act
from schemas.events import AssignmentState, CaseState
from schemas.terms import AssignmentStatus, Level, Urgency
from tests.integration.notifier.proofs.reference import Reference
from tests.integration.notifier.proofs.still_night import StillNight, seconds
from tests.integration.notifier.proofs.switchboard import Trouble

Result = TypeVar("Result")

ON_CALL = [Level.FIRST, Level.FIRST, Level.BACKUP, Level.LEAD, Level.MANAGER]
PEOPLE = st.integers(0, len(ON_CALL) - 1)
WAITS = st.sampled_from([0, 0, 0.5, 2, 11, 11, 31, 61, 125, 700])
TROUBLES = st.lists(st.sampled_from(Trouble), max_size=6)
STATES = ("queued", "sent", "ringing", "connected", "delivered", "undelivered", "failed", "unanswered", "cancelled")
CODES = {"failed": "30003", "undelivered": "30008"}
ALERTS = """
select a.alert_id, e.number, a.kind, a.state, a.is_repeat from notifier.alerts a
  join notifier.escalations e using (escalation_id) where e.subject_id = $1
"""


class CallingMachine(RuleBasedStateMachine):
    """One case, five people, one provider; `night` and the `loop` it lives in are of the test."""

    night: StillNight
    loop: asyncio.AbstractEventLoop
    people: list[UUID]

    def __init__(self) -> None:
        super().__init__()
        self.reference = Reference()
        self.told: list[CaseState] = []
        self.doubts: Counter[UUID] = Counter()
        # How many requests each calling had made when it was over.
        self.final: dict[int, int] = {}
        self.answers_sent = 0
        self.of(self._begin())

    def of(self, work: Coroutine[Any, Any, Result]) -> Result:
        """What is asked of the loop in which the database lives."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(30)

    async def _begin(self) -> None:
        await self.night.forget()
        await self.night.db.pool.execute("delete from triage.shifts")
        for person_id, level in zip(self.people, ON_CALL, strict=True):
            await self.night.on_call(person_id, level)
        self.process = await self.night.notifier()
        self.case_id = new_id()

    # What triage says

    @initialize(urgency=st.sampled_from([Urgency.IMMEDIATE, Urgency.URGENT]), troubles=TROUBLES, lists=st.booleans())
    def opens(self, urgency: Urgency, troubles: list[Trouble], lists: bool) -> None:
        self.night.board.is_listing = lists
        for person_id in self.people:
            self.night.board.troubles[self.night.numbers[person_id]].extend(troubles)
        self.assignment = self.night.assignment(urgency=urgency)
        self._tells(self.assignment)
        self.delivers(0, 0)

    @rule(first=st.none() | PEOPLE, excluded=st.none() | PEOPLE, wait=st.none() | WAITS)
    def is_reassigned(self, first: int | None, excluded: int | None, wait: float | None) -> None:
        """Raised, reassigned or handed back: in any of them the case gets a new assignment."""
        self.assignment = self.night.assignment(
            self.assignment.number + 1,
            first_responder_id=None if first is None else self.people[first],
            excluded_responders=() if excluded in {None, first} else (self.people[excluded or 0],),
        )
        self._tells(self.assignment)
        self._perhaps_delivers(wait)

    @rule(is_taken=st.booleans(), officer=PEOPLE, wait=st.none() | WAITS)
    def is_settled_at_the_desk(self, is_taken: bool, officer: int, wait: float | None) -> None:
        taken = {"taken_by": self.people[officer], "taken_at": self.night.clock.now()} if is_taken else {}
        status = AssignmentStatus.TAKEN_AT_DESK if is_taken else AssignmentStatus.STOOD_DOWN
        if self.assignment.status is AssignmentStatus.CALLING:
            self.assignment = self.assignment.model_copy(update={"status": status, **taken})
        self._tells(self.assignment)
        self._perhaps_delivers(wait)

    def _perhaps_delivers(self, wait: float | None) -> None:
        """What triage just told arrives now, or some other time."""
        if wait is not None:
            self.delivers(len(self.told) - 1, wait)

    @rule(which=st.integers(0, 30), wait=WAITS)
    def delivers(self, which: int, wait: float) -> None:
        """A state arrives: for the first time, again, late, or before an older one."""
        state = self.told[which % len(self.told)]
        self.of(self.night.hears(state))
        self.reference.tells(state)
        self._works(wait)

    def _tells(self, assignment: AssignmentState) -> None:
        self.told.append(self.night.case(assignment, case_id=self.case_id))

    # What responders say

    @rule(
        who=PEOPLE,
        act=st.sampled_from([Act.TAKE, Act.DECLINE, Act.DECLINE, Act.BEGUN, Act.HAND_BACK]),
        back=st.sampled_from([0, 0, 0, 1, 2]),
        is_again=st.sampled_from([False, False, True]),
        wait=WAITS,
    )
    def answer(self, who: int, act: Act, back: int, is_again: bool, wait: float) -> None:
        """An answer to the newest calling or to an older one; perhaps a request that was heard before."""
        numbers = sorted(self.reference.callings, reverse=True)
        number, person_id = numbers[min(back, len(numbers) - 1)], self.people[who]
        self.answers_sent += not (is_again and self.answers_sent)
        sid = f"{self.case_id}-{self.answers_sent}"
        escalation_id = self.of(self._escalation(number))
        self.of(self.night.answers(person_id, escalation_id, act, provider_sid=sid))
        self.reference.answers(person_id, number, act, sid)
        self._works(wait)

    async def _escalation(self, number: int) -> UUID:
        found: UUID = await self.night.one(
            "select escalation_id from notifier.escalations where subject_id = $1 and number = $2",
            self.case_id,
            number,
        )
        return found

    # What the world does

    @rule(wait=WAITS)
    def time_passes(self, wait: float) -> None:
        self._works(wait)

    @rule(who=PEOPLE, troubles=TROUBLES, lists=st.booleans())
    def the_provider_fails(self, who: int, troubles: list[Trouble], lists: bool) -> None:
        self.night.board.troubles[self.night.numbers[self.people[who]]].extend(troubles)
        self.night.board.is_listing = lists

    @rule(who=PEOPLE, is_leaving=st.booleans())
    def a_shift_ends_or_begins(self, who: int, is_leaving: bool) -> None:
        until = self.night.clock.now() + timedelta(days=0 if is_leaving else 365)
        sql = "update triage.shifts set during = tstzrange(lower(during), $2) where person_id = $1"
        self.of(self.night.db.pool.execute(sql, self.people[who], until))

    @rule(which=st.integers(0, 60), state=st.sampled_from(STATES), times=st.integers(1, 2), wait=WAITS)
    def a_callback_arrives(self, which: int, state: str, times: int, wait: float) -> None:
        """Of any message or call so far: in order or not, late, again; and of one that is not ours."""
        made = self.night.board.made
        for _ in range(times):
            self.of(self.night.told(new_id(), "none of ours", state))
            if made:
                one = made[which % len(made)]
                self.of(self.night.told(one.alert_id, one.sid, state, CODES.get(state)))
        self._works(wait)

    @rule(dies_at=st.integers(1, 80), wait=WAITS)
    def the_notifier_dies(self, dies_at: int, wait: float) -> None:
        self.night.clock.advance(seconds(61))
        dying = self.of(self.night.notifier("another", dies_at))
        if not self.of(dying.works()):
            self.doubts.update(self.of(self._in_doubt()))
        self.night.stops(dying)
        self._works(wait)

    async def _in_doubt(self) -> list[UUID]:
        """What the dead process may or may not have sent, as it is on record."""
        rows = await self.night.db.pool.fetch("select alert_id from notifier.alerts where state = 'sending'")
        return [row["alert_id"] for row in rows]

    def _works(self, wait: float) -> None:
        """What is due is done, time passes, and what is due then is done; what is over is over at once."""
        self.of(self._ends())
        assert self.of(self.process.works())
        self.of(self._holds())
        self.night.clock.advance(seconds(wait))
        assert self.of(self.process.works())

    async def _ends(self) -> None:
        """What was sent for a calling until it ended is all that ever is."""
        sent = await self._sent()
        for calling in self.reference.callings.values():
            if calling.state != "calling":
                self.final.setdefault(calling.number, sent[calling.number])

    # What holds after each

    @invariant()
    def holds(self) -> None:
        if self.reference.callings:
            self.of(self._holds())

    async def _holds(self) -> None:
        rows = await self.night.db.pool.fetch(
            "select * from notifier.escalations where subject_id = $1 order by number", self.case_id
        )
        sent = await self._sent()
        assert [row["number"] for row in rows] == sorted(self.reference.callings)
        for row in rows:
            self._agrees(row)
            calling = self.reference.callings[row["number"]]
            if calling.state == "calling":
                assert row["next_due_at"] > self.night.clock.now(), "nothing comes next, and nobody has taken it"
            else:
                assert sent[calling.number] == self.final[calling.number], "somebody was called after it was over"
        await self._told_in_order()

    def _agrees(self, row: Any) -> None:
        calling = self.reference.callings[row["number"]]
        status = "calling" if row["status"] == "exhausted" else row["status"]
        assert status == calling.state
        assert row["acknowledged_by"] == calling.taken_by
        assert set(row["declined_by"]) == calling.declined_by
        assert (row["begun_at"] is not None) == calling.is_begun
        assert (row["handed_back_at"] is not None) == calling.is_handed_back

    async def _sent(self) -> Counter[int]:
        """How many requests to call somebody each calling has made; each alert once, but for a doubt on record."""
        sent: Counter[int] = Counter()
        for row in await self.night.db.pool.fetch(ALERTS, self.case_id):
            made = self.night.board.of(row["alert_id"])
            doubts = self.night.board.uncertain[row["alert_id"]] + self.doubts[row["alert_id"]]
            assert len(made) <= 1 or row["is_repeat"], "it was sent twice, and no doubt is on record"
            assert len(made) <= 1 + doubts, "it was sent again without a doubt"
            if row["kind"] != "taken":
                sent[row["number"]] += len(made)
                excluded = {self.night.numbers[p] for p in self.reference.callings[row["number"]].excluded}
                assert not excluded & {each.to for each in made}, "somebody was called whom the case excludes"
        return sent

    async def _told_in_order(self) -> None:
        events = await self.night.events(self.case_id)
        taken = [each for each in self.reference.callings.values() if each.taken_by is not None]
        assert events.count("escalation.acknowledged") == len(taken)
        assert events.count("escalation.started") <= len(self.reference.callings)
