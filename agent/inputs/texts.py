"""Plain text and Markdown: one post a file, the text exactly as it stands. Front matter names the post, and stays in its text."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from agent.inputs.encodings import decode
from agent.inputs.rows import Row, Rows
from agent.inputs.unreadable import Unreadable
from agent.inputs.whole import read_whole
from agent.inputs.yaml_rows import parsed_yaml


# The longest post is a few thousand characters; what is larger than this is a log or a book.
_LARGEST = 64
_LONGEST_FRONT_MATTER = 1 << 16


def text_rows(path: Path, encoding: str | None) -> Rows:
    yield Row({"text": decode(read_whole(path, megabytes=_LARGEST), encoding)})


def markdown_rows(path: Path, encoding: str | None) -> Rows:
    text = decode(read_whole(path, megabytes=_LARGEST), encoding)
    yield Row({**_front_matter(text), "text": text})


def _front_matter(text: str) -> dict[str, Any]:
    """What stands between two lines of `---` at the very beginning; nothing where that is no YAML mapping."""
    opening = text[:_LONGEST_FRONT_MATTER]
    lines = io.StringIO(opening)
    if next(lines, "").rstrip() != "---":
        return {}
    block: list[str] = []
    for line in lines:
        if line.rstrip() in {"---", "..."}:
            return _mapping("".join(block))
        block.append(line)
    return {}


def _mapping(block: str) -> dict[str, Any]:
    try:
        found = next(parsed_yaml(block), None)
    except Unreadable:
        return {}
    return {str(key): value for key, value in found.items()} if isinstance(found, dict) else {}
