"""What is logged while a command runs: ours in words, and, only where asked for, what libraries say."""

from __future__ import annotations

import logging
import time
from typing import Any

from agent.cli.tell import say, tell_json, tells_json, warn
from agent.language import translated


_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


def set_up(*, verbose: bool = False, quiet: bool = False, as_json: bool = False) -> None:
    """Send logs to standard error. Requests are logged where `verbose` or `as_json`; libraries are heard only where `verbose`."""
    tell_json(on=as_json)
    handler = _Teller()
    ours, others = logging.getLogger("agent"), logging.getLogger()
    ours.handlers, ours.propagate = [handler], False
    ours.setLevel(logging.INFO if (verbose or as_json) and not quiet else logging.WARNING)
    others.handlers = [handler if verbose else logging.NullHandler()]
    others.setLevel(logging.WARNING)
    logging.captureWarnings(capture=True)


class _Teller(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        message = translated(record.getMessage())
        facts: dict[str, Any] = {
            name: value
            for name, value in vars(record).items()
            if name not in _STANDARD and isinstance(value, str | int | float | None)
        }
        if record.levelno >= logging.WARNING:
            warn(message, logger=record.name, **facts)
        else:
            at = "" if tells_json() else time.strftime("%H:%M:%S ", time.localtime(record.created))
            say(f"{at}{message}", logger=record.name, **facts)
