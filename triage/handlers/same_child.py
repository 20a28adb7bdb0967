"""What people say of two cases: the same child, the same matter, not the same; and the undoing of each.

A machine only offers. Nothing is moved, closed or lowered: *same child* makes each the other's history, *same matter*
puts one case inside another, and both go on with their reports, reporters, clocks and callings.
"""

from typing import Any
from uuid import UUID

from infra import audit
from infra.audit import AuditEntry
from infra.vault import Subject
from triage.domain.case import Case, Press, Refusal, Status, raised
from triage.handlers import new_words
from triage.handlers.judging import judge_again
from triage.handlers.presses import Change, pressed
from triage.handlers.publish import publish
from triage.handlers.reports import raise_to
from triage.handlers.standing import open_reports
from triage.handlers.turn import Turn
from triage.store import cases, pairings, timeline
from triage.store.pairings import Says


async def say(turn: Turn, press: Press, other_id: UUID, says: Says) -> Case:
    """Keep what a person says of this case and another one, judge both again, and call where one rises.

    Refusal while something else stands between the two, or where one case would be inside two or hold one that holds.
    """

    async def change(turn: Turn, case: Case) -> Case:
        other = await _other(turn, case, other_id)
        await _may_say(turn, case, other, says)
        by = press.actor.person_id
        await pairings.add(turn.tx, case.case_id, other_id, (says, by, turn.now))
        await _tell_both(turn, press, (case, other), f"said_{says}")
        if says is Says.SAME_MATTER:
            await _end_mark(turn, case, other)
            await _end_mark(turn, other, case)
        return await _heed_both(turn, press, other, says)

    return await _pressed_on_both(turn, press, other_id, (f"say_{says}", change))


async def undo(turn: Turn, press: Press, other_id: UUID) -> Case:
    """Undo what stands between two cases, from the page of either, closed or not. What has risen stays; people may
    lower it. What is closed stays so, and is not judged again.
    """

    async def change(turn: Turn, case: Case) -> Case:
        stands = await _standing(turn, case.case_id, other_id)
        if stands is None:
            raise Refusal("refusal_not_paired")
        other = await _other(turn, case, other_id)
        await pairings.undo(turn.tx, stands["pairing_id"], press.actor.person_id, turn.now)
        says = Says(stands["says"])
        await _tell_both(turn, press, (case, other), f"undid_{says}")
        return await _heed_both(turn, press, other, says)

    return await _pressed_on_both(turn, press, other_id, ("undo_pairing", change), is_closed=None)


async def _pressed_on_both(
    turn: Turn, press: Press, other_id: UUID, act: tuple[str, Change], *, is_closed: bool | None = False
) -> Case:
    """Apply a press that is about two cases, and put it on record for both; whatever is locked, in one order."""
    action, change = act
    await pairings.lock_families(turn.tx, press.case_id, other_id)
    subject = Subject("case", other_id)
    entry = AuditEntry(turn.now, str(press.actor.person_id), "desk", action, subject, other_id)
    if other_id < press.case_id:
        await audit.record(turn.tx, entry)
    case = await pressed(turn, press, action, change, is_closed=is_closed)
    if other_id > press.case_id:
        await audit.record(turn.tx, entry)
    return case


async def _other(turn: Turn, case: Case, other_id: UUID) -> Case:
    other = await cases.lock(turn.tx, other_id)
    if other is None or other.is_canary or case.is_canary:
        raise Refusal("refusal_no_case")
    if other.case_id == case.case_id:
        raise Refusal("refusal_same_case")
    return other


async def _standing(turn: Turn, case_id: UUID, other_id: UUID) -> Any:
    found = (row for row in await pairings.standing(turn.tx, case_id) if row["other_id"] == other_id)
    return next(found, None)


async def _may_say(turn: Turn, case: Case, other: Case, says: Says) -> None:
    if await _standing(turn, case.case_id, other.case_id) is not None:
        raise Refusal("refusal_paired", other=other.alias)
    if says is not Says.SAME_MATTER:
        return
    if other.status is Status.CLOSED:
        raise Refusal("refusal_inside_closed", other=other.alias)
    for inner in (case, other):
        around = await pairings.around(turn.tx, inner.case_id)
        if around is not None:
            holder = await cases.alias(turn.tx, around)
            raise Refusal("refusal_inside_already", case=inner.alias, other=holder)
    if await pairings.inside(turn.tx, other.case_id):
        raise Refusal("refusal_holds_others", other=other.alias)


async def _tell_both(turn: Turn, press: Press, both: tuple[Case, Case], kind: str) -> None:
    """Write it into both timelines, each from its side."""
    case, other = both
    by = press.actor.person_id
    await timeline.add(turn.tx, case.case_id, kind, turn.now, by, {"other": other.alias})
    back = kind if not kind.endswith(Says.SAME_MATTER) else f"{kind}_inside"
    await timeline.add(turn.tx, other.case_id, back, turn.now, by, {"other": case.alias})


async def _end_mark(turn: Turn, case: Case, other: Case) -> None:
    """A mark of suspected malice ends when the same matter was told by somebody else as well."""
    own = await cases.reports(turn.tx, case.case_id)
    told, _ = await open_reports(turn.tx, turn.means.vault, other.case_id)
    for report in told:
        await new_words.end_mark(turn, case, report, own)


async def _heed_both(turn: Turn, press: Press, other: Case, says: Says) -> Case:
    """Judge both cases with what is known now, the other first: what it does to this one is then read anew."""
    if other.status is not Status.CLOSED:
        other = await _heed(turn, other, says)
        await publish(turn, other)
    case = await cases.lock(turn.tx, press.case_id)
    if case is None:
        raise Refusal("refusal_no_case")
    if says is Says.SAME_MATTER and await pairings.around(turn.tx, other.case_id) == case.case_id:
        case = await raise_to(turn, case, raised(case.urgency, other.urgency), press.actor.person_id)
    return await _heed(turn, case, says)


async def _heed(turn: Turn, case: Case, says: Says) -> Case:
    if says is Says.NOT_SAME or case.status is Status.CLOSED:
        return case
    judged = await judge_again(turn, case, case.child_safe_until)
    return await raise_to(turn, case, raised(case.urgency, judged.urgency))
