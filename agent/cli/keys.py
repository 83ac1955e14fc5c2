"""`mianjing keys`: the keys that are kept, shown by their last four characters alone."""

from __future__ import annotations

import sys

from agent.cli.tables import local_time, print_json, print_table
from agent.cli.tell import say
from agent.gemini.keys import KeyManager
from agent.settings import load_dotenv


HOW_TO_ADD = (
    "No key is set. One is free: https://aistudio.google.com/apikey — then `mianjing keys add`, or set GEMINI_API_KEYS."
)


def manager(base_url: str | None = None) -> KeyManager:
    """The key manager of this user: environment, `.env`, stored keys."""
    load_dotenv()
    return KeyManager(base_url=base_url)


def list_keys(*, as_json: bool) -> None:
    rows = manager().list()
    if as_json:
        print_json(rows)
    elif not rows:
        say(HOW_TO_ADD)
    else:
        print_table(
            rows,
            {
                "key": lambda row: row.key,
                "project": lambda row: row.project,
                "from": lambda row: row.source,
                "state": lambda row: row.state,
                "why": lambda row: row.why,
                "since": lambda row: local_time(row.since),
                "until": lambda row: local_time(row.until),
            },
        )


def add_key(name: str | None) -> None:
    """Ask for a key without showing it; from a pipe, the first line is taken."""
    if sys.stdin.isatty():
        from getpass import getpass

        key = getpass("Gemini API key (not shown): ")
    else:
        key = sys.stdin.readline()
    row = manager().add(f"{name}={key.strip()}" if name else key.strip())
    say(f"{row.key} is kept, readable by you alone; `mianjing keys check` asks the service whether it is good")


def remove_key(which: str) -> None:
    gone = manager().remove(which)
    say(f"{gone} key{'' if gone == 1 else 's'} forgotten")


def check_keys(base_url: str | None, *, as_json: bool) -> None:
    rows = manager(base_url).check()
    if as_json:
        print_json(rows)
    elif not rows:
        say(HOW_TO_ADD)
    else:
        print_table(
            rows,
            {
                "key": lambda row: row.key,
                "project": lambda row: row.project,
                "from": lambda row: row.source,
                "verdict": lambda row: row.verdict,
                "what it means": lambda row: row.why,
            },
        )
