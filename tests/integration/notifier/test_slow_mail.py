"""A mail server that answers every line, but slowly: what is said to it ends in time, and holds up nobody else."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from pydantic import SecretStr

from infra.ids import new_id
from infra.mail import LEAVING, TIMEOUT, Mail, Mailer
from infra.sending import ProviderDown, ProviderError, Uncertain
from infra.settings import Env, Settings
from infra.vault import Subject
from notifier.channels import EmailChannel
from notifier.store import people
from notifier.timer.rates import LONGEST_WAIT
from notifier.timer.worker import LEASE
from schemas.terms import AlertChannel, Level, Urgency
from tests.integration.notifier.conftest import SMS, Night, ladder

ENOUGH = timedelta(seconds=1)
MAIL = Mail("li@responders.example", "KD472", "KD472", "n")
ANSWERS = {b"DATA": "354 go on", b"QUIT": "221 bye"}
END = b".\r\n"


@dataclass
class Slow:
    """A server that thinks for some seconds about each line, as `thinks` says by its first four bytes."""

    thinks: Callable[[bytes], float]
    port: int = 0
    open: int = 0
    taken: int = 0

    def mailer(self, timeout: timedelta) -> Mailer:
        url = SecretStr(f"smtp://127.0.0.1:{self.port}")
        return Mailer(Settings(env=Env.TEST, smtp_url=url, mail_from="desk@hotline.example"), timeout)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.open += 1
        try:
            await self._talk(reader, writer)
        except ConnectionError:
            pass
        finally:
            self.open -= 1
            writer.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 slow\r\n")
        is_body = False
        while line := await reader.readline():
            word = line if is_body else line[:4].upper()
            if is_body and word != END:
                continue
            if await self._is_left(reader, self.thinks(word)):
                return
            self.taken += is_body
            is_body = word == b"DATA"
            writer.write(f"{ANSWERS.get(word, '250 ok')}\r\n".encode())

    async def _is_left(self, reader: asyncio.StreamReader, seconds: float) -> bool:
        """Think; whether the client hung up meanwhile."""
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        while loop.time() < end and not reader.at_eof():
            await asyncio.sleep(0.01)
        return reader.at_eof()


@asynccontextmanager
async def slow(thinks: Callable[[bytes], float]) -> AsyncIterator[Slow]:
    made = Slow(thinks)
    server = await asyncio.start_server(made.serve, "127.0.0.1", 0)
    made.port = server.sockets[0].getsockname()[1]
    yield made
    server.close()


@pytest.mark.parametrize(
    ("thinks", "error"),
    [
        # Each answer comes well within the time that all of them have together.
        (lambda _: 0.6, ProviderDown),
        (lambda word: {b"RCPT": 0.6, END: 0.9}.get(word, 0), Uncertain),
    ],
)
async def test_all_that_is_said_to_a_server_has_one_timeout(
    thinks: Callable[[bytes], float], error: type[ProviderError]
) -> None:
    async with slow(thinks) as server:
        loop = asyncio.get_running_loop()
        begun = loop.time()
        with pytest.raises(ProviderError) as raised:
            await server.mailer(ENOUGH).send(MAIL)
        took = loop.time() - begun
        assert type(raised.value) is error
        assert took < 2 * ENOUGH.total_seconds()
        async with asyncio.timeout(5):
            while server.open:
                await asyncio.sleep(0.01)
        assert not server.taken


async def test_a_mail_that_was_taken_stays_so_however_slow_the_goodbye() -> None:
    async with slow(lambda word: 5 if word == b"QUIT" else 0) as server:
        assert await server.mailer(ENOUGH).send(MAIL) == "<n@hotline.example>"
        assert server.taken == 1


def test_a_send_ends_before_its_lease() -> None:
    assert LONGEST_WAIT + TIMEOUT + LEAVING < LEASE


async def test_mails_that_a_slow_server_holds_up_give_their_places_back(night: Night) -> None:
    li = await night.person("Li", Level.FIRST)
    other = new_id()
    await night.make_team(other)
    wang = await night.person("Wang", Level.FIRST, team=other)
    async with night.own.transaction() as tx:
        await people.set_routes(tx, True, ())
    async with night.db.transaction() as tx:
        sealed = await night.vault.seal(tx, Subject("person", li), "email", MAIL.to)
        await tx.execute("insert into triage.emails values ($1, $2)", li, sealed)
        await tx.execute("delete from triage.phones where person_id = $1", li)
    await night.stop_workers()
    async with slow(lambda _: 0.4) as server:
        channel = EmailChannel(server.mailer(timedelta(seconds=0.5)))
        night.counter = replace(night.counter, channels={**night.counter.channels, AlertChannel.EMAIL: channel})
        working = night.start()
        asked = night.assignment(ladder=ladder(AlertChannel.EMAIL), urgency=Urgency.URGENT)
        for _ in range(3):
            await night.hears(night.case(asked))
        await night.until(
            "select count(*) >= 3 from notifier.alerts where channel = 'email' and stalled_at is not null"
        )
        # Nothing was taken, so nobody looks for it; and the server is left alone, but for one that asks how it is.
        assert not await night.one("select exists (select from notifier.alerts where error_code = 'uncertain')")
        assert server.open <= 1
        assert "mail has failed" in str(await working.provider_trouble())
        texted = night.assignment(ladder=ladder(SMS), urgency=Urgency.URGENT, team_id=other)
        await night.hears(night.case(texted, alias="WW999"))
        assert "WW999" in await night.phone(wang).receives("WW999")
