"""Tags and images as they stand in one cell: a JSON list, a printed Python list, objects, or words. Nothing is opened."""

from __future__ import annotations

import ast
import json
import re
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from agent.inputs.columns import is_nothing


PICTURES = (".png", ".jpg", ".jpeg", ".webp")

# Parsing a printed Python list takes much memory for each character; no list of tags is longer.
_LONGEST_LITERAL = 100_000
_COMMAS = re.compile("[,，;；、]")
_BETWEEN_URLS = re.compile(r"[\s,，;；]+(?=https?://)")
_URLS_OF_OBJECT = ("url", "url_default", "urlDefault", "url_pre", "urlPre")


def tags_of(value: Any) -> tuple[str, ...]:
    """The names in a cell of tags, in order, each once, without `#`."""
    words = (word.strip().strip("#").strip() for word in _words(value))
    return tuple(dict.fromkeys(word for word in words if word))


def images_of(value: Any, folder: Path) -> tuple[str, ...]:
    """The pictures that a cell names: addresses as they are, files as paths beginning at `folder`."""
    found = (_place(word.strip(), folder) for word in _words(value, pictures=True))
    return tuple(dict.fromkeys(place for place in found if place))


def _place(word: str, folder: Path) -> str | None:
    if word.startswith(("http://", "https://")):
        return word
    return str(folder / word) if word.lower().endswith(PICTURES) and "\0" not in word else None


def _words(value: Any, *, pictures: bool = False) -> Iterator[str]:
    if isinstance(value, str):
        listed = _listed(value)
        yield from _split(value, pictures=pictures) if listed is None else _members(listed)
    elif isinstance(value, list | tuple):
        yield from _members(value)
    elif isinstance(value, Mapping):
        yield from _members([value])
    elif not is_nothing(value):
        yield str(value)


def _members(values: list[Any] | tuple[Any, ...]) -> Iterator[str]:
    for value in values:
        named = _of_object(value) if isinstance(value, Mapping) else value
        if isinstance(named, str | int | float) and not isinstance(named, bool):
            yield str(named)


def _of_object(value: Mapping[str, Any]) -> Any:
    """An object's `name`, else its address: also where the app's own answers keep it."""
    sizes = value.get("info_list") or value.get("infoList")
    nested = sizes[0] if isinstance(sizes, list) and sizes and isinstance(sizes[0], Mapping) else {}
    known = (value.get("name"), *(value.get(key) for key in _URLS_OF_OBJECT), nested.get("url"))
    return next((one for one in known if not is_nothing(one)), None)


def _listed(text: str) -> list[Any] | tuple[Any, ...] | None:
    """A list that is written out in the cell, as JSON or as Python prints it."""
    if not text.lstrip().startswith(("[", "{")):
        return None
    for parse in (json.loads, _literal):
        try:
            found = parse(text.strip())
        except (ValueError, SyntaxError, RecursionError, MemoryError, TypeError):
            continue
        if isinstance(found, dict):
            return [found]
        if isinstance(found, list | tuple):
            return found
    return None


def _literal(text: str) -> Any:
    if len(text) > _LONGEST_LITERAL:
        raise ValueError("too long")
    with warnings.catch_warnings():  # of backslashes that mean nothing
        warnings.simplefilter("ignore")
        return ast.literal_eval(text)


def _split(text: str, *, pictures: bool) -> list[str]:
    if pictures and "://" in text:
        return _BETWEEN_URLS.split(text)
    if _COMMAS.search(text):
        return _COMMAS.split(text)
    words = text.split()
    if pictures and not all(word.lower().endswith(PICTURES) for word in words):
        return [text]
    return words
