"""A drill's report in words: a row for each call or message, the same at the desk and in a terminal."""

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

from triage.domain.drill import Line

Translate = Callable[..., str]

COLUMNS = ("person", "channel", "due", "sent", "late", "delivered", "answered", "state")
NONE = "—"


def cells(line: Line, name: str, t: Translate, zone: str) -> tuple[str, ...]:
    """What stands under each of COLUMNS. Instants on the wall of the team, lateness in seconds."""
    return (
        name,
        t(f"desk_alert_channel_{line.channel}"),
        clock(line.due_at, zone),
        clock(line.sent_at, zone),
        NONE if line.late is None else t("desk_drill_seconds", seconds=f"{line.late.total_seconds():.1f}"),
        clock(line.delivered_at, zone),
        NONE if line.answer is None else f"{clock(line.answered_at, zone)} {t(f'desk_drill_answer_{line.answer}')}",
        t(f"desk_alert_{line.state}"),
    )


def clock(at: datetime | None, zone: str) -> str:
    """An instant on the wall, to the second."""
    return NONE if at is None else at.astimezone(ZoneInfo(zone)).strftime("%H:%M:%S")
