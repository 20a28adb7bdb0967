"""`hotline assess FILE.jsonl`: one object a line in, one a line out, in order; a bad line is an error object.

The command and the reports share every line of the engine. A report is judged at once and again when the model has
read its words; this prints the judgement after both. Without the model it says `"semantic": "absent"` and goes on.

With `--pack` each line is judged under packs that are not in force, and has `was` besides, its urgency under those
that are; what moved is told at the end, on standard error. `--cases` does so with the reports that are stored.
"""

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from time import perf_counter
from typing import Any, Literal, TextIO

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from infra.clock import Clock
from schemas.report import Answers
from schemas.terms import Answer, Channel, Injury, ReporterRole
from triage.domain.assessment import AssessedReport, Assessment, History, Piece, Reason
from triage.domain.engine import assess
from triage.domain.moves import Replayed, table
from triage.domain.pack import Pack
from triage.packs import PackError, Packs
from triage.semantics.model import Model
from triage.semantics.readable import readable
from triage.semantics.reading import meaning_of

TEXT = "text"
"""The name of the only piece in a line's report; spans of the output point into the line's `text`."""

MOST_DAYS = 3660
UNREADABLE = 2

Stored = Callable[[int, Packs], int]
"""Replays the stored reports of so many days under packs that are tried, and gives the exit code."""

_JURISDICTIONS = {"zh": "CN", "en": "GB-ENG"}


class Structured(BaseModel):
    """The answers of a line. A key that is absent was not asked; null means the reporter does not know."""

    model_config = ConfigDict(extra="forbid", strict=True)

    child_age_years: int | None = Field(default=None, ge=0, le=25)
    child_age_months: int | None = Field(default=None, ge=0, le=300)
    child_location: str | None = None
    alleged_abuser_has_access: bool | None = None
    injury: Literal["none", "minor", "serious", "unknown"] | None = None
    child_safe_now: bool | None = None
    child_alone: bool | None = None
    danger_now: bool | None = None

    def answers(self) -> Answers:
        """The same in the words of a report."""
        return Answers(
            danger_now=self._answer("danger_now"),
            child_safe_now=self._answer("child_safe_now"),
            person_of_concern_has_access=self._answer("alleged_abuser_has_access"),
            child_alone=self._answer("child_alone"),
            injury=self._injury(),
            child_age_years=self.child_age_years,
            child_age_months=self.child_age_months,
        )

    def _answer(self, key: str) -> Answer:
        if key not in self.model_fields_set:
            return Answer.NOT_ASKED
        return {True: Answer.YES, False: Answer.NO, None: Answer.DOES_NOT_KNOW}[getattr(self, key)]

    def _injury(self) -> Injury:
        if "injury" not in self.model_fields_set:
            return Injury.NOT_ASKED
        return Injury(self.injury or "unknown")


class Line(BaseModel):
    """One line of the file. `reporter_role` is free: a word we do not know is no reason to refuse a report."""

    model_config = ConfigDict(extra="ignore")

    id: str | int
    lang: str | None = None
    channel: Literal["web", "sms", "voice", "api"] = "web"
    reporter_role: str | None = None
    text: str = ""
    structured: Structured = Field(default_factory=Structured)

    def report(self) -> AssessedReport:
        """The line as the engine reads a report."""
        role = self.reporter_role or ReporterRole.NOT_SAID
        return AssessedReport(
            pieces=(Piece(id=TEXT, text=self.text),),
            answers=self.structured.answers(),
            channel=Channel(self.channel),
            reporter_role=ReporterRole(role) if role in set(ReporterRole) else ReporterRole.NOT_SAID,
        )

    def pack(self, packs: Packs, now: datetime) -> Pack:
        """The pack that holds where a line in its language comes from."""
        return packs.for_jurisdiction(_JURISDICTIONS.get(self.lang or "", ""), now.date())


@dataclass(frozen=True)
class Trial:
    """Packs that are not in force, and what became of each line under them."""

    packs: Packs
    replayed: list[Replayed] = field(default_factory=list)


@dataclass(frozen=True)
class Judge:
    """What lines are judged by: packs, the model that reads meanings unless it is absent, packs to try, if any."""

    packs: Packs
    now: datetime
    model: Model | None = None
    trial: Trial | None = None


def judge_lines(lines: Iterator[bytes], judge: Judge) -> Iterator[dict[str, Any]]:
    """An object for each line that is not blank: the assessment, or an error with the line's number."""
    for number, raw in enumerate(lines, start=1):
        if not raw.strip():
            continue
        try:
            line = Line.model_validate(json.loads(raw.decode("utf-8")))
        except UnicodeDecodeError:
            yield {"line": number, "error": "This line is not valid UTF-8."}
        except (json.JSONDecodeError, RecursionError) as error:
            yield {"line": number, "error": f"This line is not JSON: {error}."}
        except ValidationError as error:
            yield {"line": number, "error": _refusal(error)}
        else:
            yield judged(line, judge)


