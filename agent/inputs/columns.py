"""Which of a row's columns is what, told by their names as crawlers and people write them. Values stay as they are."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping
from functools import lru_cache
from typing import Any


_NAMES = {
    "text": ("text", "desc", "content", "body", "note_desc", "正文", "描述", "作品描述"),
    "id": ("id", "note_id", "作品ID", "笔记id"),
    "title": ("title", "标题", "作品标题"),
    "url": ("url", "note_url", "作品链接", "笔记url", "source_url"),
    "tags": ("tags", "tag_list", "标签", "作品标签"),
    "images": ("images", "image_list", "图片地址url列表"),
}


@lru_cache(maxsize=4096)
def folded(name: str) -> str:
    """A column's name without case, surrounding space and joints: `Note_ID `, `noteId` and `note id` are one."""
    return name.strip("\ufeff \t\r\n").casefold().replace("_", "").replace(" ", "").replace("-", "")


_FIELDS = {folded(name): (field, rank) for field, names in _NAMES.items() for rank, name in enumerate(names)}
_COMMENTS = {folded(name) for name in ("comment_id", "评论id", "评论内容")}
_CREATORS = {"fans", "follows"}
_RESULTS = ({"quote", "grounding"}, {"post", "provenance"})


def columns_of(names: Iterable[object]) -> dict[str, list[str]]:
    """For each field its columns among `names`, the best first."""
    ranked: dict[str, list[tuple[int, str]]] = {}
    for name in names:
        if isinstance(name, str) and (known := _FIELDS.get(folded(name))):
            field, rank = known
            ranked.setdefault(field, []).append((rank, name))
    return {field: [name for _, name in sorted(found)] for field, found in ranked.items()}


def fields_of(values: Mapping[str, Any]) -> dict[str, Any]:
    """The value of each field that the row has: of several columns the first that holds something."""
    return {
        field: next((values[name] for name in names if not is_nothing(values[name])), None)
        for field, names in columns_of(values).items()
    }


def is_nothing(value: Any) -> bool:
    return value is None or value == "" or (isinstance(value, float) and math.isnan(value))


def has_text(names: Iterable[object]) -> bool:
    return "text" in columns_of(names)


def what_instead(names: Collection[object]) -> str | None:
    """What a row with these columns is where it is no post: what crawlers save beside posts, and what mianjing made of some."""
    known = {folded(name) for name in names if isinstance(name, str)}
    if "desc" not in known and known & _COMMENTS:
        return "comments"
    if "comments" in known and not has_text(names):
        return "comments"
    if known >= _CREATORS and "noteid" not in known:
        return "creators"
    return "results of mianjing" if any(known >= columns for columns in _RESULTS) else None


def no_text(names: Iterable[object]) -> str:
    """What to say of a row that has no text."""
    known = [str(name) for name in names]
    if "displaytitle" in {folded(name) for name in known}:
        return "holds only the display_title of a search answer, no text: fetch the note itself"
    shown = ", ".join(known[:8]) + ("…" if len(known) > 8 else "")
    return f"has no column of text ({', '.join(_NAMES['text'])}), only: {shown or 'nothing'}"
