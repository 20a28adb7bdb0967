"""A pack: dated, versioned data for one jurisdiction. Read from YAML by `triage.packs`; pure here."""

from collections.abc import Collection
from datetime import date, time, timedelta
from typing import Literal

from pydantic import ConfigDict, Field, model_validator

from schemas.area import Area
from schemas.ladder import Ladder
from schemas.report import GoWith
from schemas.terms import ReporterRole, Urgency
from triage.domain.concern import Concern, OwnStep
from triage.domain.lexicon import Lexicon
from triage.domain.rule import Entry, Rule, Rules, Said

Breach = Literal["alarm_desk", "call_supervisor", "call_lead", "start_ladder_again"]
"""What a missed clock of a pack does; all but the last sound the desk's alarm, two also call the desk's lead."""

REPORT_COMMITTED, CASE_OPENED, ACKNOWLEDGED = "report_committed", "case_opened", "acknowledged"
START_EVENTS = (REPORT_COMMITTED, CASE_OPENED, ACKNOWLEDGED)
FIRST_ACTION = "first_action"
ARRIVAL = "arrival"

Confidence = Literal["verified", "excerpt", "unverified", "internal"]


class Sourced(Entry):
    """A value with where it comes from; `internal` confidence is our own choice, never law."""

    source: str
    checked_on: date
    checked_by: str | None = None
    confidence: Confidence


class Factor(Entry):
    """Something the engine can find; `says` is how the desk names it, `note` where it comes from.

    `at_door`: it is a danger to whoever arrives. `go_with` is who goes there beside the responder where it was found.
    """

    says: Said
    note: str = ""
    at_door: bool = False
    go_with: GoWith | None = None


class EmergencyNumber(Sourced):
    """A number to ring in danger."""

    service: str
    number: str


class LinksInSms(Sourced):
    """Whether an SMS may hold a link."""

    allowed: bool


class Question(Entry):
    """A danger question: the factor each answer shows, which answers are dangerous, and whom it is not put to.

    The wording is in the locales, under the question's id. Questions stand in the order they are asked.
    """

    id: Literal["danger_now", "child_safe_now", "person_of_concern_has_access", "child_alone", "injury"]
    shows: dict[str, str]
    dangerous: tuple[str, ...] = Field(min_length=1)
    not_for: tuple[ReporterRole, ...] = ()


class Category(Sourced):
    """A situation that the law lists. `match` reads like a rule's `needs`."""

    code: str
    says: Said
    match: tuple[tuple[str, ...], ...]
    child_under_months: int | None = None
    child_from_months: int | None = None
    alone_sufficient: bool = True


class Clock(Sourced):
    """A deadline: from which event, how long, on which calendar, who owns it, what happens when it is missed.

    `start_event` is one of START_EVENTS, or another clock of the pack: it starts when the desk records that what that
    one waits for has happened. `rules` limit a clock that starts with a report to reports in which one of them fired.
    `urgency` limits it to some urgencies. `when_unstaffed` is the local time that replaces the length while
    nobody is at the desk. A value nobody verified is internal, never legal.
    """

    name: str
    urgency: tuple[Urgency, ...] = tuple(Urgency)
    start_event: str
    rules: tuple[str, ...] = ()
    length: timedelta | None
    calendar: Literal["wall", "working_days", "end_of_next_working_day"] = "wall"
    when_unstaffed: time | None = None
    kind: Literal["legal", "internal"]
    owner: str
    on_breach: Breach

    @model_validator(mode="after")
    def law_is_verified(self) -> "Clock":
        """Refuse to show as law what nobody has checked against the law."""
        if self.kind == "legal" and self.confidence != "verified":
            raise ValueError("a clock that is not verified must be `internal`, never `legal`")
        return self


class ByDay(Entry):
    """The local hours in which an urgent alert calls; outside them it waits until `night_alert_at`.

    It does not wait when safety or evidence lapses before `lapses_before`, nor when the report is still
    unread after `unread_after`.
    """

    day_from: time
    day_until: time
    night_alert_at: time
    lapses_before: time
    unread_after: timedelta


