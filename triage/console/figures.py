"""Figures at the desk, for supervisors and managers: how well triage works, and how cases fare by group."""

import asyncio
import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from infra import audit
from infra.audit import AuditEntry
from infra.postgres import Transaction
from infra.vault import Subject
from schemas.terms import Role, Urgency
from triage.console.desk_pages import chrome
from triage.console.frame import Frame
from triage.console.guard import trouble
from triage.console.sessions import Session
from triage.console.words import Words
from triage.domain import tables, weeks
from triage.domain.figures import HandledCase, ReadCase, Share, Waits
from triage.domain.tables import DIMENSIONS, SHARES, Figure, Line, Total
from triage.domain.weeks import Period
from triage.handlers.seen_to import HOTLINE
from triage.store import figures as store
from triage.store import people

FIRST_COLUMNS = ("period", "dimension", "group", "figure", "count", "value", "low", "high")
TERMS = {"language": "language", "channel": "channel", "reporter": "role"}
BENCHMARKS = {"under_triage": (0.05, 0.05), "over_triage": (0.35, 0.5)}
"""Of each what is accepted and what alarms (domain reference, 2.5)."""


@dataclass(frozen=True)
class Figures:
    """The figures of a period; `lines` by dimension for months alone, for a week's could be subtracted from them.

    While of an urgency that was drawn no case of some week is settled (`unsettled`) nothing is said of triage.
    """

    period: Period
    total: Total
    drawn: int
    settled: int
    unsettled: tuple[Urgency, ...]
    lines: dict[str, tuple[Line, ...]]
    areas: dict[str, Any]
    least: int

    def group(self, words: Words, dimension: str, group: str) -> str:
        """What a group is called."""
        if group == store.NOT_KNOWN:
            return words.t("desk_figures_not_known")
        if dimension in TERMS:
            return words.term(TERMS[dimension], group)
        named = self.areas.get(group)
        return words.local(named, "name") if named else words.t("desk_area_code", code=group.rpartition(" ")[2])


async def figures_page(frame: Frame, request: Request, session: Session) -> Response:
    """The page; that it was looked at is on record."""
    if session.role is Role.DUTY_OFFICER:
        return trouble(frame, request, "desk_trouble_role", 403)
    async with frame.service.db.transaction() as tx:
        request.state.chrome = await chrome(tx, frame, request)
        zone = await _zone(tx, frame)
        found = await _figures(tx, frame, request, zone)
        await audit.record(tx, _look(frame, session, "figures_shown"))
    offered_weeks, offered_months = weeks.offered(frame.service.clock.now(), zone)
    return frame.page(
        request,
        "figures.html",
        found=found,
        dimensions=DIMENSIONS,
        benchmarks=BENCHMARKS,
        weeks=offered_weeks,
        months=offered_months,
    )


async def figures_csv(frame: Frame, request: Request, session: Session) -> Response:
    """The same figures as a table for other programs, in words of the code."""
    if session.role is Role.DUTY_OFFICER:
        return trouble(frame, request, "desk_trouble_role", 403)
    async with frame.service.db.transaction() as tx:
        found = await _figures(tx, frame, request, await _zone(tx, frame))
        await audit.record(tx, _look(frame, session, "figures_downloaded"))
    written = io.StringIO()
    csv.writer(written, lineterminator="\r\n").writerows([FIRST_COLUMNS, *_rows(found)])
    name = f'attachment; filename="figures-{found.period.name}.csv"'
    return Response(written.getvalue(), headers={"content-disposition": name}, media_type="text/csv")


async def _figures(tx: Transaction, frame: Frame, request: Request, zone: str) -> Figures:
    """The figures of the period that was asked for, else of the month that last week counts to."""
    last_week = weeks.week_of(frame.service.clock.now(), zone).moved(-1)
    try:
        period = weeks.period(request.query_params.get("period", ""), zone)
    except ValueError:
        period = weeks.period(last_week.month, zone)
    least = frame.packs.watching.cells.least
    handled = await store.handled(tx, period.begins_at, period.ends_at)
    read = await store.read(tx, period.weeks[0].monday, period.weeks[-1].monday)
    # A month may have many thousand cases: nobody else waits while they are counted.
    unsettled = await store.unsettled(tx, period)
    dimensions = DIMENSIONS if period.is_month else ()
    total, lines = await asyncio.to_thread(_computed, (handled, read), dimensions, least, is_whole=not unsettled)
    drawn, settled = await store.progress(tx, period)
    areas = await store.area_names(tx, [line.group for line in lines.get("area", ())])
    return Figures(period, total, drawn, settled, unsettled, lines, areas, least)


def _computed(
    rows: tuple[list[HandledCase], list[ReadCase]], dimensions: tuple[str, ...], least: int, *, is_whole: bool
) -> tuple[Total, dict[str, tuple[Line, ...]]]:
    handled, read = rows
    weighed = read if is_whole else []
    lines = {each: tables.by_group(each, handled, weighed, least) for each in dimensions}
    return tables.total(handled, read, is_whole=is_whole), lines


async def _zone(tx: Transaction, frame: Frame) -> str:
    """The time zone of the desk, in which weeks begin and end."""
    zones = [str(team["time_zone"]) for team in await people.teams(tx) if team["is_desk"]]
    return zones[0] if zones else frame.service.settings.timezone


def _rows(found: Figures) -> Iterator[list[object]]:
    period, total = found.period.name, found.total
    yield [period, "all", "all", "cases", total.cases, total.cases, "", ""]
    for name in ("raised", "lowered", *SHARES[1:], "engine_under_triage", "engine_over_triage"):
        yield [period, "all", "all", name, *_share(_enough(getattr(total, name), found.least))]
    yield from ([period, "all", "all", *each] for each in _waits(_enough(total.waited, found.least)))
    yield [period, "all", "all", "agreement_kappa", total.agreement.count, _number(total.agreement.kappa), "", ""]
    for dimension, lines in found.lines.items():
        for line in lines:
            yield from ([period, dimension, _harmless(line.group), *each] for each in _line(line))


def _harmless(group: str) -> str:
    """A group that no spreadsheet takes for a formula: languages and areas are what senders put there."""
    return f"'{group}" if group.startswith(("=", "+", "-", "@")) else group


def _line(line: Line) -> Iterator[list[object]]:
    cases: object = "" if line.cases is None else line.cases
    yield ["cases", cases, cases, "", ""]
    for name in SHARES:
        yield [name, *_share(line.shares[name])]
    yield from _waits(line.waited)


def _enough(figure: Figure | None, least: int) -> Figure | None:
    """A figure over all cases, unless it rests on too few to say anything."""
    return figure if figure is not None and figure.count >= least else None


def _share(share: Share | None) -> list[object]:
    if share is None:
        return ["", "", "", ""]
    return [share.count, _number(share.value), _number(share.low), _number(share.high)]


def _waits(waited: Waits | None) -> list[list[object]]:
    if waited is None:
        return [["acknowledged_median_seconds", "", "", "", ""], ["acknowledged_p90_seconds", "", "", "", ""]]
    return [
        ["acknowledged_median_seconds", waited.count, round(waited.median.total_seconds()), "", ""],
        ["acknowledged_p90_seconds", waited.count, round(waited.p90.total_seconds()), "", ""],
    ]


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.4f}"


def _look(frame: Frame, session: Session, action: str) -> AuditEntry:
    now, subject = frame.service.clock.now(), Subject("organisation", HOTLINE)
    return AuditEntry(now, str(session.person_id), "figures", action, subject)
