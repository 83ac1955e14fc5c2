"""Ctrl-C: once stops asking and lets what is in flight come to its end; twice stops at once. Nothing finished is lost either way."""

from __future__ import annotations

import os
import signal
import sys
import threading
from contextlib import suppress
from types import FrameType
from typing import NoReturn

from agent.cli.tell import requests, say
from agent.language import t
from agent.pipeline.run import Run


INTERRUPTED = 130


class Interrupt:
    """Listens while its block runs. `KeyboardInterrupt` is raised where the run has to end now."""

    def __init__(self, going: Run) -> None:
        self._going = going
        self.pressed = False

    def __enter__(self) -> None:
        self._before = signal.signal(signal.SIGINT, self._on_signal)

    def __exit__(self, *_: object) -> None:
        signal.signal(signal.SIGINT, self._before)

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        flying = self._going.tally.in_flight - len(self._going.tally.waiting)
        if self.pressed or not self._going.tally.in_flight:
            raise KeyboardInterrupt
        self.pressed = True
        self._going.stop()
        if flying > 0:
            line = t("stopping: {requests} in flight come to an end (Ctrl-C again: at once)", requests=requests(flying))
            # The signal may have come in the middle of a write: another thread tells it after that.
            threading.Thread(target=say, args=(f"mianjing: {line}",), daemon=True).start()


def leave() -> NoReturn:
    """End the process as interrupted, whatever its threads still wait for: finished work is on the disk."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()
    os._exit(INTERRUPTED)
