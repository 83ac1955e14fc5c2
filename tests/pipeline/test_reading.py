"""An input is read in a thread, a few things ahead; its end and its errors are told."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from agent.pipeline.reading import Reader


LONG = 10.0


class Told:
    """Hears of news, and waits for what they bring."""

    def __init__(self) -> None:
        self._news = threading.Condition()

    def __call__(self) -> None:
        with self._news:
            self._news.notify_all()

    def until(self, holds) -> None:
        with self._news:
            assert self._news.wait_for(holds, LONG)


def reading(source, *, ahead: int = 100) -> tuple[Reader, Told]:
    told = Told()
    reader = Reader(ahead=ahead, tell=told)
    reader.start(source)
    return reader, told


def test_things_come_in_their_order_and_then_the_end():
    reader, told = reading(range(50), ahead=7)
    taken = []
    while len(taken) < 50:
        told.until(lambda: bool(reader))
        taken.append(reader.take())
    told.until(lambda: reader.is_over)
    assert taken == list(range(50))
    assert reader.error is None


def test_no_more_is_read_than_may_wait():
    read = []
    filled = threading.Event()

    def endless() -> Iterator[int]:
        while True:
            read.append(len(read))
            if len(read) == 6:
                filled.set()
            yield read[-1]

    reader, told = reading(endless(), ahead=5)
    assert filled.wait(LONG)
    told.until(lambda: bool(reader))
    assert len(read) == 6  # five wait, one is at the door
    reader.close()


def test_it_is_read_while_nobody_takes_and_not_in_the_caller():
    threads = []
    ended = threading.Event()

    def source() -> Iterator[int]:
        yield from range(3)
        threads.append(threading.current_thread())
        ended.set()

    reading(source())
    assert ended.wait(LONG)
    assert threads != [threading.current_thread()]


def test_what_the_input_raises_is_kept_behind_what_came_before():
    def source() -> Iterator[int]:
        yield 1
        raise ZeroDivisionError

    reader, told = reading(source())
    told.until(lambda: reader.error)
    assert not reader.is_over
    assert reader.take() == 1
    assert reader.is_over
    assert isinstance(reader.error, ZeroDivisionError)


def test_a_closed_reader_lets_its_input_end():
    ended = threading.Event()

    def source() -> Iterator[int]:
        try:
            while True:
                yield 1
        finally:
            ended.set()

    reader, told = reading(source(), ahead=2)
    told.until(lambda: bool(reader))
    reader.close()
    assert ended.wait(LONG)


def test_taking_where_nothing_waits_is_an_error():
    reader, _ = reading(())
    with pytest.raises(IndexError):
        reader.take()
