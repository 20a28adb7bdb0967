"""Many cases at once: what a person would be told one by one is folded into a digest, as its step is written."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from infra.ids import new_id
from infra.postgres import Transaction
from notifier.domain.ladder import VALID_FOR
from notifier.domain.storm import PURPOSES, Load, digest_channel, digest_due_at, is_folded
from notifier.store import people, storms
from notifier.store.alerts import NewAlert
from notifier.store.escalations import EscalationRow, SubjectRow
from schemas.terms import AlertChannel, Urgency


def is_foldable(row: EscalationRow, subject: SubjectRow) -> bool:
    """Whether a calling may be told of with others. Never what is immediate, a drill or a canary."""
    is_apart = row.urgency is Urgency.IMMEDIATE or subject.is_drill or subject.is_canary
    return not is_apart and row.purpose in PURPOSES


async def folded(
    tx: Transaction, row: EscalationRow, subject: SubjectRow, new: Sequence[NewAlert], now: datetime
) -> list[NewAlert]:
    """The alerts as they are to be written: as they are, or folded into the digest of their person, who is locked."""
    if not is_foldable(row, subject):
        return list(new)
    written: list[NewAlert] = []
    for person_id in {alert.person_id for alert in new}:
        load = await storms.load(tx, person_id, row.escalation_id, now)
        own = [alert for alert in new if alert.person_id == person_id]
        written += await _Person(tx, load, now).fold(own)
    return written


@dataclass
class _Person:
    """One person and what they were told of lately."""

    tx: Transaction
    load: Load
    now: datetime

    async def fold(self, own: list[NewAlert]) -> list[NewAlert]:
        person_id = own[0].person_id
        reach = (await people.reach(self.tx, [person_id], is_canary=False, now=self.now)).get(person_id, frozenset())
        many = [each for each in own if is_folded(each.channel, self.load, reach, self.now)]
        if not many:
            return own
        digest = await storms.gathering(self.tx, person_id, self.now)
        made = [] if digest else [await self._digest(own[0], digest_channel(self.load, reach))]
        into = digest or made[0].alert_id
        # The second text of a folded one, with its link, is not sent.
        told = [replace(each, folded_into=into) for each in many if each.kind == "alert"]
        return [*made, *told, *(each for each in own if each not in many)]

    async def _digest(self, like: NewAlert, channel: AlertChannel) -> NewAlert:
        due_at = digest_due_at(self.load, self.now)
        return replace(
            like,
            alert_id=new_id(),
            kind="digest",
            channel=channel,
            attempt=await storms.digests(self.tx, like.escalation_id, like.person_id) + 1,
            keys=None,
            is_everybody=False,
            due_at=due_at,
            valid_until=due_at + VALID_FOR,
        )
