"""Alarms about what a responder wrote that no rule took, or beside an answer: until a named person has read it."""

from typing import Any

from infra.postgres import Transaction
from infra.vault import Vault
from triage.console.alarm import Alarm
from triage.console.opened import open_name
from triage.console.words import Words
from triage.store import responder_words

PAGE = "/words"


async def of_words(tx: Transaction, vault: Vault, words: Words) -> list[Alarm]:
    """Who wrote something that nobody has read; the words themselves are shown by a look that is on record."""
    return [await _written(tx, vault, words, row) for row in await responder_words.unread(tx)]


async def _written(tx: Transaction, vault: Vault, words: Words, row: Any) -> Alarm:
    name, cases = await open_name(tx, vault, words, row), row["cases"]
    key, since = f"words {row['answer_id']}", row["answered_at"]
    if len(cases) == 1:
        form = "desk_alarm_words_beside" if row["is_beside"] else "desk_alarm_words_of_case"
        said = words.t(form, name=name, alias=cases[0]["alias"])
        link, settle = f"/cases/{cases[0]['case_id']}", f"{PAGE}/{row['answer_id']}/read"
        return Alarm(key, "words", said, since, link, settle)
    said = words.t("desk_alarm_words_of_cases" if cases else "desk_alarm_words_of_none", name=name, count=len(cases))
    # Read on the page that shows them: nothing else does.
    return Alarm(key, "words", said, since, f"{PAGE}#{row['answer_id']}")
