"""Alarms about the ways to responders: a phone that refuses texts, a number that is dead, a provider that filters."""

from datetime import datetime, timedelta
from typing import Any

from infra.postgres import Transaction, queries
from infra.vault import Vault
from triage.console.alarm import Alarm
from triage.console.opened import open_name
from triage.console.words import Words

_sql = queries(__file__)

MARK_LASTS = timedelta(days=30)
"""As long as the notifier keeps to a mark; then the number is tried again."""
TOLD_FOR = timedelta(hours=1)


async def of_channels(tx: Transaction, vault: Vault, words: Words, now: datetime) -> list[Alarm]:
    """What is wrong on the way to responders now."""
    found = [await _refusing(tx, vault, words, row) async for row in _sql.find_refusing_phones(tx, now=now)]
    marked = _sql.find_marked_phones(tx, now=now, marked_since=now - MARK_LASTS)
    found += [await _marked(tx, vault, words, row) async for row in marked]
    return found + [_told(words, row) async for row in _sql.find_told_failures(tx, since=now - TOLD_FOR)]


async def _refusing(tx: Transaction, vault: Vault, words: Words, row: Any) -> Alarm:
    """Somebody on call who cannot be texted: until they text START, or a text arrives."""
    name = await open_name(tx, vault, words, row)
    key = f"refusing {row['person_id']} {row['since'].isoformat()}"
    return Alarm(key, "phone", words.t("desk_alarm_phone_refuses", name=name), row["since"])


async def _marked(tx: Transaction, vault: Vault, words: Words, row: Any) -> Alarm:
    """A task for the directory: until it holds another number, or something arrives at this one."""
    name = await open_name(tx, vault, words, row)
    key = f"marked {row['person_id']} {row['position']} {row['since'].isoformat()}"
    said = words.t(f"desk_alarm_phone_{row['mark']}", name=name, position=row["position"], code=row["error_code"])
    return Alarm(key, "phone", said, row["since"])


def _told(words: Words, row: Any) -> Alarm:
    """A failure that is about us. The same alarm as long as it goes on within the hour."""
    said = words.t(f"desk_alarm_sends_{row['error_code']}", count=row["times"])
    return Alarm(f"sends {row['error_code']}", "provider", said, row["last_at"])
