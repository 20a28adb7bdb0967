"""The calling against a small reference, over the real handlers and database, in orders nobody thought of."""

import asyncio

from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.integration.notifier.proofs.model import ON_CALL, CallingMachine
from tests.integration.notifier.proofs.still_night import StillNight

BOUNDED = settings(
    max_examples=30,
    stateful_step_count=20,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)


async def test_whatever_happens_a_case_has_a_next_step_until_somebody_takes_it(still: StillNight) -> None:
    called = [await still.person(f"P{number}") for number in range(len(ON_CALL))]

    class Machine(CallingMachine):
        night, loop, people = still, asyncio.get_running_loop(), called

    await asyncio.to_thread(run_state_machine_as_test, Machine, settings=BOUNDED)
