"""Which process holds a lease, and whether it still lives. Where that cannot be known, it is taken to live."""

from __future__ import annotations

import os
import platform
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Process:
    """A process, told apart from a later one of the same number by when it was born, in the kernel's own units."""

    machine: str
    pid: int
    born: str


def this_machine() -> str:
    """A name that stays over restarts."""
    return platform.node() or "unnamed"


def this_process() -> Process:
    return _process(os.getpid())


@cache
def _process(pid: int) -> Process:
    return Process(_pid_space(), pid, _born(pid) or "")


def is_alive(process: Process) -> bool:
    """False only where it is surely gone: of this machine, and no process, or another one, has its number."""
    if process.machine != _pid_space():
        return True
    born = _born(process.pid)
    if born is None:
        return _has_number(process.pid)
    return born == process.born


@cache
def _pid_space() -> str:
    """Where process numbers mean the same: a container counts its own."""
    try:
        return f"{this_machine()}/{Path('/proc/self/ns/pid').readlink()}"
    except OSError:
        return this_machine()


def _born(pid: int) -> str | None:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    # The name in brackets may hold spaces; what follows it does not. Start time is the 22nd field, and state X or Z is dead.
    fields = stat.rpartition(")")[2].split()
    return None if fields[0] in {"Z", "X"} else fields[19]


def _has_number(pid: int) -> bool:
    if sys.platform == "win32":
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return not Path("/proc/self/stat").exists()
