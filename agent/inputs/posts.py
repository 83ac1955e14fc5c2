"""A row becomes a post, its text untouched; what is no post is told apart and named."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from agent.errors import InputProblem
from agent.inputs.columns import fields_of, is_nothing, no_text, what_instead
from agent.inputs.lists import images_of, tags_of
from agent.inputs.pictures import Pictures
from agent.inputs.rows import Row, Rows
from agent.inputs.unreadable import NoPost, Unreadable
from agent.records import Post


def posts_of(rows: Rows, *, source: str, folder: Path, pictures: Pictures) -> Iterator[Post | InputProblem]:
    """The posts of one file, whose pictures lie in `folder`. Comments in it are named once, and so is a lack of rows.

    Raises:
        Unreadable, OSError: the file cannot be read any further.

    """
    left_out: set[str] = set()
    empty = True
    for row in rows:
        empty = False
        try:
            if isinstance(row, Unreadable):
                raise row
            post = post_of(row, source=source, folder=folder)
            yield from pictures.named(post, row=row.number, folder=folder)
        except NoPost as other:
            if other.why not in left_out:
                left_out.add(other.why)
                yield other.at(source)
        except Unreadable as broken:
            yield broken.at(source)
    if empty:
        yield NoPost("holds no rows").at(source)


def post_of(row: Row, *, source: str, folder: Path) -> Post:
    """The post of one row. Raises `Unreadable` where it has no text, `NoPost` where it is something else."""
    if instead := what_instead(row.values):
        raise NoPost(f"holds {instead}, no posts; they are left out")
    fields = fields_of(row.values)
    if "text" not in fields:
        raise Unreadable(no_text(row.values), row.number)
    return Post(
        text=_text(fields["text"], row.number),
        id=_id(fields.get("id")),
        title=_word(fields.get("title")),
        source=source,
        url=_word(fields.get("url")) or None,
        tags=tags_of(fields.get("tags")),
        images=images_of(fields.get("images"), folder),
    )


def _text(value: Any, number: int | None) -> str:
    if is_nothing(value):
        return ""
    if isinstance(value, dict | list | tuple | bytes | bool):
        raise Unreadable(f"has {_kind(value)} where its text should be", number)
    return str(value)


def _id(value: Any) -> str:
    """An id as it is; empty, so that one is made from the content, where it is neither a string nor a number."""
    if isinstance(value, str):
        return value if value.strip() else ""
    is_number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    return str(value) if is_number else ""


def _word(value: Any) -> str:
    is_word = isinstance(value, str | int | float) and not isinstance(value, bool) and not is_nothing(value)
    return str(value) if is_word else ""


def _kind(value: object) -> str:
    names = {dict: "an object", bytes: "binary data", bool: "true or false"}
    return names.get(type(value), "a list")
