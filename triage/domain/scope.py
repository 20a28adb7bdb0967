"""How words are meant: denied, asked, imagined, rehearsed, past, said by another. Reads cues in the sentence."""

import re
from bisect import bisect_left
from dataclasses import dataclass

from triage.domain.assessment import Certainty, Polarity, Source, When, Who
from triage.domain.lexicon import Hit

_SENTENCE_END = re.compile(r"[。！？!?;；]+|\.(?!\d)(?=\s|$|[^\x00-\x7f])")
_CLAUSE_END = re.compile(
    r"[,、:，：]|(?<!\d)\.(?!\d)|\b(?:but|however|because|and then|then)\b|但是|但|可是|不过|然后|结果|却"
)
_HYPOTHESIS_REACH = 60


@dataclass(frozen=True, slots=True)
class Sentence:
    """A stretch of normalised text and the places where its clauses end."""

    start: int
    end: int
    clause_ends: tuple[int, ...]

    def clause(self, at: int) -> tuple[int, int]:
        """The clause that holds a place."""
        index = bisect_left(self.clause_ends, at + 1)
        return (self.clause_ends[index - 1] if index else self.start), self.clause_ends[index]


@dataclass(frozen=True, slots=True)
class Scope:
    """How one hit is meant."""

    polarity: Polarity
    certainty: Certainty
    source: Source
    time: When
    who: Who


def sentences(text: str) -> list[Sentence]:
    """The sentences of a normalised text; a text without punctuation is one sentence."""
    found: list[Sentence] = []
    start = 0
    ends = [match.end() for match in _SENTENCE_END.finditer(text)]
    for end in [*ends, len(text)]:
        if end > start:
            clauses = [match.end() for match in _CLAUSE_END.finditer(text, start, end)]
            found.append(Sentence(start, end, (*(at for at in clauses if at < end), end)))
            start = end
    return found


class Cues:
    """The cues of one text, by kind. They are given in order of their start."""

    def __init__(self, hits: list[Hit]) -> None:
        covering = [cue for cue in hits if cue.name in ("not_negation", "double_negation")]
        self._all = [cue for cue in hits if cue.name != "negation" or not _is_covered(cue, covering)]
        self._starts = [cue.start for cue in self._all]
        self._of: dict[str, list[Hit]] = {}
        for cue in self._all:
            self._of.setdefault(cue.name, []).append(cue)
        self._kinds: dict[tuple[int, int], frozenset[str]] = {}

    def of(self, kind: str) -> list[Hit]:
        """All cues of a kind, in order."""
        return self._of.get(kind, [])

    def within(self, kind: str, start: int, end: int) -> bool:
        """Whether a cue of the kind stands in a stretch. Stretches repeat (a sentence, a clause): remembered."""
        if (start, end) not in self._kinds:
            inside = self._all[bisect_left(self._starts, start) : bisect_left(self._starts, end)]
            self._kinds[start, end] = frozenset(cue.name for cue in inside if cue.end <= end)
        return kind in self._kinds[start, end]


def _is_covered(cue: Hit, covering: list[Hit]) -> bool:
    return any(cover.start <= cue.start and cue.end <= cover.end for cover in covering)


def scope_of(hit: Hit, sentence: Sentence, following: Sentence | None, cues: Cues) -> Scope:
    """How a hit is meant. Where cues disagree the more dangerous reading is taken."""
    survivor = _is_survivor(hit, sentence, cues)
    time = When.PAST if survivor else _time(hit, sentence, cues)
    return Scope(
        polarity=Polarity.NEGATIVE if _is_denied(hit, sentence, cues) else Polarity.POSITIVE,
        certainty=_certainty(hit, sentence, following, cues),
        source=_source(sentence, cues),
        time=time,
        who=Who.ADULT_SURVIVOR if survivor else _who(sentence, cues),
    )


