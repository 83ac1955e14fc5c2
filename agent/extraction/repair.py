"""Gets the JSON values out of what a model wrote: in fences, among prose, broken or cut off. Any string gives a result, in bounded time. What the values mean is not asked."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any


# Far more than any model's output limit; what is longer loops, or is whole and needs no repair.
_MOST_REPAIRED = 200_000
_BEGIN = re.compile(r'[\[{](?=\s*+["\[{\]}\'“])')
# json_repair takes quadratic time over these.
_TOO_DEEP = re.compile(r"(?:[\[{]\s*+){32}")
_GOES_ON = re.compile(r'\s*+,|[^"\[{]*+["\[{]')
# The brackets around the entries, which some models forget to close.
_ENVELOPE = 2
_DECODER = json.JSONDecoder(strict=False)


@dataclass(frozen=True, slots=True)
class JsonValues:
    """The values in their order; `repaired` where the text was no plain JSON, `cut` where its last value broke off."""

    values: tuple[Any, ...] = ()
    repaired: bool = False
    cut: bool = False


def json_values_in(text: str) -> JsonValues:
    try:
        return JsonValues((json.loads(text, strict=False),))
    except (ValueError, RecursionError):
        return _values_amid_text(text)


def _values_amid_text(text: str) -> JsonValues:
    values: list[Any] = []
    at = 0
    while begin := _BEGIN.search(text, at):
        try:
            value, at = _DECODER.raw_decode(text, begin.start())
        except (ValueError, RecursionError):
            body, cut = _whole_part(text[begin.start() : begin.start() + _MOST_REPAIRED])
            return JsonValues((*values, *_repaired(body)), repaired=True, cut=cut)
        values.append(value)
    return JsonValues(tuple(values), repaired=bool(values))


def _whole_part(text: str) -> tuple[str, bool]:
    """The text up to the last thing that is whole, and whether it broke off behind that, in the middle of an entry."""
    if deep := _TOO_DEEP.search(text):
        text = text[: deep.start()]
    end = max(text.rfind("}"), text.rfind("]"), text.rfind('",')) + 1
    unclosed = sum(map(text.count, "{[")) - sum(map(text.count, "}]"))
    return text[:end], unclosed > _ENVELOPE or _GOES_ON.match(text, end) is not None


def _repaired(text: str) -> Iterator[Any]:
    import json_repair

    try:
        value = json_repair.loads(text, skip_json_loads=True)
    except (ValueError, RecursionError):
        return
    if isinstance(value, dict | list):
        yield value
