"""What makes the two loops of the timer look before their time."""

import asyncio


class Wake:
    """Wakes the loops of this process: `steps` when a step became due, `sends` when an alert did."""

    def __init__(self) -> None:
        self.steps = asyncio.Event()
        self.sends = asyncio.Event()
