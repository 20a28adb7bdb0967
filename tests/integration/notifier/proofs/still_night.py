"""A night that stands still: real handlers, stores and database, one act after the other, and no phone rings.

Nothing waits and nothing runs beside: a notifier works when it is told to, and comes to rest at each instant.
"""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from pydantic import SecretStr

from infra.buckets import Bucket
from infra.emulators.twilio.exchange import Exchange, Setup
from infra.emulators.twilio.phones import Phones
from infra.locales import Locales
from infra.postgres import Database, create_pool
from infra.settings import Env, Settings
from infra.vault import KeyRing, MasterKey, Vault
from notifier.domain.replies import Act
from notifier.handlers.answering import Answer, Outcome, answer
from notifier.handlers.cases import CaseHandlers
from notifier.handlers.letters import Letters
from notifier.handlers.statuses import Statuses
from notifier.handlers.waking import Wake
from notifier.handlers.wording import Phrases
from notifier.store import alerts, letters
from notifier.timer.counter import Counter
from notifier.timer.sends import Sends
from notifier.timer.worker import LEASE, Worker
from schemas.terms import AcknowledgedVia
from tests.conftest import NOON
from tests.integration.notifier.conftest import ACCOUNT, ALERT_NUMBER, SMS, VOICE, MovableClock, Night, Told
from tests.integration.notifier.proofs.mortal import Life, as_long_as_it_lives, mortal_database
from tests.integration.notifier.proofs.switchboard import Line, Switchboard

NOWHERE = "http://127.0.0.1:9"
MOST_ACTS = 200
FORGET = """
update notifier.alerts set due_at = null, ended_at = coalesce(ended_at, planned_at),
       state = case when notifier.state_rank(state) < 5 then 'cancelled' else state end
 where due_at is not null or notifier.state_rank(state) < 5;
update notifier.escalations set next_due_at = null, status = 'ended' where next_due_at is not null;
delete from notifier.reply_pairs;
delete from notifier.marked_phones;
"""


class StillClock(MovableClock):
    """A clock that stands until it is moved; the provider's stands beside it."""

    def __init__(self) -> None:
        super().__init__()
        self._at = NOON

    def now(self) -> datetime:
        return self._at

    def advance(self, by: timedelta) -> None:
        self._at += by
        self._move(timedelta())


AMPLE = {channel: Bucket(f"still:{channel}", rate=1e6, capacity=2e6, reserved=1e6) for channel in (SMS, VOICE)}
"""To take a token is a statement of a send; none is ever waited for."""


@dataclass
class StillNight(Night):
    """People, cases and a provider; `notifier()` starts a process that does nothing by itself."""

    url: str = ""
    board: Switchboard = field(default_factory=lambda: Switchboard(StillClock()))
    processes: list["Notifier"] = field(default_factory=list)
    warm: Database | None = None

    async def notifier(self, name: str = "one", dies_at: int = 0) -> "Notifier":
        """One more process, which dies at a boundary if one is named."""
        life = Life(dies_at)
        made = Notifier.of(self, name, life, await mortal_database(self.url, life))
        self.processes.append(made)
        return made

    async def successor(self, name: str) -> "Notifier":
        """One more process, which is not to die. All of them share connections that stay open and know their
        statements: most of what a crash takes is that the server meets a new connection.
        """
        life = Life()
        self.warm = self.warm or await mortal_database(self.url, life)
        return Notifier.of(self, name, life, self.warm)

    async def answers(self, person_id: UUID, escalation_id: UUID, act: Act, **how: Any) -> Outcome:
        """An answer reaches us; `provider_sid` names its request, `alert_id` the call in which it came."""
        given = Answer(person_id, escalation_id, act, how.pop("via", AcknowledgedVia.SMS), **how)
        async with self.own.transaction() as tx:
            return await answer(tx, given, self.clock.now(), self.wake)

    async def told(self, alert_id: UUID, sid: str, state: str, error_code: str | None = None) -> alerts.Moved:
        """A callback of the provider."""
        statuses = Statuses(self.own.pool, self.clock)
        return await statuses.apply(alerts.Status(alert_id, sid, state, error_code))

    def stops(self, process: "Notifier") -> None:
        """A process is gone, with its connections."""
        self.processes.remove(process)
        process.db.pool.terminate()

    async def forget(self) -> None:
        """End whatever is still being called for, with the processes that called for it."""
        for each in self.processes:
            each.db.pool.terminate()
        self.processes.clear()
        self.board.made.clear()
        self.board.troubles.clear()
        self.board.is_listing = True
        await self.db.pool.execute(FORGET)


