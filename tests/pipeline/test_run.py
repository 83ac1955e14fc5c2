"""Asynchronous work driven from synchronous code: its results and its errors come out as they are."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress

import pytest

from agent.pipeline.run import LoopThread


@pytest.fixture
def loop() -> Iterator[LoopThread]:
    loop = LoopThread()
    yield loop
    loop.close()


def test_a_time_out_of_the_work_itself_is_not_taken_for_a_wait_that_goes_on(loop: LoopThread) -> None:
    async def work() -> None:
        raise TimeoutError("of the work")

    with pytest.raises(TimeoutError, match="of the work"):
        loop.wait(work())


def test_a_stream_that_nobody_reads_to_its_end_is_closed(loop: LoopThread) -> None:
    closed: list[bool] = []

    async def numbers() -> AsyncIterator[int]:
        with suppress(asyncio.CancelledError):
            try:
                for number in range(9):
                    yield number
            finally:
                closed.append(True)

    stream = loop.iterate(numbers())
    assert [next(stream), next(stream)] == [0, 1]
    stream.close()
    assert closed == [True]
