"""`hotline assess FILE.jsonl`: one object a line in, one a line out, in order; a bad line is an error object.

The command and the reports share every line of the engine. A report is judged at once and again when the model has
read its words; this prints the judgement after both. Without the model it says `"semantic": "absent"` and goes on.
"""

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from time import perf_counter
from typing import Any, Literal, TextIO

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from infra.clock import Clock
from schemas.report import Answers
from schemas.terms import Answer, Channel, Injury, ReporterRole
from triage.domain.assessment import AssessedReport, History, Piece, Reason
from triage.domain.engine import assess
from triage.domain.pack import Pack
from triage.packs import PackError, Packs
from triage.semantics.model import Model
from triage.semantics.readable import readable
from triage.semantics.reading import meaning_of

TEXT = "text"
"""The name of the only piece in a line's report; spans of the output point into the line's `text`."""

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


@dataclass(frozen=True)
class Judge:
    """What lines are judged by: packs, and the model that reads meanings unless it is absent."""

    packs: Packs
    now: datetime
    model: Model | None = None


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
    pack = judge.packs.for_jurisdiction(_JURISDICTIONS.get(line.lang or "", ""), judge.now.date())
    started = perf_counter()
    report = line.report()
    if judge.model is not None:
        report = report.model_copy(update={"meaning": meaning_of(judge.model, readable(report.pieces, pack), 1)})
    assessment = assess(report, History(), pack, judge.now)
    spent = perf_counter() - started
    return {
        "id": line.id,
        "urgency": assessment.urgency.value,
        "reasons": [_shown(reason, line.text, pack) for reason in assessment.reasons],
        "ask": list(assessment.ask),
        "what_would_change": [change.model_dump(mode="json") for change in assessment.what_would_change],
        "concerns": [path.model_dump(mode="json") for path in assessment.concerns],
        "pack": assessment.pack,
        "semantic": assessment.semantic,
        "ms": round(spent * 1000, 3),
    }


def _shown(reason: Reason, text: str, pack: Pack) -> dict[str, Any]:
    """A reason with the words it rests on: the reader of this output holds the text already."""
    shown = reason.model_dump(mode="json")
    if reason.span is not None:
        shown["text"] = text[reason.span.start : reason.span.end]
    return shown


def main(arguments: list[str], out: TextIO = sys.stdout, errors: TextIO = sys.stderr) -> int:
    """Run the command: 0 if every line was judged, 1 if some were errors, 2 if nothing could be read."""
    if len(arguments) != 1:
        print("Usage: hotline assess FILE.jsonl", file=errors)
        return 2
    had_errors = False
    try:
        judge = Judge(Packs.load(), Clock().now(), Model.load())
        with Path(arguments[0]).open("rb") as lines:
            for one in judge_lines(lines, judge):
                had_errors |= "error" in one
                print(json.dumps(one, ensure_ascii=False), file=out)
    except (OSError, PackError) as error:
        print(error, file=errors)
        return 2
    return int(had_errors)
