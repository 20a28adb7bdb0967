"""One line of the queue, from what is stored to what is said. Nothing here is sealed but the names it is given."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from schemas.report import Answers
from schemas.terms import Answer, Urgency
from triage.console.words import Words
from triage.domain.calling import LEVELS
from triage.domain.clocks import BEGIN_CALLING, EMERGENCY_SERVICE
from triage.store.reports import known_answers


@dataclass(frozen=True)
class Known:
    """What the lines of a queue need beside their rows: whom each case called, their names, and names of areas."""

    called: Mapping[UUID, list[Any]]
    names: Mapping[UUID, str]
    areas: Mapping[UUID, Any]


DANGEROUS_FIRST = (Answer.YES, Answer.WOULD_NOT_SAY, Answer.DOES_NOT_KNOW, Answer.NOT_ASKED, Answer.NO)
MOST_CHIPS = 4


@dataclass(frozen=True)
class Due:
    """A running deadline as it is shown."""

    name: str
    at: datetime
    owner: str
    is_legal: bool
    is_breached: bool


@dataclass(frozen=True)
class Row:
    """What one line shows. `digest` changes whenever anything in it does, the passing of time left out."""

    case_id: UUID
    alias: str
    urgency: Urgency
    chips: list[str]
    hidden_chips: int
    opened_at: datetime
    next_due: Due | None
    emergency_due: Due | None
    is_breached: bool
    age: str
    place: str
    how_known: str
    safe_until: datetime | None
    access: str
    contacts: int
    languages: str
    time_zone: str
    holder: str
    holder_kind: str
    unread_since: datetime | None
    is_lower_asked: bool
    is_closing_asked: bool
    is_malice_suspected: bool
    is_unheard: bool
    inside: str
    taken_by: UUID | None

    @property
    def digest(self) -> str:
        """The same for the same content."""
        return hashlib.sha256(repr(vars(self)).encode()).hexdigest()[:12]


def make_row(words: Words, row: Any, known: Known) -> Row:
    """A line of the queue in a person's language; one that cannot be told says so, and hides no other."""
    try:
        return _row(words, row, known)
    except (ValueError, LookupError, TypeError):
        return _bare(words, row)


def soonest(clocks: Sequence[Any]) -> tuple[Any, Any]:
    """Of running clocks in order: the next deadline, and the task *emergency service called?*; None for none."""
    named = {each["name"]: each for each in clocks}
    emergency, waits = named.pop(EMERGENCY_SERVICE, None), named.pop(BEGIN_CALLING, None)
    return next(iter(named.values()), waits), emergency


def is_breached(clocks: Sequence[Any]) -> bool:
    """Whether the next deadline or that of the task is past and recorded as missed."""
    return any(each["breached_at"] is not None for each in soonest(clocks) if each is not None)


def _row(words: Words, row: Any, known: Known) -> Row:
    said = [known_answers(each) for each in row["answers"]]
    answers = [each for each, _ in said]
    chips = [] if all(is_whole for _, is_whole in said) else [words.t("desk_row_strange")]
    chips += chips_of(words, row["reasons"] or [])
    next_due, emergency = soonest(row["clocks"])
    kind, holder = holder_of(words, row, known.called.get(row["case_id"], []), known.names)
    return Row(
        case_id=row["case_id"],
        alias=row["alias"],
        urgency=Urgency(row["urgency"]),
        chips=chips[:MOST_CHIPS] or ([words.t("desk_unread_report")] if row["is_unread_report"] else []),
        hidden_chips=max(0, len(chips) - MOST_CHIPS),
        opened_at=row["opened_at"],
        next_due=next_due and _due(words, next_due),
        emergency_due=emergency and _due(words, emergency),
        is_breached=is_breached(row["clocks"]),
        age=child_age(words, answers, row["age_told"]),
        place=area_of(words, row, known.areas),
        how_known=how_known(words, row),
        safe_until=row["child_safe_until"],
        access=access(words, answers),
        contacts=row["reports"],
        languages=words.term("language", row["language"]),
        time_zone=row["time_zone"],
        holder=holder,
        holder_kind=kind,
        unread_since=row["unread_since"],
        is_lower_asked=row["is_lower_asked"],
        is_closing_asked=row["is_closing_asked"],
        is_malice_suspected=row["is_malice_suspected"],
        is_unheard=row["is_unheard"],
        inside=row["inside"] or "",
        taken_by=row["taken_by"],
    )


