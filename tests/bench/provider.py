"""What reached the provider, seen from its side, and people who answer there."""

import asyncio
import re
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from infra.emulators.twilio.phones import Phones
from infra.settings import Settings, required

REPLY_PAIR = re.compile(r"(?P<base>\d{1,3})1\D+(?P=base)2")
ANSWERS_AT_ONCE = 8


@dataclass(frozen=True)
class Sms:
    """A text as the provider was asked to send it."""

    alert_id: UUID
    to: str
    body: str
    received_at: datetime


async def texts(settings: Settings) -> dict[UUID, Sms]:
    """Every text of an alert by the alert's id, with the instant the first request for it arrived."""
    async with Phones(required(settings.twilio_api_url, "twilio_api_url")) as phones:
        asked = await phones.requests("/Messages", "POST")
    found: dict[UUID, Sms] = {}
    for each in asked:
        params = each["params"]
        callback = params.get("StatusCallback", "")
        if "/twilio/status/" in callback:
            alert_id = UUID(callback.rsplit("/", 1)[1])
            at = datetime.fromisoformat(each["received_at"])
            found.setdefault(alert_id, Sms(alert_id, params["To"], params["Body"], at))
    return found


async def take_all(settings: Settings, asked: list[Sms]) -> int:
    """Everybody takes their case by SMS, so that the calling of one round ends before the next; how many did."""
    async with Phones(required(settings.twilio_api_url, "twilio_api_url")) as phones:
        room = asyncio.Semaphore(ANSWERS_AT_ONCE)

        async def take(sms: Sms) -> bool:
            pair = REPLY_PAIR.search(sms.body)
            if pair is None:
                return False
            async with room:
                await phones.phone(sms.to).text(f"{pair[1]}1", to=required(settings.alert_number, "alert_number"))
            return True

        return sum(await asyncio.gather(*(take(sms) for sms in asked)))
