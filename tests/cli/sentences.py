"""Finds in the source every sentence that people may be told: what the catalogue has to hold."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from agent.gemini.reasons import _REASONS
from agent.inputs import Kind


AGENT = Path(__file__).parents[2] / "agent"
_OURS = {"t", "tell"}
_ERRORS = {"UsageError", "StateError", "InputProblem", "MissingExtra", "NoText", "Unreadable", "NoPost", "_broken"}
# Functions of the inputs that return a sentence, or a part of one.
_WORDING = {"no_text", "what_instead", "_why", "reason"}
# Constants that are one, or a part of one.
_CONSTANTS = {"why", "_HINT"}
_WORD = re.compile(r"[A-Za-z]{2,}")


def sentences() -> set[str]:
    """All of them, with `{}` for each value that a lower room fills in, and `{name}` where we do."""
    found = {sentence for path in AGENT.rglob("*.py") for sentence in _in(path)}
    return {one for one in found | set(_REASONS.values()) | set(map(str, Kind)) if _WORD.search(one.replace("{}", ""))}


def _in(path: Path) -> Iterator[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    is_ours = path.is_relative_to(AGENT / "cli")
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name(id=name), args=[ast.Constant(value=str(said)), *_]) if name in _OURS:
                yield said
            case ast.Call(func=ast.Name(id="words"), keywords=keywords):
                yield from (one.value.value for one in keywords if isinstance(one.value, ast.Constant))
            case ast.Call(func=ast.Name(id="print_table" | "print_rows"), args=[_, ast.Dict(keys=keys)]):
                yield from (key.value for key in keys if isinstance(key, ast.Constant))
            case ast.Call(func=ast.Name(id=name), args=args) if name in _ERRORS:
                yield from _texts(args[:1] if name == "MissingExtra" else args)
            case ast.Call(func=ast.Attribute(attr="__init__"), args=args) if path.name == "errors.py":
                yield from _texts(args)
            case ast.Call(func=ast.Attribute(value=ast.Name(id="log"), attr="warning"), args=[said, *_]):
                yield from (text.replace("%s", "{}").replace("%d", "{}") for text in _texts([said]))
            case ast.Assign(targets=[ast.Name(id=name)], value=value) if name in _CONSTANTS and not is_ours:
                yield from _texts([value])
            case ast.keyword(arg="detail", value=value):
                yield from _texts([value])
            case ast.FunctionDef(name=name) if name in _WORDING and "inputs" in path.parts:
                yield from _texts(one.value for one in ast.walk(node) if isinstance(one, ast.Return))


def _texts(nodes: Iterator[ast.expr | None] | list[ast.expr]) -> Iterator[str]:
    """The sentences among these, a blank for each value."""
    for node in nodes:
        match node:
            case ast.Constant(value=str(text)):
                yield text
            case ast.JoinedStr(values=values):
                yield "".join(str(one.value) if isinstance(one, ast.Constant) else "{}" for one in values)
            case ast.IfExp(body=body, orelse=orelse):
                yield from _texts([body, orelse])
