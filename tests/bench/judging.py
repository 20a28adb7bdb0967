"""What judging costs one core: rules and lexicon on 500 characters, a thousand rules, and the model's reading.

Processor time decides, which a shared machine stretches far less than time on the wall; that stands beside it. The
texts are of the development part of the evaluation set, never of the test part.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from statistics import median

import numpy as np

from infra.clock import Clock, stopwatch
from tests.evaluation.situations import Part, load
from triage.domain.assessment import AssessedReport, History, Piece
from triage.domain.engine import assess
from triage.domain.pack import Pack
from triage.domain.rule import Rule, Rules
from triage.packs import Packs
from triage.semantics.model import Model
from triage.semantics.readable import readable
from triage.semantics.reading import meaning_of
from triage.semantics.text import sentences

JURISDICTIONS = {"zh": "CN", "en": "GB-ENG"}
CHARACTERS = 500
FEW, MANY = 100, 1000
ALLOWED_A_SENTENCE_MS = 12.0
ALLOWED_A_CHARACTER_MS = {"zh": 1.1, "en": 0.4}
"""What reading may take: so much for each sentence, and so much for each of its characters besides."""


@dataclass(frozen=True)
class Cost:
    """Milliseconds of a core, and on the wall."""

    cpu_ms: float
    wall_ms: float


@dataclass(frozen=True)
class Read:
    """One text read by the model, as it is written, and then in all ways that `readable` gives."""

    sentences: int
    characters: int
    whole: Cost
    every_way: Cost


@dataclass(frozen=True)
class Judged:
    """One round, by language: reports judged under the pack, under few and many rules, and texts read."""

    under_pack: dict[str, list[Cost]]
    under_few: list[Cost]
    under_many: list[Cost]
    read: dict[str, list[Read]]

    @property
    def rules_ratio(self) -> float:
        """What many rules cost over what few cost, in medians."""
        few, many = (median(each.cpu_ms for each in costs) for costs in (self.under_few, self.under_many))
        return many / few

    def meaning_ratio(self, language: str) -> float:
        """What reading all texts of a language took over what it may take."""
        read, a_character = self.read[language], ALLOWED_A_CHARACTER_MS[language]
        allowed = sum(ALLOWED_A_SENTENCE_MS * each.sentences + a_character * each.characters for each in read)
        return sum(each.whole.cpu_ms for each in read) / allowed

    def added(self, language: str) -> float:
        """What the further readings of `readable` add to reading the texts as they are written, as a share of it."""
        read = self.read[language]
        return sum(each.every_way.cpu_ms for each in read) / sum(each.whole.cpu_ms for each in read) - 1


class Judge:
    """Packs, model and texts, loaded and warmed up once. `texts` are read in each language a round."""

    def __init__(self, passes: int, texts: int) -> None:
        self._now = Clock().now()
        packs = Packs.load()
        self._packs = {each: packs.for_jurisdiction(code, self._now.date()) for each, code in JURISDICTIONS.items()}
        self._few, self._many = (
            {language: multiplied(pack, count) for language, pack in self._packs.items()} for count in (FEW, MANY)
        )
        self._model = Model.load()
        self._passes = passes
        told = load(Part.DEVELOPMENT)
        own = {language: [each.text for each in told if each.lang == language] for language in JURISDICTIONS}
        self._reports = {language: list(reports(each)) for language, each in own.items()}
        self._texts = {language: spread(each, texts) for language, each in own.items()}
        self._model.read("warm")
        for language, each in self._reports.items():
            for packs_of in (self._packs, self._few, self._many):
                self._judge(each, packs_of[language])

    def measure(self) -> Judged:
        """One round; packs of few and of many rules take turns at each text."""
        under_pack = {
            language: [cost for _ in range(self._passes) for cost in self._judge(each, self._packs[language])]
            for language, each in self._reports.items()
        }
        few: list[Cost] = []
        many: list[Cost] = []
        for language, each in self._reports.items():
            for report in each * self._passes:
                few += self._judge([report], self._few[language])
                many += self._judge([report], self._many[language])
        return Judged(under_pack, few, many, {each: self._read(each) for each in self._texts})

    def _judge(self, told: Sequence[AssessedReport], pack: Pack) -> list[Cost]:
        """What each costs that is seen for the first time: nothing is remembered of it."""
        costs = []
        for report in told:
            pack.lexicon.lately.clear()
            costs.append(_cost(partial(assess, report, History(), pack, self._now)))
        return costs

    def _read(self, language: str) -> list[Read]:
        return [self._read_one(text, self._packs[language]) for text in self._texts[language]]

    def _read_one(self, text: str, pack: Pack) -> Read:
        whole = _cost(lambda: self._model.read(text))
        every_way = _cost(lambda: meaning_of(self._model, readable([Piece(id="", text=text)], pack), version=0))
        return Read(len(sentences(text)), len(text), whole, every_way)


def reports(texts: Sequence[str]) -> Iterator[AssessedReport]:
    """Texts joined and cut to reports of 500 characters; what is left at the end is none."""
    told = " ".join(texts)
    for at in range(0, len(told) - CHARACTERS + 1, CHARACTERS):
        yield AssessedReport(pieces=(Piece(id="narrative", text=told[at : at + CHARACTERS]),))


def spread(texts: Sequence[str], count: int) -> list[str]:
    """So many texts, from all over."""
    return list(texts[:: max(1, len(texts) // count)][:count])


def multiplied(pack: Pack, count: int) -> Pack:
    """The pack with so many rules: its own, and refinements of them that need one factor more.

    The refinements are taken evenly from all there are, so that many fire: a rule's own line and any factor of the
    pack besides.
    """
    refinements = [(rule, factor) for factor in pack.factors for rule in pack.rules if rule.needs]
    missing = count - len(pack.rules)
    chosen = (refinements[at * len(refinements) // missing] for at in range(missing))
    return pack.model_copy(update={"rules": Rules((*pack.rules, *(_refined(*each) for each in chosen)))})


def _refined(rule: Rule, factor: str) -> Rule:
    said = {name: getattr(rule, name) for name in Rule.model_fields}
    return Rule.model_construct(**{**said, "id": f"{rule.id}+{factor}", "needs": (*rule.needs, (factor,))})


def fitted(read: Sequence[Read]) -> tuple[float, float]:
    """Milliseconds a sentence and a character that together tell best what reading took (least squares)."""
    sizes = np.array([(each.sentences, each.characters) for each in read], dtype=float)
    a_sentence, a_character = np.linalg.lstsq(sizes, np.array([each.whole.cpu_ms for each in read]))[0]
    return float(a_sentence), float(a_character)


def _cost(run: Callable[[], object]) -> Cost:
    wall, cpu = stopwatch(), time.process_time()
    run()
    return Cost((time.process_time() - cpu) * 1000, (stopwatch() - wall) * 1000)