def _refusal(error: ValidationError) -> str:
    first = error.errors(include_input=False, include_url=False)[0]
    where = ".".join(map(str, first["loc"])) or "the line"
    return f"{where}: {first['msg']}."


def judged(line: Line, judge: Judge) -> dict[str, Any]:
    """What the command prints of a line."""
    pack = line.pack(judge.trial.packs if judge.trial else judge.packs, judge.now)
    started = perf_counter()
    assessment = _assessed(line, judge, pack)
    spent = perf_counter() - started
    return {
        "id": line.id,
        "urgency": assessment.urgency.value,
        **(_was(line, judge, judge.trial, assessment) if judge.trial else {}),
        "reasons": [_shown(reason, line.text, pack) for reason in assessment.reasons],
        "ask": list(assessment.ask),
        "what_would_change": [change.model_dump(mode="json") for change in assessment.what_would_change],
        "concerns": [path.model_dump(mode="json") for path in assessment.concerns],
        "pack": assessment.pack,
        "semantic": assessment.semantic,
        "ms": round(spent * 1000, 3),
    }


def _assessed(line: Line, judge: Judge, pack: Pack) -> Assessment:
    report = line.report()
    if judge.model is not None:
        report = report.model_copy(update={"meaning": meaning_of(judge.model, readable(report.pieces, pack), 1)})
    return assess(report, History(), pack, judge.now)


def _was(line: Line, judge: Judge, trial: Trial, becomes: Assessment) -> dict[str, Any]:
    """The urgency under the packs in force, kept with what became of it."""
    was = _assessed(line, judge, line.pack(judge.packs, judge.now))
    trial.replayed.append(Replayed.of(str(line.id), was, becomes))
    return {"was": was.urgency.value}


def _shown(reason: Reason, text: str, pack: Pack) -> dict[str, Any]:
    """A reason with the words it rests on: the reader of this output holds the text already."""
    shown = reason.model_dump(mode="json")
    if reason.span is not None:
        shown["text"] = text[reason.span.start : reason.span.end]
    return shown


def main(arguments: list[str], stored: Stored, out: TextIO = sys.stdout, errors: TextIO = sys.stderr) -> int:
    """Run the command: 0 if everything was judged, 1 if something could not be, 2 if nothing was read."""
    asked = _asked(arguments)
    try:
        if asked.cases is not None:
            return stored(asked.cases, Packs.tried(asked.pack))
        trial = Trial(Packs.tried(asked.pack)) if asked.pack else None
        judge = Judge(Packs.load(), Clock().now(), Model.load(), trial)
        with asked.file.open("rb") as lines:
            had_errors = _print(judge_lines(lines, judge), out)
    except (OSError, PackError) as error:
        print(error, file=errors)
        return UNREADABLE
    if trial is not None:
        print("\n".join(table(trial.replayed)), file=errors)
    return int(had_errors)


def _print(lines: Iterator[dict[str, Any]], out: TextIO) -> bool:
    """Print what became of each line as it comes; whether some were errors."""
    had_errors = False
    for one in lines:
        had_errors |= "error" in one
        print(json.dumps(one, ensure_ascii=False), file=out)
    return had_errors


def _asked(arguments: list[str]) -> argparse.Namespace:
    """What was asked for; exits 2 with a sentence when it cannot be understood, as every command does."""
    parser = argparse.ArgumentParser(
        prog="hotline assess", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    of = parser.add_mutually_exclusive_group(required=True)
    of.add_argument("file", nargs="?", type=Path, metavar="FILE.jsonl", help="lines to judge; nothing is kept")
    of.add_argument(
        "--cases", type=_days, metavar="DAYS", help="the stored reports of so many days instead; needs --pack"
    )
    parser.add_argument(
        "--pack",
        type=Path,
        metavar="PATH",
        help="try packs: a folder like triage/packs, or the file of one pack that stands in for that of its "
        "jurisdiction; the newest of each jurisdiction holds, whatever its dates",
    )
    asked = parser.parse_args(arguments)
    if asked.cases is not None and asked.pack is None:
        parser.error("--cases needs --pack PATH: stored reports are judged only to try packs")
    return asked


def _days(said: str) -> int:
    days = int(said) if said.isdecimal() else 0
    if not 1 <= days <= MOST_DAYS:
        raise argparse.ArgumentTypeError(f"a number of days from 1 to {MOST_DAYS}")
    return days
