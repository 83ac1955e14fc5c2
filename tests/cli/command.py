"""Runs the real command in a process of its own, as a user would."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from agent.records import Record


@dataclass(frozen=True)
class Said:
    status: int
    out: str
    err: str

    @property
    def records(self) -> list[Record]:
        return [Record.from_json(line) for line in self.out.split("\n") if line]


COMMAND = [sys.executable, "-X", "utf8", "-c", "from agent.cli import main; main()"]


def mianjing(*arguments: str | Path, stdin: bytes | str = b"", **environment: str) -> Said:
    """The command's exit status and what it said; fails where it shows a traceback."""
    done = subprocess.run(
        [*COMMAND, *map(str, arguments)],
        input=stdin.encode() if isinstance(stdin, str) else stdin,
        capture_output=True,
        env=environment_with(environment),
        timeout=120,
        check=False,
    )
    return _said(done.returncode, done.stdout, done.stderr)


@dataclass
class Going:
    """The command while it runs."""

    process: subprocess.Popen[bytes]

    def end(self, number: int | None = None) -> Said:
        """What it said until its end, after that signal where one is given."""
        if number is not None:
            self.process.send_signal(number)
        out, err = self.process.communicate(timeout=60)
        return _said(self.process.returncode, out, err)


def _hears_interrupts() -> None:
    """A shell's background jobs, and so the tests in one, ignore Ctrl-C and hand that down."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@contextmanager
def started(*arguments: str | Path, stdin: int = subprocess.DEVNULL, **environment: str) -> Iterator[Going]:
    """The command, running; killed at the block's end if it still is."""
    process = subprocess.Popen(
        [*COMMAND, *map(str, arguments)],
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment_with(environment),
        preexec_fn=_hears_interrupts if os.name == "posix" else None,  # noqa: PLW1509  # it only calls the system
    )
    try:
        yield Going(process)
    finally:
        if process.poll() is None:
            process.kill()
            process.communicate()


def eventually(holds: Callable[[], object], seconds: float = 30.0) -> None:
    """Wait for another process to get so far."""
    ends = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < ends, "it did not get so far"
        time.sleep(0.02)


def environment_with(more: dict[str, str]) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), "LC_ALL": "C.UTF-8", **more}


def _said(status: int, out: bytes, err: bytes) -> Said:
    said = Said(status, out.decode(), err.decode())
    assert "Traceback" not in said.err, said.err
    return said


def write_jsonl(path: Path, rows: list[dict[str, object]]) -> Path:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


def rows(count: int) -> list[dict[str, object]]:
    """So many posts, no two the same."""
    return [{"id": n, "text": f"一面：\n1. 第{n}题：什么是 LoRA？\n2. 手撕：反转链表\n"} for n in range(count)]
