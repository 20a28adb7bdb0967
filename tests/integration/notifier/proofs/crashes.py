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
    boundaries: Counter[tuple[Ladder, int]] = field(default_factory=Counter)

    def __str__(self) -> str:
        return (
            f"{self.crashes} crashes at {len(self.boundaries)} boundaries, {self.alerts} alerts: "
            f"{len(self.lost)} lost, {self.sent_twice} sent twice ({len(self.unexplained)} of them unexplained), "
            f"{self.marked} marked as perhaps sent before, {self.found_again} found again"
        )


@dataclass(frozen=True)
class Scene:
    """What a seed stands for: where the notifier dies, and what stands beside that."""

    ladder: Ladder
    dies_at: int
    boundaries: int
    is_listing: bool
    is_told: bool
    is_same_name: bool

    @classmethod
    async def of(cls, night: StillNight, seed: int) -> "Scene":
        """Each ladder's seeds meet its boundaries in turn, and each time round something else stands beside them."""
        ladder, turn = LADDERS[seed % len(LADDERS)], seed // len(LADDERS)
        boundaries = await boundaries_of(night, ladder)
        beside = turn + turn // boundaries
        dies_at = turn * STRIDE % boundaries + 1
        return cls(ladder, dies_at, boundaries, bool(beside & 1), bool(beside & 2), bool(beside & 4))


async def crash(night: StillNight, seed: int, counted: Counted) -> None:
    """Let a notifier die at one boundary of its sends, and another go on."""
    scene = await Scene.of(night, seed)
    where = f"seed {seed}, boundary {scene.dies_at} of {scene.boundaries}"
    case = await night.hears(night.case(night.assignment(ladder=scene.ladder)))
    first = await night.notifier(dies_at=scene.dies_at)
    assert not await first.works(), f"{where}: it did not die"
    before = {each.alert_id: each for each in night.board.made}
    if scene.is_told:
        for made in before.values():
            await night.told(made.alert_id, made.sid, "ringing" if made.channel is AlertChannel.VOICE else "sent")
    night.board.is_listing = scene.is_listing
    await _goes_on(night, case, "one" if scene.is_same_name else "two")
    counted.crashes += 1
    counted.boundaries[scene.ladder, scene.dies_at] += 1
    await _count(night, case, counted, where)
    await night.forget()


_boundaries: dict[Ladder, int] = {}


async def boundaries_of(night: StillNight, ladder: Ladder) -> int:
    """How many boundaries the sends of a ladder have when nobody dies."""
    if ladder not in _boundaries:
        await night.hears(night.case(night.assignment(ladder=ladder)))
        undisturbed = await night.notifier()
        assert await undisturbed.works()
        _boundaries[ladder] = undisturbed.life.passed
        await night.forget()
    return _boundaries[ladder]


async def all_boundaries(night: StillNight) -> int:
    """How many there are to die at, of all ladders."""
    return sum([await boundaries_of(night, ladder) for ladder in LADDERS])


async def _goes_on(night: StillNight, case: UUID, name: str) -> None:
    """Another notifier works until nothing waits any more; the next rung is far off."""
    other = await night.successor(name)
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
    """One person at each level, and a bucket of tokens for each channel: to make one takes statements of its own."""
    for level in Level:
        await night.person(level.value.title(), level)
    await night.hears(night.case(night.assignment(ladder=ladder(VOICE, SMS))))
    first = await night.notifier()
    assert await first.works()
    await night.forget()
