"""Notices to the systems of bodies that filed reports: signed, each to its own address (docs/partners.md)."""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from infra.clock import Clock
from infra.partners import Partner, address_of
from infra.sending import Refused
from infra.webhook import Gateway
from notifier.channels.port import Outgoing, Taken

TIMEOUT = timedelta(seconds=3)
"""A system that is slow must not hold a slot that somebody's alert waits for."""


class PartnerChannel:
    """Tells that there is something to ask for. Said twice it does no harm, so nothing has to be found again."""

    provider = "partner"

    def __init__(self, systems: Mapping[str, Gateway], rates: Mapping[str, str], clock: Clock) -> None:
        self._systems, self._rates, self._clock = systems, rates, clock

    def sender(self, outgoing: Outgoing) -> str:
        """Each system has its own rate, under a name that tells nobody whose it is: it is kept in the database."""
        return self._rates.get(outgoing.to, "nobody")

    async def send(self, outgoing: Outgoing) -> Taken:
        """Tell a system, by the name of its body. One that takes it has it."""
        system = self._systems.get(outgoing.to)
        if system is None:
            raise Refused("no_address")
        # Its clock knows nothing of a clock that a test has moved.
        await system.tell(outgoing.body.encode(), self._clock.now() - self._clock.offset)
        return Taken(f"partner-{outgoing.alert_id}", "delivered")

    async def find(self, _outgoing: Outgoing, _since: datetime) -> list[Taken]:
        """Nothing: it is told again."""
        return []

    async def stop(self, _sid: str) -> None:
        """What was told cannot be taken back."""

    async def close(self) -> None:
        """Close the connections."""
        for system in self._systems.values():
            await system.close()


def partner_channel(known: Iterable[Partner], clock: Clock, timeout: timedelta = TIMEOUT) -> PartnerChannel:
    """The channel to every body that named an address; make it inside the running loop."""
    systems, rates = {}, {}
    for partner in known:
        if (address := address_of(partner)) is not None:
            url, secret = address
            systems[partner.name] = Gateway(url, [secret], timeout)
            rates[partner.name] = hashlib.sha256(f"{secret} {partner.name}".encode()).hexdigest()[:16]
    return PartnerChannel(systems, rates, clock)
