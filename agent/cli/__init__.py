"""The command `mianjing`: what people type, told in words and exit codes. How any of it is done stands elsewhere."""

from __future__ import annotations

import atexit
import gc
import io
import os
import sys
from typing import Any, TextIO


_OBJECTS_BETWEEN_LOOKS = 100_000
_KEEPING_FILES = frozenset({"agent.gemini.database", "agent.pictures.memory", "agent.pipeline.store"})


def main() -> None:
    """Run the command line; no error that was foreseen shows a traceback."""
    # What modules are made of stays: to look through it for garbage, every 700 objects, is a twentieth of a start.
    gc.set_threshold(_OBJECTS_BETWEEN_LOOKS)
    atexit.register(_leave)
    for stream in (sys.stdout, sys.stderr):
        # A console that is not UTF-8 (cp936) shows what it can.
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]
    from agent.errors import MianjingError

    try:
        try:
            sys.exit(_called())
        finally:
            sys.stdout.flush()
    except BrokenPipeError:
        # The reader of a pipe has gone, as `head` does: nobody is left to tell. Typer ends so too.
        _write_no_more(sys.stdout, sys.stderr)
        sys.exit(1)
    except (MianjingError, OSError) as error:
        from agent.cli.tell import fail

        _write_no_more(sys.stdout)
        fail(error)
    except Exception as error:  # noqa: BLE001  # a bug of ours: told whole, but for keys
        _show_bug(error)
        sys.exit(1)


def _leave() -> None:
    """What is left at the end goes with the process, but for state files: they are closed as it is cleared away."""
    if _KEEPING_FILES.isdisjoint(sys.modules):
        gc.freeze()


def _called() -> int:
    """The exit status of the command that was typed. What is wrong with it may hold a key, put where none belongs."""
    from typer import Abort, TyperException

    from agent.cli.app import app

    try:
        return app(standalone_mode=False) or 0
    except Abort:
        return 1
    except TyperException as wrong:
        from agent.cli.tell import harmless

        print(harmless(_shown(wrong)), end="", file=sys.stderr)  # noqa: T201
        return wrong.exit_code


def _shown(wrong: Any) -> str:
    """How the command line tells what is wrong with it: usage first."""
    said = io.StringIO()
    wrong.show(said)
    return said.getvalue()


def _show_bug(error: Exception) -> None:
    import traceback

    from agent.gemini.scrub import scrub

    print(scrub("".join(traceback.format_exception(error))), end="", file=sys.stderr)  # noqa: T201


def _write_no_more(*streams: TextIO) -> None:
    """What is still to be flushed at the end would fail again, with a traceback."""
    for stream in streams:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
