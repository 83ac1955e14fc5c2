"""One run over many posts, driven from synchronous code: outcomes to iterate over, a tally to look at, a way to stop it. How posts are asked for is `engine`'s."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import TimeoutError as NotYet
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from agent.errors import InputProblem, NoText
from agent.extraction.result import record_by_rules
from agent.extraction.rules import extract
from agent.pipeline.tally import Outcome, Tally
from agent.records import Post


if TYPE_CHECKING:
    import asyncio
    from collections.abc import AsyncGenerator, Coroutine

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Run:
    """Iterate over it for an outcome of every post, in their order."""

    outcomes: Iterator[Outcome]
    tally: Tally = field(default_factory=Tally)
    stop: Callable[[], None] = lambda: None
    """Ask nothing more; what is in flight comes to its end, and the outcomes with it."""

    def __iter__(self) -> Iterator[Outcome]:
        return self.outcomes


def rules_run(posts: Iterable[Post | InputProblem]) -> Run:
    """A run of the rules alone: no model, no network, nothing kept."""
    tally = Tally()
    return Run(_by_rules(posts, tally), tally)


def _by_rules(posts: Iterable[Post | InputProblem], tally: Tally) -> Iterator[Outcome]:
    for post in posts:
        tally.taken += 1
        outcome = no_text_in(post) or record_by_rules(post, extract(post)) if isinstance(post, Post) else post
        tally.count(outcome)
        yield outcome
    tally.may_grow = False


def no_text_in(post: Post) -> NoText | None:
    """Why a post can have no result, where it cannot."""
    if not post.is_blank:
        return None
    where = post.source or "post"
    is_told = post.id in where or post.id == Post(text=post.text, title=post.title).id
    return NoText(where if is_told else f"{where} ({post.id})")


class LoopThread:
    """An event loop in a thread of its own, for callers that are synchronous or run inside another loop."""

    def __init__(self) -> None:
        self._end: Callable[[], object] | None = None

    def wait(self, work: Coroutine[Any, Any, T]) -> T:
        """The result of asynchronous work. An exception in the caller, such as Ctrl-C, cancels the work."""
        import asyncio

        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            while True:
                try:
                    # In slices: on Windows a wait without end cannot be interrupted.
                    return future.result(timeout=0.5)
                except NotYet:
                    if future.done():
                        raise
        except BaseException:
            future.cancel()
            raise

    def iterate(self, source: AsyncGenerator[T, None]) -> Iterator[T]:
        """An asynchronous stream as a synchronous one; closed with it."""
        done = object()

        async def step() -> T | object:
            return await anext(source, done)

        async def close() -> None:
            await source.aclose()

        try:
            while (value := self.wait(step())) is not done:
                yield value  # type: ignore[misc]
        except GeneratorExit:
            # One that has ended, or whose step was cancelled by Ctrl-C, is closed already.
            self.wait(close())
            raise

    def call(self, function: Callable[[], object]) -> None:
        """Have the loop call a function soon."""
        self._loop.call_soon_threadsafe(function)

    def close(self) -> None:
        """End the loop, and what was opened in it. A later call opens another."""
        if self._end:
            self._end()
            self._end = None
            del self._loop

    @cached_property
    def _loop(self) -> asyncio.AbstractEventLoop:
        import asyncio

        loop = asyncio.new_event_loop()
        thread = threading.Thread(target=loop.run_forever, name="mianjing", daemon=True)
        thread.start()
        self._end = weakref.finalize(self, _end, loop, thread)
        return loop


def _end(loop: asyncio.AbstractEventLoop, thread: threading.Thread) -> None:
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    # Clients that belong to the loop are closed by generators that end here.
    loop.run_until_complete(loop.shutdown_asyncgens())
    loop.close()
