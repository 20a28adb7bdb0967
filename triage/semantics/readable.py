"""The pieces of a report as a model reads them; nothing here needs the model."""

from collections.abc import Collection, Iterable, Iterator

from schemas.terms import ReporterRole
from triage.domain.assessment import Piece
from triage.domain.evidence import Told, read
from triage.domain.pack import Pack
from triage.semantics.text import sentences

LONGEST_PIECE = 6_000
"""Characters of a piece that is read whole: a reading must end well within what its worker is given."""
FIRST_READ, LAST_READ = 4_000, 2_000
"""Characters read of a longer one: its beginning and its end, in whole sentences."""


def readable(pieces: Iterable[Piece], pack: Pack) -> list[Piece]:
    """The pieces as a model reads them: each whole, and where something is left also without what is weighed already.

    That is a sentence in which somebody denies, and one in which the rules find a danger: added to a text neither may
    thin out the rest. Such sentences are blank in the further readings, so that spans stay what they were, and so is
    the middle of a very long piece in all of them.
    """
    placing = {
        factor for rule in pack.rules if rule.rule_class in ("E", "U") for line in rule.needs for factor in line
    }
    written = [_bounded(piece) for piece in pieces if piece.text.strip()]
    return [each for piece in written for each in (piece, *_rest(piece, pack, placing))]


def _bounded(piece: Piece) -> Piece:
    """A piece with no more left than a model reads; line ends stand for the rest, so that no sentence spans it."""
    text = piece.text
    if len(text) <= LONGEST_PIECE:
        return piece
    places = sentences(text)
    first = max((end for _, end in places if end <= FIRST_READ), default=0)
    last = min((start for start, _ in places if start >= len(text) - LAST_READ), default=len(text))
    return Piece(id=piece.id, text=text[:first] + "\n" * (last - first) + text[last:])


def _rest(piece: Piece, pack: Pack, placing: Collection[str]) -> Iterator[Piece]:
    told = read(piece, pack.lexicon, ReporterRole.NOT_SAID)
    without_denials = _without(piece.text, told.denials)
    without_any = _without(without_denials, _found(told, placing))
    for rest in dict.fromkeys((without_denials, without_any)):
        if rest != piece.text and rest.strip():
            yield Piece(id=piece.id, text=rest)


def _without(text: str, stretches: Iterable[tuple[int, int]]) -> str:
    """The text with every sentence blank that holds a part of one of the stretches."""
    chars, weighed = list(text), list(stretches)
    for start, end in sentences(text):
        if any(first < end and start < last for first, last in weighed):
            chars[start:end] = " " * (end - start)
    return "".join(chars)


def _found(told: Told, placing: Collection[str]) -> Iterator[tuple[int, int]]:
    """Where the rules find a danger that counts."""
    for finding in told.findings:
        if finding.counts and finding.factor in placing and finding.span is not None:
            yield finding.span.start, finding.span.end
