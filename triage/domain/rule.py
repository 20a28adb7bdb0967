"""A rule of a pack: what must be found for it to fire, and what it then does. Pure; `triage.packs` reads it."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from schemas.terms import Urgency
from triage.domain.assessment import Certainty, When

RuleClass = Literal["E", "U", "P", "R", "C"]
PLACES: dict[str, Urgency] = {"E": Urgency.IMMEDIATE, "U": Urgency.URGENT, "P": Urgency.PRIORITY}
"""The urgency at which a rule of a class places a report; R raises what others placed, C moves nothing."""


def silences(certainty: Certainty, time: When) -> bool:
    """Whether a finding may silence a rule (`unless`): what is only supposed, or long past, silences none."""
    return certainty is Certainty.STATED and time is not When.PAST


class Entry(BaseModel):
    """The base of everything in a pack: closed, so that a mistyped key is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Said(Entry):
    """The same words in both languages of the desk."""

    zh: str
    en: str


class Rule(Entry):
    """One rule. It fires when every line of `needs` has a counting factor and every bound holds.

    E makes immediate, U urgent, P priority; R raises one step; C is context and moves nothing. A factor long
    past does not serve a rule unless `times` names the past; an age that nobody told fits a bound only if
    `age_unknown_fits`. With `unless` the rule is silent where one of those factors counts. An R rule raises
    what another rule found; with `raises_alone` it also raises a report in which nothing else was found.
    """

    id: str
    rule_class: RuleClass = Field(alias="class")
    says: Said
    needs: tuple[tuple[str, ...], ...] = ()
    unless: tuple[str, ...] = ()
    times: tuple[When, ...] = (When.NOW, When.RECENT, When.PLANNED, When.NOT_SAID)
    child_under_months: int | None = None
    child_from_months: int | None = None
    age_unknown_fits: bool = False
    earlier_reports: int | None = None
    closed_in_a_row: int | None = None
    safe_within: timedelta | None = None
    raises_alone: bool = False

    @model_validator(mode="after")
    def has_a_condition(self) -> "Rule":
        """Refuse a rule that would fire on every report."""
        if not (self.needs or self.earlier_reports or self.closed_in_a_row or self.safe_within):
            raise ValueError("a rule must name a factor in `needs`, a number of reports, or `safe_within`")
        return self

    @property
    def has_age(self) -> bool:
        """Whether it asks for an age."""
        return self.child_under_months is not None or self.child_from_months is not None

    @property
    def ages_months(self) -> range:
        """The ages that it holds for."""
        return range(self.child_from_months or 0, self.child_under_months or 10**6)

    def fits(self, ages_months: tuple[int | None, ...]) -> bool:
        """Whether any child told of is of the age: the urgency is that of the child worst off.

        None is a child whose age nobody told, as where no age is.
        """
        if not self.has_age:
            return True
        fitting = self.ages_months
        return any(
            self.age_unknown_fits if months is None else months in fitting for months in ages_months or (None,)
        )


class Rules(tuple[Rule, ...]):
    """The rules of a pack, in its order, each listed under the factors of the shortest line of its needs.

    A rule none of whose listed factors counts cannot fire, so a report costs what is found in it, however many rules
    a pack has.
    """

    def __init__(self, _: Iterable[Rule] = ()) -> None:
        self._listed: dict[str, list[int]] = {}
        self._unlisted = [at for at, rule in enumerate(self) if not rule.needs]
        for at, rule in enumerate(self):
            for factor in min(rule.needs, key=len, default=()):
                self._listed.setdefault(factor, []).append(at)

    def on(self, factors: Iterable[str]) -> list[Rule]:
        """Those that may fire where these factors count; a rule over history or time alone always may."""
        places = {at for factor in factors for at in self._listed.get(factor, ())}
        return [self[at] for at in sorted(places.union(self._unlisted))]
