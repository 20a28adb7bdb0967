"""The drawing of a concern's tree, as SVG: questions down the left, a yes to the right. Pure: words in, text out."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html import escape
from typing import NamedTuple

from schemas.terms import Urgency
from triage.domain.concern import Concern, Step

WIDTH, BOX, MIDDLE, END, END_WIDTH = 830, 500, 240, 566, 248
LINE, PAD, GAP, EDGE, TOP = 21, 11, 30, 12, 44
ROOM = 31
"""How many wide characters fit into a line of a question; a narrow one takes half the room."""
_NOT_FIRST = "，。、；：？！）》”,.;:?!)"


@dataclass(frozen=True, slots=True)
class Labels:
    """The words of a drawing in one language. `otherwise` is said when no question was answered yes."""

    language: str
    title: str
    yes: str
    onward: str
    otherwise: str
    raised: str
    urgencies: Mapping[Urgency, str]
    marked: str = ""


@dataclass(frozen=True, slots=True)
class Mark:
    """How a question stands in one case: a word of the style, what people read, and whether the way goes by it."""

    standing: str
    said: str
    is_walked: bool = True


class Row(NamedTuple):
    """A question with its place, its lines, and the mark it bears."""

    step: Step
    top: int
    lines: tuple[str, ...]
    mark: Mark | None

    @property
    def said(self) -> tuple[str, ...]:
        """The lines of its mark."""
        return wrapped(self.mark.said, ROOM + 2) if self.mark else ()

    @property
    def height(self) -> int:
        """Of the box."""
        return LINE * (len(self.lines) + len(self.said)) + 2 * PAD


@dataclass(frozen=True, slots=True)
class Drawing:
    """What is drawn: a concern, its words, marks by question, a style for a file alone, a name for its parts."""

    concern: Concern
    labels: Labels
    marks: Mapping[str, Mark] = field(default_factory=dict)
    style: str = ""
    name: str = "tree"

    def svg(self) -> str:
        """The whole drawing. It needs no script, and says all it shows in its description."""
        rows = list(self._rows())
        end = rows[-1].top + rows[-1].height + GAP
        last = wrapped(self.labels.otherwise, ROOM)
        note = wrapped(self.labels.raised, ROOM + 14)
        below = end + LINE * len(last) + 2 * PAD + 12
        height = below + LINE * len(note) + EDGE
        return "\n".join(
            (
                f'<svg class="tree" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
                f'role="img" lang="{self.labels.language}" aria-labelledby="{self.name}-title {self.name}-desc">',
                f'<title id="{self.name}-title">{escape(self.labels.title)}</title>',
                f'<desc id="{self.name}-desc">{escape(self.description())}</desc>',
                *([f"<style>{self.style}</style>"] if self.style else []),
                f'<rect class="ground" width="{WIDTH}" height="{height}"/>',
                *_text("title", 16, EDGE, (self.labels.title,)),
                *(part for row in rows for part in self._row(row)),
                *_box("otherwise", 16, end, last),
                *_text("note", 16, below, note),
                "</svg>\n",
            )
        )

    def description(self) -> str:
        """The tree in words, one sentence a question."""
        said = [
            f"{number}. {self._said(step)} {self.labels.yes} → {self.labels.urgencies[step.urgency]}."
            for number, step in enumerate(self.concern.steps, 1)
        ]
        return " ".join((*said, self.labels.otherwise, self.labels.raised))

    def _said(self, step: Step) -> str:
        mark = self.marks.get(step.id)
        return f"{self._asks(step)} ({mark.said})" if mark else self._asks(step)

    def _asks(self, step: Step) -> str:
        return step.asks.zh if self.labels.language.startswith("zh") else step.asks.en

    def _rows(self) -> Iterator[Row]:
        top = TOP
        for number, step in enumerate(self.concern.steps, 1):
            row = Row(step, top, wrapped(f"{number}. {self._asks(step)}", ROOM), self.marks.get(step.id))
            yield row
            top += row.height + GAP

    def _row(self, row: Row) -> Iterator[str]:
        mark = row.mark
        is_yes = mark is not None and mark.standing == "yes"
        way = f"{mark.standing}{' walked' if mark.is_walked else ''}" if mark else ""
        middle, bottom = row.top + row.height // 2, row.top + row.height
        yield f'<g class="step {way}">'
        yield from _box("question", 16, row.top, row.lines, row.height)
        yield from _text("mark", 28, row.top + PAD + LINE * len(row.lines), row.said)
        yield f'<path class="way{" taken" if is_yes else ""}" d="M{16 + BOX} {middle}H{END - 9}"/>'
        yield f'<path class="head" d="M{END - 10} {middle - 6}l10 6l-10 6z"/>'
        yield f'<text class="branch" x="{16 + BOX + 10}" y="{middle - 7}">{escape(self.labels.yes)}</text>'
        yield from _end(row.step.urgency, self.labels.urgencies[row.step.urgency], middle)
        onward = " taken" if mark and mark.is_walked and not is_yes else ""
        yield f'<path class="way{onward}" d="M{MIDDLE} {bottom}V{bottom + GAP - 9}"/>'
        yield f'<path class="head" d="M{MIDDLE - 6} {bottom + GAP - 10}l6 10l6 -10z"/>'
        yield f'<text class="branch" x="{MIDDLE + 12}" y="{bottom + 20}">{escape(self.labels.onward)}</text>'
        yield "</g>"


def _end(urgency: Urgency, said: str, middle: int) -> Iterator[str]:
    """Where a yes leads: its colour, and always its words."""
    yield f'<g class="end {urgency}"><rect x="{END}" y="{middle - 18}" width="{END_WIDTH}" height="36" rx="7"/>'
    yield f'<text x="{END + END_WIDTH // 2}" y="{middle + 5}" text-anchor="middle">{escape(said)}</text></g>'


def _box(kind: str, left: int, top: int, lines: tuple[str, ...], height: int | None = None) -> Iterator[str]:
    tall = LINE * len(lines) + 2 * PAD if height is None else height
    yield f'<rect class="{kind}" x="{left}" y="{top}" width="{BOX}" height="{tall}" rx="7"/>'
    yield from _text(f"{kind}-words", left + 12, top + PAD, lines)


def _text(kind: str, left: int, top: int, lines: tuple[str, ...]) -> Iterator[str]:
    for at, line in enumerate(lines):
        yield f'<text class="{kind}" x="{left}" y="{top + LINE * at + 15}">{escape(line)}</text>'


def wrapped(text: str, room: int) -> tuple[str, ...]:
    """Text in lines of at most so many wide characters; words are kept whole, no line begins with a stop."""
    lines, line = [], ""
    for piece in _pieces(text):
        if line and _width(line + piece.rstrip()) > room and piece[0] not in _NOT_FIRST:
            lines.append(line.rstrip())
            line = ""
        line += piece if line else piece.lstrip()
    return (*lines, line.rstrip())


def _pieces(text: str) -> Iterator[str]:
    """Where a line may break: after a space, and around every wide character."""
    piece = ""
    for char in text:
        if _is_wide(char):
            yield from ([piece] if piece else [])
            yield char
            piece = ""
        elif char == " ":
            yield piece + char
            piece = ""
        else:
            piece += char
    yield from ([piece] if piece else [])


def _is_wide(char: str) -> bool:
    return char >= "\u2e80"


def _width(text: str) -> float:
    return sum(1 if _is_wide(char) else 0.53 for char in text)
