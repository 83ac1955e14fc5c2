"""Cuts a post into lines as people meant them: several items on one line parted, hard-wrapped lines joined, marks read off."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from agent.extraction.rules.cues import advises, answers, asks, asks_firmly, is_english, is_skipped, tells, wonders
from agent.extraction.rules.marks import SPOKEN, Mark, mark_at, marks_within, skip_blank
from agent.extraction.rules.tags import without_tags


_BREAK = re.compile(
    r"\r\n|[\n\r\x0b\x0c\x85\u2028\u2029]|</?(?:br|p|li|ul|ol|div|h[1-6]|t[rdh]|table|tbody)\b[^<>\n]{0,80}>"
)
_RULE = re.compile(r"[\s\-–—=_*~.·。+|:#>]*")
_FENCE = re.compile(r"^[ \t]*```.*$", re.MULTILINE)
_HASHES = re.compile(r"#{1,6}(?=\s|\*)")
_END_NOISE = re.compile(r"(?:[\s\u200b-\u200f\u2060\ufeff]|\*\*|__|&[en]m?[bs]s?p;|\[[^\[\]\s]{1,6}[RH]\])$")
_START_NOISE = "，,、。;；:：."
_SHARED = re.compile(r"快来看吧！|复制本条信息|打开【?小红书|xhslink\.com|查看精彩内容")
_FRONT_MATTER = re.compile(
    r"\s{0,20}---[ \t]*\n(?:[\w-]{1,40}:[^\n]*\n|[ \t][^\n]*\n|-[ \t][^\n]*\n)+---[ \t]*$", re.MULTILINE
)
_SOURCE = re.compile(
    r"[(（]?\[(?:link|solution|source|code|here|leetcode|lc|题解|链接|答案|参考|题目链接|原题)[^\[\]]{0,12}\]\(\s?https?://\S*\)[)）]?$",
    re.IGNORECASE,
)
"""A link at a line's end to where its words are from, or answered."""
_LONGEST_SOURCE = 600
_OPEN, _CLOSE = "（(【[「《“{", "）)】]」》”}"
_LISTED_BY = re.compile(r"[^：:？?。，]{1,20}[：:]\s*(?=\S)")
_SEPARATORS = (
    re.compile(r"\s*([^/／\s](?:[^/／\s]|/(?!\s)|\s(?![/／\s]))*)"),
    re.compile(r"\s*([^；;\s](?:[^；;\s]|\s(?![；;\s]))*)"),
    re.compile(r"\s*([^、\s](?:[^、\s]|\s(?![、\s]))*)"),
    re.compile(r"[（(]([^（()）]{4,})[)）]"),
)
"""What parts questions on one line, in the order in which it is tried."""
_MAY_PART = re.compile(r"[/／；;、（(]|\s\s")
"""Where a line has none of these, no separator finds more than one part."""
_GLUED = re.compile(r"\s*([^？?\s][^？?]*[？?]+)\s*")
_GLUED_LENGTH = 9
"""Four questions and more on a line, each longer than so many characters, are one each; shorter ones belong together."""
_MANY = 3
"""More parts than these that ask tell of a list of questions, whatever stands beside them."""
_PLAIN = 2
"""How many of the separators, the first, part nothing else: one part that asks is enough."""
_TAB = 4
_CELL = re.compile(r"[^|]+")
_RAGGED = 6
"""By how many columns the full lines of hard-wrapped text differ."""
_TELLS_ON = re.compile(
    r"[。！]\s*(?=\S)|\s+(?=面完|整体|全程|感觉|反问|许愿|总体|攒|希望|时间线|估计(?:没|凉|挂|要)|凉|等(?:通知|结果|消息)|难度|蹲|祝|许个愿)"
)
"""Where behind the last item of a line something else is told."""
_CLOSES = re.compile(r"整体|总体|全程|感觉|体验|面试官|反问|许愿|码字")
"""How a line begins that tells how it went, behind the last item."""
_STATES = re.compile(r"(?:given\b|you (?:have|are given)\b|给定|给出|给你)[^？?]*$", re.IGNORECASE)
"""How the statement of a problem begins, which may go on over lines."""
_COMMA = re.compile("[、，]")
_PARTICLES = ("的", "和", "与", "及", "中的", "之间的")
_GOES_ON = "，,、（(和与及"
_WIDE = re.compile(r"[^\0-\u10ff]+")
"""The characters that take two columns."""
_LONGEST_JOINED = 1000
"""From how many characters on a line is joined to no further one: each joining reads the whole again."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line, or item of a line: its words from `start` to `end` without mark, white space and hashtags around them."""

    start: int
    end: int
    words: str
    mark: Mark | None = None
    indent: int = 0
    level: int = 0
    """Of a Markdown heading, 1 to 6; else 0."""
    bold: bool = False
    quoted: bool = False
    gap: bool = False
    """Whether a blank line or a rule stands before it."""
    joined: bool = False
    """Whether it stands on the same line as the one before."""
    column: int = 0
    """Of a table's cell, how many cells of its row stand before it."""
    head: str = ""
    """Of a table's cell, what its column is headed."""
    number: int | None = field(init=False)
    style: str = field(init=False)
    """Its mark's; no property, for there is hardly a rule that does not ask for it."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "number", self.mark.number if self.mark else None)
        object.__setattr__(self, "style", self.mark.style if self.mark else "")


def share(predicate: Callable[[str], bool], lines: Sequence[Line]) -> float:
    """The share of lines whose words are so; 0 of none."""
    return sum(predicate(line.words) for line in lines) / len(lines) if lines else 0.0


def first_marked(lines: Sequence[Line]) -> int:
    """The place of the first line with a mark, where a list begins; 0 where there is none."""
    return next((place for place, line in enumerate(lines) if line.mark), 0)


def read_lines(text: str) -> list[Line]:
    """The lines of a text that hold words, in reading order."""
    lines = _with_runs_checked(list(_marked(text)), text)
    if 2 * sum(line.quoted for line in lines) > len(lines):
        lines = [replace(line, quoted=False) for line in lines]
    return list(_unwrapped(lines, text))


def front_matter(text: str) -> int:
    """Where the words of a text begin: behind the `---` block of keys and values that pages of static sites open with."""
    found = _FRONT_MATTER.match(text)
    return found.end() if found else 0


def _marked(text: str) -> Iterator[Line]:
    gap, lone = False, None
    header: list[Line] = []
    heads: dict[int, str] = {}
    for start, end in _outside_code(text):
        if header and _RULE.fullmatch(text, start, end) and text.find("--", start, end) >= 0:
            heads, header = {cell.column: cell.words for cell in header}, []
            continue
        yield from header
        header = []
        if _RULE.fullmatch(text, start, end) or _SHARED.search(text, start, end):
            gap = True
            continue
        found = _parted(text, start, end, gap=gap)
        if found and lone and not found[0].mark:
            found[0] = replace(found[0], mark=lone)
        lone = None if found else mark_at(text, skip_blank(text, start, end), end)
        gap = gap and not found
        if found and found[0].style == "|":
            header = [replace(cell, head=heads.get(cell.column, "")) for cell in found]
        else:
            heads = {}
            yield from found
    yield from header


def _outside_code(text: str) -> Iterator[tuple[int, int]]:
    """The physical lines that are no fenced code; a fence that is never closed is none."""
    fences = list(_FENCE.finditer(text))
    ends = deque((first.start(), last.end()) for first, last in zip(fences[::2], fences[1::2], strict=False))
    for start, end in _physical(text):
        while ends and start >= ends[0][1]:
            ends.popleft()
        if not (ends and start >= ends[0][0]):
            yield start, end


def _physical(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for found in _BREAK.finditer(text):
        yield start, found.start()
        start = found.end()
    yield start, len(text)


def _parted(text: str, start: int, end: int, *, gap: bool) -> list[Line]:
    """The items of one physical line: one, mostly."""
    begin = skip_blank(text, start, end)
    quoted = text.startswith((">", "＞"), begin)
    if quoted:
        begin = skip_blank(text, begin + 1, end)
    hashes = _HASHES.match(text, begin, end) if text.startswith("#", begin) else None
    if hashes:
        begin = skip_blank(text, hashes.end(), end)
    if text.startswith("|", begin):
        return _cells(text, begin, end)
    mark = mark_at(text, begin, end)
    behind = mark.end if mark else begin
    cuts = marks_within(text, behind, end, mark)
    first = Line(
        *_trimmed(text, behind, cuts[0].start if cuts else end),
        mark,
        _indent(text, start, begin) if begin > start else 0,
        len(hashes[0]) if hashes else 0,
        "**" in text[start:begin],
        quoted,
        gap,
    )
    items = [first, *_joined(text, first, cuts, end)] if cuts else [first]
    return [one for item in items if item.words for part in _without_answer(item) for one in _several(part)]


def _indent(text: str, start: int, begin: int) -> int:
    return begin - start + (_TAB - 1) * text.count("\t", start, begin)


def _joined(text: str, first: Line, cuts: Sequence[Mark], end: int) -> Iterator[Line]:
    """The items behind the first of their line."""
    ends = [*(mark.start for mark in cuts[1:]), end]
    for mark, limit in zip(cuts, ends, strict=True):
        told = _TELLS_ON.search(text, mark.end, limit) if limit == end else None
        start, stop, words = _trimmed(text, mark.end, told.start() if told else limit)
        yield replace(first, start=start, end=stop, words=words, mark=mark, joined=True, gap=False)


def _without_answer(line: Line) -> Sequence[Line]:
    """An English question and the answer that follows it on its line, as two lines."""
    asked, mark, answer = line.words.rpartition("? ")
    if not mark or not answer[:1].isupper() or not is_english(line.words):
        return (line,)
    question = replace(line, end=line.start + len(asked) + 1, words=asked + "?")
    return question, replace(line, start=line.end - len(answer), words=answer, mark=None, joined=True, gap=False)


def _several(line: Line) -> list[Line]:
    """The questions that an unmarked line lists, `A怎么做 / B是什么 / C`; the line itself, where it is no such list."""
    if (line.mark and line.style not in SPOKEN) or line.level:
        return [line]
    # Looked for only in what ends in a question mark: else each place would search the whole rest for one.
    glued = list(_GLUED.finditer(line.words)) if line.words.endswith(("?", "？")) else []
    if len(glued) > 3 and all(len(part[1]) > _GLUED_LENGTH for part in glued):
        return [_part(line, part, None, joined=part is not glued[0]) for part in glued]
    if not _MAY_PART.search(line.words):
        return [line]
    label = _LISTED_BY.match(line.words)
    begin = label.end() if label else 0
    for place, separator in enumerate(_SEPARATORS):
        parts = list(separator.finditer(line.words, begin))
        if len(parts) > 2 - (line.mark is not None) and _are_questions(
            [part[1] for part in parts], told=place == 1 or (place == 0 and label is not None)
        ):
            mark = line.mark or (Mark("part", None, line.start, line.start) if place < _PLAIN else None)
            return [_part(line, part, mark, joined=part is not parts[0]) for part in parts]
    return [line]


def _are_questions(parts: Sequence[str], *, told: bool) -> bool:
    """Whether so many of the parts of a line ask that all are questions; one is enough where it is `told` by what parts them."""
    asking = sum(asks_firmly(part) or wonders(part) for part in parts)
    enough = asking > 1 and (asking * 2 >= len(parts) or asking > _MANY)
    likely = told and asking and not any(map(tells, parts)) and not any(map(advises, parts))
    return bool(enough or likely) and all(len(part) <= 60 and "；" not in part for part in parts)


def _part(line: Line, part: re.Match[str], mark: Mark | None, *, joined: bool) -> Line:
    start, end = line.start + part.start(1), line.start + part.end(1)
    return replace(
        line, start=start, end=end, words=part[1], mark=mark, joined=joined or line.joined, gap=line.gap and not joined
    )


def _cells(text: str, start: int, end: int) -> list[Line]:
    """The cells of a row of a Markdown table, as lines of their own."""
    cells: list[Line] = []
    mark = Mark("|", None, start, start)
    for column, found in enumerate(_CELL.finditer(text, start, end)):
        if not _RULE.fullmatch(found[0]):
            trimmed = _trimmed(text, skip_blank(text, *found.span()), found.end())
            cells.append(Line(*trimmed, mark, joined=bool(cells), column=column))
    return [cell for cell in cells if cell.words]


def _trimmed(text: str, start: int, end: int) -> tuple[int, int, str]:
    """Where the words of a stretch that begins with no white space stand, and the words."""
    while start < end and text[start] in _START_NOISE:
        start = skip_blank(text, start + 1, end)
    end = max(start, without_tags(text, start, end))
    if text.endswith((")", "）"), start, end):
        begin = max(start, text.rfind("[", max(start, end - _LONGEST_SOURCE), end))
        end = begin if _SOURCE.match(text, begin, end) else end
    while end > start and not text[end - 1].isalnum() and (noise := _END_NOISE.search(text, max(start, end - 10), end)):
        end = noise.start()
    if text.count("**", start, end) % 2 and text.endswith("**", 0, start):
        start -= 2
    return start, end, text[start:end]


def _with_runs_checked(lines: list[Line], text: str) -> list[Line]:
    """Takes a number without a sign for a mark only where its neighbours count on with it."""
    numbers = [line.number for line in lines]
    return [
        _checked(line, numbers[max(0, place - 3) : place + 4], text) if line.style in ("bare", "decimal") else line
        for place, line in enumerate(lines)
    ]


def _checked(line: Line, around: Sequence[int | None], text: str) -> Line:
    if line.mark and line.number is not None and (line.number - 1 in around or line.number + 1 in around):
        return replace(line, mark=replace(line.mark, style="number"))
    return _unmarked(line, text)


def _unmarked(line: Line, text: str) -> Line:
    start = line.mark.start if line.mark else line.start
    return replace(line, start=start, mark=None, words=text[start : line.end])


def _unwrapped(lines: Sequence[Line], text: str) -> Iterator[Line]:
    full = _wrapped_at(lines)
    widest = max((len(line.words) for line in lines), default=0)
    held: Line | None = None
    for line in lines:
        if held and _continues(held, line, full, widest, text):
            held = replace(held, end=line.end, words=text[held.start : line.end])
            continue
        if held:
            yield held
        held = line
    if held:
        yield held


def _continues(held: Line, line: Line, full: int | None, widest: int, text: str) -> bool:
    if line.mark or line.level or line.gap or held.level or line.joined or held.style == "|":
        return False
    if len(held.words) > _LONGEST_JOINED or (held.mark and _CLOSES.match(line.words)):
        return False
    last = held.words[-1]
    if _goes_on(held, line, widest, text) or (
        held.number is not None and _STATES.match(held.words) and _is_stated(line)
    ):
        return True
    if last in "？?。！!；;：:）)" or (asks_firmly(held.words) and (held.mark or asks_firmly(line.words))):
        return False
    if last in _GOES_ON or _is_open(held.words):
        return True
    begin = text.rfind("\n", 0, held.end) + 1
    return full is not None and _width(text[begin : held.end]) >= full


def _goes_on(held: Line, line: Line, widest: int, text: str) -> bool:
    """Whether a line begins as none does: with a particle or a comma, or in the middle of an English sentence."""
    if line.words.startswith(_PARTICLES) or _COMMA.search(text, held.end, line.start):
        return True
    if not (line.words[0].islower() and (held.words[-1].isalpha() or held.words[-1] == ",")) or asks(line.words):
        return False
    filled = line.start - text.rfind("\n", 0, held.end) > min(60, 0.7 * widest)
    return filled and held.words.count(" ") > 3 and is_english(held.words) and is_english(line.words)


def _is_stated(line: Line) -> bool:
    """Whether a line may belong to the statement of a problem above it."""
    return not (answers(line.words) or is_skipped(line.words) or asks_firmly(line.words))


def _is_open(words: str) -> bool:
    tail = words[-200:]
    return sum(map(tail.count, _OPEN)) > sum(map(tail.count, _CLOSE))


def _wrapped_at(lines: Sequence[Line]) -> int | None:
    """The width, in columns, from which a line counts as full; None where lines end as their writer wanted."""
    widths = [_width(line.words) + 3 * (line.mark is not None) for line in lines]
    widest = max((width for width, line in zip(widths, lines, strict=True) if line.style != "|"), default=0)
    if len(lines) < 6 or not 24 <= widest <= 110:
        return None
    limit = widest - _RAGGED
    full = sum(width >= limit for width in widths)
    nearly = sum(limit - 2 * _RAGGED <= width < limit for width in widths)
    many = full >= max(4, len(lines) // 4) and full >= nearly
    return limit if many or _are_continued(lines, widths, limit) else None


def _are_continued(lines: Sequence[Line], widths: Sequence[int], limit: int) -> bool:
    """Whether lines without a mark stand below full ones and hardly elsewhere, as they do in a wrapped list."""
    unmarked = [place for place in range(1, len(lines)) if not (lines[place].mark or lines[place].gap)]
    below_full = sum(widths[place - 1] >= limit for place in unmarked)
    return 3 <= len(unmarked) < len(lines) / 2 and below_full >= 0.75 * len(unmarked)


def _width(words: str) -> int:
    return len(words) + sum(map(len, _WIDE.findall(words)))
