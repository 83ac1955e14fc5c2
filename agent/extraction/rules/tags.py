"""Hashtags: which a post carries, and where a line ends before them."""

from __future__ import annotations

import re


_APP_TAG = re.compile(r"#([^#\n\[\]]{1,40})\[话题\]#?")
_PLAIN_TAG = re.compile(
    r"#(?<![^\s#\ufeff\u200b]#)([^\W\d_][^\s#\[\]，。！？、；：,!?;:()（）*]{0,29})(?=[\s#\ufeff\u200b]|$)"
)
_INVISIBLE = " \t\r\n\u3000\xa0\u200b\ufeff\u2060"


def hashtags(text: str) -> tuple[str, ...]:
    """The tags of a post in their order, each once: `#x[话题]#` and plain `#x`."""
    named = {found.start(): found[1].strip() for pattern in (_APP_TAG, _PLAIN_TAG) for found in pattern.finditer(text)}
    return tuple(dict.fromkeys(named[start] for start in sorted(named) if named[start]))


def hashtag_spans(text: str) -> list[tuple[int, int]]:
    """Where the hashtags of a text stand."""
    return [found.span() for pattern in (_APP_TAG, _PLAIN_TAG) for found in pattern.finditer(text)]


def without_tags(text: str, start: int, end: int) -> int:
    """Where the words of a line end when the hashtags at its end are left out."""
    while end > start:
        while end > start and text[end - 1] in _INVISIBLE:
            end -= 1
        begin = _tag_before(text, start, end)
        if begin is None:
            return end
        end = begin
    return end


def _tag_before(text: str, start: int, end: int) -> int | None:
    window = max(start, end - 48)
    if "#" not in text[window:end]:
        return None
    closed = text.endswith(("]#", "[话题]"), window, end)
    begin = text.rfind("#", window, end - 1 if closed else end)
    if begin < 0:
        return None
    found = (_APP_TAG if closed else _PLAIN_TAG).match(text, begin, end)
    return begin if found and found.end() == end else None


def untagged(text: str) -> str:
    """A text without the app's hashtags."""
    return _APP_TAG.sub("", text)
