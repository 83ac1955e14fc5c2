"""The door for programs and notebooks: one `Extractor`, made once and used often. Files and formats are behind other doors."""

from __future__ import annotations

import gc
import sys
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from contextlib import aclosing, contextmanager
from functools import cached_property
from math import inf
from operator import length_hint
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from agent import settings
from agent.errors import InputProblem
from agent.ladder import ModelName
from agent.ladder import ladder as ladder_of
from agent.notebook import Bar
from agent.pictures import looked_at
from agent.pipeline.run import LoopThread, Run, rules_run
from agent.pipeline.tally import Outcome
from agent.records import Post, Record, Records


if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from langchain_core.runnables import Runnable
    from pydantic import SecretStr

    from agent.extraction.chain import Ladder
    from agent.gemini.keys import KeyManager
    from agent.pipeline.batch import Batch, JobStatus
    from agent.pipeline.batch_store import BatchStore
    from agent.pipeline.engine import Engine
    from agent.pipeline.store import Store

Given = str | Post
"""What can be read: a text, or a post with an id, a title and more."""


class Extractor:
    """Extracts methods, questions and advice from posts, by the models of a ladder and by rules where none can serve.

    Example:
        >>> record = Extractor(offline=True).extract("1. 什么是 LoRA？")
        >>> record.questions[0].quote
        '什么是 LoRA？'

    """

    def __init__(
        self,
        *,
        models: str | Sequence[str] | None = None,
        keys: KeyManager | Sequence[str | SecretStr] | None = None,
        base_url: str | None = None,
        offline: bool = False,
        home: str | Path | None = None,
        pack: int | None = None,
        concurrency: int | None = None,
        patience: float = 90.0,
        fresh: bool = False,
        store: Store | None = None,
    ) -> None:
        """Nothing heavy is loaded, and nothing asked, before the first post.

        Args:
            models: the ladder, asked in this order; else `MIANJING_MODELS`, else the default. `rules` is always last.
            keys: Gemini keys or a `KeyManager`; else those of the environment, of `.env`, or stored ones.
            base_url: another endpoint that speaks Gemini's API.
            offline: rules only, and no network at all.
            home: the folder of quotas and finished work; else `MIANJING_HOME`, else the user's data folder.
            pack: posts in one request; as few as the quota allows where null.
            concurrency: requests in flight; as many as models take where null.
            patience: seconds that a post may wait for quota to come back.
            fresh: ask again, whatever was finished before.
            store: where finished work is kept, if not in `home`.

        Raises:
            UsageError: a name in the ladder is no model name.

        """
        settings.load_dotenv()
        self.names = () if offline else ladder_of(models)
        self._keys, self._base_url = _out_of_sight(keys), base_url
        self._home = Path(home) if home else settings.home()
        self._loop = LoopThread()
        self._pack, self._concurrency, self._patience, self._fresh = pack, concurrency, patience, fresh
        if store is not None:
            self._store = store

    @property
    def offline(self) -> bool:
        """Whether rules alone are asked for."""
        return not self.names

    @property
    def options(self) -> dict[str, Any]:
        """What another process makes the same extractor of; keys and store are not among it."""
        return {
            "models": [str(name) for name in self.names],
            "base_url": self._base_url,
            "offline": self.offline,
            "home": self._home,
            "pack": self._pack,
            "concurrency": self._concurrency,
            "patience": self._patience,
            "fresh": self._fresh,
        }

    def extract(self, post: Given) -> Record:
        """One post's record. Works inside a running event loop too. Raises `InputProblem` for a post with no text."""
        return _record(next(iter(self.run([_post(post)]))))

    async def aextract(self, post: Given) -> Record:
        """One post's record, asynchronously. Raises `InputProblem` for a post with no text."""
        if self.offline:
            return self.extract(post)
        import asyncio

        given = await asyncio.to_thread(_post, post)  # text in pictures takes seconds to read
        async with aclosing(self._engine().run([given])) as outcomes:
            return _record(await anext(outcomes))

    def stream(self, posts: Iterable[Given]) -> Iterator[Record]:
        """Records of any number of posts, in their order, packed and resumed. Posts with no text give none.

        In a notebook a bar shows how far it is.
        """
        return _watched(self.run(map(_post, posts)), _count(posts))

    async def astream(self, posts: Iterable[Given]) -> AsyncIterator[Record]:
        """The asynchronous `stream`."""
        if self.offline:
            for record in self.stream(posts):
                yield record
            return
        engine = self._engine()
        async with aclosing(engine.run(map(_post, posts))) as outcomes:
            with Bar(engine.tally, _count(posts)) as bar:
                async for outcome in outcomes:
                    bar.look()
                    if isinstance(outcome, Record):
                        yield outcome

    def collect(self, posts: Iterable[Given]) -> Records:
        """All that `stream` gives, as a list that shows itself in a notebook and becomes a data frame by `to_frame()`."""
        return Records(self.stream(posts))

    def run(self, posts: Iterable[Post | InputProblem]) -> Run:
        """A run that can be watched and stopped: what `stream` and the command are made of."""
        if self.offline:
            return rules_run(posts)
        engine = self._engine()
        outcomes = self._loop.iterate(engine.run(posts))
        return Run(outcomes, engine.tally, lambda: self._loop.call(engine.stop))

    def batch(self, *, fresh: bool = False, watch: Callable[[Sequence[JobStatus]], object] = lambda _: None) -> Batch:
        """Gemini's Batch API, half the price: `batch().run(posts)` submits, waits and keeps what comes; `run(posts)` then does the rest.

        `watch` is told how the jobs stand, before each pause. Its `run` blocks, for a day if need be: inside a running loop, `await asyncio.to_thread(batch.run, posts)`.
        """
        from agent.extraction.prompt import load_prompt
        from agent.pipeline.batch import Batch

        return Batch(
            self.names,
            keys=self.keys,
            store=self._batches,
            prompt=load_prompt("extract"),
            base_url=self._base_url,
            pack=self._pack,
            fresh=fresh,
            watch=watch,
        )

    @cached_property
    def runnable(self) -> Runnable[Any, Record]:
        """The chain as a LangChain Runnable: text or `Post` in, `Record` out; falls back down the ladder to the rules.

        It keeps no finished work and waits for no quota: that is the engine's, behind `extract` and `stream`.
        """
        with _loading():
            from agent.extraction.chain import extraction_runnable
            from agent.extraction.prompt import load_prompt

            return extraction_runnable(self._rungs(), load_prompt("extract"), self.keys.allowance)

    def close(self) -> None:
        """Close connections and files. Not needed in a notebook or a script: the end of the program closes them too."""
        self._loop.close()
        for name in ("_store", "_batches"):
            if name in self.__dict__:
                self.__dict__.pop(name).close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __getstate__(self) -> dict[str, Any]:
        """Raises `TypeError` where keys were given: a pickle would hold them for anybody to read."""
        if self._keys is not None:
            raise TypeError("an Extractor with keys of its own is not pickled: make one where it is needed")
        return self.__dict__

    @cached_property
    def keys(self) -> KeyManager:
        """The key manager that this extractor leases from."""
        from agent.gemini.keys import KeyManager

        return self._keys if isinstance(self._keys, KeyManager) else KeyManager(self._keys, home=self._home)

    def _engine(self) -> Engine:
        with _loading():
            from agent.pipeline.engine import Engine

            ladder = self._ladder
        return Engine(
            ladder,
            store=self._store,
            requests_left=self.requests_left,
            pack=self._pack,
            concurrency=self._concurrency,
            patience=self._patience,
            fresh=self._fresh,
        )

    @cached_property
    def _ladder(self) -> Ladder:
        from agent.extraction.chain import ladder
        from agent.extraction.prompt import load_prompt

        return ladder(self._rungs(), load_prompt("extract"), self.keys.allowance)

    def _rungs(self) -> list[tuple[ModelName, BaseChatModel]]:
        from agent.extraction.models import chat_model

        return [(name, chat_model(name, keys=self.keys, base_url=self._base_url)) for name in self.names]

    @cached_property
    def _store(self) -> Store:
        from agent.pipeline.store import Store

        return Store(self._home)

    @cached_property
    def _batches(self) -> BatchStore:
        from agent.pipeline.batch_store import BatchStore

        return BatchStore(self._home)

    def requests_left(self) -> float:
        """Requests believed left until the reset, over the rungs worth waiting for; without end where another provider serves."""
        if not all(name.is_gemini for name in self.names):
            return self.keys.allowance.left
        left = sum(self.keys.capacity(self._worth_waiting_for()).values())
        return min(left - len(self.keys.waiting), self.keys.allowance.left)

    def requests_a_day(self) -> float:
        """Requests believed to be those of a whole day, over the same rungs."""
        if not all(name.is_gemini for name in self.names):
            return inf
        models = self._worth_waiting_for()
        return sum(row.limit for row in self.keys.quotas(models) if row.model in models)

    def _worth_waiting_for(self) -> list[str]:
        from agent.extraction.models import speaks_json_schema

        # Gemma's thousands are no reason to spend the better models' few on one post each.
        structured = [name.model for name in self.names if speaks_json_schema(name)]
        return structured or [name.model for name in self.names]


@contextmanager
def _loading() -> Iterator[None]:
    """The first time, no garbage is looked for meanwhile: what modules are made of stays, and is old from the start. It is a tenth of a first call."""
    if "agent.extraction.chain" in sys.modules or not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        if not gc.get_freeze_count():
            gc.freeze()
            gc.unfreeze()
        gc.enable()


def _out_of_sight(keys: KeyManager | Sequence[str | SecretStr] | None) -> KeyManager | Sequence[SecretStr] | None:
    if keys is None:
        return None
    from agent.gemini.keys import KeyManager
    from agent.gemini.keystore import sealed

    return keys if isinstance(keys, KeyManager) else sealed(keys)


def _post(given: Given) -> Post:
    return looked_at(given) if isinstance(given, Post) else Post(text=given)


def _count(posts: Iterable[Given]) -> int | None:
    """How many there are, where they know."""
    return length_hint(posts) or None


def _watched(run: Run, total: int | None) -> Iterator[Record]:
    with Bar(run.tally, total) as bar:
        for outcome in run:
            bar.look()
            if isinstance(outcome, Record):
                yield outcome


def _record(outcome: Outcome) -> Record:
    if isinstance(outcome, InputProblem):
        raise outcome
    return outcome
