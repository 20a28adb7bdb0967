"""Sealed words for people to read: one with a broken seal says so in its place, and hides nothing else."""

from typing import Any
from uuid import UUID

from infra.postgres import Transaction
from infra.vault import Subject, Vault, VaultError
from triage.console.words import Words


async def open_name(tx: Transaction, vault: Vault, words: Words, row: Any) -> str:
    """The name of a person (`person_id`, sealed `name`)."""
    try:
        return await vault.open_text(tx, Subject("person", row["person_id"]), "name", row["name"])
    except VaultError:
        return words.t("desk_name_shut")


async def open_answer(tx: Transaction, vault: Vault, words: Words, row: Any) -> str:
    """What a responder wrote to us (`person_id`, sealed `words`)."""
    try:
        return await vault.open_text(tx, Subject("person", row["person_id"]), "answer", row["words"])
    except VaultError:
        return words.t("desk_report_shut")


async def open_words(tx: Transaction, vault: Vault, words: Words, of: tuple[UUID, str, bytes]) -> str:
    """What somebody at the desk wrote in a case: the case, the field, the sealed words."""
    case_id, field, sealed = of
    try:
        return await vault.open_text(tx, Subject("case", case_id), field, sealed)
    except VaultError:
        return words.t("desk_report_shut")