@dataclass
class Notifier:
    """One notifier: what it would do at once, it does when told to work, one act after the other."""

    night: StillNight
    name: str
    life: Life
    db: Database
    worker: Worker
    sends: Sends

    @classmethod
    def of(cls, night: StillNight, name: str, life: Life, db: Database) -> "Notifier":
        """A process over connections that live as long as it does."""
        counter = Counter(
            db=db,
            clock=night.clock,
            letters=night.counter.letters,
            channels={channel: Line(night.board, channel, life) for channel in (SMS, VOICE)},
            buckets=AMPLE,
            wake=night.wake,
        )
        worker = Worker(counter, CaseHandlers(night.clock, night.wake), night.wake, name)
        return cls(night, name, life, db, worker, Sends(counter))

    async def works(self) -> bool:
        """Do what is due now until nothing is; whether it lived to the end of that."""
        return await as_long_as_it_lives(self.life, self._work())

    async def _work(self) -> None:
        await self.worker._release(self.night.clock.now())
        for _ in range(MOST_ACTS):
            written = await self.worker.write_due_steps()
            if not await self.acts() and not written:
                return
        raise AssertionError("it never comes to rest")

    async def acts(self) -> int:
        """Lease what is due, at most one alert of each kind, and act on it; how many there were."""
        claims = await self.leases()
        rows = await letters.letter_rows(self.db.pool, claims) if claims else {}
        for claim in claims:
            await self.sends.act(claim, rows[claim.alert_id])
        return len(claims)

    async def leases(self) -> list[alerts.Claim]:
        """Lease what is due, at most one alert of each kind."""
        now = self.night.clock.now()
        return (await alerts.claim(self.db.pool, self.name, (now, now + LEASE), 1, 1)).claims


@asynccontextmanager
async def still_night(url: str) -> AsyncIterator[StillNight]:
    """A night over a database of its own."""
    async with AsyncExitStack() as stack:
        own, owner = await create_pool(url, "hotline_notifier", 4), await create_pool(url, None, 4)
        stack.callback(own.terminate)
        stack.callback(owner.terminate)
        vault = Vault(KeyRing([MasterKey.new("test")]), X25519PrivateKey.generate().public_key())
        settings = Settings(
            env=Env.TEST,
            twilio_account_sid=ACCOUNT.sid,
            twilio_auth_token=SecretStr(ACCOUNT.auth_token),
            twilio_api_url=NOWHERE,
            alert_number=ALERT_NUMBER,
            notifier_url=NOWHERE,
            ingest_url=NOWHERE,
        )
        clock, wake = StillClock(), Wake()
        letters = Letters(Phrases(settings, Locales.load(Path("notifier/locales")), vault), NOWHERE)
        made = StillNight(
            db=Database(owner),
            own=Database(own),
            vault=vault,
            clock=clock,
            phones=Phones(NOWHERE),
            exchange=Exchange(Setup(ACCOUNT, NOWHERE)),
            settings=settings,
            intake=Told(),
            cases=CaseHandlers(clock, wake),
            counter=Counter(Database(own), clock, letters, {}, {}, wake),
            wake=wake,
            url=url,
            board=Switchboard(clock),
        )
        await made.make_team(made.team)
        try:
            yield made
        finally:
            await made.forget()
            if made.warm is not None:
                made.warm.pool.terminate()


def seconds(many: float) -> timedelta:
    """So many seconds."""
    return timedelta(seconds=many)
