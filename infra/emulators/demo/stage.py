"""The running hotline the demonstration is played on: the one that runs already, or one that it starts."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

from infra import ids
from infra.emulators.demo.records import Records
from infra.emulators.demo.reporters import Browser
from infra.emulators.demo.responders import Crew, read_responders
from infra.emulators.twilio.phones import Phones
from infra.postgres import create_pool
from infra.settings import Env, Settings, SettingsError, required, variable
from infra.up.hotline import PHONES_FILE, RUNNING_FILE, Hotline
from infra.up.keys import read
from infra.up.parts import answers_ready

SCALE = 0.05
"""The part of each ladder wait that a demonstration sits through, unless told otherwise."""
DRAWS = 300
DIGITS = list("0123456789")
FROM_RUNNING = (
    *("database_url", "database_direct_url", "kafka_servers", "twilio_account_sid", "twilio_auth_token"),
    *("twilio_api_url", "intake_number", "alert_number", "ingest_url", "notifier_url", "console_url"),
)


@dataclass(frozen=True)
class Stage:
    """Everything that people and onlookers touch."""

    settings: Settings
    phones: Phones
    browser: Browser
    records: Records
    crew: Crew

    @property
    def intake_number(self) -> str:
        """The number that reporters text and ring."""
        return required(self.settings.intake_number, "intake_number")

    async def new_number(self, stem: str) -> str:
        """A number that begins with `stem` and has not written or rung yet: a known phone adds to what it told."""
        for _ in range(DRAWS):
            number = stem + ids.draw(DIGITS) + ids.draw(DIGITS)
            if not await self.records.is_known_phone(number):
                return number
        raise AssertionError(f"every number that begins with {stem} has reported within a day")


@asynccontextmanager
async def running(given: Settings, say: Callable[[str], None]) -> AsyncIterator[Settings]:
    """The settings of the hotline that runs in the state folder; where none does, of one that ends with the block."""
    if given.env is Env.PRODUCTION:
        raise SettingsError(
            "the demonstration invents reports and is refused in production; run it where no real part is set"
        )
    attached = told(given)
    if attached is not None and await answers_ready(attached.ingest_port):
        say(f"playing on the hotline that runs at {attached.ingest_url}/")
        yield attached
        return
    # What a killed run left behind says nothing about the one that is started now.
    bare = given.model_copy(update=dict.fromkeys(FROM_RUNNING) if attached is not None else {})
    scale = SCALE if "wait_scale" not in given.model_fields_set else given.wait_scale
    say("nothing runs here yet: starting a hotline, which ends with the demonstration")
    async with Hotline(bare.model_copy(update={"wait_scale": scale}), say, speech=0.0) as hotline:
        yield hotline.settings


def told(given: Settings) -> Settings | None:
    """The settings that a running hotline left in the state folder."""
    file = given.state_dir / RUNNING_FILE
    if not file.exists():
        return None
    left: dict[str, Any] = {name.removeprefix(variable("")).lower(): value for name, value in read(file).items()}
    return Settings(**left)


@asynccontextmanager
async def stage(settings: Settings) -> AsyncIterator[Stage]:
    """Open connections to a running hotline: phones, form, database."""
    async with AsyncExitStack() as stack:
        phones = await stack.enter_async_context(Phones(required(settings.twilio_api_url, "twilio_api_url")))
        browser = await stack.enter_async_context(Browser(required(settings.ingest_url, "ingest_url")))
        pool = await create_pool(required(settings.database_url, "database_url"), None)
        stack.callback(pool.terminate)
        number = required(settings.alert_number, "alert_number")
        responders = read_responders(settings.state_dir / PHONES_FILE, phones, number)
        yield Stage(settings, phones, browser, Records(pool, settings), Crew(responders))
