"""The real command under limits: of memory, of file size, of what it may open, on a console of any encoding; and what it cost."""

from __future__ import annotations

import ctypes
import os
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from benchmarks import child
from tests.cli.command import COMMAND, environment_with


if sys.platform == "win32":
    pytest.skip("limits of a process are Unix's", allow_module_level=True)

import resource


_DROP_FROM_BOUNDING_SET = 24
_READS_AND_WRITES_ANYTHING = (1, 2)


@dataclass(frozen=True)
class Ran:
    """How a command ended, what it wrote, and the most memory it held."""

    status: int
    out: bytes
    err: str
    megabytes: float


def confined(
    *arguments: str | Path,
    stdin: bytes = b"",
    largest_file: int | None = None,
    seconds: float = 60,
    encoding: str = "utf-8",
    command: list[str] = COMMAND,
    **environment: str,
) -> Ran:
    """Run to the end, or fail after so many `seconds`; fails where it shows a traceback. `largest_file` is in bytes.

    Permissions hold, even where the tests are run by root.
    """
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        given.write(stdin)
        given.seek(0)
        took = child.run(
            [*command, *map(str, arguments)],
            stdin=given,
            stdout=out,
            stderr=err,
            env=environment_with({"PYTHONIOENCODING": encoding, **environment}),
            preexec_fn=_limits(largest_file, seconds),
        )
        out.seek(0)
        err.seek(0)
        said = err.read().decode(encoding, "replace")
        assert "Traceback" not in said, said
        assert took.status >= 0, f"killed by signal {-took.status}: {said}"
        return Ran(took.status, out.read(), said, took.megabytes)


def _limits(largest_file: int | None, seconds: float) -> Callable[[], None]:
    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_CPU, (int(seconds), int(seconds)))
        if largest_file is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (largest_file, largest_file))
        if os.geteuid() == 0:
            libc = ctypes.CDLL(None)
            for capability in _READS_AND_WRITES_ANYTHING:
                libc.prctl(_DROP_FROM_BOUNDING_SET, capability, 0, 0, 0)

    return limit


def contents(folder: Path) -> list[str]:
    """What lies in a folder and below it, by name."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))
