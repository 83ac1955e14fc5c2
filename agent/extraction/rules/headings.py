"""Tells the lines that head others from those that are items or prose. What their names mean is in `lexicon`."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import takewhile

from agent.extraction.rules.cues import (
    advises,
    asks,
    asks_firmly,
    asks_outright,
    is_english,
    is_introduction,
    is_named,
    is_reverse,
    is_short,
    is_skipped,
    is_task,
    tells,
)
from agent.extraction.rules.lexicon import (
    Holds,
    announces_methods,
    fits,
    holds,
    is_example,
    is_of_methods,
    is_stage,
    is_subject,
    last_clause,
    leads_to,
    round_of,
    size,
)
from agent.extraction.rules.lines import Line
from agent.extraction.rules.marks import PLAIN_BULLETS


_NEAR = 24
"""How many lines before and after a line are looked at for others like it."""
PLAIN, INNERMOST = 8, 9
"""How deep headings stand that are no Markdown headings; the numbered ones below the others."""
_HEADING_MARKS = frozenset({"chinese", "circled", "coded", "keycap", "paren", "nth"})
"""Numbers that stand before headings too. An Arabic number is an item's, whatever stands below it."""
_BESIDE = frozenset({"reverse", "advice", "tale", "advert", "answer"})
"""What a label with words beside it may announce; a label of a question is part of the question."""
_THINGS = frozenset({"tale", "answer", "advice"})
"""What a bullet's label says of a thing rather than of an interview."""
_WRAPPED = re.compile(
    r"^(?:【[^】]{1,30}】|\[[^\]]{1,30}\]|《[^》]{1,30}》|「[^」]{1,30}」|『[^』]{1,30}』|<[^>]{1,30}>|=+[^=]{1,30}=+|[—–-]{2,8}[^—–-]{1,30}[—–-]{2,8})$"
)
_BRACKETED = re.compile(r"【[^】]{1,12}】[^，。？?：:]{1,14}$")
"""`【公司】岗位`, above a list."""
_LABEL = re.compile(
    r"^(?:【([^】\n]{1,16})】\s*[:：]?|([^:：，,。？?！\n]{1,22}?)\s*[:：，,]|([^\s:：，,。]{1,8}?面)\s)(?:\s|\*\*)*(?=\S)"
)
# Their first characters stand first, so that a search skips all else.
_NOTE = re.compile(
    r"[《》【】「」『』—–\-（(\d](?:(?<=[《》【】「」『』])|(?<=[—–-])[—–-]{1,7}|(?<=[（(])[^（()）]{0,40}[)）]|(?<=\d)\d{0,3}\s?(?:min(?:s|utes?)?|分钟|小时|h\b)\+?)"
)
_HOW_ASKED = re.compile(r"(?:怎么|[会爱常])问|问(?:什么|哪些|些啥)")
_OWN = re.compile("我(?!的|们)")
_CLOSING = " \t\r\n\u3000：:，,。.、!！~～"
_POINTS_DOWN = frozenset(":：👇⬇↓\ufe0f\U0001f3fb\U0001f3fc\U0001f3fd\U0001f3fe\U0001f3ff")
_TITLES = ("面经", "面试", "凉经", "面试记录", "面试复盘", "面试题", "面试分享")
_PARTS = ("相关", "部分")
_ABOUT = re.compile(r"时长|时间|形式|日期|结果|体验|感受")
_VERB_OF_ASKING = re.compile(r"^(?:然后|又|还|接着|最后|先)?(?:问|让|考|聊|写)[了我到](?!的)")


@dataclass(frozen=True, slots=True)
class Heading:
    """What a line announces. `holds` is None where it says nothing of it; `rest` is where other words begin on its line."""

    holds: Holds | None
    round: str | None = None
    rest: int | None = None
    rank: int = PLAIN
    """How deep it stands: a Markdown heading by its level, a numbered one below all others."""
    asked: bool = False
    """Whether it is itself a question, with its answer below."""

    @property
    def inner(self) -> bool:
        return self.rank == INNERMOST


