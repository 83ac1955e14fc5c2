"""Finds questions in a bank by words, topic and company, the nearest first. By the words as they stand: it knows no meanings, and mends no typing."""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import chain, pairwise

from agent.outputs.aliases import company_name
from agent.outputs.bank import Bank, BankEntry


_RUN = re.compile(r"[^\W_]+[+#]*")  # C++, C#
_CHINESE_OR_NOT = re.compile(r"[\u3400-\u9fff]+|[^\u3400-\u9fff]+")
_ENOUGH = 0.5
"""An entry is found where it holds so much of the query's weight; a word weighs the more, the fewer entries hold it."""


class BankSearch:
    """A bank made ready to be searched."""

    def __init__(self, bank: Bank) -> None:
        self._entries = [(entry, frozenset(_held(_told(entry)))) for entry in bank.entries]
        held = Counter(word for _, words in self._entries for word in words)
        self._weights = {word: math.log(1 + len(self._entries) / count) for word, count in held.items()}

    def find(self, query: str = "", *, topic: str = "", company: str = "") -> list[BankEntry]:
        """The entries that hold at least half of what the query says, the nearest first, then in the bank's order.

        Words that stand nowhere in the bank do not count; an empty query finds every entry. `topic` and `company` need only
        stand inside one of an entry's own, in any case; a company is found by its other names too.
        """
        known_as = company_name(company) or ""
        wanted = {word: self._weights[word] for word in _asked(query) if word in self._weights}
        if query.strip() and not wanted:
            return []
        enough = _ENOUGH * math.fsum(wanted.values())
        found = [
            (math.fsum(wanted[word] for word in wanted.keys() & words), entry)
            for entry, words in self._entries
            if _is_named(topic, entry.topics)
            and (_is_named(company, entry.companies) or _is_named(known_as, entry.companies))
        ]
        found.sort(key=lambda scored: -scored[0])
        return [entry for score, entry in found if score >= enough]


def _told(entry: BankEntry) -> list[str]:
    called = {told for source in entry.posts for told in (source.company, source.round) if told}
    return [entry.text, *entry.variants, *entry.topics, *entry.companies, *entry.rounds, *called]


def _asked(query: str) -> Iterator[str]:
    """English words, and pairs of Chinese characters, since Chinese has no spaces: `LoRA微调法` asks for `lora`, `微调`, `调法`."""
    for part in _parts(query):
        yield from _pairs(part) if _is_chinese(part) and len(part) > 1 else [part]


def _held(texts: Iterable[str]) -> Iterator[str]:
    """All that can be asked for of some texts: a single Chinese character too."""
    for part in chain.from_iterable(map(_parts, texts)):
        yield from chain(part, _pairs(part)) if _is_chinese(part) else [part]


def _parts(text: str) -> Iterator[str]:
    for run in _RUN.findall(text):
        yield from _CHINESE_OR_NOT.findall(_folded(run))


def _pairs(chinese: str) -> Iterator[str]:
    return map("".join, pairwise(chinese))


def _is_chinese(part: str) -> bool:
    return "\u3400" <= part[0] <= "\u9fff"


def _is_named(wanted: str, names: list[str]) -> bool:
    return not wanted or any(_folded(wanted) in _folded(name) for name in names)


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()
