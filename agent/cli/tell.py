"""What is told on standard error: lines for people, or JSON for programs; every key masked. Results do not go through here."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import Any, NoReturn

from agent.cli.screen import SCREEN
from agent.errors import InputProblem, MianjingError, RungUnavailable, StateError
from agent.gemini.scrub import scrub
from agent.language import t, translated
from agent.outputs.harmless import for_terminal


_as_json = False


def tell_json(*, on: bool) -> None:
    """Tell everything as JSON from now on: one object a line, with `at`, `level` and `message`."""
    global _as_json  # noqa: PLW0603  # there is one standard error
    _as_json = on


def tells_json() -> bool:
    return _as_json


def say(line: str, *, level: str = "info", **facts: Any) -> None:
    """One line, translated already. `facts` are for programs: people are not shown them."""
    if _as_json:
        from agent.records import dump_json

        at = datetime.now(UTC).isoformat(timespec="milliseconds")
        line = dump_json({"at": at, "level": level, "message": line.strip(), **facts})
    SCREEN.print(harmless(line))


def harmless(text: str) -> str:
    """What may be shown to people, whoever wrote it: every key masked, and nothing in it that steers a terminal."""
    return for_terminal(scrub(text))


def tell(message: str, **values: Any) -> None:
    """One of our own sentences, in the language of the person."""
    say(t(message, **values))


def warn(line: str, **facts: Any) -> None:
    """Something is amiss, and the rest goes on."""
    say(line if _as_json else f"mianjing: {line}", level="warning", **facts)


def warn_of(problem: InputProblem) -> None:
    """A file or row without a result."""
    warn(in_words(problem), source=problem.source, row=problem.row)


def fail(error: MianjingError | OSError) -> NoReturn:
    """Tell an error in words and leave: 2 where the caller can mend the command, 4 where the machine is in the way."""
    line = in_words(error)
    say(line if _as_json else f"mianjing: {line}", level="error")
    sys.exit(4 if isinstance(error, StateError | OSError) else 2)


def in_words(error: MianjingError | OSError) -> str:
    """What an error says, in the language of the person."""
    if isinstance(error, InputProblem):
        where = error.source if error.row is None else t("{source}, row {row}", source=error.source, row=error.row)
        return f"{where}: {translated(error.why)}"
    if isinstance(error, RungUnavailable):
        return f"{error.model}: {translated(error.detail or error.reason)}"
    if isinstance(error, OSError):
        what = ": ".join(str(part) for part in (error.filename, error.strerror or error) if part)
        return t("{what}; what was finished is kept, run the same command again", what=what)
    return translated(str(error))


def posts(count: int) -> str:
    return t("1 post") if count == 1 else t("{count:,} posts", count=count)


def requests(count: int) -> str:
    return t("1 request") if count == 1 else t("{count:,} requests", count=count)
