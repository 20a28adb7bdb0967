"""A concern: its questions in order, the gravest first, each a rule of the engine. It adds order and words alone."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Discriminator, Field, Tag, model_validator

from schemas.terms import Urgency
from triage.domain.rule import PLACES, Entry, Rule, Said

USE, STEP = "~use", "~step"


class Step(Rule):
    """A rule that places a report, put as a question: a yes tells the urgency, else the next question is asked.

    `advises` is what to say or do after a yes.
    """

    rule_class: Literal["E", "U", "P"] = Field(alias="class")
    asks: Said
    advises: Said | None = None
    needs: tuple[tuple[str, ...], ...] = Field(min_length=1)

    @model_validator(mode="after")
    def asks_what_is_told(self) -> "Step":
        """Refuse a question that words and answers alone cannot answer."""
        if self.earlier_reports or self.closed_in_a_row or self.safe_within or self.raises_alone:
            raise ValueError("a step asks about what is told; a count of reports or hours, and raising, is a rule's")
        return self

    @property
    def urgency(self) -> Urgency:
        """Where a yes places a report."""
        return PLACES[self.rule_class]

    def catches(self, later: "Step") -> bool:
        """Whether whoever answers a later question yes has answered this one yes already."""
        return (
            all(any(set(line) <= set(own) for line in later.needs) for own in self.needs)
            and set(later.times) <= set(self.times)
            and set(self.unless) <= set(later.unless)
            and self._spans(later)
        )

    def _spans(self, later: "Step") -> bool:
        """Whether it holds for every age that a later question holds for."""
        if not self.has_age:
            return True
        own, other = self.ages_months, later.ages_months
        fits_unknown = self.age_unknown_fits or (later.has_age and not later.age_unknown_fits)
        return own.start <= other.start and other.stop <= own.stop and fits_unknown


class OwnStep(Step):
    """A question that a pack puts into the tree of a concern, before the others of its class."""

    concern: str


def _kind(value: object) -> str:
    return USE if isinstance(value, str) else STEP


class ConcernFile(Entry):
    """What the file of one concern says. A step that is a name alone is the question of that name in another file."""

    concern: str
    title: Said
    opens_on: tuple[str, ...] = Field(min_length=1)
    steps: tuple[
        Annotated[Annotated[str, Tag(USE)] | Annotated[Step, Tag(STEP)], Discriminator(_kind)],
        ...,
    ] = Field(min_length=1)

    @property
    def own(self) -> tuple[Step, ...]:
        """The questions that stand here in full."""
        return tuple(step for step in self.steps if isinstance(step, Step))


class Concern(Entry):
    """A concern ready for use: every question in full, and which of them are its own rather than shared."""

    id: str
    title: Said
    opens_on: frozenset[str]
    steps: tuple[Step, ...]
    own: frozenset[str]

    def with_own(self, step: Step) -> "Concern":
        """With one more question of its own: before all that are of the same class or less grave."""
        at = next((i for i, one in enumerate(self.steps) if one.urgency.rank >= step.urgency.rank), len(self.steps))
        steps = (*self.steps[:at], step, *self.steps[at:])
        return self.model_copy(update={"steps": steps, "own": self.own | {step.id}})


def misplaced(steps: tuple[Step, ...]) -> Iterator[tuple[int, str]]:
    """The places of questions that stand wrong, and why: after a milder one, twice, or where a yes is never new."""
    for at, step in enumerate(steps):
        before = steps[:at]
        if any(step.id == one.id for one in before):
            yield at, f'The step "{step.id}" stands here twice.'
        elif any(one.urgency.rank > step.urgency.rank for one in before):
            yield at, f'The step "{step.id}" is graver than one before it: the gravest is asked first.'
        elif caught := next((one for one in before if one.catches(step)), None):
            yield at, f'The step "{step.id}" is never reached: a yes to it is a yes to "{caught.id}" before it.'
