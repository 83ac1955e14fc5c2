"""Finds in running text the methods that it names one after the other: `限流无非就是令牌桶、漏桶、滑动窗口`. One that is only mentioned is left out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice

from agent.extraction.rules.cues import advises, asks_firmly, recounts, tells, wonders
from agent.extraction.rules.lexicon import announces_methods
from agent.extraction.rules.prose import Span, apart, sentences


_LEAD = re.compile(
    r"[:：]\s*|(?:主要|一般|无非)?(?:就?是|有|包括|分为)(?=[^，,。；;：:]{1,24}[、/／])|(?:推荐|提到|介绍|补充)(?:了|过|试试|用)\s*|用的是\s*"
)
"""What stands between words that announce methods and their names."""
_COUNTED = re.compile(r"(?:([一二三四五六])是|第([一二三四五六])[种个招]是?)\s*([^，,。；;：:、]{2,24})")
_PARTS = re.compile(r"\s*[、／]\s*|\s+/\s+|,\s+(?:and\s+|or\s+)?|\s+and\s+")
_LAST = re.compile(r"(?<=[^调混])(?:以?及|和|与)(?=[^，。]{2,24}$)")
_CLOSING = " \t\r\n\u3000。.！!～~；;…"
_BEFORE, _RIGHT_BEFORE = 40, 16
"""How many characters before the names may announce them: where a colon stands between, and where a verb does."""
_LONGEST, _LONGEST_ROW = 28, 300
"""How many characters a name has at most, and all names of a row: no text is read again and again to its end."""
_FEWEST, _MOST = 3, 8
"""Names of a row; places of a line at which one is looked for."""
_NUMERALS = "一二三四五六"


def methods_in(line: Span) -> list[Span]:
    """The methods that a line names, in reading order: counted over its sentences, `一是…；二是…`, or as a row of three and more in one of them."""
    counted = _counted(line)
    rows = [one for sentence in sentences(line.words, line.start) for one in _row_of(sentence)]
    return sorted((*counted, *apart(rows, counted)), key=lambda one: one.start)


def _counted(line: Span) -> list[Span]:
    found = list(_COUNTED.finditer(line.words))
    told = [_NUMERALS.index(one[1] or one[2]) for one in found]
    if len(found) < 2 or told != list(range(len(found))) or not announces_methods(line.words[: found[0].start()]):
        return []
    return [line.part(*one.span(3)) for one in found]


def _row_of(sentence: Span) -> list[Span]:
    """The names of a row; none where the sentence does not say that they are of methods."""
    if wonders(sentence.words):
        return []
    for lead in islice(_LEAD.finditer(sentence.words), _MOST):
        before = _BEFORE if lead[0].startswith((":", "：")) else _RIGHT_BEFORE
        if announces_methods(sentence.words[max(0, lead.start() - before) : lead.start()]):
            row = _row(sentence, lead.end())
            if len(row) >= _FEWEST and all(map(_is_name, row)):
                return row
    return []


def _row(line: Span, begin: int) -> list[Span]:
    """The parts of the enumeration that begins there, up to the end of its sentence."""
    limit = min(len(line.words), begin + _LONGEST_ROW)
    end = next((at for at in range(begin, limit) if line.words[at] in "。；;！!"), limit)
    end = begin + len(line.words[begin:end].rstrip(_CLOSING))
    last = _LAST.search(line.words, begin, end)
    cuts = [*(cut.span() for cut in _PARTS.finditer(line.words, begin, end)), *([last.span()] if last else [])]
    cuts.sort()
    begins, ends = [begin, *(cut[1] for cut in cuts)], [*(cut[0] for cut in cuts), end]
    return list(_parts(line, begins, ends))


def _parts(line: Span, begins: Sequence[int], ends: Sequence[int]) -> Iterator[Span]:
    for begin, end in zip(begins, ends, strict=True):
        part = line.part(begin, end)
        if not tells(part.words) or begin == begins[0]:
            yield part


def _is_name(part: Span) -> bool:
    words = part.words
    plain = 1 < len(words) <= _LONGEST and not (asks_firmly(words) or advises(words) or recounts(words) or tells(words))
    return plain and not words.startswith(("我", "我们", "回去", "还有"))
