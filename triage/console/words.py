"""Saying things in a person's language: terms, reasons, instants and spans of time."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_datetime

from infra.locales import Translate
from triage.domain.pack import Factor
from triage.domain.rule import Rule, Said
from triage.domain.rules import BUILT_IN
from triage.packs import Packs

SCRIPT_KEYS = (
    "span_days", "span_hours", "span_minutes", "span_seconds", "left", "overdue_by", "js_lost", "js_database",
    "js_back", "js_waiting", "js_new",
)  # fmt: skip


@dataclass(frozen=True)
class Words:
    """One language's words at one instant."""

    language: str
    t: Translate
    packs: Packs
    now: datetime

    def optional(self, key: str, **values: object) -> str:
        """A text that need not exist, or nothing."""
        try:
            return self.t(key, **values)
        except (KeyError, IndexError):
            return ""

    def term(self, kind: str, value: object) -> str:
        """A word of a closed set; one that is newer than this page is shown as it is stored."""
        return self.optional(f"desk_{kind}_{value}".replace("-", "_")) or str(value).replace("_", " ")

    def terms(self, kind: str, values: list[Any] | None) -> str:
        """Several words of a closed set."""
        return self.t("desk_and").join(self.term(kind, value) for value in values or () if value)

    def local(self, row: Mapping[str, Any], name: str) -> str:
        """The column of a row that is in this language: `<name>_zh` or `<name>_en`."""
        return str(row[f"{name}_{self.language}"] or "")

    def reason(self, reason: Mapping[str, Any]) -> str:
        """A reason as a sentence: what its rule says, else what its factor is."""
        rule = self._rule(reason)
        if rule is None and reason["factor"] in BUILT_IN:
            return self.said(BUILT_IN[reason["factor"]])
        given = reason.get("answer")
        if rule is None and given and given["question"] == reason["factor"]:
            return self.question(given["question"])
        return self.said(rule.says) if rule else self.factor(reason["factor"])

    def question(self, question: str) -> str:
        """A question worth asking: one of the danger questions, or of a concern of any pack."""
        steps = (step for pack in self.packs for concern in pack.concerns for step in concern.steps)
        asked = next((step.asks for step in steps if step.id == question), None)
        return self.said(asked) if asked else self.term("question", question)

    def factor(self, factor: str) -> str:
        """What a factor is called."""
        known = self._factors().get(factor)
        return self.said(known.says) if known else factor.replace("-", " ")

    def said(self, said: Said) -> str:
        """A pack's words in this language."""
        return str(getattr(said, self.language))

    def span(self, length: timedelta) -> str:
        """A length of time in its two largest units."""
        seconds = max(0, int(length.total_seconds()))
        days, hours = divmod(seconds // 3600, 24)
        parts = {"days": days, "hours": hours, "minutes": f"{seconds // 60 % 60:02}", "seconds": f"{seconds % 60:02}"}
        unit = "days" if days else "hours" if hours else "minutes" if seconds >= 60 else "seconds"
        short = {name: str(value).lstrip("0") or "0" for name, value in parts.items()}
        return self.t(f"desk_span_{unit}", **(parts | {unit: short[unit]}))

    def left(self, due_at: datetime) -> str:
        """How long until an instant, or how long it is past."""
        key = "desk_left" if due_at > self.now else "desk_overdue_by"
        return self.t(key, span=self.span(abs(due_at - self.now)))

    def age(self, since: datetime) -> str:
        """How long ago an instant was."""
        return self.span(self.now - since)

    def instant(self, at: datetime, zone: str) -> str:
        """An instant on the wall clock of a zone; the year only when it is another one."""
        local, now = at.astimezone(ZoneInfo(zone)), self.now.astimezone(ZoneInfo(zone))
        if local.date() == now.date():
            return local.strftime("%H:%M:%S")
        return local.strftime("%m-%d %H:%M:%S" if local.year == now.year else "%Y-%m-%d %H:%M:%S")

    def shift_time(self, at: datetime, zone: str) -> str:
        """When a shift begins or ends, on the wall clock of a zone, with the day of the week."""
        pattern, locale = ("M月d日 EEE HH:mm", "zh") if self.language == "zh" else ("EEE d MMM HH:mm", "en_GB")
        return format_datetime(at, pattern, tzinfo=ZoneInfo(zone), locale=locale)

    def wall(self, zone: str) -> str:
        """The present time on the wall clock of a zone, as a field for times takes it."""
        return self.now.astimezone(ZoneInfo(zone)).strftime("%H:%M")

    def script_texts(self) -> dict[str, str]:
        """The sentences that the page itself must fill in, by key; a placeholder stands for itself."""
        holes = {name: f"{{{name}}}" for name in ("days", "hours", "minutes", "seconds", "span", "count", "text")}
        return {key: self.t(f"desk_{key}", **holes) for key in SCRIPT_KEYS}

    def emergency_numbers(self, jurisdiction: str) -> str:
        """The numbers to ring in danger where that is."""
        pack = self.packs.for_jurisdiction(jurisdiction, self.now.date())
        return " · ".join(f"{self.term('service', each.service)} {each.number}" for each in pack.emergency_numbers)

    def _rule(self, reason: Mapping[str, Any]) -> Rule | None:
        if not reason["rule"]:
            return None
        jurisdiction = str(reason["pack"]).split(" ", 1)[0]
        ordered = sorted(self.packs, key=lambda pack: pack.jurisdiction != jurisdiction)
        return next((rule for pack in ordered for rule in pack.rules if rule.id == reason["rule"]), None)

    def _factors(self) -> dict[str, Factor]:
        return next((pack.factors for pack in self.packs), {})
