"""Decides what the list of a section is, by its heading, by its own words, and by what the whole post is about."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from agent.extraction.rules.cues import advises, asks, asks_firmly, chats, tells
from agent.extraction.rules.headings import holds
from agent.extraction.rules.lines import Line
from agent.extraction.rules.sections import Section
from agent.extraction.rules.tags import untagged
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
    held = section.holds
    if section.asked and not post.report and holds(section.title.words if section.title else "") == "method":
        return "method"
    if held in ("reverse", "advert", "answer"):
        return None
    marked = [line for line in section.lines if line.mark]
    listed = marked or [line for line in section.lines if len(line.words) <= 60]
    asking, advising = share(asks_firmly, listed), share(advises, listed)
    if not post.report and post.named >= 0.6 and post.asking < 0.4 and held in (None, "question"):
        return "method"
    if held == "question":
        return "advice" if marked and advising >= 0.6 and not asking else "question"
    if held in ("advice", "method"):
        return "question" if asking >= 0.6 else "advice" if advising >= 0.5 else held
    if advising >= 0.5 and advising > asking:
        return "advice"
    if marked and asking < 0.3 and _explained(section, post):
        return "advice"
    if held == "tale":
        return "question" if marked and asking >= 0.6 else None
    return _unannounced(marked, listed, post)


def _explained(section: Section, post: Subject) -> bool:
    """Whether most of what stands below the listed lines tells the reader what to do."""
    lines = section.lines
    below = [
        line for above, line in pairwise(lines) if above.number is not None and not line.mark and len(line.words) > 40
    ]
    return not (post.report and post.asking >= 0.3) and len(below) >= 2 and share(advises, below) >= 0.5


def _unannounced(marked: Sequence[Line], listed: Sequence[Line], post: Subject) -> Kind | None:
    some, telling = share(asks, listed), share(tells, listed)
    if not marked:
        firm = sum(map(_asks_a_candidate, listed))
        enough = 0.34 if post.report else 0.6
        return "question" if post.interview and firm >= 2 and some >= enough else None
    if not post.report and len(marked) > 1 and some < 0.5 and share(is_named, marked) >= 0.6:
        return "method"
    if not post.interview:
        return "question" if share(asks_firmly, listed) >= 0.5 else None
    if some >= 0.25 or (post.report and telling < 0.5 and len(marked) > 1):
        return "question"
    return None


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


def _asks_a_candidate(line: Line) -> bool:
    return asks_firmly(line.words) and not chats(line.words)
