"""What is told to people on standard error: plain lines, with every key masked."""

from __future__ import annotations

import sys
from typing import NoReturn

from agent.errors import MianjingError, StateError


def say(line: str) -> None:
    """One line to standard error."""
    print(line, file=sys.stderr, flush=True)  # noqa: T201


def fail(error: MianjingError) -> NoReturn:
    """Tell an error in words and leave: 2 where the caller can mend the command, 4 where the machine is in the way."""
    say(f"mianjing: {error}")
    sys.exit(4 if isinstance(error, StateError) else 2)
