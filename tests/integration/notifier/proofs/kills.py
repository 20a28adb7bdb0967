"""SIGKILL after SIGKILL of a notifier that is sending; `make soak` makes a thousand of them."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from typing import Any
from uuid import UUID

from schemas.terms import Level
from tests.integration.notifier.conftest import SMS, VOICE, ladder
from tests.integration.notifier.proofs.fleet import Fleet, never_sent, sent_more_than_once, until_it_sends

NAMES = ("one", "two")
PEOPLE = 30
TAKES = 0.1
"""Seconds the provider takes to accept a call and to answer for a text: a kill meets requests of both kinds."""
MOMENTS = 12
RESTS_WITHIN = 60.0


@dataclass
class Killed:
    """What a number of kills came to."""

    kills: int = 0
    alerts: int = 0
    sent_twice: int = 0
    marked: int = 0
    unexplained: list[Any] = field(default_factory=list)
    lost: list[Any] = field(default_factory=list)

    def __str__(self) -> str:
        return (
            f"{self.kills} kills, {self.alerts} alerts: {len(self.lost)} lost, {self.sent_twice} sent more than once "
            f"({len(self.unexplained)} of them unexplained), {self.marked} marked as perhaps sent before"
        )


async def kill_again_and_again(night: Fleet, kills: int, tell: Callable[[int], None] = lambda _: None) -> Killed:
    """Kill one of two notifiers in the middle of its sends, and start it again, that many times; tells of each."""
    people = [await night.person(f"P{number}", Level.FIRST if not number else None) for number in range(PEOPLE)]
    await night.phones.fault("slow_accept", channel="voice", seconds=TAKES)
    await night.phones.fault("slow_answer", channel="sms", seconds=TAKES)
    turn = count()

    async def opens() -> None:
        await asyncio.gather(*(_open(night, people[next(turn) % PEOPLE]) for _ in range(2)))

    for name in NAMES:
        await night.starts(name)
    for number in range(kills):
        name = NAMES[number % len(NAMES)]
        await until_it_sends(night, name, opens)
        await asyncio.sleep(number * 7 % MOMENTS * TAKES / MOMENTS)
        await night.kill(name)
        await night.starts(name)
        tell(number + 1)
    await night.comes_to_rest(RESTS_WITHIN)
    return await _count(night, kills)


async def _open(night: Fleet, person_id: UUID) -> None:
    """A case like any other; its alias tells it from the person's other ones."""
    given = night.assignment(ladder=ladder(VOICE, SMS), first_responder_id=person_id)
    await night.hears(night.case(given, alias=f"K{len(night.versions)}"))


async def _count(night: Fleet, kills: int) -> Killed:
    twice, unexplained = await sent_more_than_once(night)
    return Killed(
        kills=kills,
        alerts=await night.one("select count(*) from notifier.alerts"),
        sent_twice=twice,
        marked=await night.one("select count(*) from notifier.alerts where is_repeat"),
        unexplained=unexplained,
        lost=await never_sent(night),
    )
