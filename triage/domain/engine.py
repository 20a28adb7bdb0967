"""The engine: what a report says and answers, judged by a pack's rules. Pure; the same input, the same output.

The urgency is that of the highest rule that fired, raised at most one step, once, by all raising rules and
dangerous or unknown answers together; such an answer alone gives urgent, and so does a recording that no words
stand for, or a safety that ends within ninety minutes. Nothing is summed, nothing lowers.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from schemas.report import Answers
from schemas.terms import Answer, Injury, Urgency
from triage.domain.assessment import (
    ABSENT,
    SAFETY_HORIZON,
    AnswerGiven,
    AssessedReport,
    Assessment,
    Certainty,
    Change,
    Finding,
    History,
    Polarity,
    Reason,
    Source,
    When,
    Who,
)
from triage.domain.concern import Step
from triage.domain.evidence import Told, ages_of_the_child, child_ages, read_all
from triage.domain.meant import meant
from triage.domain.pack import Pack
from triage.domain.path import Trees
from triage.domain.rule import PLACES
from triage.domain.rules import (
    DANGEROUS_ANSWER,
    MEANING,
    UNHEARD_RECORDING,
    UNKNOWN_ANSWER,
    Fired,
    Known,
    by_factor,
    fire,
)
from triage.domain.structured import UNKNOWN, Answered, age_months, read_answers

NOT_SAFE_NOW = "not-safe-now"
ANSWERED_SAFE = "answered-safe"
SERIOUS_INJURY = "serious-injury"
CHILD_AGE = "child_age"
"""The question asked when nothing told how old the child is."""


def assess(report: AssessedReport, history: History, pack: Pack, now: datetime) -> Assessment:
    """Judge a report. `now` is aware; it only measures how long the child is still safe."""
    told = read_all(report, pack.lexicon)
    words = [finding for one in told for finding in one.findings]
    ages = child_ages(told, age_months(report.answers))
    judgement = _Judgement(told, report, history, pack, now)
    answered, fired, urgency = judgement.of(report.answers)
    words += [finding for _, finding in judgement.steps]
    found = _Found(words, answered, fired, judgement.meant(report.answers, answered))
    reasons = (*_unheard(report, pack.name), *_in_order(report, found, pack.name))
    trees = Trees(pack, report, reasons, ages)
    steps = trees.worth_asking(urgency)
    return Assessment(
        urgency=urgency,
        reasons=reasons,
        ask=(*_ask(answered, ages), *(step.id for step in steps)),
        what_would_change=(
            *judgement.changes(answered, urgency),
            *(_if_yes(step, answered, fired, urgency) for step in steps),
        ),
        concerns=trees.paths(),
        ages_told=tuple(sorted(set(ages_of_the_child(told)))),
        pack=pack.name,
        semantic=ABSENT if report.meaning is None else report.meaning.model,
    )


class _Judgement:
    """One report's words, read once, judged under the answers given and under those that could be given."""

    def __init__(
        self,
        told: list[Told],
        report: AssessedReport,
        history: History,
        pack: Pack,
        now: datetime,
    ) -> None:
        self._told, self._report = told, report
        self._words = [finding for one in told for finding in one.findings]
        self._history, self._pack, self._now = history, pack, now
        self.steps = list(_of_steps(report, pack))

    def of(self, answers: Answers) -> tuple[Answered, list[Fired], Urgency]:
        """The judgement if these were the answers."""
        answered = read_answers(answers, self._pack.questions, self._report.reporter_role)
        safe_for = self._safe_for(answers)
        known = Known(
            by_factor([*self._words, *answered.findings, *_lapsed(answers, safe_for)]),
            child_ages(self._told, age_months(answers)),
            self._history,
            safe_for,
        )
        fired = [*fire(self._pack, known), *(Fired(step, (told,)) for step, told in self.steps if told.counts)]
        urgency = _urgency(fired, answered)
        if self._is_unsure(safe_for):
            urgency = min(urgency, Urgency.URGENT, key=lambda each: each.rank)
        return answered, fired, min(urgency, self.meant(answers, answered), key=lambda each: each.rank)

    def meant(self, answers: Answers, answered: Answered) -> Urgency:
        """What the model's reading comes to if these were the answers."""
        in_doubt = bool(answered.dangerous) or self._is_unsure(self._safe_for(answers))
        return meant(self._report.meaning, answers, in_doubt=in_doubt)

    def _safe_for(self, answers: Answers) -> timedelta | None:
        return None if answers.child_safe_until is None else answers.child_safe_until - self._now

    def _is_unsure(self, safe_for: timedelta | None) -> bool:
        """Whether nothing can be ruled out: a recording nobody has heard, or a safety that ends soon."""
        return self._report.has_unheard_recording or (safe_for is not None and safe_for <= SAFETY_HORIZON)

    def changes(self, answered: Answered, urgency: Urgency) -> Iterator[Change]:
        """What a dangerous answer to each open question would make of the urgency."""
        if urgency is Urgency.IMMEDIATE:
            return
        for question in (*answered.not_asked, *answered.unknown):
            value = question.dangerous[0]
            answer = Injury(value) if question.id == "injury" else Answer(value)
            _, _, would_be = self.of(self._report.answers.model_copy(update={question.id: answer}))
            if would_be is not urgency:
                yield Change(question=question.id, answer=value, urgency=would_be)


