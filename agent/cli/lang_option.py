"""The option `--lang`: every command takes it, before its name or after it."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer
from typer.core import TyperGroup


class Lang(StrEnum):
    """The languages that are spoken."""

    EN = "en"
    ZH = "zh"


def _speak(lang: Lang | None) -> Lang | None:
    if lang:
        from agent.language import use

        use(lang.value)
    return lang


Language = Annotated[
    Lang | None, typer.Option("--lang", help="What is told, in English or Chinese; else by locale.", callback=_speak)
]


class Commands(TyperGroup):
    """Commands that need not name the option themselves."""

    def parse_args(self, ctx: typer.Context, args: list[str]) -> list[str]:  # type: ignore[override]
        return super().parse_args(ctx, language_first(args))


def language_first(args: list[str]) -> list[str]:
    """The arguments with `--lang`, where it stands among them, in front."""
    for at, arg in enumerate(args):
        if arg == "--":
            break
        if arg == "--lang":
            return [*args[at : at + 2], *args[:at], *args[at + 2 :]]
        if arg.startswith("--lang="):
            return [arg, *args[:at], *args[at + 1 :]]
    return args
