"""What the desk is asked about responders on the way and there, and the numbers on which to ring them."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from infra.postgres import Transaction
from infra.vault import Subject, Vault, VaultError
from triage.console.words import Words
from triage.domain import there
from triage.handlers.there import asked_about
from triage.store import there as store
from triage.store.queue import CasePage


@dataclass(frozen=True)
class AskedOfDesk:
    """Open questions, gravest first (their clocks), and by person the numbers to ring while any is open.

    `about`: by question, the responders about whom it may be answered.
    """

    questions: list[Any]
    about: dict[str, list[UUID]]
    phones: dict[UUID, list[str]]


async def asked_of_desk(tx: Transaction, vault: Vault, words: Words, stored: CasePage) -> AskedOfDesk:
    """The questions of a case, with the phones of who has it and of who is at the place."""
    running = {clock["name"]: clock for clock in stored.clocks if clock["ended_at"] is None}
    questions = [running[name] for name in there.QUESTIONS if name in running]
    if not questions:
        return AskedOfDesk([], {}, {})
    case_id = stored.case["case_id"]
    names = [clock["name"] for clock in questions if clock["name"] in there.ABOUT_SOMEBODY]
    about = {name: await asked_about(tx, case_id, name) for name in names}
    people = {each.person_id for each in await store.at_the_place(tx, case_id)}
    people |= {stored.case["taken_by"]} - {None} | {each for named in about.values() for each in named}
    sealed = await store.phones(tx, people)
    return AskedOfDesk(
        questions, about, {who: await _open(tx, vault, words, (who, sealed.get(who, []))) for who in people}
    )


async def _open(tx: Transaction, vault: Vault, words: Words, sealed: tuple[UUID, list[bytes]]) -> list[str]:
    """The numbers of a person; one that does not open says so."""
    person_id, numbers = sealed
    opened = []
    for number in numbers:
        try:
            opened.append(await vault.open_text(tx, Subject("person", person_id), "phone", number))
        except VaultError:
            opened.append(words.t("desk_ask_unreadable"))
    return opened