def _bare(words: Words, row: Any) -> Row:
    """The line of a case whose row nobody here can read: that this is so, its urgency, and the way to it."""
    return Row(
        case_id=row["case_id"],
        alias=row["alias"],
        urgency=Urgency(row["urgency"]),
        chips=[words.t("desk_row_shut")],
        hidden_chips=0,
        opened_at=row["opened_at"],
        next_due=None,
        emergency_due=None,
        is_breached=False,
        age="—",
        place="—",
        how_known="",
        safe_until=None,
        access="—",
        contacts=row["reports"],
        languages="—",
        time_zone=row["time_zone"],
        holder=words.t("desk_row_open_it"),
        holder_kind="nobody",
        unread_since=row["unread_since"],
        is_lower_asked=False,
        is_closing_asked=False,
        is_malice_suspected=row["is_malice_suspected"],
        is_unheard=False,
        inside="",
        taken_by=row["taken_by"],
    )


def area_of(words: Words, case: Any, areas: Mapping[UUID, Any]) -> str:
    """Where a case is: the closest area we have a name for, else its code, else that it must be found."""
    named = areas.get(case["case_id"])
    if named is not None:
        return words.local(named, "name")
    code = case["area_code"]
    return words.t("desk_area_code", code=code) if code else words.t("desk_place_unknown")


def chips_of(words: Words, reasons: list[Any]) -> list[str]:
    """The reasons that count, each said once, in the engine's order (rules of the highest class first)."""
    counted = [each for each in reasons if each["rule"]]
    return list(dict.fromkeys(words.reason(each) for each in counted))


def child_age(words: Words, answers: list[Answers], read: int | None) -> str:
    """The age of the youngest child that answers tell, else what was `read` in the words (months), marked so."""
    ages = [each.child_age_months for each in answers if each.child_age_months is not None]
    ages += [each.child_age_years * 12 for each in answers if each.child_age_years is not None]
    if ages:
        return _age(words, min(ages))
    return words.t("desk_age_not_said") if read is None else words.t("desk_age_read", age=_age(words, read))


def _age(words: Words, months: int) -> str:
    return words.t("desk_age_months", count=months) if months < 24 else words.t("desk_age_years", count=months // 12)


def access(words: Words, answers: list[Answers]) -> str:
    """Whether the person of concern can reach the child: the most dangerous answer of all that were given."""
    given = {each.person_of_concern_has_access for each in answers} - {Answer.NOT_ASKED}
    return words.term("answer", min(given, key=DANGEROUS_FIRST.index, default=Answer.NOT_ASKED).value)


def how_known(words: Words, row: Any) -> str:
    """Through which channels and from whom we know of it."""
    roles = [role for role in row["reporter_roles"] or [] if role != "not_said"]
    channels = words.terms("channel", row["channels"])
    return words.t("desk_how_known", roles=words.terms("role", roles), channels=channels) if roles else channels


def holder_of(words: Words, row: Any, called: list[Any], names: Mapping[UUID, str]) -> tuple[str, str]:
    """Who has the case or who is being called, as a kind (for its mark) and a sentence."""
    kind = holder_kind(row)
    name = names.get(row["calling_taken_by"] if kind == "stopping" else row["taken_by"], "—")
    if kind == "calling":
        return kind, calling_of(words, called, names)
    return kind, words.t(f"desk_holder_{kind}", name=name, via=words.term("via", row["taken_via"]))


def holder_kind(row: Any) -> str:
    """Where the calling for a case stands. A take at the desk is `stopping` until the notifier has recorded it."""
    if row["status"] == "stood_down":
        return "rests"
    if row["calling_status"] == "taken_at_desk" and row["escalation_status"] in (None, "calling", "exhausted"):
        return "stopping"
    if row["taken_by"] is not None:
        return "taken"
    if row["calling_status"] == "calling":
        return "exhausted" if row["escalation_status"] == "exhausted" else "calling"
    return "waits" if any(each["name"] == BEGIN_CALLING for each in row["clocks"]) else "nobody"


def calling_of(words: Words, called: list[Any], names: Mapping[UUID, str]) -> str:
    """Which level is being called, and who of it."""
    if not called:
        return words.t("desk_holder_calling_begins")
    levels = [str(level) for level in LEVELS]
    top = max(called, key=lambda each: levels.index(each["level"]))["level"]
    who = [names.get(each["person_id"], "—") for each in called if each["level"] == top]
    return words.t("desk_holder_calling", level=words.term("level", top), names=words.t("desk_and").join(who))


def _due(words: Words, clock: Mapping[str, Any]) -> Due:
    at = clock["due_at"]
    return Due(
        words.term("clock", clock["name"]),
        datetime.fromisoformat(at) if isinstance(at, str) else at,
        words.term("owner", clock["owner"]),
        clock["is_legal"],
        clock["breached_at"] is not None,
    )
