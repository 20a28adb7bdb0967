"""The event by which a way to a person is tried. It holds no number, no address and no code."""

from datetime import datetime
from typing import ClassVar, Literal
from uuid import UUID

from schemas.events import Event, Topic
from schemas.terms import AlertChannel

TrialKind = Literal["code", "test"]


class TrialAsked(Event):
    """A way to a person is to be tried: by a code that they asked for, or by the monthly test.

    `position` 0 is their e-mail address, any other the phone in that place.
    """

    type: ClassVar[str] = "trial.asked.v1"
    topic: ClassVar[Topic] = Topic.CASES
    key_field: ClassVar[str] = "trial_id"

    trial_id: UUID
    person_id: UUID
    kind: TrialKind
    channel: AlertChannel
    position: int
    asked_at: datetime
