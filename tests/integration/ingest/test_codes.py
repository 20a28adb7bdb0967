"""Codes: they cannot be guessed, and nobody who knows a reference can lock its reporter out."""

import pytest

from ingest.domain import attempts
from ingest.domain.told import Told
from ingest.handlers import codes, words
from ingest.handlers.answered import Request
from ingest.handlers.codes import Opened, Refusal
from ingest.handlers.intake import Intake
from schemas.report import Facts
from schemas.terms import Channel
from tests.conftest import SettableClock

REPORTER, STRANGER = "203.0.113.1", "198.51.100.7"


class Codes:
    """One report, and attempts at its code from here and there."""

    def __init__(self, intake: Intake, clock: SettableClock, code: str) -> None:
        self._intake, self._clock, self.code = intake, clock, code
        self.wrong = code[:8] + ("00000000" if code[8:] != "00000000" else "00000018")

    async def opens(self, code: str, address: str) -> Opened | Refusal:
        async with self._intake.db.transaction() as tx:
            return await codes.open_code(tx, self._intake, code, address, self._clock.now())


@pytest.fixture
async def report(intake: Intake, clock: SettableClock) -> Codes:
    told = Told(Channel.WEB, "zh", "CN", "Asia/Shanghai", clock.now(), facts=Facts(narrative="孩子身上有伤"))
    async with intake.db.transaction() as tx:
        receipt = await words.take_form(tx, intake, told, Request("form", "once"), clock.now())
    return Codes(intake, clock, receipt.code)


async def test_whoever_knows_a_reference_cannot_lock_its_reporter_out(report: Codes) -> None:
    tried = [await report.opens(report.wrong, STRANGER) for _ in range(6)]

    assert tried == [Refusal.UNKNOWN] * 5 + [Refusal.TOO_MANY]
    assert await report.opens(report.code, STRANGER) is Refusal.TOO_MANY
    assert isinstance(await report.opens(report.code, REPORTER), Opened)


async def test_many_strangers_cannot_either_and_past_the_total_each_has_one_attempt(report: Codes) -> None:
    for number in range(attempts.MOST_BY_REFERENCE):
        assert await report.opens(report.wrong, f"192.0.2.{number}") is Refusal.UNKNOWN

    assert await report.opens(report.wrong, STRANGER) is Refusal.UNKNOWN
    assert await report.opens(report.code, STRANGER) is Refusal.TOO_MANY
    assert isinstance(await report.opens(report.code, REPORTER), Opened)


async def test_a_subscriber_of_ipv6_is_one_source(report: Codes) -> None:
    tried = [await report.opens(report.wrong, f"2001:db8:0:1::{number}") for number in range(6)]
    assert tried[-1] is Refusal.TOO_MANY


@pytest.mark.parametrize(
    ("address", "source"),
    [
        ("203.0.113.1", "203.0.113.1"),
        ("::ffff:203.0.113.1", "203.0.113.1"),
        ("2001:db8:0:1:aaaa::1", "2001:db8:0:1::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("testclient", "testclient"),
        ("", ""),
    ],
)
def test_an_address_stands_for_its_subscriber(address: str, source: str) -> None:
    assert attempts.source(address) == source
