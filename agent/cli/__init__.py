"""The command `mianjing`: what people type, told in words and exit codes. How any of it is done stands elsewhere."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line; no error that was foreseen shows a traceback."""
    for stream in (sys.stdout, sys.stderr):
        # A console that is not UTF-8 (cp936) shows what it can.
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]
    from agent.cli.app import app
    from agent.errors import MianjingError

    try:
        app()
    except MianjingError as error:
        from agent.cli.tell import fail

        fail(error)
    except BrokenPipeError:
        # The reader of a pipe has gone, as `head` does: nobody is left to tell.
        sys.stderr.close()
        sys.exit(141)
