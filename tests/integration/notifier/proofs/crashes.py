"""One seeded crash of a send, and what became of its alerts. `make soak` counts a thousand."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from notifier.timer.sends import UNDECIDED_FOR
from notifier.timer.worker import LEASE
from schemas.ladder import Ladder
from schemas.terms import AlertChannel, Level
from tests.integration.notifier.conftest import SMS, VOICE, ladder
from tests.integration.notifier.proofs.still_night import StillNight, seconds

SENT_WITHIN = LEASE + UNDECIDED_FOR + timedelta(seconds=5)
"""A lease that nobody holds any more, a provider's list that tells nothing, and the slowest retry."""
LADDERS = (ladder(SMS), ladder(VOICE), ladder(VOICE, SMS), ladder(SMS, links=True))
# Co-prime to whatever there are of boundaries: seeds one after the other lie far apart and meet each once.
STRIDE = 7919
WAITING = """
select exists (select from notifier.alerts a join notifier.escalations e using (escalation_id)
                where e.subject_id = $1 and a.state in ('planned', 'sending'))
"""
ALERTS = """
select alert_id, state, fence, is_repeat from notifier.alerts join notifier.escalations e using (escalation_id)
 where e.subject_id = $1
"""


@dataclass
class Counted:
    """What a number of crashes came to."""

    crashes: int = 0
    alerts: int = 0
    found_again: int = 0
    sent_twice: int = 0
    marked: int = 0
    lost: list[str] = field(default_factory=list)
    unexplained: list[str] = field(default_factory=list)
    boundaries: Counter[int] = field(default_factory=Counter)

    def __str__(self) -> str:
        return (
            f"{self.crashes} crashes at {len(self.boundaries)} boundaries, {self.alerts} alerts: "
            f"{len(self.lost)} lost, {self.sent_twice} sent twice ({len(self.unexplained)} of them unexplained), "
            f"{self.marked} marked as perhaps sent before, {self.found_again} found again"
        )


@dataclass(frozen=True)
class Scene:
    """What a seed stands for, beside the boundary."""

    ladder: Ladder
    is_listing: bool
    is_told: bool
    is_same_name: bool

    @classmethod
    def of(cls, seed: int) -> "Scene":
        turn = seed // len(LADDERS)
        return cls(LADDERS[seed % len(LADDERS)], bool(turn & 1), bool(turn & 2), bool(turn & 4))


async def crash(night: StillNight, seed: int, counted: Counted) -> None:
    """Let a notifier die at one boundary of its sends, and another go on."""
    scene = Scene.of(seed)
    boundaries = await boundaries_of(night, scene)
    dies_at = seed * STRIDE % boundaries + 1
    case = await night.hears(night.case(night.assignment(ladder=scene.ladder)))
    first = await night.notifier(dies_at=dies_at)
    assert not await first.works(), f"seed {seed}: it did not die at boundary {dies_at} of {boundaries}"
    before = {each.alert_id: each for each in night.board.made}
    if scene.is_told:
        for made in before.values():
            await night.told(made.alert_id, made.sid, "ringing" if made.channel is AlertChannel.VOICE else "sent")
    night.board.is_listing = scene.is_listing
    await _goes_on(night, case, "one" if scene.is_same_name else "two")
    counted.crashes += 1
    counted.boundaries[dies_at] += 1
    await _count(night, case, counted, f"seed {seed}, boundary {dies_at} of {boundaries}")
    await night.forget()


_boundaries: dict[Scene, int] = {}


async def boundaries_of(night: StillNight, scene: Scene) -> int:
    """How many boundaries the sends of a scene have when nobody dies."""
    if scene not in _boundaries:
        await night.hears(night.case(night.assignment(ladder=scene.ladder)))
        undisturbed = await night.notifier()
        assert await undisturbed.works()
        _boundaries[scene] = undisturbed.life.passed
        await night.forget()
    return _boundaries[scene]


async def _goes_on(night: StillNight, case: UUID, name: str) -> None:
    """Another notifier works until nothing waits any more; the next rung is far off."""
    other = await night.notifier(name)
    for _ in range(int(SENT_WITHIN.total_seconds())):
        assert await other.works()
        if not await night.one(WAITING, case):
            break
        night.clock.advance(seconds(1))


async def _count(night: StillNight, case: UUID, counted: Counted, where: str) -> None:
    for row in await night.db.pool.fetch(ALERTS, case):
        times = len(night.board.of(row["alert_id"]))
        counted.alerts += 1
        counted.marked += row["is_repeat"]
        counted.sent_twice += max(0, times - 1)
        counted.found_again += times == 1 and row["fence"] > 1 and not row["is_repeat"]
        if times == 0 or row["state"] in {"planned", "sending", "cancelled", "expired", "failed"}:
            counted.lost.append(f"{where}: {row['state']}, sent {times} times")
        if times > 1 + row["is_repeat"]:
            counted.unexplained.append(f"{where}: {row['state']}, sent {times} times")


async def staffed(night: StillNight) -> None:
    """One person at each level."""
    for level in Level:
        await night.person(level.value.title(), level)
