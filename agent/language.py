"""Chinese or English for what people are told. One catalogue, `zh.po`, from the English sentence to the Chinese one.

Which of the two: the one that `use` was told, else `MIANJING_LANG`, else that of the locale.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, Literal


Language = Literal["en", "zh"]

_VARIABLES = ("MIANJING_LANG", "LC_ALL", "LC_MESSAGES", "LANG")
_CHINESE_ON_WINDOWS = 0x04
_BLANK = "{}"
_chosen: Language | None = None


def use(lang: Language | None) -> None:
    """Speak this language from now on; that of the environment where it is null."""
    global _chosen  # noqa: PLW0603  # one process speaks to one person
    _chosen = lang


def spoken() -> Language:
    """The language in use."""
    return _chosen or by_locale(os.environ)


def by_locale(environment: Mapping[str, str]) -> Language:
    """What the environment says, its locale at last; where it says nothing on Windows, the language of its windows."""
    said = next((environment[name] for name in _VARIABLES if environment.get(name)), "")
    if not said and sys.platform == "win32":
        import ctypes

        return "zh" if ctypes.windll.kernel32.GetUserDefaultUILanguage() & 0x3FF == _CHINESE_ON_WINDOWS else "en"
    return "zh" if said.lower().startswith("zh") else "en"


def t(message: str, **values: Any) -> str:
    """One of our own sentences, its `{names}` filled in. What the catalogue lacks stays English."""
    told = catalogue().sentences.get(message, message) if spoken() == "zh" else message
    return told.format(**values) if values else told


def words(**by_code: str) -> Mapping[str, str]:
    """What codes are called in English; `t` translates it when it is told."""
    return by_code


def translated(text: str) -> str:
    """A sentence that another room has put together in English, such as an error's: found by what stands between its values."""
    return catalogue().translated(text) if spoken() == "zh" else text


@dataclass(frozen=True)
class Catalogue:
    """Chinese by English. A blank `{}` in an English sentence stands for a value; the Chinese one says by number where it goes."""

    sentences: Mapping[str, str]

    def translated(self, text: str) -> str:
        if exact := self.sentences.get(text):
            return exact
        for pieces, told in self._patterns:
            values = _between(pieces, text)
            if values is not None:
                return told.format(*map(self.translated, values))
        return text

    @cached_property
    def _patterns(self) -> list[tuple[list[str], str]]:
        """Those with blanks, the most particular first."""
        found = [(message.split(_BLANK), told) for message, told in self.sentences.items() if _BLANK in message]
        return sorted(found, key=lambda one: -sum(map(len, one[0])))


@lru_cache
def catalogue() -> Catalogue:
    text = (Path(__file__).parent / "zh.po").read_text(encoding="utf-8")
    return Catalogue(dict(read_po(text)))


def read_po(text: str) -> Iterator[tuple[str, str]]:
    """The entries of a catalogue in gettext's form: `msgid` and `msgstr`, over several lines where they are long."""
    entry = {"msgid": "", "msgstr": ""}
    field = "msgid"
    for line in [*text.splitlines(), "msgid"]:
        name, _, rest = line.partition(" ")
        if name == "msgid":
            if entry["msgid"]:
                yield entry["msgid"], entry["msgstr"]
            entry = {"msgid": "", "msgstr": ""}
        if name in entry:
            field, line = name, rest  # noqa: PLW2901
        if line.startswith('"'):
            entry[field] += json.loads(line)


def _between(pieces: list[str], text: str) -> list[str] | None:
    """What stands between the pieces, which are the whole of the text otherwise; null where they are not."""
    first, *middle, last = pieces
    if not (text.startswith(first) and text.endswith(last) and len(text) >= len(first) + len(last)):
        return None
    at, end, values = len(first), len(text) - len(last), list[str]()
    for piece in middle:
        found = text.find(piece, at, end)
        if found < 0:
            return None
        values.append(text[at:found])
        at = found + len(piece)
    return [*values, text[at:end]]
