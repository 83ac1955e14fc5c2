"""A twin in a process of its own, so that what is measured does not share its interpreter lock."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self


_ROOT = Path(__file__).parents[2]
_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class TwinProcess:
    """Starts `python -m tests.twin` with a configuration (see `tests.twin.config.twin_of`); a context manager."""

    def __init__(self, config: Mapping[str, Any]) -> None:
        self._config = dict(config)
        self.url = ""

    def __enter__(self) -> Self:
        with tempfile.NamedTemporaryFile("w", suffix=".json", delete=False) as file:
            json.dump(self._config, file)
        self._file = Path(file.name)
        command = [sys.executable, "-m", "tests.twin", "--leashed", "--config", file.name]
        self._process = subprocess.Popen(command, cwd=_ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        self.url = self._process.stdout.readline().strip()
        if not self.url:
            raise RuntimeError(f"the twin did not start; its exit status is {self._process.wait()}")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.communicate()  # closes its standard input, which ends it
        self._file.unlink()

    @property
    def pid(self) -> int:
        return self._process.pid

    def counts(self) -> dict[str, Any]:
        """See `tests.twin.control.counts`."""
        counted: dict[str, Any] = self._ask("counts")
        return counted

    def requests(self) -> list[dict[str, Any]]:
        """The log, each entry with the fields of `Seen`."""
        seen: list[dict[str, Any]] = self._ask("requests")
        return seen

    def advance(self, seconds: float) -> None:
        """Turn its clock, if `virtual_clock` is set."""
        self._ask("advance", {"seconds": seconds})

    def script(self, place: str, told: str) -> None:
        self._ask("script", {place: told})

    def retire(self, model: str) -> None:
        self._ask("retire", {"model": model})

    def set_quotas(self, quotas: Mapping[str, Mapping[str, Any]]) -> None:
        self._ask("quotas", quotas)

    def _ask(self, what: str, told: Mapping[str, Any] | None = None) -> Any:
        data = None if told is None else json.dumps(told).encode()
        with _DIRECT.open(urllib.request.Request(f"{self.url}/_twin/{what}", data), timeout=30) as reply:
            return json.load(reply)
