"""Notices to reporters, and to bodies whose systems filed reports, through the same queue as alerts.

They are written before they are sent, under the same rates.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import structlog

from infra.clock import Clock
from infra.ids import new_id
from infra.inbox import Delivery
from infra.partners import Partner
from infra.postgres import Transaction
from infra.vault import Subject, UnknownMasterKey, Vault, VaultError
from notifier.domain.notice import Notice, notice, partner_notice, region_of
from notifier.handlers.partners import Partners
from notifier.handlers.waking import Wake
from notifier.store import alerts, escalations, notices
from notifier.store.alerts import NewAlert
from notifier.store.escalations import EscalationRow
from schemas.ladder import Ladder
from schemas.notices import ReportStateChanged
from schemas.report import SafeContact, WayBack
from schemas.terms import AlertChannel, Answer, EscalationStatus, Level, Purpose, Urgency

NOBODY = UUID(int=0)

_log = structlog.get_logger()


@dataclass(frozen=True)
class NoticeHandlers:
    """Handlers of what becomes of reports."""

    clock: Clock
    wake: Wake
    vault: Vault
    known: tuple[Partner, ...] = ()

    async def on_state(self, delivery: Delivery, tx: Transaction) -> None:
        """Plan the notice of a reporter who asked for it, and that of who filed it, or keep why there is none."""
        await self._tell_reporter(delivery, tx)
        await self._tell_partner(delivery, tx)

    async def _tell_reporter(self, delivery: Delivery, tx: Transaction) -> None:
        event: ReportStateChanged = delivery.event
        now, decided = self.clock.now(), (event.report_id, event.state)
        if await notices.is_decided(tx, *decided):
            return
        way = await way_back(tx, self.vault, event.report_id)
        found = notice(way, await notices.earlier(tx, event.report_id), now)
        if isinstance(found, str):
            await notices.add(tx, decided, None, found, now)
            return
        alert_id = await self._plan(delivery, tx, found, await channel_to(tx, found.to))
        await notices.add(tx, decided, alert_id, "asked", now)

    async def _tell_partner(self, delivery: Delivery, tx: Transaction) -> None:
        event: ReportStateChanged = delivery.event
        now, decided = self.clock.now(), (event.report_id, event.state)
        filed = await notices.filed(tx, event.report_id)
        if filed is None or await notices.is_partner_decided(tx, *decided):
            return
        address = Partners(self.vault, self.known).address(filed)
        way = await way_back(tx, self.vault, event.report_id)
        found = partner_notice(address, way, event.may_conflict, now)
        if isinstance(found, str):
            await notices.add_partner(tx, decided, None, found, now)
            return
        alert_id = await self._plan(delivery, tx, found, AlertChannel.PARTNER)
        await notices.add_partner(tx, decided, alert_id, "told", now)

    async def _plan(self, delivery: Delivery, tx: Transaction, found: Notice, channel: AlertChannel) -> UUID:
        """Write a notice into the queue of alerts; its id there."""
        now = self.clock.now()
        row = _nobodys(new_id(), found, channel, now)
        await notices.add_subject(tx, row.subject_id, delivery.trace)
        await escalations.add(tx, row)
        alert = _alert(row, delivery.event.report_id, found, channel)
        await alerts.add(tx, [alert], now)
        tx.after_commit(self.wake.sends.set)
        return alert.alert_id


async def way_back(tx: Transaction, vault: Vault, report_id: UUID) -> WayBack | None:
    """The newest word of a reporter on how they may be reached. One that does not open is a no: nobody is told."""
    sealed = await notices.way_back(tx, report_id)
    if sealed is None:
        return None
    try:
        opened = await vault.open_text(tx, Subject("report", report_id), "way_back", sealed)
    except UnknownMasterKey:
        raise
    except VaultError as error:
        _log.error("way_back_shut", report_id=str(report_id), error=type(error).__name__)
        return WayBack(contact=SafeContact(wants_news=Answer.NO))
    return WayBack.model_validate_json(opened)


async def channel_to(tx: Transaction, number: str) -> AlertChannel:
    """By what a text to a reporter goes: the gateway of the country of the number, where there is one."""
    has_gateway = await notices.has_gateway(tx, region_of(number))
    return AlertChannel.WEBHOOK if has_gateway else AlertChannel.SMS


def _nobodys(subject_id: UUID, found: Notice, channel: AlertChannel, now: datetime) -> EscalationRow:
    """What the queue hangs a notice on: a calling of nobody, which is over."""
    return EscalationRow(
        escalation_id=new_id(),
        subject_id=subject_id,
        purpose=Purpose.RESPOND,
        number=1,
        status=EscalationStatus.ENDED,
        urgency=Urgency.ROUTINE,
        team_id=NOBODY,
        first_responder_id=None,
        excluded_responders=(),
        ladder=Ladder.of_one(channel),
        deadline_at=found.until,
        started_at=now,
        next_due_at=None,
    )


def _alert(row: EscalationRow, report_id: UUID, found: Notice, channel: AlertChannel) -> NewAlert:
    return NewAlert(
        alert_id=new_id(),
        escalation_id=row.escalation_id,
        kind="notice",
        person_id=report_id,
        level=Level.FIRST,
        channel=channel,
        attempt=1,
        is_immediate=False,
        valid_until=found.until,
        due_at=found.due_at,
    )
