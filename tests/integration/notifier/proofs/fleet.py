"""Notifiers in processes of their own, side by side over one database and one provider, to be killed and paused."""

import asyncio
import os
import signal
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from pydantic import SecretStr

from infra import clock
from infra.embedded.child import Child, Launch
from infra.emulators.twilio.exchange import Exchange, Pace, Setup
from infra.emulators.twilio.phones import Phones
from infra.emulators.twilio.server import listen, running
from infra.locales import Locales
from infra.postgres import Database, create_pool
from infra.settings import Env, Settings
from infra.up.hotline import environment, python
from infra.vault import KeyRing, MasterKey, Vault
from infra.vault.recovery import public_text
from notifier.handlers.cases import CaseHandlers
from notifier.handlers.letters import Letters
from notifier.handlers.waking import Wake
from notifier.handlers.wording import Phrases
from notifier.timer.counter import Counter as Sending
from notifier.web import app
from notifier.web.front import Front
from tests.integration.notifier.conftest import ACCOUNT, ALERT_NUMBER, MovableClock, Night, Told, serving

NOBODY = "http://127.0.0.1:9"
LOOKS = 10
WAITING = "select count(*) from notifier.alerts where state in ('planned', 'sending')"


@dataclass
class Fleet(Night):
    """Cases are opened here by the notifier's own handlers; who is called is sent by the processes alone."""

    folder: Path = Path()
    told: Settings = field(default_factory=Settings)
    running: dict[str, Child] = field(default_factory=dict)

    async def starts(self, name: str) -> Child:
        """One more process; it works as soon as it has started."""
        child = await Child.start(
            Launch(
                python("notifier"),
                self.folder / f"{name}.log",
                environment(self.told.model_copy(update={"instance": name})),
            )
        )
        self.running[name] = child
        return child

    async def works(self, name: str) -> None:
        """Wait until a process says that it lives."""
        await self.until(
            "select true from infra.heartbeats where service = 'notifier' and instance = $1 and at > $2",
            name,
            self.clock.now(),
            within=60,
        )

    async def kill(self, name: str) -> None:
        """SIGKILL a process."""
        child = self.running.pop(name)
        child.kill()
        await child.wait()

    def signal(self, name: str, number: signal.Signals) -> None:
        """Pause a process, or let it go on."""
        os.kill(self.running[name].pid, number)

    async def pass_for_all(self, **time: float) -> None:
        """Let time pass for every process and for us."""
        await self.after(**time)
        await clock.move(self.db.pool, timedelta(**time))

    @asynccontextmanager
    async def held(self, lock: str, *values: Any) -> AsyncIterator[None]:
        """Hold what a statement locks: whoever wants it waits, as for a slow database."""
        async with self.db.transaction() as tx:
            await tx.execute(lock, *values)
            yield

    def requests(self, since_ns: int = 0) -> Counter[UUID]:
        """How many messages and calls the provider was asked for, by alert."""
        asked: Counter[UUID] = Counter()
        for each in self.exchange.requests:
            callback = each.params.get("StatusCallback", "")
            if each.method == "POST" and "/twilio/status/" in callback and each.received_ns >= since_ns:
                asked[UUID(callback.rsplit("/", 1)[1])] += each.status in (None, 201)
        return asked

    async def comes_to_rest(self, within: float) -> None:
        """Wait until every alert is sent or settled."""
        await self.until(f"select ({WAITING}) = 0", within=within)

    async def stop(self) -> None:
        """End every process."""
        for name in list(self.running):
            with suppress(ProcessLookupError):  # one that has died keeps no other alive
                self.signal(name, signal.SIGCONT)
            await self.kill(name)


@asynccontextmanager
async def fleet(url: str, folder: Path) -> AsyncIterator[Fleet]:
    """Nobody runs yet. The broker is away: what is called for here needs none."""
    async with AsyncExitStack() as stack:
        ours, provider = listen("127.0.0.1", 0), listen("127.0.0.1", 0)
        notifier_url, api_url = (f"http://127.0.0.1:{bound.getsockname()[1]}" for bound in (ours, provider))
        key, recovery = MasterKey.new("test"), X25519PrivateKey.generate().public_key()
        told = Settings(
            env=Env.TEST,
            state_dir=folder,
            log_level="WARNING",
            notifier_port=0,
            database_url=SecretStr(url),
            database_direct_url=SecretStr(url),
            kafka_servers=NOBODY.removeprefix("http://"),
            twilio_account_sid=ACCOUNT.sid,
            twilio_auth_token=SecretStr(ACCOUNT.auth_token),
            twilio_api_url=api_url,
            alert_number=ALERT_NUMBER,
            notifier_url=notifier_url,
            ingest_url=NOBODY,
            console_url=NOBODY,
            vault_keys=SecretStr(key.entry()),
            vault_recovery_key=public_text(recovery),
            sms_per_second=200,
            calls_per_second=200,
        )
        exchange = Exchange(Setup(ACCOUNT, api_url, pace=Pace(0.005, webhook_timeout=5)))
        await stack.enter_async_context(running(exchange, provider))
        exchange.own(ALERT_NUMBER)
        phones = await stack.enter_async_context(Phones(api_url))
        own, owner = await create_pool(url, "hotline_notifier"), await create_pool(url, None)
        stack.callback(own.terminate)
        stack.callback(owner.terminate)
        vault, moving, wake = Vault(KeyRing([key]), recovery), MovableClock(), Wake()
        phrases = Phrases(told, Locales.load(Path("notifier/locales")), vault)
        await stack.enter_async_context(serving(app(Front(told, Database(own), moving, phrases, wake)), ours))
        made = Fleet(
            db=Database(owner),
            own=Database(own),
            vault=vault,
            clock=moving,
            phones=phones,
            exchange=exchange,
            settings=told,
            intake=Told(),
            cases=CaseHandlers(moving, wake),
            counter=Sending(Database(own), moving, Letters(phrases, notifier_url), {}, {}, wake),
            wake=wake,
            folder=folder,
            told=told,
        )
        await made.make_team(made.team)
        stack.push_async_callback(made.stop)
        yield made


async def sent_more_than_once(night: Fleet) -> tuple[int, list[Any]]:
    """How many alerts the provider was asked for again, and those of them that are not marked as such a repeat."""
    asked = night.requests()
    rows = await night.db.pool.fetch("select alert_id, is_repeat, state, fence, error_code from notifier.alerts")
    twice = [row for row in rows if asked[row["alert_id"]] > 1]
    return len(twice), [row for row in twice if not row["is_repeat"]]


async def never_sent(night: Fleet) -> list[Any]:
    """Alerts that the provider was never asked for."""
    asked = night.requests()
    rows = await night.db.pool.fetch("select alert_id, state, error_code, channel, kind, sids from notifier.alerts")
    return [row for row in rows if not asked[row["alert_id"]]]


async def in_the_hand_of(night: Fleet, name: str) -> int:
    """How many sends a process has begun and not ended."""
    many: int = await night.one(
        "select count(*) from notifier.alerts where leased_by = $1 and state = 'sending'", name
    )
    return many


async def until_it_sends(night: Fleet, name: str, opens: Any) -> None:
    """Once a process works, open cases until it has an alert in its hand."""
    await night.works(name)
    async with asyncio.timeout(60):
        while True:
            await opens()
            # Another may be the quicker one for long: look often, lest the moment pass in which this one has some.
            for _ in range(LOOKS):
                if await in_the_hand_of(night, name):
                    return
                await asyncio.sleep(0.005)
