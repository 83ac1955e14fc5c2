"""Which texts are one question: those of one wording, and those whose wordings are near. The same texts fall together in any order."""

from __future__ import annotations

from collections.abc import Iterable

from agent.outputs.nearness import near_groups
from agent.outputs.wording import folded, worded


def merged(texts: Iterable[str]) -> dict[str, str]:
    """For each text the name of its group, which texts that are one question share."""
    spaced = {text: worded(text) for text in texts}
    names = {text: _joined(wording) or folded(text) for text, wording in spaced.items()}
    # Of wordings that differ in spaces any will do, but always the same.
    wordings = {_joined(wording): wording for wording in sorted(spaced.values()) if wording}
    leaders = _leaders(wordings)
    return {text: leaders.get(name, name) for text, name in names.items()}


def name_of(text: str) -> str:
    """What a text's group would be named if nothing else were near."""
    return _joined(worded(text)) or folded(text)


def _joined(wording: str) -> str:
    return wording.replace(" ", "")


def _leaders(wordings: dict[str, str]) -> dict[str, str]:
    """For each name the first of all that it is joined to."""
    names = sorted(wordings)
    firsts = near_groups([wordings[name] for name in names])
    return {name: names[first] for name, first in zip(names, firsts, strict=True)}
