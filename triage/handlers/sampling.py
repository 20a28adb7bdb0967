"""The weekly sample for a second reading: planned ahead, drawn once when it is due, and what it alarms."""

from infra import audit
from infra.audit import AuditEntry
from infra.ids import new_token
from infra.vault import Subject
from schemas.terms import DESK_CHANNEL
from triage.domain import figures
from triage.domain.second_reading import draw
from triage.domain.watching import Raises, has_jumped, is_over
from triage.domain.weeks import Week, week_of
from triage.handlers.seen_to import HOTLINE
from triage.handlers.turn import Turn
from triage.store import desks, people, second_readings
from triage.store import figures as figure_store
from triage.store.timeline import TRIAGE

SEED_LENGTH = 24


async def plan(turn: Turn) -> None:
    """Plan the sample of the present week; nothing before there is a desk, whose wall clock says when a week ends."""
    zone = await desk_zone(turn)
    if zone is not None:
        await _plan(turn, week_of(turn.now, zone))


async def draw_due(turn: Turn) -> bool:
    """Draw the oldest sample that is due and plan that of the week after; False when there is none.

    Its row is locked and was not drawn, so two processes draw it once.
    """
    row, zone = await second_readings.lock_due(turn.tx, turn.now), await desk_zone(turn)
    if row is None or zone is None:
        return False
    week, rules, seed = Week(row["week"], zone), turn.means.packs.watching, new_token(SEED_LENGTH)
    frame = await second_readings.frame(turn.tx, row)
    sample = draw(frame, rules.sample.by_urgency(), seed)
    raises = Raises(len(frame), sum(each.is_raised for each in frame))
    await second_readings.keep(turn.tx, week.monday, (sample, seed), raises, turn.now)
    await _watch_raises(turn, week, raises)
    await _watch_over_triage(turn, week)
    await _plan(turn, week.moved(1))
    turn.tx.announce(DESK_CHANNEL)
    await _write_down(turn)
    return True


async def desk_zone(turn: Turn) -> str | None:
    """The time zone of the desk, or None before there is one."""
    return next((str(team["time_zone"]) for team in await people.teams(turn.tx) if team["is_desk"]), None)


async def _plan(turn: Turn, week: Week) -> None:
    await second_readings.plan(turn.tx, week, week.ends_at + turn.means.packs.watching.sample.drawn_after)


async def _watch_raises(turn: Turn, week: Week, raises: Raises) -> None:
    rule = turn.means.packs.watching.raises
    before = await second_readings.raises(turn.tx, week.moved(-rule.weeks).monday, week.monday)
    if has_jumped(raises, before, rule):
        earlier = sum(each.raised for each in before) / sum(each.cases for each in before)
        detail = {
            "week": week.name,
            "percent": _percent(raises.raised / raises.cases),
            "before": _percent(earlier),
            "count": raises.cases,
        }
        await desks.alarm(turn.tx, f"raises_jumped/{_slug(week)}", None, detail, turn.now)


async def _watch_over_triage(turn: Turn, week: Week) -> None:
    """Over-triage of the machine, over the weeks that readers have had time for: those before the one just drawn."""
    rule = turn.means.packs.watching.over_triage
    read = await figure_store.read(turn.tx, week.moved(-rule.weeks).monday, week.moved(-1).monday)
    found = figures.over_triage(figures.weigh(read), by_engine=True)
    if found is not None and is_over(found, rule):
        detail = {"week": week.name, "percent": _percent(found.value), "count": found.count}
        await desks.alarm(turn.tx, f"over_triage/{_slug(week)}", None, detail, turn.now)


async def _write_down(turn: Turn) -> None:
    await audit.record(
        turn.tx,
        AuditEntry(
            at=turn.now,
            actor=TRIAGE,
            purpose="second_reading",
            action="sample_drawn",
            subject=Subject("organisation", HOTLINE),
        ),
    )


def _slug(week: Week) -> str:
    """What of its kind an alarm is about: each week sounds by itself, once."""
    return f"w{week.name.replace('-W', '_')}"


def _percent(value: float) -> int:
    return round(100 * value)