def heading_of(lines: Sequence[Line], place: int, *, in_run: bool, known: bool, asking: bool) -> Heading | None:
    """The heading that a line is; None where it is an item or prose.

    In a numbered run only well-known names are headings. `known`: marks like its own stood before headings already;
    `asking`: the Markdown headings of its level are questions.
    """
    candidate = _Candidate(lines, place)
    heading = candidate.labelled() or candidate.over_list()
    if not heading and (not in_run or candidate.is_well_known()) and candidate.stands(known=known):
        heading = candidate.heading(asking=asking)
    return heading if heading and candidate.may_be_one() else None


class _Candidate:
    """A line that may be a heading, with what stands around it."""

    def __init__(self, lines: Sequence[Line], place: int) -> None:
        self.line = lines[place]
        self.name = _NOTE.sub("", self.line.words).strip().rstrip(_CLOSING)
        self._lines, self._place = lines, place
        self._following = lines[place + 1] if place + 1 < len(lines) else None

    def labelled(self) -> Heading | None:
        """`一面：…`, `反问：…`, `tips：…`: a heading with its words beside it. A bullet among others names things, mostly: `实验设计：…`."""
        line = self.line
        counted = line.number is not None and line.style not in ("coded", "keycap")
        found = None if counted else _LABEL.match(line.words)
        if not found:
            return None
        name = (found[1] or found[2] or found[3]).strip()
        opened, rest = round_of(name), line.start + found.end()
        by_comma = found[2] is not None and line.words[found.end(2)] not in ":："
        if by_comma and line.words[-1] in _POINTS_DOWN:
            return None
        if opened and not _ABOUT.search(name):
            beside = None if line.level else rest
            named = line.level or (size(name) <= size(opened) + 8 and not advises(name))
            return Heading("question", opened, beside, line.level or PLAIN) if named else None
        told = "tale" if opened else holds(name)
        if not fits(name, 12) or ((by_comma or (told in _THINGS and self.is_listed())) and not is_stage(name)):
            return None
        return Heading(told, rest=rest) if told in _BESIDE else None

    def may_be_one(self) -> bool:
        """Whether it has no name that no heading has."""
        return not is_introduction(self.name) and (bool(self.line.level) or not is_example(self.name))

    def is_listed(self) -> bool:
        """Whether it is a bullet with another right above or below it."""
        line = self.line
        around = (*self._lines[max(0, self._place - 1) : self._place], *self._lines[self._place + 1 : self._place + 2])
        alike = [other for other in around if other.style == line.style and other.indent == line.indent]
        short = [other for other in alike if is_short(other.words)]
        return line.mark is not None and line.number is None and bool(short)

    def over_list(self) -> Heading | None:
        """A task with its list below, `手撕：两道`, or the number under which the candidate asks."""
        line, number = self.line, self.line.number
        after = self._following.number if self._following else None
        if after == 1 and not line.mark and is_task(line.words):
            return Heading("question")
        last = number is not None and after != number + 1
        return Heading("reverse") if last and is_reverse(self.name) else None

    def is_well_known(self) -> bool:
        named = is_stage(self.name) or round_of(self.name) is not None
        return bool(self.line.level) or named or (not self.line.mark and _WRAPPED.match(self.line.words) is not None)

    def heading(self, *, asking: bool) -> Heading:
        line, name = self.line, self.name
        numbered = line.number is not None
        if line.level and leads_to(name) == "question" and self._is_over_questions():
            return Heading("question", round_of(name), rank=line.level)
        if line.level and ((numbered and (asking or self._is_over_answer())) or self._is_asked()):
            return Heading("answer", rank=line.level, asked=True)
        if is_example(name):
            return Heading("answer", rank=line.level)
        rank = line.level or (INNERMOST if numbered and line.style != "chinese" else PLAIN)
        if is_subject(name):
            return Heading("question", rank=rank)
        told = holds(last_clause(name))
        if self._is_over_list() and (told in (None, "tale", "method") or is_of_methods(name)):
            told = leads_to(name) or told
        return Heading(told, round_of(name) or round_of(line.words), rank=rank)

    def stands(self, *, known: bool) -> bool:
        """Whether it stands as headings do, by its form and by what is below it."""
        line, words = self.line, self.line.words
        if not self.name or line.style == "|" or (line.number is not None and not self._may_head(known=known)):
            return False
        if line.level or _WRAPPED.match(words) or (_BRACKETED.match(words) and self._is_over_list()):
            return True
        if words[-1] in _POINTS_DOWN:
            return self._announces()
        short = len(words) <= 60 and "\n" not in words and words[-1] not in "?？"
        return short and (line.number is not None or self._is_named() or self._leads() or self._stands_over())

    def _leads(self) -> bool:
        """Whether it says what the list is of that begins right below it."""
        if is_skipped(self.line.words):
            return False
        if self._is_over_list():
            named = fits(self.name, 24) and leads_to(self.name) is not None
            return named or (fits(self.name, 40) and announces_methods(self.name) and self._is_over_names())
        named = fits(self.name, 24) and announces_methods(self.name) and not is_named(self.name)
        return named and self._is_over_names()

    def _is_over_list(self) -> bool:
        """Whether a list begins right below it."""
        below = self._following
        return not self._is_item() and below is not None and below.mark is not None and below.number in (None, 1)

    def _is_item(self) -> bool:
        """Whether its mark is one that items have, rather than a picture before a heading."""
        return self.line.mark is not None and not self.line.mark.is_picture

    def _is_over_names(self) -> bool:
        """Whether the next two lines of one mark name things; where they have none, and say what they are."""
        near = self._lines[self._place + 1 : self._place + 5]
        below = [one for one in near if one.style == near[0].style][:2]
        if len(below) < 2 or self._is_item() or below[0].level or not (below[0].mark or below[1] is near[1]):
            return False
        return not any(asks_outright(one.words) or (not one.mark and not is_named(one.words)) for one in below)

    def _is_over_other(self) -> bool:
        """Whether what stands right below it is no further item of its list."""
        below = self._following
        return below is not None and below.style != self.line.style

    def _is_over_questions(self) -> bool:
        below = self._following
        return below is not None and below.number == 1 and asks_firmly(below.words)

    def _is_over_answer(self) -> bool:
        below = self._following
        return below is not None and holds(_NOTE.sub("", below.words).strip("*").rstrip(_CLOSING + "*")) == "answer"

    def _is_asked(self) -> bool:
        named = holds(self.name) in ("advice", "tale", "reverse") or (
            is_english(self.name) and leads_to(self.name) in ("advice", "method")
        )
        named = named or _HOW_ASKED.search(self.name) is not None
        return self.line.words.endswith(("?", "？")) or (asks_firmly(self.name) and not named)

    def _is_named(self) -> bool:
        """Whether its name alone makes it a heading."""
        if is_subject(self.name):
            below = self._following
            return (
                self.line.gap
                or self.name.endswith(_PARTS)
                or (below is not None and below.mark is not None and below.style != self.line.style)
            )
        titled = not self.line.mark and self.name.endswith(_TITLES) and fits(self.name, 16)
        titled = titled or (not self.line.mark and self.name.endswith("篇") and fits(self.name, 6))
        return titled or is_stage(self.name) or (round_of(self.name) is not None and fits(self.name, 24))

    def _announces(self) -> bool:
        """Whether a line that ends in a colon heads what follows, rather than being one of several with answers."""
        line, following = self.line, self._following
        if _VERB_OF_ASKING.match(line.words):
            return False
        if line.mark and following and following.indent > line.indent:
            return self._is_alone()
        listed = following is not None and following.mark is not None
        return listed or not self._in_series() or holds(line.words) is not None or round_of(line.words) is not None

    def _may_head(self, *, known: bool) -> bool:
        """Whether a numbered line heads what stands below it, by its number and by what that is."""
        line, following = self.line, self._following
        if line.level or (fits(self.name, 16) and (round_of(self.name) or self._heads_prose())):
            return True
        if line.style not in _HEADING_MARKS:
            return False
        if is_stage(self.name) and self._is_over_other():
            return True
        if line.words.endswith(("?", "？")) or not fits(self.name, 30):
            return False
        if following is None or following.style in ("", line.style) or following.style.startswith("["):
            return False
        after = self._lines[self._place + 2 : self._place + 3]
        twice = [other.style for other in after] == [following.style]
        return line.style == "chinese" or known or following.number == 1 or twice

    def _heads_prose(self) -> bool:
        """Whether a short numbered name of advice or of a method, as the others of its run, stands over text rather than in a list."""
        if leads_to(self.name) not in ("advice", "method") or asks_firmly(self.name):
            return False
        alike = [at for at in self._near_of_its_mark() if self._lines[at].number is not None]
        return self._each_over(alike, lambda below: below.style != self.line.style)

    def _near_of_its_mark(self) -> list[int]:
        """The places of the lines with its mark near it, its own with them."""
        around = range(max(0, self._place - _NEAR), min(len(self._lines), self._place + _NEAR))
        return [at for at in around if self._lines[at].style == self.line.style]

    def _each_over(self, places: Sequence[int], is_so: Callable[[Line], bool]) -> bool:
        """Whether there are several such places, and the line below each is so."""
        return len(places) > 1 and all(at + 1 < len(self._lines) and is_so(self._lines[at + 1]) for at in places)

    def _stands_over(self) -> bool:
        """Whether it is a short line with items or text of another form right below it."""
        line, name, following = self.line, self.name, self._following
        if following is None or following.style == line.style or not fits(name, 24):
            return False
        if not line.mark and not following.mark:
            above = line.gap and not following.gap and len(following.words) > len(name)
            return above and holds(name) in ("advice", "tale")
        if not line.mark and not line.bold:
            listed = (following.number == 1 or following.style in PLAIN_BULLETS) and not following.gap
            return listed and fits(name, 16) and "。" not in name and self._is_a_name() and not tells(name)
        if self._is_over_deeper():
            return True
        pictured = line.mark is not None and line.mark.is_picture
        marked = pictured or (line.bold and line.style not in PLAIN_BULLETS)
        closing = self._place > 0 and line.mark is not None and self._lines[self._place - 1].style == line.style
        if not marked or closing or (tells(name) and holds(name) is None) or _OWN.match(name):
            return False
        return holds(name) is not None or (fits(name, 16) and len(following.words) > len(name) and self._is_a_name())

    def _is_over_deeper(self) -> bool:
        """Whether it is a short bullet which, as all others of its mark, stands over bullets of another."""
        line = self.line
        if line.mark is None or line.number is not None:
            return False
        alike = [at for at in self._near_of_its_mark() if self._lines[at].indent == line.indent]
        short = all(fits(_NOTE.sub("", self._lines[at].words), 14) and not asks(self._lines[at].words) for at in alike)
        return short and self._each_over(alike, self._is_other_list)

    def _is_other_list(self, below: Line) -> bool:
        return below.mark is not None and below.style != self.line.style and below.number in (None, 1)

    def _is_a_name(self) -> bool:
        """Whether it is no question; some headings begin like one: `How to prepare`."""
        return not asks_firmly(self.name) or (holds(self.name) in ("advice", "tale") and is_english(self.name))

    def _is_alone(self) -> bool:
        """Whether no other line near it has its mark at its indent."""
        before = self._lines[max(0, self._place - _NEAR) : self._place]
        after = self._lines[self._place + 1 : self._place + 1 + _NEAR]
        around = (*takewhile(_is_listed, reversed(before)), *takewhile(_is_listed, after))
        return not any(other.style == self.line.style and other.indent == self.line.indent for other in around)

    def _in_series(self) -> bool:
        """Whether the line before or after is unmarked too and ends in a colon."""
        before = self._lines[max(0, self._place - 1) : self._place]
        around = (*before, *self._lines[self._place + 1 : self._place + 2])
        return any(not other.mark and other.words.endswith((":", "：")) for other in around)


def _is_listed(line: Line) -> bool:
    return line.mark is not None and not line.level
