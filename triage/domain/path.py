"""The way a report takes through the trees of its concerns: read off its reasons, never a second judgement."""

from collections.abc import Iterable

from schemas.terms import Urgency
from triage.domain.assessment import (
    AssessedReport,
    Certainty,
    Path,
    Polarity,
    Reason,
    Standing,
    StepTaken,
    Who,
)
from triage.domain.concern import Concern, Step
from triage.domain.evidence import child_ages, read_all
from triage.domain.pack import Pack
from triage.domain.rule import silences
from triage.domain.structured import age_months, asked_for, denied_by

MOST_ASKED = 3
"""How many questions of trees are offered at once: a handful is asked, a long list is not."""


class Trees:
    """What the reasons of one report say to the questions of a pack's concerns.

    `ages_months` are the children's ages told, None for a child of unknown age. What a mild answer denies is denied,
    and what a danger question asks for is not asked twice.
    """

    def __init__(
        self, pack: Pack, report: AssessedReport, reasons: Iterable[Reason], ages_months: tuple[int | None, ...]
    ) -> None:
        self._ages = ages_months
        self._asked = asked_for(pack.questions, report.reporter_role)
        self._known: dict[str, StepTaken] = {}
        self._fired: dict[str, list[int]] = {}
        self._counting: dict[str, list[int]] = {}
        self._silencing: dict[str, list[int]] = {}
        self._unknown: dict[str, list[int]] = {}
        self._denied: dict[str, list[int]] = {factor: [] for factor in denied_by(report.answers, pack.questions)}
        self._told: dict[str, tuple[Standing, list[int]]] = {}
        steps = {step.id for concern in pack.concerns for step in concern.steps}
        for at, reason in enumerate(reasons):
            if reason.answer is not None and reason.answer.question in steps:
                self._add_told(at, reason)
            else:
                self._add(at, reason)
        self.opened = [one for one in pack.concerns if not one.opens_on.isdisjoint(self._counting)]

    def paths(self) -> tuple[Path, ...]:
        """The way through each concern that opened, in the pack's order."""
        return tuple(self.path(concern) for concern in self.opened)

    def path(self, concern: Concern) -> Path:
        """The way through one concern, opened or not."""
        return Path(concern=concern.id, steps=tuple(self._taken(step) for step in concern.steps))

    def worth_asking(self, urgency: Urgency) -> tuple[Step, ...]:
        """Open questions of the opened concerns that a yes would place above an urgency: the gravest, and few.

        Of equal ones a concern's own come before those shared by all, and what is half told before the rest.
        """
        graver = {each for each in Urgency if each.rank < urgency.rank}
        found = sorted(
            (
                (step.urgency.rank, step.id not in concern.own, *self._half_told(step), at, step)
                for concern in self.opened
                for at, step in enumerate(concern.steps)
                if step.urgency in graver and self._is_worth(step)
            ),
            key=lambda each: each[:-1],
        )
        return tuple({each[-1].id: each[-1] for each in found}.values())[:MOST_ASKED]

    def _add_told(self, at: int, reason: Reason) -> None:
        """An answer to the very question: it says nothing of others."""
        if reason.rule is not None:
            self._fired.setdefault(reason.rule, []).append(at)
            return
        standing = Standing.DENIED if reason.polarity is Polarity.NEGATIVE else Standing.UNKNOWN
        self._told[reason.factor] = standing, [at]

    def _add(self, at: int, reason: Reason) -> None:
        if reason.rule is not None:
            self._fired.setdefault(reason.rule, []).append(at)
        if reason.polarity is Polarity.NEGATIVE:
            self._denied.setdefault(reason.factor, []).append(at)
        elif reason.certainty is Certainty.UNKNOWN:
            self._unknown.setdefault(reason.factor, []).append(at)
        elif reason.certainty in (Certainty.STATED, Certainty.HEDGED) and reason.who is not Who.ADULT_SURVIVOR:
            self._counting.setdefault(reason.factor, []).append(at)
            if silences(reason.certainty, reason.time):
                self._silencing.setdefault(reason.factor, []).append(at)

    def _taken(self, step: Step) -> StepTaken:
        """Questions are shared by concerns: each is looked at once."""
        if step.id not in self._known:
            told = None if step.id in self._fired else self._told.get(step.id)
            standing, of = told or self._standing(step)
            self._known[step.id] = StepTaken(rule=step.id, standing=standing, reasons=tuple(dict.fromkeys(of)))
        return self._known[step.id]

    def _standing(self, step: Step) -> tuple[Standing, list[int]]:
        """Where a question stands, and the places of the reasons that say so.

        Unknown is never a no, nor is a denial of one thing among several that a question asks for.
        """
        if step.id in self._fired:
            return Standing.YES, self._fired[step.id]
        if barred := self._places(step.unless, self._silencing):
            return Standing.RULED_OUT, barred
        if self._ages and None not in self._ages and not step.fits(self._ages):
            return Standing.RULED_OUT, []
        missing = self._missing(step)
        unknown = [at for line in missing for at in self._places(line, self._unknown)]
        if unknown:
            return Standing.UNKNOWN, unknown
        denied = [line for line in missing if self._denied.keys() >= set(line)]
        if denied:
            return Standing.DENIED, [at for line in denied for at in self._places(line, self._denied)]
        return Standing.OPEN, []

    def _missing(self, step: Step) -> list[tuple[str, ...]]:
        return [line for line in step.needs if self._counting.keys().isdisjoint(line)]

    def _half_told(self, step: Step) -> tuple[int, int]:
        """Few lines missing first, and of those with as few, the one of which most is told."""
        missing = len(self._missing(step))
        return missing, missing - len(step.needs)

    def _is_worth(self, step: Step) -> bool:
        """Whether it is open, and something is missing that no danger question asks for."""
        if self._taken(step).standing is not Standing.OPEN:
            return False
        missing = self._missing(step)
        return not missing or any(self._asked.isdisjoint(line) for line in missing)

    @staticmethod
    def _places(factors: Iterable[str], among: dict[str, list[int]]) -> list[int]:
        return [at for factor in factors for at in among.get(factor, ())] if among else []


def trees_of(pack: Pack, report: AssessedReport, reasons: Iterable[Reason]) -> Trees:
    """The same for a report whose reasons are kept: ages and answers are read again, nothing is judged."""
    ages = child_ages(read_all(report, pack.lexicon), age_months(report.answers))
    return Trees(pack, report, reasons, ages)
