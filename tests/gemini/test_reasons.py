"""Whatever is judged, there is a sentence that tells people of it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import agent.gemini
from agent.gemini.answers import _REASONS as OF_ANSWERS
from agent.gemini.reasons import explain


def _judged() -> Iterator[str]:
    """The second argument of every `Verdict(…)` in the room, where it is written out."""
    for file in Path(agent.gemini.__path__[0]).glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Verdict" and len(node.args) > 1:
                either = node.args[1]
                told = [either.body, either.orelse] if isinstance(either, ast.IfExp) else [either]
                yield from (one.value for one in told if isinstance(one, ast.Constant))


@pytest.mark.parametrize("reason", sorted({*_judged(), *OF_ANSWERS.values(), "empty"}))
def test_every_verdict_has_its_sentence(reason: str) -> None:
    assert " " in explain(reason)
    assert explain(reason) != reason.replace("_", " ")


def test_a_reason_of_another_version_is_told_by_its_name() -> None:
    assert explain("not_known_here") == "not known here"
