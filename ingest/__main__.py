"""Runs ingest: the public app, the sweep of what the provider has and we do not, and what is done by the clock."""

import asyncio
from pathlib import Path

from infra.locales import Locales
from infra.service import Parts, Service, main
from infra.twilio.client import TwilioClient
from ingest import packs
from ingest.handlers.intake import Intake
from ingest.sweep import Sweep
from ingest.timer import Timer
from ingest.web.app import create_app


async def parts(service: Service) -> Parts:
    """Wire ingest, once."""
    intake = Intake(
        db=service.db,
        vault=service.vault,
        settings=service.settings,
        jurisdictions=packs.load(service.settings.jurisdiction),
        texts=Locales.load(Path(__file__).with_name("locales")),
    )
    provider = TwilioClient(service.settings)
    sweep, timer = Sweep(intake, provider, service.clock), Timer(intake, provider, service.clock)

    async def asking() -> None:
        try:
            await asyncio.gather(sweep.run(), timer.run_recordings())
        finally:
            await provider.close()

    return Parts(
        apps=[(create_app(intake, service.clock), service.settings.ingest_port)],
        loops=[asking, timer.run_forgetting],
        checks={"sweep": sweep.check, "recordings": timer.check_recordings},
    )


if __name__ == "__main__":
    main("ingest", __doc__, parts)
