"""The event by which an exercise of the calling begins."""

from typing import ClassVar

from schemas.events import CallingState, SubjectKind


class DrillCalled(CallingState):
    """A drill was called: its one assignment is called for by the real ladder, marked in every word as an exercise.

    Nothing is told of its calling but a call for help; how it went is read in `notifier.for_triage_drills`.
    """

    type: ClassVar[str] = "drill.called.v1"

    subject_kind: SubjectKind = "drill"
