"""The command `mianjing`: what people type, told in words and exit codes. How any of it is done stands elsewhere."""

from __future__ import annotations

import os
import sys
from typing import TextIO


def main() -> None:
    """Run the command line; no error that was foreseen shows a traceback."""
    for stream in (sys.stdout, sys.stderr):
        # A console that is not UTF-8 (cp936) shows what it can.
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]
    from agent.cli.app import app
    from agent.errors import MianjingError

    try:
        try:
            app()
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


def _write_no_more(*streams: TextIO) -> None:
    """What is still to be flushed at the end would fail again, with a traceback."""
    for stream in streams:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
