"""Decides what the list of a section is, by its heading, by its own words, and by what the whole post is about."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from agent.extraction.rules.cues import advises, asks, asks_firmly, chats, tells
from agent.extraction.rules.lexicon import Holds, holds
from agent.extraction.rules.lines import Line
from agent.extraction.rules.sections import Section
from agent.extraction.rules.tags import untagged
from agent.extraction.topics import topic_of
from agent.records import Kind


_INTERVIEW = re.compile(r"面试|[一二三四终]面|面经|手撕|八股|interview|onsite|凉经|笔试", re.IGNORECASE)
_REPORT = re.compile(
    r"面试官|[一二三四终]面|自我介绍|问我|反问|手撕|问了|被问|面经|凉经|面完|hr面|笔试|面试题|面试问题|on-?site|phone screen|asked me|i was asked|interview",
    re.IGNORECASE,
)
_ADVERT = re.compile(
    r"岗位职责|任职要求|岗位要求|职位描述|任职资格|薪资|月薪|年薪|招聘|急招|内推|[五六]险一金|弹性打卡|弹性工作|有意向|私信|投递|福利|办公地点|优先|下午茶|签约主体|滴滴"
)
_NAMED = re.compile(r"^[^，。？?！：:]{1,24}[:：]\s*\S|^[^，。？?！]{1,24}[（(][^）)]{2,60}[）)]$")


@dataclass(frozen=True, slots=True)
class Subject:
    """What a whole post is about, as far as its lists depend on it."""

    advert: bool
    """Whether it offers a job."""
    interview: bool
    """Whether it speaks of interviews."""
    report: bool
    """Whether it tells of an interview that took place."""
    named: float
    """The share of its marked lines that name a thing and say what it is."""
    asking: float
    """The share of its marked lines that ask."""


def kind_of(section: Section, post: Subject) -> Kind | None:
    """What the listed lines of a section are, by its heading and by their own words; None where they are no items."""
    marked = [line for line in section.lines if line.mark]
    listed = marked or [line for line in section.lines if len(line.words) <= 60]
    if _teaches(section, post, marked):
        return "method"
    match section.holds:
        case "answer" if not section.asked and len(marked) > 2 and share(asks_firmly, marked) >= 0.6:
            return "question"
        case "reverse" | "advert" | "answer":
            return None
        case "question" | "advice" | "method" as held:
            return _announced(held, listed, marked=bool(marked))
        case held:
            return _advised(section, post, listed) or _asked(held, marked, listed, post)


def _teaches(section: Section, post: Subject, marked: Sequence[Line]) -> bool:
    """Whether its list is of methods: steps, in a post that names things one by one, or as the answer to how something is done."""
    if sum(line.style == "step" for line in marked) > 1 and share(asks_firmly, marked) < 0.34:
        return True
    if post.report:
        return False
    if section.asked and section.title:
        return holds(section.title.words) == "method"
    naming = post.named >= 0.6 and post.asking < 0.4
    return naming and section.holds in (None, "question") and len(marked) > 1


def _announced(held: Kind, listed: Sequence[Line], *, marked: bool) -> Kind:
    """What the heading says, unless the lines plainly say otherwise."""
    asking, advising = share(asks_firmly, listed), share(advises, listed)
    if held == "question":
        return "advice" if marked and advising >= 0.6 and not asking else "question"
    if asking >= 0.6:
        return "question"
    return "advice" if advising >= 0.5 else held


def _advised(section: Section, post: Subject, listed: Sequence[Line]) -> Kind | None:
    asking, advising = share(asks_firmly, listed), share(advises, listed)
    told = advising >= 0.5 and advising > asking and len(listed) > 1
    return "advice" if told or (asking < 0.3 and _is_explained(section, post)) else None


def _is_explained(section: Section, post: Subject) -> bool:
    """Whether most of what stands below its numbered lines tells the reader what to do."""
    below = [
        line
        for above, line in pairwise(section.lines)
        if above.number is not None and not line.mark and len(line.words) > 40
    ]
    return not (post.report and post.asking >= 0.3) and len(below) >= 2 and share(advises, below) >= 0.5


def _asked(held: Holds | None, marked: Sequence[Line], listed: Sequence[Line], post: Subject) -> Kind | None:
    if held == "tale":
        many = len(marked) > 2 and share(asks, marked) >= 0.5
        return "question" if many or (marked and share(asks_firmly, marked) >= 0.6) else None
    if not marked:
        return "question" if _asks_throughout(listed, post) else None
    if not post.report and len(marked) > 1 and share(asks, marked) < 0.5 and share(is_named, marked) >= 0.6:
        return "method"
    return "question" if _asks_in_list(marked, post) else None


def _asks_throughout(lines: Sequence[Line], post: Subject) -> bool:
    """Whether lines without marks are questions put to a candidate."""
    if post.report and len(lines) > 3 and share(_asks_or_is_known, lines) >= 0.6 and share(tells, lines) < 0.3:
        return True
    enough = 0.34 if post.report else 0.6
    return post.interview and sum(map(_asks_a_candidate, lines)) >= 2 and share(asks, lines) >= enough


def _asks_in_list(marked: Sequence[Line], post: Subject) -> bool:
    """Whether marked lines are questions: by their words, by the subjects they name, or as the report of an interview."""
    asking, known, telling = share(asks, marked), share(_asks_or_is_known, marked), share(tells, marked)
    if not post.interview:
        return share(asks_firmly, marked) >= 0.5 or (asking >= 0.4 and known >= 0.6)
    reported = post.report and telling < 0.5 and len(marked) > 1
    return asking >= 0.25 or (known >= 0.6 and telling < 0.3) or reported


def subject_of(title: str, text: str, lines: Sequence[Line]) -> Subject:
    """What a post is about."""
    words = f"{title}\n{untagged(text)}"
    reports = {found[0].lower() for found in _REPORT.finditer(words)}
    adverts = {found[0] for found in _ADVERT.finditer(words)}
    marked = [line for line in lines if line.mark]
    return Subject(
        advert=len(adverts) >= 2 and len(adverts) > 2 * len(reports),
        interview=_INTERVIEW.search(f"{title}\n{text}") is not None,
        report=bool(reports),
        named=share(is_named, marked),
        asking=share(asks, marked),
    )


def is_named(words: str) -> bool:
    """Whether it names a thing and says what it is: `缓存：Redis`, `全量微调（Full Fine-tuning）`."""
    return _NAMED.match(words) is not None


def share(predicate: Callable[[str], bool], lines: Sequence[Line]) -> float:
    """The share of lines whose words are so; 0 of none."""
    return sum(predicate(line.words) for line in lines) / len(lines) if lines else 0.0


def _asks_or_is_known(words: str) -> bool:
    return asks(words) or topic_of(words) is not None


def _asks_a_candidate(line: Line) -> bool:
    return asks_firmly(line.words) and not chats(line.words)
