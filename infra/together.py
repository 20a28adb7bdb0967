"""One statement for all who ask while the database answers another: what a crowd costs grows slower than the crowd.

Whoever asks alone is answered at once, by a statement for one.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

Question = TypeVar("Question")
Answer = TypeVar("Answer")


class Together(Generic[Question, Answer]):
    """Questions of one kind. `answer` gets up to `most` of them and returns an answer to each, in their order."""

    def __init__(self, answer: Callable[[Sequence[Question]], Awaitable[Sequence[Answer]]], most: int = 100) -> None:
        self._answer = answer
        self._most = most
        self._waiting: list[tuple[Question, asyncio.Future[Answer]]] = []
        self._asking: asyncio.Task[None] | None = None

    async def ask(self, question: Question) -> Answer:
        """The answer, first come, first served; an error is that of everybody who was asked for with it.

        Cancelled when the asking is.
        """
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting.append((question, answer))
        if self._asking is None:
            self._asking = asyncio.create_task(self._ask())
        return await answer

    async def _ask(self) -> None:
        try:
            while self._waiting:
                batch, self._waiting = self._waiting[: self._most], self._waiting[self._most :]
                await self._answer_all(batch)
        finally:
            self._asking = None

    async def _answer_all(self, batch: Sequence[tuple[Question, asyncio.Future[Answer]]]) -> None:
        try:
            answers = await self._answer([question for question, _ in batch])
        except Exception as error:  # noqa: BLE001 - it is raised where the question was asked
            for _, waiting in batch:
                if not waiting.done():
                    waiting.set_exception(error)
            return
        except BaseException:
            for _, waiting in [*batch, *self._waiting]:
                waiting.cancel()
            raise
        for (_, waiting), answer in zip(batch, answers, strict=True):
            if not waiting.done():
                waiting.set_result(answer)
