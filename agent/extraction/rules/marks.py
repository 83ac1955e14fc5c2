"""Reads the number, bullet or emoji that a line begins with; it does not judge whether the line is an item."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass


_CHINESE = "一二三四五六七八九十"
_BLANKS = r"(?:[\s\u200b-\u200f\u2060\ufeff\u3164]|&[en]m?[bs]s?p;|\*\*|__|\\(?=[\[(*_]))*"
_EMOJI = "\u203c\u2049\u2190-\u245f\u2500-\u2bff\u3030\u303d\u3297\u3299\U0001f000-\U0001faff"
_JOINED = "\ufe0f\u200d\U0001f3fb-\U0001f3ff"
_CIRCLED = {
    char: number
    for first, last in (("①", "⑳"), ("⑴", "⒇"), ("⒈", "⒛"), ("❶", "❿"), ("➀", "➉"), ("➊", "➓"), ("Ⅰ", "Ⅻ"), ("ⅰ", "ⅻ"))
    for number, char in enumerate(map(chr, range(ord(first), ord(last) + 1)), 1)
}
_MARK = re.compile(
    rf"""
      (?P<number>\d{{1,3}})\s?(?P<sign>[.．、)）:：。,，]|\\[.)]|-(?=[^\W\da-zA-Z_]))(?!\d)
    | (?P<keycap>(?:[0-9]\ufe0f?\u20e3\ufe0f?|🔟){{1,3}})
    | (?P<circled>[{"".join(_CIRCLED)}])
    | \[(?P<coded>[{_CHINESE}]|\d{{1,2}})R\]
    | (?P<code>\[[^\[\]\n]{{1,8}}[RH]\])
    | [【\[]?第(?P<nth>[0-9{_CHINESE}]{{1,3}})(?:道?题|个?问题|问)(?!是)[】\]]?[：:、.．,，]?
    | 第\ ?(?P<step>[0-9{_CHINESE}]{{1,2}})\ ?步[，,、:：\s]
    | [Ss]tep\ ?(?P<stepping>\d{{1,2}})\s?(?:[-–—:：.]+|(?=\s|[^\x00-\x7f]))
    | 第(?P<phase>[0-9{_CHINESE}]{{1,2}})\ ?(?:周|个?月|天|个?阶段)[：:]
    | 第(?P<move>[0-9{_CHINESE}]{{1,2}})[招式][：:\s]
    | 第(?P<ordinal>[{_CHINESE}])(?:点|条|个)?[，,、:：]
    | \*?(?:[QqPp]|[Qq]uestion|[Pp]roblem|问题|题目|题)\ ?[-–—]?\ ?(?P<asked>\d{{1,3}}|[{_CHINESE}]{{1,2}})(?:\*\*)?(?:\ ?[.:：、)）．｜|]\*?|(?=\s\S))
    | (?P<ask>[Qq]|问|提问|面试官(?:(?:接着|会|还|又|常|一般)?问)?|面试(?:官?会)?怎么问|Question)(?:\*\*)?[:：]
    | (?P<follow>(?:再|继续|又)?追问(?:一般是|的有)?|[Ff]ollow-?\ ?up)(?:[（(][^（()）\n]{{0,30}}[)）])?(?:\*\*)?[:：]
    | \#(?P<hash>\d{{1,2}})(?:[、.．:：]|(?=\s))
    | [(（\[【](?P<paren>\d{{1,3}}|[{_CHINESE}]{{1,3}})[)）\]】][、.．]?
    | (?P<decimal>\d{{1,2}}\.\d{{1,2}})(?:[.．、)）:：]|(?=[\s{_CHINESE}]))
    | (?P<chinese>[{_CHINESE}]{{1,3}})[、.．:：]
    | (?P<letter>[a-zA-Z])[)）.．、](?=\s|[^\x00-\x7f])
    | (?P<bare>\d{{1,2}})(?=\s|[^\W\d_])(?!\s?(?:[道个小分年月天面轮次位条点人种遍家本张台段份万千百场页星级届号]|min|h\b|mins|coding|questions?\b|mcq|rounds?\b|problems?\b|programming|people|interviews?\b|hours?\b|days?\b|weeks?\b|months?\b|years?\b|[xX]\b))
    | (?:NO|No|no)\.?\s?(?P<nth_of_all>\d{{1,3}})[.:：、\s]
    | (?P<box>\[[\sxX√✓]\])
    | (?P<bullet>[-–—•·*+~※◦»›×√](?![-–—*+~])|--(?=[^-\s]))
    | (?P<emoji>(?:[{_EMOJI}][{_JOINED}]*){{1,2}})
    """,
    re.VERBOSE,
)
_OPENING = frozenset(f"第题问提面再继又追{_CHINESE}")
"""The Chinese characters with which a mark begins."""
PLAIN_BULLETS = frozenset("-–—•·*+~※◦»›×√✔✓✅☑●○■□◆◇▪▫►▶▸➤➢→⭕🔹🔸🔷🔶🟢🔵⚫⚪👉")
"""Marks that stand before items; other emoji stand before headings as often."""
SPOKEN = ("ask", "follow")
"""The marks of what somebody is said to ask: `问：`, and below another question `追问：`."""
_BLANK = re.compile(_BLANKS)
_SKIPPED = 2
"""How far a number may be from the one before it within a line."""
_BULLETS_WITHIN = "•●○■◆▪✔✓✅☑🔹🔸◦"
_MAY_OPEN_WITHIN = re.compile(rf"[\d🔟(（\[{''.join(_CIRCLED)}{_BULLETS_WITHIN}]")
_INLINE = re.compile(
    rf"""
      (?P<keycap>(?:[0-9]\ufe0f?\u20e3\ufe0f?|🔟){{1,3}})
    | (?P<circled>[{"".join(_CIRCLED)}])
    | \[(?P<coded>[{_CHINESE}])R\]
    | (?<![\w（(])[(（](?P<paren>\d{{1,2}})[)）]
    | (?<![a-zA-Z0-9.])(?P<number>\d{{1,2}})[.．、)）:：](?!\d)
    | (?<=\s)(?P<bullet>[{_BULLETS_WITHIN}](?=\S|\s\S))
    """,
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Mark:
    """What stands before an item, from `start` to `end`. `style` is alike for the items of one list."""

    style: str
    number: int | None
    start: int
    end: int

    @property
    def counts(self) -> bool:
        return self.number is not None

    @property
    def is_picture(self) -> bool:
        """Whether it is a picture, which stands before a heading or a paragraph as often as before an item."""
        pictured = self.style.startswith("[") or self.style > "\u2000"
        return self.number is None and pictured and self.style not in PLAIN_BULLETS


def skip_blank(text: str, start: int, end: int) -> int:
    """Past white space, invisible characters and the stars of bold text."""
    found = _BLANK.match(text, start, end)
    return found.end() if found else start


def mark_at(text: str, start: int, end: int) -> Mark | None:
    """The mark that a line begins with. Of an emoji before a number, the number is what counts."""
    mark: Mark | None = None
    while start < end and _may_open(text[start]) and (found := _MARK.match(text, start, end)):
        this = _mark(found, text, end)
        if mark and this.style == "bare" and text[this.end : this.end + 1].isascii() and text[this.end - 1].isdigit():
            break
        mark, start = this, this.end
        if this.counts or this.style in SPOKEN:
            break
    return mark


def marks_within(text: str, start: int, end: int, first: Mark | None) -> list[Mark]:
    """Marks in the middle of a line that go on counting from its own mark, or from a 1; and bullets, where three are alike."""
    marks = _within(text, start, end)
    if not marks:
        return []
    own = first.style if first and first.counts else None
    runs: list[list[Mark]] = [[first]] if own and first else []
    bullets: defaultdict[str, list[Mark]] = defaultdict(list)
    for mark in marks:
        if not mark.counts:
            bullets[mark.style].append(mark)
        elif run := _continued(runs, mark):
            run.append(mark)
        elif mark.number == 1:
            runs.append([mark])
    if own:
        return [mark for run in runs if run[0] is first or run[0].style == own for mark in run if mark is not first]
    alike = [
        mark
        for those in bullets.values()
        if len(those) + (first is not None and first.style == those[0].style) > 2
        for mark in those
    ]
    return sorted((*alike, *(mark for run in runs if len(run) > 1 for mark in run)), key=lambda mark: mark.start)


def _may_open(char: str) -> bool:
    """Whether a mark may begin with a character: of the Chinese ones few do."""
    return not "\u4e00" <= char <= "\u9fff" or char in _OPENING


def _within(text: str, start: int, end: int) -> list[Mark]:
    """All that has the form of a mark in a stretch of text."""
    marks = []
    while opening := _MAY_OPEN_WITHIN.search(text, start, end):
        found = _INLINE.match(text, opening.start(), end)
        start = (found or opening).end()
        if found:
            marks.append(_mark(found, text, end))
    return marks


def _continued(runs: Sequence[list[Mark]], mark: Mark) -> list[Mark] | None:
    """The last run of that style, where the mark is its next; a run that counts already may leave out or repeat a number."""
    last = next((run for run in reversed(runs) if run[-1].style == mark.style), None)
    step = (mark.number or 0) - (last[-1].number or 0) if last else 0
    return last if step == 1 or (last and len(last) > 1 and 0 <= step <= _SKIPPED) else None


def _mark(found: re.Match[str], text: str, limit: int) -> Mark:
    style = found.lastgroup or ""
    style = "number" if style == "sign" else style
    told = found[style]
    style = "step" if style in ("stepping", "move") else style
    end = skip_blank(text, found.end(), limit)
    if style in ("bullet", "emoji", "code"):
        return Mark(told if style != "emoji" else told[0], None, found.start(), end)
    if style in ("letter", "box", *SPOKEN):
        return Mark(style, None, found.start(), end)
    return Mark(style, number_of(told), found.start(), end)


def number_of(told: str) -> int:
    """The number that digits of any kind tell: `12`, `１２`, `十二`, `⑫`, `1️⃣2️⃣`; of `3.2`, the 2."""
    if told.isdecimal():
        return int(told)
    if told in _CIRCLED:
        return _CIRCLED[told]
    if told[0] in _CHINESE:
        return _chinese_number(told)
    if "." in told:
        return int(told.partition(".")[2])
    digits = "".join(char for char in told.replace("🔟", "10") if char.isdecimal())
    return int(digits)


def _chinese_number(told: str) -> int:
    tens, ten, ones = told.rpartition("十")
    if not ten:
        return _CHINESE.index(told[0]) + 1
    return (10 * (_CHINESE.index(tens[0]) + 1) if tens else 10) + (_CHINESE.index(ones[0]) + 1 if ones else 0)
