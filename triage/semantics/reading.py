"""What a model makes of the pieces of a report: the reading of the piece that is worst off."""

from collections.abc import Iterable

from triage.domain.assessment import BOTH_ENDS, Meaning, Piece, Span
from triage.semantics.model import Model, Reading
from triage.semantics.readable import LONGEST_PIECE


def meaning_of(model: Model, pieces: Iterable[Piece], version: int) -> Meaning | None:
    """The meaning of a report's words at a version; None when nothing was written. `pieces` come from `readable`.

    Pieces are read one by one: later words do not thin out the danger in earlier ones.
    """
    written = [piece for piece in pieces if piece.text.strip()]
    if not written:
        return None
    readings = list(zip(written, model.readings(piece.text for piece in written), strict=True))
    piece, worst = min(readings, key=_by_danger)
    return Meaning(
        model=model.name + (BOTH_ENDS if any(len(each.text) > LONGEST_PIECE for each in written) else ""),
        report_version=version,
        urgency=worst.urgency,
        if_safe=min((reading.if_safe for _, reading in readings), key=lambda each: each.rank),
        danger=worst.probabilities[0],
        span=Span(piece=piece.id, start=worst.start, end=worst.end),
        nearest=worst.nearest,
    )


def _by_danger(read: tuple[Piece, Reading]) -> tuple[int, float]:
    reading = read[1]
    return reading.urgency.rank, -reading.probabilities[0]
