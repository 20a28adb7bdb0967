"""The provider of texts and calls: the account, and where our numbers lead."""

from urllib.parse import urlsplit

from infra.doctor.finding import Finding, fail, ok, worse
from infra.doctor.visit import Visit
from infra.settings import required, split, variable
from infra.twilio.account import AccountState, OwnNumber, TwilioAccount

SMS_PATH = "/twilio/sms"
VOICE_PATH = "/twilio/voice"


async def look_at_account(visit: Visit) -> list[Finding]:
    """Sign in."""
    account = _account(visit)
    try:
        return [account_state(await account.state(), visit.is_production)]
    finally:
        await account.close()


def account_state(state: AccountState, is_production: bool) -> Finding:
    """Whether the account can reach everybody."""
    if state.status != "active":
        return fail("provider", f"the account is {state.status}: no text and no call goes out; ask the provider")
    if state.type == "Trial":
        return worse("provider", "a trial account reaches only verified phones: upgrade it", is_production)
    return ok("provider", "signed in; the account is active")


async def look_at_intake_number(visit: Visit) -> list[Finding]:
    """The number reporters text and ring."""
    number = required(visit.settings.intake_number, "intake_number")
    return await _number(visit, "intake_number", number, required(visit.settings.ingest_url, "ingest_url"))


async def look_at_alert_number(visit: Visit) -> list[Finding]:
    """The number responders are called from."""
    number = required(visit.settings.alert_number, "alert_number")
    return await _number(visit, "alert_number", number, required(visit.settings.notifier_url, "notifier_url"))


async def look_at_pool(visit: Visit) -> list[Finding]:
    """Our further numbers: people answer to them too."""
    origin = required(visit.settings.notifier_url, "notifier_url")
    return [
        finding
        for number in split(visit.settings.pool_numbers)
        for finding in await _number(visit, "pool_numbers", number, origin)
    ]


def _account(visit: Visit) -> TwilioAccount:
    """The client opens its connections before it reads its settings, so what is missing is told first."""
    for name in ("twilio_account_sid", "twilio_auth_token"):
        required(getattr(visit.settings, name), name)
    return TwilioAccount(visit.settings)


async def _number(visit: Visit, name: str, number: str, origin: str) -> list[Finding]:
    account = _account(visit)
    try:
        found = await account.number(number)
    finally:
        await account.close()
    if found is None:
        return [fail("numbers", f"{variable(name)} is not a number of this account: buy it, or correct the setting")]
    wrong = [fail("numbers", f"{variable(name)}: {each}") for each in wrong_addresses(found, origin)]
    led = wrong or [ok("numbers", f"{variable(name)} is ours and leads to {origin}")]
    return led + [
        worse("numbers", f"{variable(name)}: {each}", visit.is_production) for each in wrong_fallbacks(found, origin)
    ]


def wrong_addresses(number: OwnNumber, origin: str) -> list[str]:
    """Where the number tells somebody else, or nobody, of texts and calls."""
    wanted = {"texts": (number.sms_url, SMS_PATH), "calls": (number.voice_url, VOICE_PATH)}
    return [
        f"{what} lead to {url or 'nobody'}: set them to {origin.rstrip('/')}{path} at the provider"
        for what, (url, path) in wanted.items()
        if url != f"{origin.rstrip('/')}{path}"
    ]


def wrong_fallbacks(number: OwnNumber, origin: str) -> list[str]:
    """Where nothing would be said while our hosts are down: a fallback address is static, and elsewhere."""
    own = urlsplit(origin).hostname
    return [
        f"{what} have no fallback address outside our hosts: set one that gives the emergency number"
        for what, url in (("texts", number.sms_fallback_url), ("calls", number.voice_fallback_url))
        if not url or urlsplit(url).hostname == own
    ]
