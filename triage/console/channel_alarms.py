"""Alarms about the ways to people: a phone that refuses texts, a number that is dead, a provider that filters.

And that the system of a body took no notice of a report that it filed.
"""

from datetime import datetime, timedelta
from typing import Any

from infra.postgres import Transaction, queries
from infra.vault import Vault
from schemas.ways import MARK_LASTS
from triage.console.alarm import Alarm
from triage.console.opened import open_name
from triage.console.words import Words
from triage.domain.roster import WATCHED_AHEAD
from triage.store import ways
from triage.store.ways import ProvenPhone

_sql = queries(__file__)

TOLD_FOR = timedelta(hours=1)


async def of_channels(tx: Transaction, vault: Vault, words: Words, now: datetime) -> list[Alarm]:
    """What is wrong on the way to responders now."""
    found = [await _refusing(tx, vault, words, row) async for row in _sql.find_refusing_phones(tx, now=now)]
    marked = _sql.find_marked_phones(tx, now=now, marked_since=now - MARK_LASTS)
    found += [await _marked(tx, vault, words, row) async for row in marked]
    failing = [each for each in await ways.proven_phones(tx, now) if each.tested.is_failing]
    found += [await _failing(tx, vault, words, each) for each in failing]
    unreachable = await ways.unreachable(tx, now, now + WATCHED_AHEAD)
    found += [await _unreachable(tx, vault, words, row) for row in unreachable]
    found += [_told(words, row) async for row in _sql.find_told_failures(tx, since=now - TOLD_FOR)]
    return found + _untold(words, await _sql.find_untold_partners(tx, since=now - TOLD_FOR))


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


async def _failing(tx: Transaction, vault: Vault, words: Words, phone: ProvenPhone) -> Alarm:
    """A phone whose last two tests failed: until it is proven anew, a test works, or it is removed."""
    name = await open_name(tx, vault, words, {"person_id": phone.person_id, "name": phone.name})
    since = phone.tested.tests[0].asked_at
    said = words.t("desk_alarm_phone_failing", name=name, position=phone.position)
    link = f"/phones/{phone.person_id}"
    return Alarm(f"failing {phone.person_id} {phone.position} {since.isoformat()}", "phone", said, since, link)


async def _unreachable(tx: Transaction, vault: Vault, words: Words, row: Any) -> Alarm:
    """Somebody with a shift ahead whom nothing reaches."""
    name = await open_name(tx, vault, words, row)
    said = words.t("desk_alarm_phone_none", name=name)
    return Alarm(f"unreachable {row['person_id']}", "phone", said, None, f"/phones/{row['person_id']}")


def _told(words: Words, row: Any) -> Alarm:
    """A failure that is about us. The same alarm as long as it goes on within the hour."""
    said = words.t(f"desk_alarm_sends_{row['error_code']}", count=row["times"])
    return Alarm(f"sends {row['error_code']}", "provider", said, row["last_at"])


def _untold(words: Words, row: Any) -> list[Alarm]:
    """Notices that no system took. Whose, the notifier's metrics say: the database knows no body by name."""
    if not row["times"]:
        return []
    said = words.t("desk_alarm_partner_untold", count=row["times"])
    return [Alarm("partner untold", "provider", said, row["last_at"])]
