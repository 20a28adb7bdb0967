"""Beside a case: what may be about the same child, what people said of it, what is inside, and what came before."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from starlette.datastructures import FormData

from infra import audit
from infra.audit import AuditEntry
from infra.vault import Subject
from triage.console.case_view import CaseView
from triage.console.queue import open_names
from triage.console.shown import ShownReport, ShutReport, read_reports
from triage.console.words import Words
from triage.domain.assessment import History
from triage.domain.case import Case, Press, Refusal
from triage.domain.likeness import MOST_OFFERED, Strength, in_order, strength
from triage.handlers import Turn, likenesses, same_child
from triage.store import pairings, queue
from triage.store.matches import Alike
from triage.store.pairings import Says

SHOWN = ("other_case.alias", "other_case.urgency", "other_case.status", "other_case.likeness")
_BESIDE_SHOWN = ("case.alias", "case.urgency", "case.status", "case.team", "case.likeness")
"""The same as it is named in the other case's own chain."""
INSIDE_SHOWN = (
    "case.urgency", "case.clocks", "report.narrative", "report.answers", "report.places", "report.people",
    "report.contact",
)  # fmt: skip


@dataclass(frozen=True)
class Other:
    """Another case as it is shown beside this one; `row` as the store tells it."""

    row: Any
    reasons: tuple[str, ...] = ()
    strength: str = ""
    says: str = ""
    said_by: str = ""
    said_at: Any = None


@dataclass(frozen=True)
class Inside:
    """A case inside this one: as it is shown, its clocks, and what its reports say."""

    other: Other
    clocks: list[Any]
    reports: list[ShownReport]
    shut: list[ShutReport]


@dataclass(frozen=True)
class SameChild:
    """Everything that ties a case to others. `tied` is what people said; `around` is the case it is inside of."""

    offered: list[Other]
    tied: list[Other]
    inside: list[Inside]
    around: Other | None
    history: History

    @property
    def is_empty(self) -> bool:
        """Whether nothing is known or offered."""
        return not (self.offered or self.tied or self.inside or self.around or self.history.earlier_reports)


async def read_same_child(turn: Turn, words: Words, view: CaseView) -> SameChild:
    """What ties a case to others; candidates only for a live one. Whoever shows it puts that on record."""
    tx, case_id = turn.tx, view.case["case_id"]
    standing = await pairings.standing(tx, case_id)
    alike = await _alike(turn, view, {row["other_id"] for row in standing})
    rows = await pairings.shown(tx, [each.case_id for each in alike] + [row["other_id"] for row in standing])
    names = await open_names(tx, turn.means.vault, words, {row["said_by"] for row in standing})
    tied = {row["other_id"]: _tied(words, row, rows[row["other_id"]], names) for row in standing}
    inside = [row["other_id"] for row in standing if row["is_inside"]]
    around = next((row["other_id"] for row in standing if row["is_around"]), None)
    return SameChild(
        offered=[_offered(words, each, rows[each.case_id]) for each in alike],
        tied=[other for other_id, other in tied.items() if other_id != around and other_id not in inside],
        inside=[await _inside(turn, words, tied[each]) for each in inside],
        around=tied.get(around) if around else None,
        history=view.closing.history,
    )


async def on_record(turn: Turn, entry: AuditEntry, found: SameChild) -> None:
    """Put a look at a case on record, and in each other case's own record what of that one was shown."""
    beside = [*found.offered, *found.tied, *([found.around] if found.around else [])]
    looks = [_look_at(entry, each, "case_shown_beside", _BESIDE_SHOWN) for each in beside]
    looks += [_look_at(entry, each.other, "case_shown_inside", INSIDE_SHOWN) for each in found.inside]
    await audit.record_each(turn.tx, [entry, *looks])


async def _alike(turn: Turn, view: CaseView, known: set[UUID]) -> list[Alike]:
    """The cases to offer, strong ones first, then the newest; what people have decided on is not offered again."""
    case = view.case
    if case["status"] == "closed" or case["is_canary"]:
        return []
    of = (case["case_id"], case["alias"], turn.now.date())
    told = [shown.report for shown in view.reports]
    found = await likenesses.alike(turn.tx, (turn.means.vault, turn.means.packs), of, told)
    offered = [each for each in found if each.kinds and each.case_id not in known]
    offered.sort(key=lambda each: (strength(each.kinds) is not Strength.STRONG, -each.opened_at.timestamp()))
    return offered[:MOST_OFFERED]


def _offered(words: Words, alike: Alike, row: Any) -> Other:
    reasons = tuple(words.term("match", kind) for kind in in_order(alike.kinds))
    return Other(row, reasons, strength(alike.kinds))


def _tied(words: Words, said: Any, row: Any, names: Mapping[UUID, str]) -> Other:
    return Other(
        row, says=said["says"], said_by=names.get(said["said_by"], words.t("desk_name_shut")), said_at=said["said_at"]
    )


async def _inside(turn: Turn, words: Words, other: Other) -> Inside:
    stored = await queue.case_page(turn.tx, other.row["case_id"])
    if stored is None:
        raise LookupError(f"case {other.row['case_id']} is gone")
    reports, shut = await read_reports(turn.tx, turn.means.vault, words, stored)
    return Inside(other, [clock for clock in stored.clocks if clock["ended_at"] is None], reports, shut)


def _look_at(entry: AuditEntry, other: Other, action: str, shown: tuple[str, ...]) -> AuditEntry:
    """The same look, at another case."""
    case_id: UUID = other.row["case_id"]
    return replace(entry, action=action, subject=Subject("case", case_id), case_id=case_id, shown=shown)


async def say_same_child(turn: Turn, press: Press, form: FormData) -> Case:
    """The same child."""
    return await same_child.say(turn, press, _other(form), Says.SAME_CHILD)


async def say_same_matter(turn: Turn, press: Press, form: FormData) -> Case:
    """The same matter: the other case goes inside this one."""
    return await same_child.say(turn, press, _other(form), Says.SAME_MATTER)


async def say_not_same(turn: Turn, press: Press, form: FormData) -> Case:
    """Not the same."""
    return await same_child.say(turn, press, _other(form), Says.NOT_SAME)


async def undo_same(turn: Turn, press: Press, form: FormData) -> Case:
    """Undo what was said."""
    return await same_child.undo(turn, press, _other(form))


ACTS: dict[str, Callable[[Turn, Press, FormData], Awaitable[Case]]] = {
    "same_child": say_same_child,
    "same_matter": say_same_matter,
    "not_same": say_not_same,
    "undo_same": undo_same,
}


def _other(form: FormData) -> UUID:
    try:
        return UUID(str(form.get("other") or ""))
    except ValueError:
        raise Refusal("desk_refusal_no_other") from None
