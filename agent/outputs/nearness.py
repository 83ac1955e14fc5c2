"""Which wordings are one question mistyped: a few edits in a long one, none of which changes the meaning.

Every such pair is found, none by chance: with k edits at most, two wordings share one of their 2k+1 rarest character pairs (an
edit touches two of them), and all characters that no edit may touch. Only wordings that meet there are compared, and of those
that are one group already only as many as it takes to join it.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence


CHARS_AN_EDIT = 14
"""One edit is let pass for so many characters; a shorter wording may have one inside a long English term."""
_MOST_EDITS = 4
_LONG_TERM = re.compile("[a-z]{8,}")  # shorter ones differ by a letter and mean something else: http and https
_CHARS_THAT_CHANGE_MEANING = (
    "不没非无未别勿否反逆正负只仅全部半单双多少大小高低长短深浅前后先上下左右内外入出进线协读写增删改查开关加减乘除升降"
    "优缺劣快慢新旧强弱软虚乐悲公私主从备同异步栈堆队静动父子行列表页穿崩击年月日天周时分秒男女首尾头冷热早晚始终为"
    "一二两三四五六七八九十百千万亿零第最更"
)
_CHANGES_MEANING = re.compile(f"[\0-\u2e7f{_CHARS_THAT_CHANGE_MEANING}]")
# The same but for the letters of long terms.
_UNTOUCHED = re.compile(f"[\0-`{{-\u2e7f{_CHARS_THAT_CHANGE_MEANING}]")

_Span = tuple[str, int, int]  # a wording, and where an edit of it starts and ends
_Place = tuple[str, str, int]  # a character pair, the characters that no edit may touch, the length of the wording
_Met = dict[int, list[int]]  # the positions of those who met there before, by a member of their group


def near_groups(wordings: Sequence[str]) -> list[int]:
    """For each wording the position of the first of all that it is joined to, step by step, by being near. They differ from each other."""
    commonness = Counter(pair for wording in wordings for pair in _char_pairs(wording))
    groups = _Groups(len(wordings))
    meeting: defaultdict[_Place, _Met] = defaultdict(dict)
    for here, wording in enumerate(wordings):
        edits = _edits_allowed(wording)
        if not edits:
            continue
        untouched = "".join(_UNTOUCHED.findall(wording))
        rarest = sorted(_char_pairs(wording), key=lambda pair: (commonness[pair], pair))[: 2 * edits + 1]
        far: set[int] = set()
        for pair in rarest:
            for length in range(len(wording) - edits, len(wording) + edits + 1):
                if met := meeting.get((pair, untouched, length)):
                    _join(here, met, groups, wordings, far)
        for pair in rarest:
            meeting[pair, untouched, len(wording)].setdefault(here, []).append(here)
    return [groups.first(at) for at in range(len(wordings))]


class _Groups:
    """Groups of positions that are joined two by two, each named by its first."""

    def __init__(self, count: int) -> None:
        self._parent = list(range(count))

    def first(self, at: int) -> int:
        parent = self._parent
        while parent[at] != at:
            parent[at] = parent[parent[at]]
            at = parent[at]
        return at

    def join(self, one: int, other: int) -> None:
        low, high = sorted((self.first(one), self.first(other)))
        self._parent[high] = low


def _join(here: int, met: _Met, groups: _Groups, wordings: Sequence[str], far: set[int]) -> None:
    """Join a wording to each group that has one near it among those met. Which are `far` is added to."""
    for name in list(met):
        if (first := groups.first(name)) != name:
            met.setdefault(first, []).extend(met.pop(name))
    for name, members in met.items():
        if groups.first(name) == groups.first(here):
            continue
        for there in members:
            if there not in far and are_near(wordings[there], wordings[here]):
                groups.join(here, there)
                break
            far.add(there)


def are_near(first: str, second: str) -> bool:
    from rapidfuzz.distance import Levenshtein

    allowed = min(_edits_allowed(first), _edits_allowed(second))
    if Levenshtein.distance(first, second, score_cutoff=allowed) > allowed:
        return False
    are_long = min(len(first), len(second)) >= CHARS_AN_EDIT
    for edit in Levenshtein.opcodes(first, second):
        before, after = (first, edit.src_start, edit.src_end), (second, edit.dest_start, edit.dest_end)
        if edit.tag != "equal" and not (_is_letter_lost(before, after) or (are_long and _is_harmless(before, after))):
            return False
    return True


def _edits_allowed(wording: str) -> int:
    by_length = min(len(wording) // CHARS_AN_EDIT, _MOST_EDITS)
    return by_length or int(_LONG_TERM.search(wording) is not None)


def _char_pairs(wording: str) -> set[str]:
    return {wording[at : at + 2] for at in range(len(wording) - 1)}


def _is_harmless(before: _Span, after: _Span) -> bool:
    return not any(_CHANGES_MEANING.search(wording[start:end]) for wording, start, end in (before, after))


def _is_letter_lost(before: _Span, after: _Span) -> bool:
    """Whether a letter is left out or added inside a long term; one letter for another makes another term: context, content."""
    replaced = all(start < end for _, start, end in (before, after))
    return not replaced and _is_inside_term(before) and _is_inside_term(after)


def _is_inside_term(span: _Span) -> bool:
    wording, start, end = span
    return any(term.start() < start and end < term.end() for term in _LONG_TERM.finditer(wording))
