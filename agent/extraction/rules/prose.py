"""Cuts running text into sentences and clauses that know their places. What they say is read elsewhere."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass


_SENTENCE = re.compile(
    r"(?:[^。！？!?；;\n.…～\[]|\[(?![^\[\]\s]{1,6}[RH]\])|\.(?=[^\s.。*])|\n(?=\S))+(?:[。！？!?；;…～]|\[[^\[\]\s]{1,6}[RH]\]|\.(?=[\s.。*]|$))*(?:\*\*)?"
)
# Bounded, for each verb of asking looks at the clause behind it, and a text may be one clause of nothing but such verbs.
_CLAUSE = re.compile(r"[^，,]{1,400}")
_LEADING = re.compile(
    r"^(?:\s|and then |and |then |所以|因此|但是?|不过|另外|此外|同时|同样的?|而且|并且|然后|最后|其实|还有|总之|综上|综合来讲|总的来说|总结一下|个人感觉|个人觉得|我觉得|我认为|感觉|再次提醒|因为|当然(?=[，,])|给[^，。：:]{2,14}[：:]|(?:我的)?建议[：:]|[了一两个]*道(?:算法|sql|场景|编程)?题[，,：: ]|[.。…～，,、：:）)\]】”\"'·•\-—]|\[[^\]]{1,6}[RH]\])+"
)
_CLOSING = " \t\r\n\u3000，,、；;：:"


@dataclass(frozen=True, slots=True)
class Span:
    """A place in the text and its words."""

    start: int
    end: int
    words: str

    def part(self, start: int, end: int) -> Span:
        """The words from `start` to `end` within it, without joining words before and commas after."""
        words = self.words[start:end]
        leading = _LEADING.match(words)
        begin = leading.end() if leading else 0
        words = words[begin:].rstrip(_CLOSING)
        return Span(self.start + start + begin, self.start + start + begin + len(words), words)

    def clauses(self, begin: int = 0) -> Iterator[re.Match[str]]:
        """Its clauses from `begin` on, parted by commas."""
        return _CLAUSE.finditer(self.words, begin)


def sentences(words: str, start: int) -> Iterator[Span]:
    """The sentences of a stretch of text that begins at `start`, with their closing marks."""
    for found in _SENTENCE.finditer(words):
        yield Span(start + found.start(), start + found.end(), found[0])


def apart(spans: Iterable[Span], others: Sequence[Span]) -> Iterator[Span]:
    """The spans that touch none of the others; both in reading order."""
    ends = [other.end for other in others]
    for span in spans:
        place = bisect_right(ends, span.start)
        if place == len(others) or others[place].start >= span.end:
            yield span
