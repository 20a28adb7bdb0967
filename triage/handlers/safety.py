"""What the end of a child's safety does: the case is judged again, and may rise and call."""

from schemas.terms import Urgency
from triage.domain.assessment import History
from triage.domain.case import Case, raised
from triage.domain.clocks import SAFETY_ENDS
from triage.handlers import opening, responders
from triage.handlers.reports import raise_to
from triage.handlers.turn import Turn
from triage.store import cases, desks, reports


async def safety_ends(turn: Turn, case: Case) -> Case:
    """The safety of a child nears its end, or has ended: judge the case again, and watch on.

    A case in which somebody has begun to act stays theirs: the desk's alarm sounds instead.
    """
    if case.taken_by is not None and case.first_action_at is not None:
        detail = {"clock": SAFETY_ENDS}
        await desks.alarm(turn.tx, f"clock_missed/{SAFETY_ENDS}", case.case_id, detail, turn.now)
    else:
        case = await raise_to(turn, case, raised(case.urgency, await _judge_again(turn, case)))
        case = await responders.begin_sooner(turn, case)
    await opening.watch_safety(turn, case)
    return case


async def _judge_again(turn: Turn, case: Case) -> Urgency:
    """The urgency of the report that is now worst off; its judgement is kept. What was never read is left out."""
    known = await cases.reports(turn.tx, case.case_id)
    history = History(earlier_reports=len(known) - 1)
    ids = [report_id for report_id, version in known.items() if version]
    told = [await reports.read(turn.tx, turn.means.vault, each) for each in ids]
    judged = [(each, opening.judge(turn, each, history, case.child_safe_until)) for each in told]
    worst = min(judged, key=lambda each: each[1].urgency.rank)
    await opening.keep_judgement(turn, case, worst, ids)
    return worst[1].urgency
