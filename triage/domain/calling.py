"""When people are called, and on which ladder: domain.md 3.2 over the plans of the pack."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from schemas.events import AssignmentState, SubjectKind
from schemas.ladder import Ladder, Rung, WorkingHours
from schemas.terms import AlertChannel, AssignmentStatus, Level, Purpose, Urgency
from triage.domain.case import Cause
from triage.domain.clocks import next_local, next_working_day
from triage.domain.pack import ByDay, LadderPlan

LEVELS = list(Level)


@dataclass(frozen=True, slots=True)
class Assignment:
    """People called for a case or a desk, for one purpose. `number` rises with each new one."""

    subject_id: UUID
    subject_kind: SubjectKind
    purpose: Purpose
    urgency: Urgency
    team_id: UUID
    ladder: Ladder
    because: Cause
    made_at: datetime
    deadline_at: datetime
    first_responder_id: UUID | None = None
    excluded_responders: tuple[UUID, ...] = ()
    reasons: tuple[dict[str, object], ...] = ()
    number: int = 0
    status: AssignmentStatus = AssignmentStatus.CALLING
    taken_by: UUID | None = None
    taken_at: datetime | None = None

    def state(self) -> AssignmentState:
        """The assignment as events tell it."""
        told = {name: getattr(self, name) for name in AssignmentState.model_fields}
        return AssignmentState(**told)


def begins_at(plan: LadderPlan, now: datetime, zone: str, safe_until: datetime | None) -> datetime | None:
    """When calling for a case begins; None when it is left to the desk."""
    if plan.start == "at_once":
        return now
    if plan.start == "by_day" and plan.hours is not None:
        return (
            now
            if is_now_by_day(plan.hours, now, zone, safe_until)
            else next_local(now, plan.hours.night_alert_at, zone)
        )
    if plan.start == "next_working_day" and plan.alert_at is not None:
        day = next_working_day(now.astimezone(ZoneInfo(zone)).date())
        return datetime.combine(day, plan.alert_at, ZoneInfo(zone))
    return None


def is_now_by_day(hours: ByDay, now: datetime, zone: str, safe_until: datetime | None) -> bool:
    """Whether an urgent alert calls at once: by day, or when safety lapses before the morning's bound."""
    local = now.astimezone(ZoneInfo(zone))
    if hours.day_from <= local.time() < hours.day_until:
        return True
    return safe_until is not None and safe_until <= next_local(now, hours.lapses_before, zone)


def stamped(ladder: Ladder, scale: float) -> Ladder:
    """The ladder as it is stamped on an assignment, its waits scaled for a demonstration (1 in production)."""
    return ladder.model_copy(
        update={
            "rungs": tuple(rung.model_copy(update={"after": rung.after * scale}) for rung in ladder.rungs),
            "voice_again": ladder.voice_again * scale,
            "voice_every": ladder.voice_every * scale,
            "everybody_every": ladder.everybody_every * scale,
        }
    )


def in_working_hours(ladder: Ladder, begin: datetime, zone: str, hours: tuple[time, time]) -> Ladder:
    """A ladder whose waits were counted in working hours, as waits on the wall from `begin`.

    It keeps the hours: after its last rung nobody is called outside them (decision 25).
    """
    rungs = [_rung_in_hours(rung, begin, zone, hours) for rung in ladder.rungs]
    kept = WorkingHours(begins=hours[0], ends=hours[1], time_zone=zone)
    return ladder.model_copy(update={"rungs": tuple(rungs), "hours": kept})


def from_level(ladder: Ladder, level: Level) -> Ladder:
    """The part of a ladder from a level upwards, its first rung called at once: the supervisor's own ladder."""
    upper = [rung for rung in ladder.rungs if LEVELS.index(rung.level) >= LEVELS.index(level)] or list(
        ladder.rungs[-1:]
    )
    first = upper[0].after
    return ladder.model_copy(
        update={"rungs": tuple(rung.model_copy(update={"after": rung.after - first}) for rung in upper)}
    )


def loud(ladder: Ladder) -> Ladder:
    """A ladder on which everybody is texted and rung, besides whatever it names."""
    both = (AlertChannel.SMS, AlertChannel.VOICE)
    rungs = tuple(
        rung.model_copy(update={"channels": tuple(dict.fromkeys((*both, *rung.channels)))}) for rung in ladder.rungs
    )
    return ladder.model_copy(update={"rungs": rungs})


def _rung_in_hours(rung: Rung, begin: datetime, zone: str, hours: tuple[time, time]) -> Rung:
    at, left = begin.astimezone(ZoneInfo(zone)), rung.after
    while True:
        end = datetime.combine(at.date(), hours[1], ZoneInfo(zone))
        open_for = max(timedelta(), end - at)
        if left <= open_for:
            return rung.model_copy(update={"after": _elapsed(begin, at + left)})
        left -= open_for
        at = datetime.combine(next_working_day(at.date()), hours[0], ZoneInfo(zone))


def _elapsed(begin: datetime, end: datetime) -> timedelta:
    return timedelta(seconds=end.timestamp() - begin.timestamp())
