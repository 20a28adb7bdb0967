"""What the page of a case says of closing it and of suspected malice: what hinders, who must agree, what holds."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from infra.postgres import Transaction
from infra.vault import Vault
from triage.console.opened import open_words
from triage.console.words import Words
from triage.domain.assessment import History
from triage.domain.closing import ClosingReasons, Ground, Hindrance, Standing, grounds, hindrances, is_owed
from triage.handlers.standing import standing_of
from triage.store import closings, malice
from triage.store.reports import Report


@dataclass(frozen=True)
class ClosingView:
    """How a case stands for closing. `newest` is the open request or the newest that was granted, `words` its words.

    `ending` names the running clocks that end with it; `is_owed`: people must have been called first; `history` is
    that of its newest report; `mark` is that of suspected malice, `mark_words` its reason.
    """

    hindrances: tuple[Hindrance, ...]
    grounds: tuple[Ground, ...]
    ending: list[str]
    is_owed: bool
    history: History
    reasons: ClosingReasons
    newest: Any
    words: str
    mark: Any
    mark_words: str

    @property
    def asked(self) -> Any:
        """The open request, or None."""
        return self.newest if self.newest is not None and self.newest["decided_at"] is None else None

    @property
    def people(self) -> set[UUID]:
        """Whom it names."""
        named = [self.newest[name] for name in ("asked_by", "decided_by")] if self.newest else []
        named += [self.mark["marked_by"]] if self.mark else []
        return {each for each in named if each is not None}


async def read_closing(
    tx: Transaction, vault: Vault, words: Words, case: Any, opened: tuple[Sequence[Report], bool]
) -> ClosingView:
    """The same from what is stored; `opened` are the case's reports as far as they open, and whether that is all."""
    case_id = case["case_id"]
    pack = words.packs.for_jurisdiction(case["jurisdiction"], words.now.date())
    standing: Standing = await standing_of(tx, pack, case_id, opened)
    newest, mark = await closings.newest(tx, case_id), await malice.of_case(tx, case_id)
    return ClosingView(
        hindrances(standing),
        grounds(standing),
        sorted(standing.running - standing.legal),
        is_owed(standing),
        standing.history,
        words.packs.closing,
        newest,
        await open_words(tx, vault, words, (case_id, "note", newest["words"])) if newest else "",
        mark,
        await open_words(tx, vault, words, (case_id, "note", mark["reason"])) if mark else "",
    )
