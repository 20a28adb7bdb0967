"""The canary's way."""

from datetime import datetime

from notifier.channels.port import Outgoing, Taken


class LoopbackChannel:
    """Reaches nobody: the canary's responder, who takes every alert by itself."""

    provider = "loopback"

    def sender(self, _outgoing: Outgoing) -> str:
        """Nothing is sent."""
        return "loopback"

    async def send(self, outgoing: Outgoing) -> Taken:
        """Count as delivered at once."""
        return Taken(f"loopback-{outgoing.alert_id}", "delivered")

    async def find(self, outgoing: Outgoing, since: datetime) -> list[Taken]:
        """What was begun has also been delivered."""
        return [await self.send(outgoing)] if since else []

    async def stop(self, sid: str) -> None:
        """Nothing rings."""
