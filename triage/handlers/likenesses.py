"""Clues of reports as tokens: kept when a report is judged, looked for when its case is shown. It only offers."""

from collections.abc import Iterable
from datetime import date
from uuid import UUID
from zoneinfo import ZoneInfo

import structlog

from infra.postgres import INFRASTRUCTURE_ERRORS, Transaction
from infra.vault import Vault
from triage.domain.clues import Kind, Told, aliases_in, clues_of, references_in
from triage.domain.lexicon import Lexicon
from triage.handlers.turn import Turn
from triage.packs import Packs
from triage.store import cases, matches, reports
from triage.store.matches import Alike, Token
from triage.store.reports import Report

_log = structlog.get_logger()

PURPOSE = "match"
"""Of the search tokens of clues; the tokens of references are those that ingest makes."""


async def keep(turn: Turn, alias: str, report: Report) -> None:
    """Keep the tokens of a report as it now is."""
    vault = turn.means.vault
    asked = _asked(report, alias, _lexicon(turn.means.packs, report, turn.now.date()))
    tokens = {(vault.token(purpose, value), kind) for purpose, value, kind in asked}
    await matches.keep(turn.tx, report.report_id, frozenset(tokens | _own(report)), vault.ring.current.id)


async def alike(
    tx: Transaction, known: tuple[Vault, Packs], of: tuple[UUID, str, date], told: Iterable[Report]
) -> list[Alike]:
    """The cases that share clues with one (id, alias, today), as far as its reports open; tokens under every key."""
    vault, packs = known
    case_id, alias, today = of
    found: dict[bytes, set[Kind]] = {}
    for report in told:
        for token, kind in _own(report):
            found.setdefault(token, set()).add(kind)
        for purpose, value, kind in _asked(report, alias, _lexicon(packs, report, today)):
            for token in vault.tokens(purpose, value):
                found.setdefault(token, set()).add(kind)
    return await matches.alike(tx, case_id, {token: frozenset(kinds) for token, kinds in found.items()})


async def renew(turn: Turn) -> bool:
    """Make some tokens that are missing or were made under an older key; False when there are none to make.

    A report that does not open keeps the tokens it has.
    """
    key = turn.means.vault.ring.current.id
    lacking = await matches.without(turn.tx, key)
    for report_id, case_id in lacking:
        try:
            async with turn.tx.savepoint():
                await _renew(turn, report_id, case_id, key)
        except INFRASTRUCTURE_ERRORS:
            raise
        except Exception as error:  # noqa: BLE001 - it is logged, and one report must not hold the others
            _log.error("tokens_not_made", report_id=str(report_id), error=type(error).__name__)
            await matches.pass_over(turn.tx, report_id, key)
    return bool(lacking)


async def _renew(turn: Turn, report_id: UUID, case_id: UUID, key: str) -> None:
    alias = await cases.alias(turn.tx, case_id)
    report = await reports.read_what_opens(turn.tx, turn.means.vault, report_id)
    if report is None or report.is_canary or not report.is_open:
        await matches.pass_over(turn.tx, report_id, key)
    else:
        await keep(turn, alias, report)


def _asked(report: Report, alias: str, lexicon: Lexicon) -> list[tuple[str, str, Kind]]:
    """What of a report becomes tokens: purpose, value, kind."""
    told = _told(report)
    asked = [(PURPOSE, clue.value, clue.kind) for clue in clues_of(told, lexicon)]
    asked += [(PURPOSE, f"alias {each}", Kind.REFERENCE) for each in {alias, *aliases_in(told)}]
    return asked + [("reference", each, Kind.REFERENCE) for each in references_in(told)]


def _own(report: Report) -> set[Token]:
    return set() if report.reference_token is None else {(report.reference_token, Kind.REFERENCE)}


def _told(report: Report) -> Told:
    return Told(
        facts=tuple(each.facts for each in report.words),
        answers=report.answers,
        role=report.reporter_role,
        jurisdiction=report.jurisdiction,
        area=report.area,
        day=report.received_at.astimezone(ZoneInfo(report.time_zone or "UTC")).date(),
    )


def _lexicon(packs: Packs, report: Report, today: date) -> Lexicon:
    return packs.for_jurisdiction(report.jurisdiction, today).lexicon
