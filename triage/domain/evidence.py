"""Findings in a reporter's words: factors with their scope and their place in the original text, and ages."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from hashlib import sha256

from schemas.terms import ReporterRole
from triage.domain.ages import AgeTold, ages_told, as_said
from triage.domain.assessment import AssessedReport, Finding, Piece, Source, Span, Who
from triage.domain.lexicon import Ends, Hit, Lexicon
from triage.domain.normalise import Normalised, normalise
from triage.domain.scope import Cues, Sentence, scope_of, sentences

MOST_LATELY = 2_000
"""Pieces whose reading is remembered; then all are forgotten."""


@dataclass(frozen=True, slots=True)
class Told:
    """What one piece of text tells. `denials` are where somebody denies, from the first character to the last.

    `ages` are all that are told of children; `tells_of_another` that it names a child who is not who speaks.
    """

    findings: tuple[Finding, ...] = ()
    ages: tuple[AgeTold, ...] = ()
    tells_of_another: bool = False
    denials: tuple[tuple[int, int], ...] = ()


def read_all(report: AssessedReport, lexicon: Lexicon) -> list[Told]:
    """What each piece of a report tells, then the ages written beside the names of children."""
    told = [read(piece, lexicon, report.reporter_role) for piece in report.pieces]
    return told + [Told(ages=ages_written(age, lexicon)) for age in report.ages]


def ages_written(age: str, lexicon: Lexicon) -> tuple[AgeTold, ...]:
    """What was written as somebody's age, as ages; none where it cannot be read."""
    return tuple(ages_told(normalise(as_said(age)).text, lexicon))


def read(piece: Piece, lexicon: Lexicon, role: ReporterRole) -> Told:
    """Everything the lexicon finds in a piece. Total: any text gives findings, possibly none.

    What was read lately is remembered: all pieces of a report are judged again with each of its updates.
    """
    digest = sha256(piece.text.encode("utf-8", "surrogatepass")).digest()
    key = (piece.id, digest, role is ReporterRole.CHILD)
    told: Told | None = lexicon.lately.get(key)
    if told is None:
        if len(lexicon.lately) >= MOST_LATELY:
            lexicon.lately.clear()
        told = lexicon.lately[key] = _read(piece, lexicon, is_child=role is ReporterRole.CHILD)
    return told


def _read(piece: Piece, lexicon: Lexicon, *, is_child: bool) -> Told:
    plain = normalise(piece.text)
    parts = sentences(plain.text)
    hits, cue_hits = lexicon.hits(plain.text, _ends(parts))
    cues = Cues(cue_hits)
    findings = _findings(piece.id, plain, _longest(hits), (parts, cues))
    ages = tuple(age for age in ages_told(plain.text, lexicon) if not _tells_of_childhood(age.at, parts, cues))
    if is_child:
        findings = [_by_the_child(finding) for finding in findings]
    denials = tuple(plain.original(cue.start, cue.end) for cue in cues.of("denial"))
    return Told(tuple(findings), ages, bool(cues.of("another_child")), denials)


def child_ages(told: Iterable[Told], answered: int | None = None) -> tuple[int | None, ...]:
    """The ages of the children told of, in months; None is a child whose age nobody told.

    There is one where only the reporter's own age was told, and another child is told of. `answered` is the age that
    the answers give.
    """
    texts = list(told)
    ages = [age for text in texts for age in text.ages]
    months = [age.months for age in ages]
    if answered is not None:
        return (*months, answered)
    is_open = bool(ages) and all(age.is_own for age in ages) and any(text.tells_of_another for text in texts)
    return (*months, None) if is_open else tuple(months)


def ages_of_the_child(told: Iterable[Told]) -> tuple[int, ...]:
    """The ages told of whom it is about, in months: the reporter's own only where no other child is told of."""
    texts = list(told)
    ages = [age for text in texts for age in text.ages]
    others = [age for age in ages if not age.is_own]
    is_of_another = bool(others) or any(text.tells_of_another for text in texts)
    return tuple(age.months for age in (others if is_of_another else ages))


def _ends(parts: list[Sentence]) -> Ends:
    clauses = tuple(end for part in parts for end in part.clause_ends)
    return Ends(tuple(part.end for part in parts), clauses)


def _findings(
    piece: str, plain: Normalised, hits: list[Hit], sentences_and_cues: tuple[list[Sentence], Cues]
) -> list[Finding]:
    parts, cues = sentences_and_cues
    found: list[Finding] = []
    at = 0
    for hit in hits:
        while parts[at].end <= hit.start:
            at += 1
        following = parts[at + 1] if at + 1 < len(parts) else None
        scope = scope_of(hit, parts[at], following, cues)
        start, end = plain.original(hit.start, hit.end)
        found.append(
            Finding(
                hit.name, scope.polarity, scope.certainty, scope.source, scope.time, scope.who,
                Span(piece=piece, start=start, end=end),
            )
        )  # fmt: skip
    return found


def _longest(hits: list[Hit]) -> list[Hit]:
    """Without the hits of a factor that lie inside a longer hit of the same factor."""
    kept: list[Hit] = []
    reach: dict[str, int] = {}
    for hit in hits:
        if hit.end > reach.get(hit.name, -1):
            kept.append(hit)
            reach[hit.name] = hit.end
    return kept


def _tells_of_childhood(at: int, parts: list[Sentence], cues: Cues) -> bool:
    return any(part.start <= at < part.end and cues.within("survivor", part.start, part.end) for part in parts)


def _by_the_child(finding: Finding) -> Finding:
    source = Source.CHILD if finding.source is Source.FIRST_HAND else finding.source
    who = Who.CHILD if finding.who is Who.NOT_SAID else finding.who
    return replace(finding, source=source, who=who)
