"""What goes into the engine and what comes out: reports as it reads them, reasons, and the assessment."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from schemas.report import Answers
from schemas.terms import Channel, ReporterRole, Urgency

ABSENT = "absent"
"""Said in the place of a model's name while no model has read the words."""
BOTH_ENDS = " (beginning and end)"
"""Said after a model's name where it read only the beginning and the end of a very long text."""


class Polarity(StrEnum):
    """Whether the words say that something is so, or that it is not so."""

    POSITIVE = "positive"
    NEGATIVE = "negative"


class Certainty(StrEnum):
    """How the words are meant. Only stated, hedged and unknown findings count; the rest are kept and shown."""

    STATED = "stated"
    HEDGED = "hedged"
    UNKNOWN = "unknown"
    ASKED = "asked"
    HYPOTHETICAL = "hypothetical"
    EXERCISE = "exercise"
    FIGURATIVE = "figurative"
    RESOLVED = "resolved"


class Source(StrEnum):
    """Who knows it: the reporter, the child, somebody else, a record, or a machine."""

    FIRST_HAND = "first_hand"
    CHILD = "child"
    THIRD_PARTY = "third_party"
    RECORD = "record"
    MACHINE = "machine"


class When(StrEnum):
    """When it is: now, within days, long ago, or still to come."""

    NOW = "now"
    RECENT = "recent"
    PAST = "past"
    PLANNED = "planned"
    NOT_SAID = "not_said"


class Who(StrEnum):
    """To whom it happens, as far as the words tell."""

    CHILD = "child"
    ADULT_SURVIVOR = "adult_survivor"
    NOT_SAID = "not_said"


class Span(BaseModel):
    """Where in the original text: piece, first character, and the one after the last. No text is copied."""

    model_config = ConfigDict(frozen=True)

    piece: str
    start: int
    end: int


class AnswerGiven(BaseModel):
    """The answer to a danger question on which a reason rests."""

    model_config = ConfigDict(frozen=True)

    question: str
    value: str


class Nearest(BaseModel):
    """The reviewed exemplar nearest to a sentence; `similarity` is the cosine of their embeddings."""

    model_config = ConfigDict(frozen=True)

    exemplar: str
    similarity: float = Field(ge=-1, le=1)


class Meaning(BaseModel):
    """What a model made of the words of one version of a report: evidence for danger said without any word for it.

    It only raises and asks. `span` is the sentence that weighed most. Routine says nothing and lowers nothing.
    `if_safe` is what the words come to where the reporter answered that the child is safe now, or that the person of
    concern cannot reach the child; None for a model that did not weigh answers. `danger` is the probability of
    *immediate* in the piece it rests on; None where it was not kept.
    """

    model_config = ConfigDict(frozen=True)

    model: str
    report_version: int = Field(ge=0)
    urgency: Urgency
    if_safe: Urgency | None = None
    danger: float | None = None
    span: Span | None = None
    nearest: Nearest | None = None

    @property
    def name(self) -> str:
        """The name of the model, whatever it read of the words."""
        return self.model.removesuffix(BOTH_ENDS)


@dataclass(frozen=True, slots=True)
class Finding:
    """One factor found once, with everything that tells whether and how it counts."""

    factor: str
    polarity: Polarity = Polarity.POSITIVE
    certainty: Certainty = Certainty.STATED
    source: Source = Source.FIRST_HAND
    time: When = When.NOT_SAID
    who: Who = Who.NOT_SAID
    span: Span | None = None
    answer: AnswerGiven | None = None

    @property
    def counts(self) -> bool:
        """Whether rules may rest on it. A negated finding counts for nothing and cancels nothing."""
        return self.polarity is Polarity.POSITIVE and self.certainty in (Certainty.STATED, Certainty.HEDGED)


class Reason(BaseModel):
    """One finding and the rule it led to; `rule` is None where it led to none (negated, an exercise …)."""

    model_config = ConfigDict(frozen=True)

    rule: str | None
    factor: str
    polarity: Polarity
    certainty: Certainty
    source: Source
    time: When
    who: Who
    span: Span | None = None
    answer: AnswerGiven | None = None
    nearest: Nearest | None = None
    pack: str

    @property
    def counts(self) -> bool:
        """Whether what it tells is so, or feared; a denied, imagined or unanswered thing is neither."""
        return self.polarity is Polarity.POSITIVE and self.certainty in (Certainty.STATED, Certainty.HEDGED)


class Standing(StrEnum):
    """How a question of a concern stands: only `denied` and `ruled_out` are a no, by words or answers, or by age."""

    YES = "yes"
    UNKNOWN = "unknown"
    OPEN = "open"
    DENIED = "denied"
    RULED_OUT = "ruled_out"


class StepTaken(BaseModel):
    """One question of a concern, by its rule, how it stands, and the places of the reasons that say so."""

    model_config = ConfigDict(frozen=True)

    rule: str
    standing: Standing
    reasons: tuple[int, ...] = ()


class Path(BaseModel):
    """The way of a report through the questions of a concern that something told of it opens."""

    model_config = ConfigDict(frozen=True)

    concern: str
    steps: tuple[StepTaken, ...]

    @property
    def answer(self) -> int | None:
        """The place of the first yes, at which the way ends; None where nothing was answered yes."""
        return next((at for at, step in enumerate(self.steps) if step.standing is Standing.YES), None)


class Change(BaseModel):
    """What the urgency would become if a question that is still open (a danger question, a step) got this answer."""

    model_config = ConfigDict(frozen=True)

    question: str
    answer: str
    urgency: Urgency


class Assessment(BaseModel):
    """The engine's judgement of one report: the same report, history, pack and instant give the same one.

    `ask` has danger questions and the age, then steps of concerns; `concerns` is read off the reasons and not kept.
    `ages_told` are those, in completed months, that the words tell of the child whom it is about.
    """

    model_config = ConfigDict(frozen=True)

    urgency: Urgency
    reasons: tuple[Reason, ...]
    ask: tuple[str, ...]
    what_would_change: tuple[Change, ...]
    pack: str
    semantic: str = ABSENT
    concerns: tuple[Path, ...] = ()
    ages_told: tuple[int, ...] = ()

    @property
    def rules(self) -> frozenset[str]:
        """The rules that fired."""
        return frozenset(reason.rule for reason in self.reasons if reason.rule)


class Piece(BaseModel):
    """One stretch of a reporter's own words, named so that spans can point into it."""

    model_config = ConfigDict(frozen=True)

    id: str
    text: str


class AssessedReport(BaseModel):
    """A report (with its updates so far) as the engine reads it.

    `has_unheard_recording`: something was said that no words stand for, so nothing can be ruled out. `meaning`: what
    a model made of the words, once it has. `steps`: what the desk was told to questions of decision trees.
    `ages`: how old its children are, as written beside their names.
    """

    model_config = ConfigDict(frozen=True)

    pieces: tuple[Piece, ...] = ()
    answers: Answers = Answers()
    channel: Channel = Channel.WEB
    reporter_role: ReporterRole = ReporterRole.NOT_SAID
    has_unheard_recording: bool = False
    meaning: Meaning | None = None
    steps: tuple[AnswerGiven, ...] = ()
    ages: tuple[str, ...] = ()


class History(BaseModel):
    """What is known from before: earlier reports of any outcome, and how many in a row were closed."""

    model_config = ConfigDict(frozen=True)

    earlier_reports: int = Field(default=0, ge=0)
    closed_in_a_row: int = Field(default=0, ge=0)


SAFETY_HORIZON = timedelta(minutes=90)
"""A `child_safe_until` nearer than this is urgent, and a running case is judged again then (issue of triage)."""
