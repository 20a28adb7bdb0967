"""The bodies whose systems filed reports: who filed which, and what may still be said to them when it is sent."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from infra.partners import Partner, address_of
from infra.postgres import Transaction
from infra.vault import Vault
from notifier.channels import Outgoing
from notifier.store import notices
from notifier.store.letters import Letter
from notifier.store.notices import Filed

NO_TIME = timedelta()


@dataclass(frozen=True)
class Partners:
    """Those that the settings name. The database knows them by tokens alone."""

    vault: Vault
    known: tuple[Partner, ...] = ()

    def address(self, filed: Filed) -> str | None:
        """The name, for the channel, of the body that filed a report; None where it is not to be told of any."""
        for partner in self.known:
            if filed.partner_token in self.vault.tokens("partner", partner.name):
                return partner.name if address_of(partner) else None
        return None

    async def outgoing(self, tx: Transaction, letter: Letter, now: datetime) -> Outgoing | None:
        """A notice ready to go: that there is an update for this report, and nothing else. None: not any more."""
        filed = await notices.filed(tx, letter.person_id)
        name = self.address(filed) if filed is not None and not filed.may_conflict else None
        if name is None:
            return None
        body = json.dumps({"type": "report.updated", "report_id": str(letter.person_id)})
        return Outgoing(letter.alert_id, name, body, (), letter.valid_until - now, NO_TIME, is_notice=True)
