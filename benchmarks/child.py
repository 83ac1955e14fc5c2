"""Runs a command to its end and tells what it took: seconds of CPU, and the most memory it held."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any


# A process is said to have held what that held from which it was forked: so a small one stands between it and this one.
_BETWEEN = """
import os, resource, subprocess, sys
status = subprocess.call(sys.argv[2:])
used = resource.getrusage(resource.RUSAGE_CHILDREN)
os.write(os.open(sys.argv[1], os.O_WRONLY), f"{used.ru_utime + used.ru_stime} {used.ru_maxrss}".encode())
os.kill(os.getpid(), -status) if status < 0 else sys.exit(status)
"""


@dataclass(frozen=True, slots=True)
class Took:
    """How a command ended (below zero: by that signal), its seconds of CPU, those of its own children among them, and its peak."""

    status: int
    seconds: float
    megabytes: float


def run(command: list[str], **options: Any) -> Took:
    """Run to the end; `options` are `Popen`'s."""
    with tempfile.NamedTemporaryFile() as told:
        process = subprocess.Popen([sys.executable, "-c", _BETWEEN, told.name, *command], **options)
        status = process.wait()
        seconds, kilobytes = map(float, Path(told.name).read_text(encoding="ascii").split())
    return Took(status, seconds, kilobytes / 1024)
