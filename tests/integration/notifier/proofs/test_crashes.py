"""A notifier dies at any statement of a send: no alert is lost, and one that is sent twice was in doubt."""

import pytest

from infra.clock import stopwatch
from tests.integration.notifier.proofs.crashes import Counted, all_boundaries, crash, staffed
from tests.integration.notifier.proofs.still_night import StillNight


@pytest.mark.parametrize("seeds", [60, pytest.param(1000, marks=pytest.mark.kills)])
async def test_a_crash_at_any_boundary_of_a_send_loses_no_alert(
    still: StillNight, capsys: pytest.CaptureFixture[str], seeds: int
) -> None:
    began = stopwatch()
    await staffed(still)
    counted = Counted()
    for seed in range(seeds):
        await crash(still, seed, counted)
    with capsys.disabled():
        print(f"\n{counted}, in {stopwatch() - began:.0f} s")  # noqa: T201
    assert counted.lost == []
    assert counted.unexplained == []
    assert counted.sent_twice <= counted.marked
    # Seeds that never meet the one doubtful moment would prove nothing.
    assert counted.sent_twice > 0
    assert counted.found_again > 0
    assert seeds < 1000 or len(counted.boundaries) == await all_boundaries(still)
