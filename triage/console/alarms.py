"""The alarm: what must be looked at now, what of it sounds, and who silenced it for a minute."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from starlette.datastructures import FormData
from starlette.requests import Request

from infra.postgres import Transaction, queries
from schemas.terms import DESK_CHANNEL
from triage.console.alarm import Alarm
from triage.console.channel_alarms import of_channels
from triage.console.frame import Frame
from triage.console.opened import open_name
from triage.console.sessions import Session
from triage.console.word_alarms import of_words
from triage.console.words import Words
from triage.domain.desk import OF_RESPONDER, Presence, ends_by_press, presence
from triage.store import desks, queue, timeline

_sql = queries(__file__)

SILENT_AFTER = timedelta(seconds=10)
REPLACED_AFTER = timedelta(minutes=10)
SILENCE_LASTS = timedelta(minutes=1)
SAID = ("clock", "level", "purpose", "because", "urgency")
"""What of an alarm's detail is a word of a closed set."""
TOLD = ("error", "week", "percent", "before", "count")
"""What of it is said as it stands."""


@dataclass(frozen=True)
class Silence:
    """Who silenced the alarms that sounded, until when."""

    name: str
    until: datetime
    keys: frozenset[str]


@dataclass(frozen=True)
class Alarms:
    """Everything that alarms now. `unshown`: how many more stand than are listed."""

    open: list[Alarm]
    silence: Silence | None
    unshown: int = 0

    @property
    def is_sounding(self) -> bool:
        """Whether anything sounds that nobody silenced; what is new sounds through a silence."""
        return any(alarm.key not in (self.silence.keys if self.silence else ()) for alarm in self.open)

    @property
    def digest(self) -> str:
        """The same while the same things alarm."""
        told = [alarm.key for alarm in self.open] + [str(self.silence and self.silence.until), str(self.unshown)]
        return hashlib.sha256("\n".join(told).encode()).hexdigest()[:12]


async def alarms_of(tx: Transaction, frame: Frame, request: Request) -> Alarms:
    """What alarms now, most pressing first."""
    words, now = frame.words(request), frame.service.clock.now()
    found = await _of_presence(tx, words, now)
    kept = await desks.alarms(tx)
    about = {row["alarm_id"]: row async for row in _sql.find_alarm_subjects(tx, ids=[r["alarm_id"] for r in kept])}
    told = [_kept(words, row, about[row["alarm_id"]]) for row in kept]
    # A responder in danger stands before everything else, then what a responder wrote: it may say the same.
    first = [alarm for row, alarm in zip(kept, told, strict=True) if _sort(row) in OF_RESPONDER]
    found[:0] = first + await of_words(tx, frame.service.vault, words)
    async for row in _sql.find_alarming(tx):
        found += _of_case(words, row)
    found += [_empty_levels(words, row) async for row in _sql.find_empty_levels(tx)]
    found += await _of_services(tx, words, now)
    found += await of_channels(tx, frame.service.vault, words, now)
    found += [_dead_letter(words, row) for row in await desks.dead_letters(tx)]
    found += told
    unshown = kept[0]["standing"] - len(kept) if kept else 0
    return Alarms(list({alarm.key: alarm for alarm in found}.values()), await _silence(tx, frame, words), unshown)


async def silence(tx: Transaction, frame: Frame, session: Session, form: FormData) -> None:
    """Silence the alarms that this person heard, by name, for a minute."""
    desk = await desks.read(tx)
    if desk is not None:
        keys = [str(key) for key in form.getlist("key")][:200]
        now = frame.service.clock.now()
        await timeline.add(tx, desk.desk_id, "alarm_silenced", now, session.person_id, {"keys": keys})
        tx.announce(DESK_CHANNEL)


def _of_case(words: Words, row: Any) -> list[Alarm]:
    link, alias = f"/cases/{row['case_id']}", row["alias"]
    found = []
    if row["urgency"] == "immediate" and row["unread_since"] is not None:
        key = f"immediate {row['case_id']} {row['unread_since'].isoformat()}"
        found.append(Alarm(key, "immediate", words.t("desk_alarm_immediate", alias=alias), row["unread_since"], link))
    if row["escalation_status"] == "exhausted" and row["taken_by"] is None and row["calling_status"] == "calling":
        key = f"exhausted {row['case_id']} {row['calling_number']}"
        found.append(Alarm(key, "exhausted", words.t("desk_alarm_exhausted", alias=alias), None, link))
    return found