def _is_denied(hit: Hit, sentence: Sentence, cues: Cues) -> bool:
    clause_start, _ = sentence.clause(hit.start)
    return any(
        clause_start <= cue.start < cue.end <= hit.start and hit.start - cue.end <= cue.reach
        for cue in cues.of("negation")
    )


def _certainty(hit: Hit, sentence: Sentence, following: Sentence | None, cues: Cues) -> Certainty:
    resolved_until = (following or sentence).end
    if any(_is_part_of(cue, hit) for cue in cues.of("figurative")):
        return Certainty.FIGURATIVE
    if _is_rehearsed(hit, sentence, cues):
        return Certainty.EXERCISE
    if any(hit.start <= cue.start and cue.end <= resolved_until for cue in cues.of("resolved")):
        return Certainty.RESOLVED
    if _is_imagined(hit, sentence, cues):
        return Certainty.HYPOTHETICAL
    if _is_asked(hit, sentence, cues):
        return Certainty.ASKED
    return Certainty.HEDGED if cues.within("hedge", sentence.start, sentence.end) else Certainty.STATED


def _is_part_of(cue: Hit, hit: Hit) -> bool:
    """Whether a hit is a part of other words, or its end is the beginning of them: 一直在打 in 一直在打听."""
    return (cue.start <= hit.start and hit.end <= cue.end) or hit.start < cue.start < hit.end < cue.end


def _is_rehearsed(hit: Hit, sentence: Sentence, cues: Cues) -> bool:
    """A story, a drill, an enquiry: in this sentence, or announced before; a word that it is real ends it.

    What makes an aside of the whole (a leaflet is wanted, a play rehearsed, no particular child meant) may be told at
    the end; a word anywhere that it is real ends that.
    """
    if cues.within("local_fiction", sentence.start, sentence.end):
        return not cues.within("reality", sentence.start, sentence.end)
    if cues.of("aside") and not cues.of("reality"):
        return True
    frames = [cue for cue in cues.of("frame") if cue.start <= hit.start or cue.start < sentence.end]
    return bool(frames) and not any(cue.end <= sentence.end for cue in cues.of("reality"))


def _is_imagined(hit: Hit, sentence: Sentence, cues: Cues) -> bool:
    return any(
        sentence.start <= cue.start <= hit.start and hit.start - cue.end <= _HYPOTHESIS_REACH
        for cue in cues.of("hypothetical")
    )


def _is_asked(hit: Hit, sentence: Sentence, cues: Cues) -> bool:
    """A general question. One that speaks of somebody in particular is a report in the form of a question."""
    asking = [cue for cue in cues.of("generic_question") if sentence.start <= cue.start <= hit.start]
    if not asking:
        return False
    if any(hit.start - cue.end <= 1 for cue in asking):
        return True
    return not cues.within("person", asking[0].end, sentence.end)


def _is_survivor(hit: Hit, sentence: Sentence, cues: Cues) -> bool:
    """An adult who tells of their own childhood, unless these words tell of now."""
    if cues.within("survivor", sentence.start, sentence.end):
        return True
    told = any(cue.start <= hit.start for cue in cues.of("survivor"))
    return told and not any(cues.within(kind, sentence.start, sentence.end) for kind in ("now", "recent", "planned"))


def _time(hit: Hit, sentence: Sentence, cues: Cues) -> When:
    for start, end in (sentence.clause(hit.start), (sentence.start, sentence.end)):
        for time in (When.NOW, When.RECENT, When.PLANNED, When.PAST):
            if cues.within(time.value, start, end):
                return time
    return When.NOT_SAID


def _source(sentence: Sentence, cues: Cues) -> Source:
    kinds = (("record", Source.RECORD), ("child_says", Source.CHILD), ("hearsay", Source.THIRD_PARTY))
    return next(
        (source for kind, source in kinds if cues.within(kind, sentence.start, sentence.end)), Source.FIRST_HAND
    )


def _who(sentence: Sentence, cues: Cues) -> Who:
    return Who.CHILD if cues.within("child", sentence.start, sentence.end) else Who.NOT_SAID
