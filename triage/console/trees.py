"""Decision trees at the desk: the concerns that a report opened, the way it took through each, and the drawing."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from schemas.report import Answers
from schemas.terms import Urgency
from triage.console.shown import ShownReason, ShownReport
from triage.console.words import Words
from triage.domain.asking import gravest
from triage.domain.assessment import Path, Reason, Standing, StepTaken
from triage.domain.concern import Concern, Step
from triage.domain.drawing import Mark
from triage.domain.pack import Pack
from triage.domain.path import Trees, trees_of
from triage.packs.drawn import drawing
from triage.store.queue import CasePage


@dataclass(frozen=True)
class ShownStep:
    """One question of a tree: how it stands in this report, what says so, and whether the way goes by it."""

    number: int
    question: str
    urgency: Urgency
    standing: Standing
    because: list[ShownReason]
    is_walked: bool
    is_answer: bool
    advice: str


@dataclass(frozen=True)
class ShownTree:
    """A tree with the way one report took; `urgency` is what its first yes tells, None where there is none."""

    concern: str
    title: str
    urgency: Urgency | None
    steps: list[ShownStep]
    pack: str
    is_opened: bool
    svg: str = ""

    @property
    def open_count(self) -> int:
        """How many graver questions are still open before the way ends."""
        passed = [each for each in self.steps if each.is_walked and not each.is_answer]
        graver = [each for each in passed if self.urgency is None or each.urgency.rank < self.urgency.rank]
        return sum(each.standing in (Standing.OPEN, Standing.UNKNOWN) for each in graver)


@dataclass(frozen=True)
class Grown:
    """The trees of one report, as its newest judgement and the pack in force tell them."""

    words: Words
    pack: Pack
    trees: Trees
    reasons: list[ShownReason]

    def opened(self) -> list[ShownTree]:
        """Those that opened, in the pack's order, without their drawings."""
        return [self._shown(concern, self.trees.path(concern)) for concern in self.trees.opened]

    def tree(self, concern: str, name: str) -> ShownTree:
        """One tree with its drawing, whether it opened or not; `name` sets its parts apart on a page."""
        found = next(each for each in self.pack.concerns if each.id == concern)
        path = self.trees.path(found)
        shown = self._shown(found, path)
        marks = {
            step.rule: Mark(step.standing.value, self._mark(each), each.is_walked)
            for step, each in zip(path.steps, shown.steps, strict=True)
        }
        drawn = drawing(self.pack, found, self.words.t, self.words.language, marks)
        return replace(shown, svg=replace(drawn, name=name).svg())

    def _shown(self, concern: Concern, path: Path) -> ShownTree:
        end = path.answer
        reached = len(path.steps) if end is None else end + 1
        steps = [
            self._step(at, step, taken, (at < reached, at == end))
            for at, (step, taken) in enumerate(zip(concern.steps, path.steps, strict=True))
        ]
        urgency = None if end is None else concern.steps[end].urgency
        title, is_opened = self.words.said(concern.title), concern in self.trees.opened
        return ShownTree(concern.id, title, urgency, steps, self.pack.name, is_opened)

    def _step(self, at: int, step: Step, taken: StepTaken, way: tuple[bool, bool]) -> ShownStep:
        is_walked, is_answer = way
        because = [self.reasons[each] for each in taken.reasons]
        advice = self.words.said(step.advises) if step.advises and taken.standing is Standing.YES else ""
        said = self.words.said(step.asks)
        return ShownStep(at + 1, said, step.urgency, taken.standing, because, is_walked, is_answer, advice)

    def _mark(self, step: ShownStep) -> str:
        """The standing, and what says so where it is a yes."""
        said = self.words.term("standing", step.standing)
        found = dict.fromkeys(each.factor or each.sentence for each in step.because)
        return f"{said} · {self.words.t('desk_and').join(found)}" if step.standing is Standing.YES and found else said


def grown(words: Words, shown: ShownReport, stored: CasePage, beside: Iterable[Answers]) -> Grown:
    """The trees of one report of a case; `beside` is what the desk was told when it asked."""
    pack = words.packs.for_jurisdiction(shown.report.jurisdiction, words.now.date())
    assessed = shown.report.as_assessed()
    answers = gravest(assessed.answers, beside, pack.questions)
    judged: Any = next((each for each in stored.assessments if each["report_id"] == shown.report.report_id), None)
    reasons = [Reason.model_validate(each) for each in judged["reasons"]] if judged else []
    trees = trees_of(pack, assessed.model_copy(update={"answers": answers}), reasons)
    return Grown(words, pack, trees, shown.reasons)
