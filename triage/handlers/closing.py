"""Closing a case: a named person with a reason, a second one where domain.md 2.7 wants one. Opening it again."""

from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from infra.vault import Subject
from schemas.terms import Urgency
from triage.domain.case import Case, Press, Refusal, Status, is_raise, refuse_unless_second
from triage.domain.closing import ClosingReason, ClosingReasons, Ground, Hindrance, Standing, grounds, hindrances
from triage.handlers import new_words
from triage.handlers.opening import pack_of
from triage.handlers.presses import pressed
from triage.handlers.reporters import tell_reporters
from triage.handlers.reports import raise_around, raise_to
from triage.handlers.standing import open_reports, standing_of
from triage.handlers.turn import Turn
from triage.store import closings, pairings, timeline
from triage.store import there as there_store
from triage.store.closings import Closing
from triage.store.timeline import Entry


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody at the desk chose and wrote: a reason's code, words, and what that reason needs."""

    code: str
    words: str
    other: str = ""
    steps: tuple[str, ...] = ()
    is_disputed: bool = False


async def ask_close(turn: Turn, press: Press, wanted: Wanted) -> Case:
    """Close a case, or ask a second person to where anything calls for one. Refusal while anything hinders it."""

    async def change(turn: Turn, case: Case) -> Case:
        by = press.actor.person_id
        if await closings.open_request(turn.tx, case.case_id) is not None:
            raise Refusal("refusal_closing_asked")
        reason = _reason(turn.means.packs.closing, wanted)
        other = await _followed_instead(turn, case, wanted.other) if reason.needs == "case" else None
        standing = await _unhindered(turn, case)
        needed = grounds(standing, is_disputed=wanted.is_disputed, by_reason=reason.second_person)
        words = await turn.means.vault.seal(turn.tx, Subject("case", case.case_id), "note", wanted.words)
        asked = Closing(reason, words, press.version, wanted.is_disputed, other, _steps(reason, wanted))
        await closings.ask(turn.tx, case.case_id, asked, needed, (by, turn.now))
        detail = _detail(turn, case, (reason.code, needed)) | {"seen": press.version}
        entry = Entry("closing_asked", turn.now, by, detail)
        await timeline.add_with_words(turn.tx, case.case_id, entry, words)
        return case if needed else await _close(turn, case, by, detail)

    await closings.lock(turn.tx)
    return await pressed(turn, press, "ask_close", change)


async def decide_close(turn: Turn, press: Press, is_granted: bool) -> Case:
    """A second person, a supervisor or manager, grants or refuses to close a case."""

    async def change(turn: Turn, case: Case) -> Case:
        by, request = press.actor.person_id, await closings.open_request(turn.tx, case.case_id)
        if request is None:
            raise Refusal("refusal_closing_not_asked")
        refuse_unless_second(press, request["asked_by"])
        needed = tuple(Ground(each) for each in request["grounds"])
        if is_granted:
            needed = await _still_needed(turn, case, request)
        await closings.decide(turn.tx, request["closing_id"], is_granted, needed, (by, turn.now))
        kind = "closing_granted" if is_granted else "closing_refused"
        asked_by = {"asked_by": str(request["asked_by"])}
        detail = _detail(turn, case, (request["code"], needed)) | asked_by
        await timeline.add(turn.tx, case.case_id, kind, turn.now, by, detail | {"seen": press.version})
        seen = {"seen": request["seen_version"], "granted_by": str(by)}
        return await _close(turn, case, request["asked_by"], detail | seen) if is_granted else case

    await closings.lock(turn.tx)
    return await pressed(turn, press, "decide_close", change)


