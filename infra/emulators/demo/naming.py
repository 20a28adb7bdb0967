"""Names on the page of phones: the responders of the demonstration, as their seed wrote them."""

import json

from infra.emulators.twilio.phones import Phones
from infra.settings import Settings, required
from infra.up.hotline import PHONES_FILE


async def name_phones(config: Settings) -> None:
    """Give every responder's phone its name."""
    rows = json.loads((config.state_dir / PHONES_FILE).read_text("utf-8"))
    async with Phones(required(config.twilio_api_url, "twilio_api_url")) as phones:
        for row in rows:
            await phones.phone(row["number"]).is_called(row["name"])
