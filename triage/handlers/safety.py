"""What the end of a child's safety does: the case is judged again, and may rise and call."""

from triage.domain.case import Case, raised
from triage.domain.clocks import SAFETY_ENDS
from triage.handlers import opening, responders
from triage.handlers.judging import judge_again
from triage.handlers.reports import raise_to
from triage.handlers.turn import Turn
from triage.store import desks


async def safety_ends(turn: Turn, case: Case) -> Case:
    """The safety of a child nears its end, or has ended: judge the case again, and watch on.

    A case in which somebody has begun to act stays theirs: the desk's alarm sounds instead.
    """
    if case.taken_by is not None and case.first_action_at is not None:
        detail = {"clock": SAFETY_ENDS}
        await desks.alarm(turn.tx, f"clock_missed/{SAFETY_ENDS}", case.case_id, detail, turn.now)
    else:
        judged = await judge_again(turn, case, case.child_safe_until)
        case = await raise_to(turn, case, raised(case.urgency, judged.urgency), why=judged.why)
        case = await responders.begin_sooner(turn, case)
    await opening.watch_safety(turn, case)
    return case
