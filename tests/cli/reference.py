"""Writes the command-line reference from the commands' own help: `python -m tests.cli.reference > docs/cli.md`."""

from __future__ import annotations

import os

import typer
from typer.testing import CliRunner

from agent.cli.app import app


def commands() -> list[list[str]]:
    """Every command by its words, in the order of the help."""
    whole = typer.main.get_command(app)
    found: list[list[str]] = []
    for name, command in whole.commands.items():  # type: ignore[attr-defined]
        inner = getattr(command, "commands", None)
        found += [[name, one] for one in inner] if inner else [[name]]
    return found


def reference() -> str:
    """The whole page."""
    runner = CliRunner(env={"COLUMNS": "100", "TERMINAL_WIDTH": "100", "NO_COLOR": "1"})
    parts = [
        "# Commands\n\nMade from `--help` by `python -m tests.cli.reference > docs/cli.md`; a test holds it to that.\n"
    ]
    for words in [[], *commands()]:
        told = runner.invoke(app, [*words, "--help"], prog_name="mianjing").output
        title = " ".join(["mianjing", *words])
        parts.append(f"## {title}\n\n```text\n{told.strip()}\n```\n")
    return "\n".join(parts)


if __name__ == "__main__":
    os.environ["COLUMNS"] = "100"
    print(reference(), end="")
