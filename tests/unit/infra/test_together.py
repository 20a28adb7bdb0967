"""Questions asked together: one at once, the rest with the next statement, an error and an end for everybody."""

import asyncio
from collections.abc import Sequence

from infra.together import Together


class Slow:
    """Answers with what was asked, once it is let."""

    def __init__(self, error: BaseException | None = None) -> None:
        self.batches: list[list[int]] = []
        self.goes_on = asyncio.Event()
        self.error = error

    async def answer(self, questions: Sequence[int]) -> list[int]:
        self.batches.append(list(questions))
        await self.goes_on.wait()
        if self.error is not None:
            raise self.error
        return [-question for question in questions]


async def test_whoever_comes_while_one_is_asked_for_is_asked_for_with_the_next() -> None:
    slow = Slow()
    together = Together(slow.answer, most=3)
    asking = [asyncio.create_task(together.ask(1))]
    await asyncio.sleep(0.01)
    asking += [asyncio.create_task(together.ask(number)) for number in range(2, 7)]
    await asyncio.sleep(0.01)
    assert slow.batches == [[1]]
    slow.goes_on.set()
    assert await asyncio.gather(*asking) == [-1, -2, -3, -4, -5, -6]
    assert slow.batches == [[1], [2, 3, 4], [5, 6]]
    assert await together.ask(7) == -7


async def test_an_error_is_everybodys_and_the_next_are_asked_for_anew() -> None:
    slow = Slow(ConnectionError())
    together = Together(slow.answer)
    slow.goes_on.set()
    told = await asyncio.gather(*(together.ask(number) for number in range(3)), return_exceptions=True)
    assert [type(each) for each in told] == [ConnectionError] * 3
    slow.error = None
    assert await together.ask(4) == -4


async def test_one_who_gives_up_keeps_no_other_from_an_answer() -> None:
    slow = Slow()
    together = Together(slow.answer)
    asking = [asyncio.create_task(together.ask(number)) for number in range(3)]
    await asyncio.sleep(0.01)
    asking[1].cancel()
    slow.goes_on.set()
    told = await asyncio.gather(*asking, return_exceptions=True)
    assert told[::2] == [0, -2]
    assert isinstance(told[1], asyncio.CancelledError)


async def test_nobody_waits_for_an_asking_that_has_ended() -> None:
    slow = Slow(asyncio.CancelledError())
    together = Together(slow.answer)
    asking = [asyncio.create_task(together.ask(1))]
    await asyncio.sleep(0.01)
    asking.append(asyncio.create_task(together.ask(2)))
    await asyncio.sleep(0.01)
    slow.goes_on.set()
    async with asyncio.timeout(2):
        told = await asyncio.gather(*asking, return_exceptions=True)
    assert [type(each) for each in told] == [asyncio.CancelledError] * 2
    slow.error = None
    assert await together.ask(3) == -3