async def reopen(turn: Turn, press: Press, words: str) -> Case:
    """A named person opens a closed case again; its people are called as its urgency says."""

    async def change(turn: Turn, case: Case) -> Case:
        if not words.strip():
            raise Refusal("refusal_empty")
        note = await turn.means.vault.seal(turn.tx, Subject("case", case.case_id), "note", words)
        by = press.actor.person_id
        entry = Entry("reopened", turn.now, by, new_words.REOPENED)
        await timeline.add_with_words(turn.tx, case.case_id, entry, note)
        case = await new_words.live_again(turn, case)
        inside = await pairings.gravest_inside(turn.tx, case.case_id) or case.urgency
        await raise_around(turn, case, by)
        if is_raise(case.urgency, inside):
            return await raise_to(turn, case, inside, by)
        return await new_words.call(turn, case)

    return await pressed(turn, press, "reopen", change, is_help=True, is_closed=True)


def _reason(known: ClosingReasons, wanted: Wanted) -> ClosingReason:
    """The reason that was chosen, with all it needs; Refusal says what is missing."""
    reason = known.of(wanted.code)
    if reason is None:
        raise Refusal("refusal_closing_reason")
    if not wanted.words.strip():
        raise Refusal("refusal_empty")
    if reason.needs == "steps" and len(set(wanted.steps) & set(known.steps)) < known.fewest_steps:
        raise Refusal("refusal_closing_steps", count=known.fewest_steps)
    return reason


def _steps(reason: ClosingReason, wanted: Wanted) -> tuple[str, ...]:
    return wanted.steps if reason.needs == "steps" else ()


async def _followed_instead(turn: Turn, case: Case, of: str | UUID) -> UUID:
    """The case that is followed in place of this one: another one that lives and is no less urgent.

    Closings wait for each other before they lock a case, so that no two cases become each other's duplicates.
    """
    other = await closings.other(turn.tx, of.strip().upper() if isinstance(of, str) else of)
    if other is None or other["case_id"] == case.case_id or other["status"] == Status.CLOSED:
        raise Refusal("refusal_duplicate_of")
    if Urgency(other["urgency"]).rank > case.urgency.rank:
        raise Refusal("refusal_duplicate_lower")
    found: UUID = other["case_id"]
    return found


async def _unhindered(turn: Turn, case: Case) -> Standing:
    """How a case stands; Refusal while anything stands in the way of closing it."""
    opened = await open_reports(turn.tx, turn.means.vault, case.case_id)
    standing = await standing_of(turn.tx, pack_of(turn, case.jurisdiction), case.case_id, opened)
    stands: tuple[Hindrance, ...] = hindrances(standing)
    if stands:
        raise Refusal(f"desk_hindrance_{stands[0]}")
    return standing


async def _still_needed(turn: Turn, case: Case, request: Any) -> tuple[Ground, ...]:
    """Look at everything again when it is granted: what held when it was asked need not hold now."""
    reason = turn.means.packs.closing.of(request["code"])
    if request["duplicate_of"] is not None:
        await _followed_instead(turn, case, request["duplicate_of"])
    standing = await _unhindered(turn, case)
    by_reason = reason is None or reason.second_person
    return grounds(standing, is_disputed=request["is_disputed"], by_reason=by_reason)


def _detail(turn: Turn, case: Case, why: tuple[str, tuple[Ground, ...]]) -> dict[str, object]:
    """What stands in the timeline of a closing: why, on which grounds, under which pack."""
    pack = pack_of(turn, case.jurisdiction).name
    return {"code": why[0], "grounds": [str(each) for each in why[1]], "urgency": case.urgency, "pack": pack}


async def _close(turn: Turn, case: Case, by: UUID, detail: dict[str, object]) -> Case:
    """The only place in which a case is closed."""
    await closings.end_every_clock(turn.tx, case.case_id, by, turn.now)
    await there_store.settle_company(turn.tx, case.case_id, turn.now, by)
    reason = turn.means.packs.closing.of(str(detail["code"]))
    if reason is None or reason.needs != "case":
        # A duplicate goes on in the case that is followed in its stead.
        await tell_reporters(turn, case, "closed")
    detail = detail | {"before": case.status, "after": Status.CLOSED}
    await timeline.add(turn.tx, case.case_id, "closed", turn.now, by, detail)
    return replace(
        case, status=Status.CLOSED, closed_by=by, closed_at=turn.now, stood_down_by=None, stood_down_at=None
    )