def _of_steps(report: AssessedReport, pack: Pack) -> Iterator[tuple[Step, Finding]]:
    """What the desk was told to the questions of trees: a yes counts, a no denies that question and lowers nothing.

    One that was not answered stays a possible yes. A question that the pack does not have is passed over.
    """
    known = {step.id: step for concern in pack.concerns for step in concern.steps}
    for given in report.steps:
        if given.question in known:
            polarity = Polarity.NEGATIVE if given.value == Answer.NO else Polarity.POSITIVE
            certainty = Certainty.UNKNOWN if given.value in UNKNOWN else Certainty.STATED
            yield known[given.question], Finding(given.question, polarity, certainty, who=Who.CHILD, answer=given)


def _if_yes(step: Step, answered: Answered, fired: list[Fired], urgency: Urgency) -> Change:
    """What a yes to an open question of a concern would make of the urgency."""
    would_be = _urgency([*fired, Fired(step, ())], answered)
    return Change(question=step.id, answer="yes", urgency=min(urgency, would_be, key=lambda each: each.rank))


def _lapsed(answers: Answers, safe_for: timedelta | None) -> Iterator[Finding]:
    """A safety that has ended is none: the child is not safe now."""
    if safe_for is not None and safe_for <= timedelta():
        given = AnswerGiven(question="child_safe_until", value=str(answers.child_safe_until))
        yield Finding(factor=NOT_SAFE_NOW, time=When.NOW, who=Who.CHILD, answer=given)


def _urgency(fired: list[Fired], answered: Answered) -> Urgency:
    placing = [one for one in fired if one.rule.rule_class in PLACES]
    raising = [one for one in fired if one.rule.rule_class == "R" and (placing or one.rule.raises_alone)]
    placed = [PLACES[one.rule.rule_class] for one in placing] or [Urgency.ROUTINE]
    raised = [PLACES[one.rule.rule_class].raised() for one in placing if raising or _is_raised(one, answered)]
    raised += [Urgency.ROUTINE.raised()] if raising else []
    floor = [Urgency.URGENT] if answered.dangerous else []
    return min((*placed, *raised, *floor), key=lambda urgency: urgency.rank)


def _unheard(report: AssessedReport, pack: str) -> Iterator[Reason]:
    """The reason for a recording that was neither heard nor written down."""
    if report.has_unheard_recording:
        yield _reason(UNHEARD_RECORDING, Finding(factor=UNHEARD_RECORDING, certainty=Certainty.UNKNOWN), pack)


@dataclass(frozen=True, slots=True)
class _Found:
    """All that reasons are made of."""

    words: list[Finding]
    answered: Answered
    fired: list[Fired]
    meant: Urgency


def _in_order(report: AssessedReport, found: _Found, pack: str) -> Iterator[Reason]:
    """What led to the urgency before what only agrees with it: a machine's reading leads where it alone raised."""
    reasons = list(_reasons(found.words, found.answered, found.fired, pack))
    is_leading = found.meant.rank < _urgency(found.fired, found.answered).rank
    counting = 0 if is_leading else sum(reason.rule is not None for reason in reasons)
    yield from (*reasons[:counting], *_meaning(report, found.meant, pack), *reasons[counting:])


def _meaning(report: AssessedReport, urgency: Urgency, pack: str) -> Iterator[Reason]:
    """The reason for what a model made of the words: the sentence that weighed most, and the nearest exemplar."""
    meaning = report.meaning
    if meaning is not None and urgency is not Urgency.ROUTINE:
        finding = Finding(factor=MEANING, certainty=Certainty.HEDGED, source=Source.MACHINE, span=meaning.span)
        yield _reason(MEANING, finding, pack).model_copy(update={"nearest": meaning.nearest})


def _is_raised(one: Fired, answered: Answered) -> bool:
    """Whether a dangerous answer raises a rule: it must rest on something besides that very answer.

    A grave injury of a child who was answered to be safe now is urgent and raises nothing (docs/decisions/0009).
    """
    is_safe = any(finding.factor == ANSWERED_SAFE for finding in answered.findings)
    told = [
        each for each in answered.dangerous if each.certainty is Certainty.STATED and each.factor == SERIOUS_INJURY
    ]
    return any(one.findings != (answer,) for answer in answered.dangerous if not (is_safe and answer in told))


def _reasons(words: list[Finding], answered: Answered, fired: list[Fired], pack: str) -> Iterator[Reason]:
    """Fired rules first, the gravest before; then what was found and led to none, kept for the eye."""
    order = {"E": 0, "U": 1, "R": 2, "P": 3, "C": 4}
    used: set[Finding] = set()
    for one in sorted(fired, key=lambda one: order[one.rule.rule_class]):
        used.update(one.findings)
        if one.findings:
            yield from (_reason(one.rule.id, finding, pack) for finding in one.findings)
        else:
            yield _reason(one.rule.id, Finding(factor=one.rule.id), pack)
    for finding in answered.dangerous:
        unknown = finding.certainty is Certainty.UNKNOWN
        yield _reason(UNKNOWN_ANSWER if unknown else DANGEROUS_ANSWER, finding, pack)
    rest: Iterable[Finding] = (*words, *answered.findings)
    yield from (_reason(None, finding, pack) for finding in rest if finding not in used)


def _reason(rule: str | None, finding: Finding, pack: str) -> Reason:
    return Reason(
        rule=rule,
        factor=finding.factor,
        polarity=finding.polarity,
        certainty=finding.certainty,
        source=finding.source,
        time=finding.time,
        who=finding.who,
        span=finding.span,
        answer=finding.answer,
        pack=pack,
    )


def _ask(answered: Answered, ages: tuple[int | None, ...]) -> Iterator[str]:
    """Not-asked questions in the pack's order, then the age, then the unanswered ones again."""
    yield from (question.id for question in answered.not_asked)
    if not ages or None in ages:
        yield CHILD_AGE
    yield from (question.id for question in answered.unknown)
