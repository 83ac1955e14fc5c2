"""Where the posts stand in a JSON or YAML document, in every shape that crawlers save. Nested documents cost no more than flat ones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from agent.inputs.columns import has_text, what_instead
from agent.inputs.rows import Row, Rows
from agent.inputs.unreadable import Unreadable


_WRAPPERS = ("data", "items", "notes", "posts", "rows", "records", "results", "list")
# An alias of YAML can make a document that holds itself.
_DEEPEST = 8
_CARDS = ("note_card", "noteCard", "note")


def rows_in(document: Any, number: int | None = None) -> Rows:
    """The rows of one document. Those of a list are counted from 1, unless the document is itself row `number`."""
    inner = _unwrapped(document)
    if isinstance(inner, list):
        for count, entry in enumerate(inner, 1):
            yield from _entry(entry, number or count)
    else:
        yield from _entry(inner, number)


def _unwrapped(document: Any) -> Any:
    """What stands inside the wrappers: a list of entries, or one entry."""
    for _ in range(_DEEPEST):
        if not isinstance(document, Mapping) or _is_row(document):
            break
        pages = _page_state(document)
        if pages is not None:
            return pages
        inner = next((document[key] for key in _WRAPPERS if isinstance(document.get(key), list | Mapping)), None)
        if inner is None:
            break
        document = inner
    return document


def _is_row(entry: Mapping[str, Any]) -> bool:
    return has_text(entry) or what_instead(entry) is not None or any(key in entry for key in _CARDS[:2])


def _page_state(document: Mapping[str, Any]) -> list[Any] | None:
    """The notes in the state that the web page keeps (`note.noteDetailMap`)."""
    note = document.get("note")
    pages = note.get("noteDetailMap") if isinstance(note, Mapping) else None
    if not isinstance(pages, Mapping):
        return None
    return [{"id": key, **page} for key, page in pages.items() if isinstance(page, Mapping)]


def _entry(entry: Any, number: int | None) -> Iterator[Row | Unreadable]:
    if not isinstance(entry, Mapping):
        yield Unreadable(f"is {_kind(entry)}, not an object with a text", number)
    elif entry.get("model_type", "note") == "note":  # a search answer also holds suggestions for other searches
        yield Row(_opened(entry), number)


def _opened(entry: Mapping[str, Any]) -> Mapping[str, Any]:
    """An entry whose post stands in a card, with the id beside it."""
    card = next((entry[key] for key in _CARDS if isinstance(entry.get(key), Mapping)), None)
    if card is None or has_text(entry):
        return entry
    outer = {key: entry[key] for key in ("id", "note_id", "url") if key in entry}
    return {**outer, **card}


def _kind(value: object) -> str:
    names = {str: "a string", list: "a list", bool: "true or false", type(None): "null"}
    return names.get(type(value), "a number")
