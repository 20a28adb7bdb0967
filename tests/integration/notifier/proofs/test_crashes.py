"""A notifier dies at any statement of a send: no alert is lost, and one that is sent twice was in doubt."""

import pytest

from tests.integration.notifier.proofs.crashes import Counted, crash, staffed
from tests.integration.notifier.proofs.still_night import StillNight

SEEDS = 100


async def test_a_crash_at_any_boundary_of_a_send_loses_no_alert(
    still: StillNight, capsys: pytest.CaptureFixture[str]
) -> None:
    await staffed(still)
    counted = Counted()
    for seed in range(SEEDS):
        await crash(still, seed, counted)
    with capsys.disabled():
        print(f"\n{counted}")  # noqa: T201
    assert counted.lost == []
    assert counted.unexplained == []
    assert counted.sent_twice <= counted.marked
    # Seeds that never meet the one doubtful moment would prove nothing.
    assert counted.sent_twice > 0
    assert counted.found_again > 0
