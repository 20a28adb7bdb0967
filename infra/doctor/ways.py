"""The ways to responders beside the provider: the mail server and the gateway. Nothing is sent."""

from infra.doctor.finding import Finding, ok
from infra.doctor.visit import Visit
from infra.ids import new_id
from infra.mail import Mailer
from infra.webhook import Gateway


async def look_at_mail(visit: Visit) -> list[Finding]:
    """Greet the server and sign in; nothing when there is none."""
    if visit.settings.smtp_url is None:
        return []
    await Mailer(visit.settings).look()
    return [ok("mail", "the server answers and lets us in")]


async def look_at_gateway(visit: Visit) -> list[Finding]:
    """Ask it for a text that never was, signed as always; nothing when there is none."""
    if visit.settings.gateway_url is None:
        return []
    gateway = Gateway(visit.settings.gateway_url, visit.settings.gateway_keys)
    try:
        await gateway.ask({"act": "find", "alert_id": str(new_id())}, visit.clock.now() - visit.clock.offset)
    finally:
        await gateway.close()
    return [ok("gateway", "it answers and believes our signature")]
