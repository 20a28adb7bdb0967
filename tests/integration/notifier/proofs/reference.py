"""What the calling of one case must come to, said again as simply as it can be: without rungs or channels."""

from dataclasses import dataclass, field
from uuid import UUID

from notifier.domain.replies import Act
from schemas.events import AssignmentState, CaseState
from schemas.terms import AssignmentStatus


@dataclass
class Calling:
    """One assignment as the notifier knows it. `state`: calling, acknowledged, superseded or ended."""

    number: int
    excluded: frozenset[UUID]
    state: str = "calling"
    taken_by: UUID | None = None
    declined_by: set[UUID] = field(default_factory=set)
    is_begun: bool = False
    is_handed_back: bool = False


@dataclass
class Reference:
    """One case with one purpose: what was told of it, and who said what."""

    version: int = 0
    callings: dict[int, Calling] = field(default_factory=dict)
    heard: set[str] = field(default_factory=set)

    @property
    def newest(self) -> Calling:
        """The calling of the highest number."""
        return self.callings[max(self.callings)]

    def tells(self, state: CaseState) -> None:
        """Triage tells the whole state: an older one says nothing new."""
        if state.version <= self.version:
            return
        self.version = state.version
        for given in state.assignments:
            if not self.callings or given.number > max(self.callings):
                for each in self.callings.values():
                    each.state = "superseded"
                self._begin(given)
            elif self.newest.state == "calling":
                self._settle(self.newest, given)

    def _begin(self, given: AssignmentState) -> None:
        if given.status is not AssignmentStatus.STOOD_DOWN:
            made = Calling(given.number, frozenset(given.excluded_responders))
            self.callings[given.number] = made
            self._settle(made, given)

    def _settle(self, calling: Calling, given: AssignmentState) -> None:
        if given.status is AssignmentStatus.TAKEN_AT_DESK:
            calling.state, calling.taken_by = "acknowledged", given.taken_by
        elif given.status is AssignmentStatus.STOOD_DOWN:
            calling.state = "ended"

    def answers(self, person_id: UUID, number: int, act: Act, sid: str) -> None:
        """A responder answers; a request that was heard before says nothing new."""
        calling, is_new = self.callings[number], sid not in self.heard
        self.heard.add(sid)
        if is_new and calling.state == "calling":
            self._of_one_called(calling, person_id, act)
        elif is_new and calling.state == "acknowledged" and calling.taken_by == person_id:
            self._of_the_taker(calling, act)

    def _of_one_called(self, calling: Calling, person_id: UUID, act: Act) -> None:
        if act is Act.TAKE:
            calling.state, calling.taken_by = "acknowledged", person_id
        elif act is Act.DECLINE:
            calling.declined_by.add(person_id)

    def _of_the_taker(self, calling: Calling, act: Act) -> None:
        if act in {Act.HAND_BACK, Act.DECLINE}:
            calling.is_handed_back = True
        elif act is Act.BEGUN and not calling.is_handed_back:
            calling.is_begun = True
