"""`mianjing keys`: the keys that are kept, shown by their last four characters alone."""

from __future__ import annotations

import sys

from agent.cli.moments import local_time
from agent.cli.tables import print_rows
from agent.cli.tell import tell
from agent.errors import UsageError
from agent.gemini.allowance import Allowance
from agent.gemini.keys import KeyManager
from agent.language import t, translated, words
from agent.settings import load_dotenv


_STATES = words(ok="serves", out="out", untried="not tried yet", valid="valid")


def tell_how_to_add() -> None:
    tell("No key is set. One is free: https://aistudio.google.com/apikey")
    tell("Then `mianjing keys add`, or set GEMINI_API_KEYS.")


def manager(base_url: str | None = None, allowance: Allowance | None = None) -> KeyManager:
    """The key manager of this user: environment, `.env`, stored keys."""
    load_dotenv()
    return KeyManager(base_url=base_url, allowance=allowance)


def list_keys(*, as_json: bool) -> None:
    rows = manager().list()
    print_rows(
        rows,
        {
            "key": lambda row: row.key,
            "project": lambda row: row.project,
            "from": lambda row: row.source,
            "state": lambda row: t(_STATES.get(row.state, row.state)),
            "why": lambda row: translated(row.why),
            "since": lambda row: local_time(row.since),
            "until": lambda row: local_time(row.until),
        },
        as_json=as_json,
        none=tell_how_to_add,
    )


def add_key(name: str | None, *, typed: bool = False) -> None:
    """Ask for a key without showing it; from a pipe, the first line is taken. Raises `UsageError` for one that was typed behind the command."""
    if typed:
        raise UsageError(
            "a key typed behind the command would stay in the shell's history, so it is not taken: "
            "run `mianjing keys add` alone, which asks for it, and delete that line of the history"
        )
    if sys.stdin.isatty():
        from getpass import getpass

        key = getpass(t("Gemini API key (not shown): "))
    else:
        key = sys.stdin.readline()
    row = manager().add(f"{name}={key.strip()}" if name else key.strip())
    tell("{key} is kept, readable by you alone; `mianjing keys check` asks the service whether it is good", key=row.key)


def remove_key(which: str) -> None:
    gone = manager().remove(which)
    tell("stored keys forgotten: {count}", count=gone)


def check_keys(base_url: str | None, *, as_json: bool) -> None:
    rows = manager(base_url).check()
    print_rows(
        rows,
        {
            "key": lambda row: row.key,
            "project": lambda row: row.project,
            "from": lambda row: row.source,
            "verdict": lambda row: t(_STATES.get(row.verdict, row.verdict)),
            "what it means": lambda row: translated(row.why),
        },
        as_json=as_json,
        none=tell_how_to_add,
    )
