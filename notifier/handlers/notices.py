"""Notices to reporters, through the same queue as alerts: written before they are sent, under the same rates."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import structlog

from infra.clock import Clock
from infra.ids import new_id
from infra.inbox import Delivery
from infra.postgres import Transaction
from infra.vault import Subject, UnknownMasterKey, Vault, VaultError
from notifier.domain.notice import Notice, notice, region_of
from notifier.handlers.waking import Wake
from notifier.store import alerts, escalations, notices
from notifier.store.alerts import NewAlert
from notifier.store.escalations import EscalationRow
from schemas.ladder import Ladder
from schemas.notices import ReportStateChanged
from schemas.report import WayBack
from schemas.terms import AlertChannel, EscalationStatus, Level, Purpose, Urgency

NOBODY = UUID(int=0)
NO_LADDER = Ladder.of_one(AlertChannel.SMS)

_log = structlog.get_logger()


@dataclass(frozen=True)
class NoticeHandlers:
    """Handlers of what becomes of reports."""

    clock: Clock
    wake: Wake
    vault: Vault

    async def on_state(self, delivery: Delivery, tx: Transaction) -> None:
        """Plan the notice of a reporter who asked for it, or keep why there is none."""
        event: ReportStateChanged = delivery.event
        now, decided = self.clock.now(), (event.report_id, event.state)
        if await notices.is_decided(tx, *decided):
            return
        way = await way_back(tx, self.vault, event.report_id)
        found = notice(way, await notices.earlier(tx, event.report_id), now)
        if isinstance(found, str):
            await notices.add(tx, decided, None, found, now)
            return
        row = _nobodys(new_id(), found, now)
        await notices.add_subject(tx, row.subject_id, delivery.trace)
        await escalations.add(tx, row)
        alert = _alert(row, event.report_id, found, await channel_to(tx, found.to))
        await alerts.add(tx, [alert], now)
        await notices.add(tx, decided, alert.alert_id, "asked", now)
        tx.after_commit(self.wake.sends.set)


async def way_back(tx: Transaction, vault: Vault, report_id: UUID) -> WayBack | None:
    """The newest word of a reporter on how they may be reached. One that does not open is none: nobody is told."""
    sealed = await notices.way_back(tx, report_id)
    if sealed is None:
        return None
    try:
        opened = await vault.open_text(tx, Subject("report", report_id), "way_back", sealed)
    except UnknownMasterKey:
        raise
    except VaultError as error:
        _log.error("way_back_shut", report_id=str(report_id), error=type(error).__name__)
        return None
    return WayBack.model_validate_json(opened)


async def channel_to(tx: Transaction, number: str) -> AlertChannel:
    """By what a text to a reporter goes: the gateway of the country of the number, where there is one."""
    has_gateway = await notices.has_gateway(tx, region_of(number))
    return AlertChannel.WEBHOOK if has_gateway else AlertChannel.SMS


def _nobodys(subject_id: UUID, found: Notice, now: datetime) -> EscalationRow:
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
        ladder=NO_LADDER,
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