def _empty_levels(words: Words, row: Any) -> Alarm:
    """Levels that were skipped while people are called: until that calling is over."""
    said = words.t(
        "desk_alarm_level_empty",
        alias=row["alias"],
        levels=words.terms("level", row["levels"]),
        purpose=words.term("purpose", row["purpose"]),
    )
    key = f"empty {row['case_id']} {row['purpose']} {row['number']} {' '.join(row['levels'])}"
    return Alarm(key, "level_empty", said, row["found_at"], f"/cases/{row['case_id']}")


async def _of_presence(tx: Transaction, words: Words, now: datetime) -> list[Alarm]:
    desk = await desks.read(tx)
    if desk is None:
        return [Alarm("no desk", "presence", words.t("desk_alarm_no_desk"))]
    state = presence(desk.state, now)
    if state is Presence.CONFIRMED:
        return []
    return [Alarm(f"presence {state} {desk.state.confirmed_at}", "presence", words.t(f"desk_alarm_presence_{state}"))]


async def _of_services(tx: Transaction, words: Words, now: datetime) -> list[Alarm]:
    rows = _sql.find_unwell(tx, silent_since=now - SILENT_AFTER, replaced_before=now - REPLACED_AFTER)
    return [_service(words, row, now) async for row in rows]


def _service(words: Words, row: Any, now: datetime) -> Alarm:
    name = f"{words.term('part', row['service'])} ({row['instance']})"
    # Whoever reads in another language silences the same alarm.
    process = f"{row['service']} {row['instance']}"
    if row["at"] < now - SILENT_AFTER:
        return Alarm(f"silent {process}", "service", words.t("desk_alarm_silent", name=name), row["at"])
    troubles = row["troubles"]
    told = [_trouble(words, check, troubles[check]) for check in sorted(troubles)]
    # What is behind a trouble may change from beat to beat; it is the same trouble, silenced or not.
    key = f"trouble {process} {', '.join(sorted(troubles))}"
    return Alarm(key, "service", words.t("desk_alarm_trouble", name=name, troubles=words.t("desk_and").join(told)))


def _trouble(words: Words, check: str, detail: str) -> str:
    said = words.term("check", check)
    return words.t("desk_alarm_trouble_detail", check=said, detail=detail)


def _dead_letter(words: Words, row: Any) -> Alarm:
    key = f"dead {row['id']}"
    return Alarm(key, "dead_letter", words.t("desk_alarm_dead_letter"), row["dead_lettered_at"], "/dead-letters")


def _kept(words: Words, row: Any, about: Any) -> Alarm:
    link = f"/cases/{row['subject_id']}" if row["alias"] else None
    if row["kind"] == "drill_help":
        link = f"/drills/{row['subject_id']}"
    kind = _sort(row)
    text = words.optional(f"desk_alarm_kind_{kind}", **_values(words, row, about))
    text = text or words.t("desk_alarm_kind_other", kind=kind.replace("_", " "))
    settle = f"/alarms/{row['alarm_id']}/settle" if ends_by_press(row["kind"]) else None
    return Alarm(f"alarm {row['alarm_id']}", "kept", text, row["raised_at"], link, settle)


def _sort(row: Any) -> str:
    """The kind of an alarm without what of its subject it is about, which stands in the detail too."""
    return str(row["kind"]).partition("/")[0]


def _values(words: Words, row: Any, about: Any) -> dict[str, str]:
    """What the sentence of an alarm is filled with: whom and what it is about, at which level, when, and why."""
    detail = row["detail"]
    zone = about["time_zone"] or "UTC"
    values = {"alias": row["alias"] or "—", "team": words.local(about, "team") or "—"}
    values |= {key: words.term(key, detail[key]) if detail.get(key) else "—" for key in SAID}
    values |= {key: str(detail.get(key, "—")) for key in TOLD}
    for key, name in (("from", "from_"), ("until", "until")):
        values[name] = words.instant(datetime.fromisoformat(detail[key]), zone) if detail.get(key) else "—"
    return values


async def _silence(tx: Transaction, frame: Frame, words: Words) -> Silence | None:
    desk = await desks.read(tx)
    row = await _sql.find_silence(tx, desk_id=desk.desk_id) if desk else None
    if row is None or row["at"] + SILENCE_LASTS <= words.now:
        return None
    person = UUID(row["actor"])
    stored = await queue.names(tx, [person])
    name = await open_name(tx, frame.service.vault, words, stored[person])
    return Silence(name, row["at"] + SILENCE_LASTS, frozenset(row["detail"].get("keys", ())))
