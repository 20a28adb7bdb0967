"""Runs the notifier: calls responders up the ladder until one takes the case, and takes their answers."""

from pathlib import Path

from infra import partners
from infra.buckets import Bucket
from infra.inbox import Subscriber
from infra.locales import Locales
from infra.mail import Mailer
from infra.service import Parts, Service, main
from infra.settings import Settings, required, split
from infra.twilio.client import TwilioClient
from infra.webhook import Gateway
from notifier.channels import Addresses, channels, partner_channel, written_channels
from notifier.handlers.cases import CaseHandlers
from notifier.handlers.drills import DrillHandlers
from notifier.handlers.letters import Letters
from notifier.handlers.notices import NoticeHandlers
from notifier.handlers.texting import Texting
from notifier.handlers.trials import TrialHandlers
from notifier.handlers.waking import Wake
from notifier.handlers.wording import Phrases
from notifier.store import people
from notifier.sweep import Sweep
from notifier.timer.counter import Counter
from notifier.timer.worker import Worker
from notifier.web import app
from notifier.web.front import Front
from schemas.drills import DrillCalled
from schemas.events import CaseChanged, CaseOpened, DeskChanged, ReportReceived, ReportUpdated
from schemas.notices import ReportStateChanged
from schemas.terms import AlertChannel
from schemas.trials import TrialAsked

# Nothing that a system is told is urgent, and one that is slow must not take many slots at once.
PARTNER_BUCKET = Bucket("notices", rate=1, capacity=2, reserved=0)
LOCALES = Path(__file__).with_name("locales")


async def parts(service: Service) -> Parts:
    """Wire the notifier."""
    settings, wake = service.settings, Wake()
    phrases = Phrases(settings, Locales.load(LOCALES), service.vault)
    origin = required(settings.notifier_url, "notifier_url").rstrip("/")
    numbers = (required(settings.alert_number, "alert_number"), *split(settings.pool_numbers))
    provider = TwilioClient(settings)
    mailer = Mailer(settings) if settings.smtp_url else None
    gateway = Gateway(settings.gateway_url, settings.gateway_keys) if settings.gateway_url else None
    known = partners.read(settings.partners)
    systems = partner_channel(known, service.clock)
    async with service.db.transaction() as tx:
        await people.set_routes(tx, mailer is not None, split(settings.gateway_regions) if gateway else ())
    counter = Counter(
        db=service.db,
        clock=service.clock,
        letters=Letters(phrases, origin, known),
        channels={
            **channels(provider, Addresses(numbers[0], origin, numbers[1:], settings.intake_number)),
            **written_channels(mailer, gateway, service.clock, origin),
            AlertChannel.PARTNER: systems,
        },
        buckets=buckets(settings),
        wake=wake,
    )
    cases = CaseHandlers(service.clock, wake, settings.wait_scale, settings.timezone)
    worker = Worker(counter, cases, wake, settings.instance)
    front = Front(settings, service.db, service.clock, phrases, wake)
    sweep = Sweep(service.db, service.clock, provider, Texting(phrases, wake), numbers)

    async def work() -> None:
        try:
            await worker.run()
        finally:
            await provider.close()
            await systems.close()
            if gateway is not None:
                await gateway.close()

    return Parts(
        apps=[(app(front), settings.notifier_port)],
        subscriber=Subscriber(
            service.db,
            service.clock,
            {
                CaseOpened.type: cases.on_calling,
                CaseChanged.type: cases.on_calling,
                DeskChanged.type: cases.on_calling,
                TrialAsked.type: TrialHandlers(service.clock, wake).on_asked,
                DrillCalled.type: DrillHandlers(service.clock, wake).on_drill,
                ReportReceived.type: cases.on_report,
                ReportStateChanged.type: NoticeHandlers(service.clock, wake, service.vault, known).on_state,
                ReportUpdated.type: cases.on_report,
            },
        ),
        loops=[work, sweep.run],
        checks={
            "calling": worker.trouble,
            "reports_are_called_for": worker.uncalled,
            "provider": provider.trouble,
            "channels": worker.provider_trouble,
            "sweep": sweep.check,
        },
    )


def buckets(settings: Settings) -> dict[AlertChannel, Bucket]:
    """How fast a number of ours may send, over all instances; a part of it is kept for immediate cases."""
    account = required(settings.twilio_account_sid, "twilio_account_sid")
    rates = {AlertChannel.SMS: settings.sms_per_second, AlertChannel.VOICE: settings.calls_per_second}
    of_numbers = {
        channel: Bucket(f"{account}:{channel}", rate, capacity=2 * rate, reserved=rate)
        for channel, rate in rates.items()
    }
    return of_numbers | {AlertChannel.PARTNER: PARTNER_BUCKET}


if __name__ == "__main__":
    main("notifier", __doc__, parts)
