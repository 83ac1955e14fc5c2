"""The twin itself: the service behind a loopback port, in a thread of its own."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from types import TracebackType
from typing import Self

from tests.twin.asked import Oracle
from tests.twin.batch import Batches
from tests.twin.clock import Clock, wall_clock
from tests.twin.faults import Fault, FaultPlan, FaultSource
from tests.twin.http import HttpRequest, Reply, read_request, write_reply
from tests.twin.keys import fake_key
from tests.twin.log import Seen
from tests.twin.models import Model
from tests.twin.quotas import Quota, Quotas
from tests.twin.service import Latency, Script, Service


class Twin:
    """Gemini's REST API on loopback. Use it as a context manager; `url` is what `GOOGLE_GEMINI_BASE_URL` takes.

    Args:
        projects: keys by project; other keys are invalid. One project with one key where absent.
        models: names or `Model`s; `DEFAULT_MODELS` where absent.
        quotas: one for all, or by `project/model`, `project/*`, `model` or `*` (models by the bucket they count under).
        oracle: says what the model says; `Labelled()` where absent.
        fault: says what goes wrong with a request, if anything; a `FaultPlan` does it by chance.
        poison: faults by a marker: what befalls a request that shows a post with the marker in its text.
        clock: gives the time that quotas go by.
        latency: seconds from a request to its answer, or a function that draws them.
        counts_failures: whether 5xx, dropped and hung requests use up quota.
        thoughts: tokens that every answer thinks first, where thinking is not switched off.
        implicit_cache: whether a head seen before is told as cached tokens.
        min_deadline: shorter client time-outs (seconds) are refused, as the service does.
        page_size: the most models in one page of the list.
        keep: of how many requests the log keeps all (None: of every one).
        seed: of all chance.
    """

    def __init__(
        self,
        *,
        projects: Mapping[str, Sequence[str]] | None = None,
        models: Iterable[Model | str] | None = None,
        quotas: Quota | Mapping[str, Quota] | None = None,
        oracle: Oracle | None = None,
        fault: FaultSource | FaultPlan | None = None,
        poison: Mapping[str, Fault | str] | None = None,
        clock: Clock = wall_clock,
        latency: float | Latency = 0.0,
        counts_failures: bool = True,
        thoughts: int = 0,
        implicit_cache: bool = False,
        min_deadline: float = 10.0,
        page_size: int = 50,
        keep: int | None = None,
        seed: int = 0,
        port: int = 0,
    ) -> None:
        self.service = Service.of(
            projects={"p1": [fake_key(1)]} if projects is None else projects,
            models=models,
            quotas=quotas,
            oracle=oracle,
            fault=fault,
            poison=poison or {},
            clock=clock,
            latency=latency,
            counts_failures=counts_failures,
            thoughts=thoughts,
            implicit_cache=implicit_cache,
            min_deadline=min_deadline,
            page_size=page_size,
            keep=keep,
            seed=seed,
        )
        self._strayed: list[HttpRequest] = []
        self._bugs: list[Exception] = []
        self._port = port
        self._started = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._main()), name="twin", daemon=True)

    def __enter__(self) -> Self:
        self._sockets = [_listener(self._port), _listener(0)]
        self.service.elsewhere = f"http://localhost:{self._sockets[1].getsockname()[1]}"
        self._thread.start()
        self._started.wait()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()
        if self._bugs and error is None:
            raise ExceptionGroup("the twin itself failed", self._bugs)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._sockets[0].getsockname()[1]}"

    @property
    def keys(self) -> tuple[str, ...]:
        """All keys, project by project."""
        return tuple(key for keys in self.service.projects.values() for key in keys)

    @property
    def script(self) -> Script:
        """What is answered to a key, a model, a (key, model), the n-th request or `*`: `twin.script[key] = "403_leaked"`."""
        return self.service.script

    @property
    def models(self) -> dict[str, Model]:
        """The models by name; may be changed while the twin runs."""
        return self.service.models

    @property
    def quotas(self) -> Quotas:
        """The books: limits, and what was used of them."""
        return self.service.quotas

    def retire(self, model: str) -> None:
        """From now on this model is gone for everybody; it stays in the list, as real ones do."""
        self.models[model] = replace(self.models[model], gone="retired")

    @property
    def batches(self) -> Batches:
        """The Batch API: how long its jobs take, how they end, and the jobs and files themselves."""
        return self.service.batches

    @property
    def requests(self) -> tuple[Seen, ...]:
        return self.service.log.seen

    @property
    def generated(self) -> tuple[Seen, ...]:
        """Only the requests that asked for an answer."""
        return tuple(seen for seen in self.requests if seen.n)

    @property
    def outcomes(self) -> Counter[str]:
        """Generate requests by outcome."""
        return self.service.log.outcomes

    @property
    def wasted(self) -> Counter[str]:
        """Generate requests that got a 4xx, by outcome."""
        return self.service.log.wasted

    @property
    def peak(self) -> int:
        """The most requests that were in flight at once."""
        return self.service.log.peak

    def used(self, project: str, bucket: str) -> int:
        """The service's own count of today's requests, by the twin's clock."""
        return self.quotas.used_today(project, bucket, self.service.clock())

    @property
    def used_ever(self) -> dict[tuple[str, str], int]:
        """The service's own count of all requests, by (project, bucket)."""
        return self.quotas.used_ever()

    @property
    def strayed(self) -> tuple[HttpRequest, ...]:
        """What came to the other host that a redirect points to; `.key` is the key it carried along, if any."""
        return tuple(self._strayed)

    async def _main(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        servers = [
            await asyncio.start_server(handler, sock=sock, limit=2**20)
            for handler, sock in zip((self._serve, self._serve_strayed), self._sockets, strict=True)
        ]
        self._started.set()
        await self._stop.wait()
        for server in servers:
            server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self._converse(reader, writer, self.service.answer)

    async def _serve_strayed(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self._converse(reader, writer, self._stray)

    def _stray(self, request: HttpRequest) -> Reply:
        self._strayed.append(request)
        return Reply.of_json(200, {})

    async def _converse(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        answer: Callable[[HttpRequest], Reply],
    ) -> None:
        try:
            while request := await read_request(reader):
                reply = answer(request)
                with self.service.log.flight(request.path):
                    if reply.seconds:
                        await asyncio.sleep(reply.seconds)
                    if not await write_reply(reply, reader, writer):
                        break
        except (ConnectionError, asyncio.CancelledError):
            pass  # the client is gone, or the twin is stopping: either way there is nobody to tell
        except Exception as bug:  # noqa: BLE001
            self._bugs.append(bug)
        finally:
            writer.close()
            with suppress(ConnectionError, asyncio.CancelledError):
                await writer.wait_closed()


def _listener(port: int) -> socket.socket:
    made = socket.socket()
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    made.bind(("127.0.0.1", port))
    made.listen(512)
    return made