class LadderPlan(Entry):
    """How an urgency is called. `desk_only` has no ladder.

    `at_once` starts now; `by_day` as `hours` says; `next_working_day` at `alert_at`, its waits counted in
    working hours.
    """

    start: Literal["at_once", "by_day", "next_working_day", "desk_only"]
    hours: ByDay | None = None
    alert_at: time | None = None
    working_from: time | None = None
    working_until: time | None = None
    ladder: Ladder | None = None

    @model_validator(mode="after")
    def is_whole(self) -> "LadderPlan":
        """Refuse a plan whose start lacks what it needs."""
        needed = {
            "at_once": (self.ladder,),
            "by_day": (self.ladder, self.hours),
            "next_working_day": (self.ladder, self.alert_at, self.working_from, self.working_until),
            "desk_only": (),
        }[self.start]
        if any(part is None for part in needed):
            raise ValueError(f"a plan that starts `{self.start}` lacks its ladder or its hours")
        if self.working_from and self.working_until and self.working_from >= self.working_until:
            raise ValueError("the working hours of a ladder begin before they end, on one day")
        return self


class Ladders(Entry):
    """One plan per urgency."""

    immediate: LadderPlan
    urgent: LadderPlan
    priority: LadderPlan
    routine: LadderPlan


class AreaLadders(Entry):
    """How urgencies are called where an area code begins with `prefix`, in the area system of the pack.

    What is not named is called as everywhere else in the pack's jurisdiction.
    """

    prefix: str
    immediate: LadderPlan | None = None
    urgent: LadderPlan | None = None
    priority: LadderPlan | None = None
    routine: LadderPlan | None = None

    @model_validator(mode="after")
    def says_something(self) -> "AreaLadders":
        """Refuse an area that has no ladder of its own."""
        if all(self.plan(urgency) is None for urgency in Urgency):
            raise ValueError("an area names at least one urgency that it calls differently")
        return self

    def plan(self, urgency: Urgency) -> LadderPlan | None:
        """How the area calls an urgency, where it says so itself."""
        plan: LadderPlan | None = getattr(self, urgency.value)
        return plan


class ConflictRule(Entry):
    """A factor with which somebody on call may stand too close to the person of concern: the desk is told to ask."""

    factor: str
    source: str


class PackFile(Entry):
    """What one pack file says. `parent` lends its rules; a pack may add rules and may not drop any.

    `steps` are the questions that it adds to concerns; `rules` those that place by history, raise or give context.
    """

    jurisdiction: str
    parent: str | None
    title: Said
    version: str
    effective_from: date
    effective_to: date | None
    languages: tuple[str, ...] = Field(min_length=1)
    time_zone: str
    area_system: str
    area_edition: str
    emergency_numbers: tuple[EmergencyNumber, ...] = Field(min_length=1)
    links_in_sms: LinksInSms
    questions: tuple[Question, ...] = Field(min_length=1)
    ladders: Ladders
    area_ladders: tuple[AreaLadders, ...] = ()
    clocks: tuple[Clock, ...]
    conflict_rules: tuple[ConflictRule, ...]
    categories: tuple[Category, ...]
    rules: tuple[Rule, ...]
    steps: tuple[OwnStep, ...] = ()


class Pack(PackFile):
    """A pack ready for use: concerns, all rules (every question of them is one), factors, the compiled lexicon."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)

    rules: Rules
    concerns: tuple[Concern, ...]
    factors: dict[str, Factor]
    lexicon: Lexicon

    @property
    def name(self) -> str:
        """Jurisdiction and version, as every reason carries it."""
        return f"{self.jurisdiction} {self.version}"

    def plan_for(self, urgency: Urgency, area: Area) -> LadderPlan:
        """How a case of this urgency is called in an area: as the longest prefix says that names the urgency."""
        code = (area.code or "") if area.system == self.area_system else ""
        own = [each for each in self.area_ladders if code.startswith(each.prefix) and each.plan(urgency) is not None]
        ladders = max(own, key=lambda each: len(each.prefix), default=self.ladders)
        plan: LadderPlan = getattr(ladders, urgency.value)
        return plan

    def may_conflict(self, factors: Collection[str]) -> bool:
        """Whether what was found of a case makes some of those on call too close to the person of concern."""
        return any(rule.factor in factors for rule in self.conflict_rules)

    def clocks_for(self, urgency: Urgency) -> tuple[Clock, ...]:
        """The clocks that run for a case of this urgency."""
        return tuple(clock for clock in self.clocks if urgency in clock.urgency)
