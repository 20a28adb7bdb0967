"""What happened in a case, from first contact to acknowledgement, as sentences with their instants."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from infra.postgres import Transaction, queries
from infra.vault import Vault
from triage.console.opened import open_answer, open_words
from triage.console.words import Words
from triage.store import timeline

_sql = queries(__file__)

ALERT = "alert_"
REPLIED = "replied_"
STEPS = ("sent_at", "delivered_at", "answered_at")
PARTS_OF_US = ("triage", "ingest", "notifier")
# What each detail of an entry is a word of.
KINDS = {
    "purpose": "purpose", "via": "via", "channel": "channel", "kind": "contact", "because": "because",
    "clock": "clock", "from": "urgency", "to": "urgency", "level": "level", "urgency": "urgency",
    "service": "service", "owner": "owner", "answer": "answered", "state": "alert",
    "said": "recorded", "question": "question", "value": "answer", "asked_of": "asked_of", "code": "closing",
    "act": "wanted",
}  # fmt: skip


@dataclass(frozen=True)
class Happened:
    """One line of the timeline; `steps` are the later states of an alert."""

    at: datetime
    kind: str
    sentence: str
    note: str = ""
    steps: tuple[tuple[str, datetime], ...] = ()
    is_alert: bool = False


@dataclass(frozen=True)
class Entries:
    """What is stored of a timeline, with its notes opened."""

    words: Words
    stored: list[Any]
    notes: dict[UUID, str]
    contacts: list[Any]
    people: set[UUID] = field(default_factory=set)

    def told(self, names: Mapping[UUID, str]) -> list[Happened]:
        """The lines in order, with the names of people."""
        lines = [self._line(entry, names) for entry in self.stored]
        lines += [self._began(contact) for contact in self.contacts if contact["began_at"] < contact["received_at"]]
        return sorted(lines, key=lambda line: line.at)

    def _began(self, contact: Any) -> Happened:
        channel = self.words.term("channel", contact["channel"])
        return Happened(contact["began_at"], "began", self.words.t("desk_event_contact_began", channel=channel))

    def _line(self, entry: Any, names: Mapping[UUID, str]) -> Happened:
        if entry["kind"].startswith(ALERT):
            return self._alert(entry["detail"], names)
        values = self._values(entry, names)
        sentence = self.words.optional(f"desk_event_{entry['kind']}", **values)
        sentence = sentence or self.words.t("desk_event_other", kind=entry["kind"].replace("_", " "), **values)
        return Happened(entry["at"], entry["kind"], sentence, self.notes.get(entry["entry_id"], ""))

    def _alert(self, detail: Mapping[str, Any], names: Mapping[UUID, str]) -> Happened:
        words = self.words
        sentence = words.t(
            "desk_event_alert",
            name=names.get(UUID(detail["person_id"]), "—"),
            level=words.term("level", detail["level"]),
            channel=words.term("alert_channel", detail["channel"]),
            purpose=words.term("purpose", detail["purpose"]),
            state=words.term("alert", detail["state"]),
        )
        if detail["error_code"]:
            sentence = words.t("desk_event_alert_error", sentence=sentence, code=detail["error_code"])
        steps = tuple((words.term("step", step), _instant(detail[step])) for step in STEPS if detail[step])
        return Happened(_instant(detail["planned_at"]), "alert", sentence, steps=steps, is_alert=True)

    def _values(self, entry: Any, names: Mapping[UUID, str]) -> dict[str, str]:
        actor = entry["actor"]
        name = (
            self.words.term("part", actor) if actor in PARTS_OF_US else names.get(_person(actor) or UUID(int=0), "—")
        )
        # A word that an older entry does not hold is left out of its sentence, never the whole sentence.
        values = dict.fromkeys(KINDS, "—") | {"name": name, "first": "—", "number": "—"}
        for key, value in entry["detail"].items():
            person = _person(value)
            if key == "step":
                values[key] = self.words.question(value)
            elif key in KINDS and value is not None:
                values[key] = self.words.term(KINDS[key], value)
            elif person is not None and person in names:
                values[key] = names[person]
            elif isinstance(value, str | int):
                values[key] = str(value)
        return values


async def happened(tx: Transaction, vault: Vault, words: Words, case_id: UUID) -> Entries:
    """The timeline of a case as stored; `people` are those it names."""
    stored = await timeline.read(tx, case_id)
    notes = {
        entry["entry_id"]: await _note(tx, vault, words, (case_id, entry))
        for entry in stored
        if entry["note"] is not None
    }
    contacts = [row async for row in _sql.find_contacts(tx, case_id=case_id)]
    mentioned = {_person(entry["actor"]) for entry in stored}
    mentioned |= {_person(value) for entry in stored for value in entry["detail"].values()}
    return Entries(words, stored, notes, contacts, {each for each in mentioned if each is not None})


async def _note(tx: Transaction, vault: Vault, words: Words, of: tuple[UUID, Any]) -> str:
    """The words of an entry of a case: a responder's own, or what somebody at the desk wrote."""
    case_id, entry = of
    if entry["kind"].startswith(REPLIED):
        return await open_answer(tx, vault, words, {"person_id": UUID(entry["actor"]), "words": entry["note"]})
    return await open_words(tx, vault, words, (case_id, "note", entry["note"]))


def _person(value: object) -> UUID | None:
    """The id in a value, when it is one; whether it is a person's, the names tell."""
    if not isinstance(value, str) or len(value) != 36:
        return None
    try:
        return UUID(value)
    except ValueError:
        return None


def _instant(value: str | datetime) -> datetime:
    return value if isinstance(value, datetime) else datetime.fromisoformat(value)
