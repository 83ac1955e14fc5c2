"""Reads a dialogue told line by line, `Dr. Wu: "Where is that?"`: what is asked in it, and what only answers."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from agent.extraction.rules.cues import asks_firmly
from agent.extraction.rules.lines import Line
from agent.extraction.rules.marks import Mark


_SPOKEN = re.compile(
    r"((?!\s)[^\d:：“”\"「，。？?(（]{1,16}+)(?:[(（][^()（）]{0,20}[)）])?\s?[:：]\s?[“\"「]([^“”\"「」]{2,300})[”\"」]?$"
)
_FEWEST = 4
"""How many lines of speech make a dialogue, if two of its speakers speak again."""


def with_speech_read(lines: Sequence[Line]) -> Sequence[Line]:
    """The lines, those of a dialogue as what is said to be asked; what does not ask in it is left out."""
    spoken = {place: found for place, line in enumerate(lines) if (found := _SPOKEN.match(line.words))}
    turns = Counter(found[1].strip() for found in spoken.values())
    if len(spoken) < _FEWEST or sum(count > 1 for count in turns.values()) < 2:
        return lines
    asking = {place: found for place, found in spoken.items() if asks_firmly(found[2])}
    return [
        _said(line, asking[place]) if place in asking else line
        for place, line in enumerate(lines)
        if place in asking or place not in spoken
    ]


def _said(line: Line, found: re.Match[str]) -> Line:
    begin, end = line.start + found.start(2), line.start + found.end(2)
    return replace(line, start=begin, end=end, words=found[2], mark=Mark("ask", None, line.start, begin))
