"""Decides what the list of a section is, by its heading, by its own words, and by what the whole post is about."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from agent.extraction.rules.cues import advises, asks, asks_firmly, chats, commands, is_english, is_short, tells
from agent.extraction.rules.lexicon import Holds, holds, leads_to
from agent.extraction.rules.lines import Line
from agent.extraction.rules.sections import Section
from agent.extraction.rules.tags import untagged
from agent.extraction.topics import topic_of
from agent.records import Kind


_INTERVIEW = re.compile(r"面试|[一二三四终]面|面经|手撕|八股|interview|onsite|凉经|笔试", re.IGNORECASE)
_REPORT = re.compile(
    r"面试官|[一二三四终]面|自我介绍|问我|反问|手撕|问了|被问|面经|凉经|面完|hr面|笔试|面试题|面试问题|真题|问题清单|on-?site|phone screen|asked me|i was asked|(?:she|he|they) (?:then |also )?asked|\basked (?:why|how|what|whether|us)\b|had me\b|interview",
    re.IGNORECASE,
)
_TOLD = re.compile(
    r"[一二三四终]面|问我|被问|问了|(?<!必)(?<!爱)(?<!常)问的|面经|凉经|面完|面了|hr面|手撕|反问|让我|我的面试|面试记录|on-?site|phone screen|\bround\b|asked me|i was asked|(?:she|he|they) (?:then |also )?asked|\basked (?:why|how|what|whether|us)\b|\bhad me\b|interview experience",
    re.IGNORECASE,
)
_ADVERT = re.compile(
    r"岗位职责|任职要求|岗位要求|职位描述|任职资格|薪资|月薪|年薪|招聘|急招|内推|[五六]险一金|弹性打卡|弹性工作|有意向|私信|投递|福利|办公地点|优先|下午茶|签约主体|滴滴"
)
_NAMED = re.compile(
    r"^[^，。？?！：:]{1,24}[:：]\s*\S|^[^，。？?！]{1,24}[（(][^）)]{2,60}[）)]$|^\*\*[^*，。？?！：:]{1,40}\*\*\s?(?:[—–-]|[（(][^）)]{2,60}[）)]\s?[:：])"
)
_GLOSSED = re.compile(r"[^，。？?！：:（(]{2,40}[（(][^）)，。]{2,60}[）)][^。？?，,]{0,20}$")
_COUNTED = re.compile(r"\d{1,2}\s?-\s?[A-Za-z][^，。？?]{2,60}$")
_TECHNICAL = frozenset({"RAG", "微调", "Agent", "大模型基础", "机器学习", "深度学习", "推荐搜索"})
"""The topics of which a heading names a technique rather than a subject."""
_STAR = re.compile(
    r"^[\W_]{0,4}(?:[star](?=\s?[:：（(—])|situation|task|action|result|情境|情景|背景|任务|目标|行动|结果|意义|复盘|situation use)(?!\w)",
    re.IGNORECASE,
)

_FOLLOWS = re.compile(r"下面|以下|如下|下列|following|below", re.IGNORECASE)
_ASKED_ABOVE = re.compile(r"让我|问了|问我|问的|被问|考了|\basked\b", re.IGNORECASE)
_STATEMENT = re.compile(r"[。；;]|\.\s+[A-Z]")
_LEAD = 40


@dataclass(frozen=True, slots=True)
class Subject:
    """What a whole post is about, as far as its lists depend on it."""

    advert: bool
    """Whether it offers a job."""
    interview: bool
    """Whether it speaks of interviews."""
    report: bool
    """Whether it has words of a report of an interview."""
    told: bool
    """Whether it says that its writer was in one, or names its rounds."""
    named: float
    """The share of its marked lines that name a thing and say what it is."""
    asking: float
    """The share of its marked lines that ask."""


def kind_of(section: Section, post: Subject) -> Kind | None:
    """What the listed lines of a section are, by its heading and by their own words; None where they are no items."""
    marked = [line for line in section.lines if line.mark]
    listed = marked or [line for line in section.lines if is_short(line.words)]
    if _teaches(section, post, marked, listed):
        return "method"
    match section.holds:
        case "answer" if not section.asked and len(marked) > 2 and share(asks_firmly, marked) >= 0.6:
            return "question"
        case "reverse" | "advert" | "answer":
            return None
        case "question" | "advice" | "method" as held:
            return _announced(held, listed, marked=bool(marked)) if _may_hold(section, marked, post) else None
        case held:
            return _advised(section, post, listed) or _asked(section, held, marked, listed, post)


def _teaches(section: Section, post: Subject, marked: Sequence[Line], listed: Sequence[Line]) -> bool:
    """Whether its list is of methods: by its own form, or in a post that reports nothing by what leads to it or is named in it."""
    if _is_of_methods(section, marked, listed):
        return True
    if not post.told and section.holds in (None, "question", "method") and _is_led_in(section, marked):
        return True
    if not post.told and _lists_techniques(section, marked):
        return True
    return not post.report and _names(section, post, marked, listed)


def _is_of_methods(section: Section, marked: Sequence[Line], listed: Sequence[Line]) -> bool:
    """Whether lines are steps, parts of a story told by a pattern, or but names of techniques below a heading of advice."""
    stepping = sum(line.style == "step" for line in marked) > 1 and share(asks_firmly, marked) < 0.34
    starring = len(listed) > 2 and share(_is_of_star, listed) >= 0.6
    return (
        stepping or starring or (section.holds == "advice" and len(marked) > 2 and share(_is_technique, marked) >= 0.5)
    )


def _lists_techniques(section: Section, marked: Sequence[Line]) -> bool:
    """Whether a heading that says nothing of questions stands over the mere names of techniques."""
    titled = section.title is not None and section.holds is None and not section.beside
    return titled and len(marked) > 1 and not share(asks, marked) and share(_is_technique, marked) >= 0.6


def _names(section: Section, post: Subject, marked: Sequence[Line], listed: Sequence[Line]) -> bool:
    """Whether lines name things one by one and say what they are, or answer how something is done."""
    if not (marked or post.told) and len(listed) > 2 and share(_is_named_technique, listed) >= 0.6:
        return True
    if section.asked and section.title:
        return holds(section.title.words) == "method"
    naming = post.named >= 0.6 and post.asking < 0.4
    return naming and section.holds in (None, "question") and len(marked) > 1


def _may_hold(section: Section, marked: Sequence[Line], post: Subject) -> bool:
    """Whether marked lines may be what their heading says; questions must ask where no interview is told of."""
    if section.holds != "question" or post.told or not marked:
        return True
    named = section.title is not None and leads_to(section.title.words) == "question"
    brief = post.report and post.named < 0.6 and share(_is_brief, marked) >= 0.6
    return named or brief or share(_asks_or_is_known, marked) >= 0.34


def _announced(held: Kind, listed: Sequence[Line], *, marked: bool) -> Kind:
    """What the heading says, unless the lines plainly say otherwise."""
    asking, advising = share(asks_firmly, listed), share(advises, listed)
    if held == "question":
        return "advice" if marked and advising >= 0.6 and not asking else "question"
    if asking >= 0.6 and (marked or len(listed) > 1):
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
    return not (post.told and post.asking >= 0.3) and len(below) >= 2 and share(advises, below) >= 0.5


def _said_to_be_asked(lines: Sequence[Line]) -> bool:
    """Whether the line right above the list tells of asking."""
    place = next((place for place, line in enumerate(lines) if line.mark), 0)
    return place > 0 and _ASKED_ABOVE.search(lines[place - 1].words[-_LEAD:]) is not None


def _asked(
    section: Section, held: Holds | None, marked: Sequence[Line], listed: Sequence[Line], post: Subject
) -> Kind | None:
    if held == "tale":
        many = len(marked) > 2 and share(_asks_plainly, marked) >= 0.5
        led = post.told and len(marked) > 1 and _said_to_be_asked(section.lines)
        return "question" if many or led or (marked and share(asks_firmly, marked) >= 0.6) else None
    if not marked:
        return "question" if _asks_throughout(listed, post) else None
    if not post.report and len(marked) > 1 and share(asks, marked) < 0.5 and share(is_named, marked) >= 0.6:
        return "method"
    return "question" if _asks_in_list(marked, post) else None


def _asks_throughout(lines: Sequence[Line], post: Subject) -> bool:
    """Whether lines without marks are questions put to a candidate."""
    told = post.told or (post.report and share(_is_brief, lines) >= 0.7)
    if told and len(lines) > 3 and share(_asks_or_is_known, lines) >= 0.6 and share(tells, lines) < 0.3:
        return True
    enough = 0.34 if post.told else 0.6
    return post.interview and sum(map(_asks_a_candidate, lines)) >= 2 and share(asks, lines) >= enough


def _asks_in_list(marked: Sequence[Line], post: Subject) -> bool:
    """Whether marked lines are questions: by their words, by the subjects they name, or as the report of an interview."""
    asking, known, telling = share(asks, marked), share(_asks_or_is_known, marked), share(tells, marked)
    if not post.told:
        named = post.interview and known >= 0.8 and telling < 0.3
        brief = post.interview and telling < 0.3 and (asking >= 0.34 or known >= 0.5)
        likely = (brief or (asking >= 0.4 and known >= 0.6)) and share(is_short, marked) >= 0.6
        named = named or (post.report and post.named < 0.6 and share(_is_brief, marked) >= 0.6)
        called = sum(line.style == "asked" for line in marked) * 2 >= len(marked)
        plainly = share(_asks_plainly if post.interview else asks_firmly, marked) >= 0.5
        return called or likely or named or plainly
    reported = post.told and telling < 0.5 and len(marked) > 1
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
        told=_TOLD.search(words) is not None,
        named=share(is_named, marked),
        asking=share(asks, marked),
    )


def is_named(words: str) -> bool:
    """Whether it names a thing and says what it is: `缓存：Redis`, `全量微调（Full Fine-tuning）`."""
    return _NAMED.match(words) is not None


def _is_led_in(section: Section, marked: Sequence[Line]) -> bool:
    """Whether the line right above its list says that steps or ways to do something follow."""
    place = next((place for place, line in enumerate(section.lines) if line.mark), 0)
    line = section.lines[place - 1] if place else section.title
    above = line.words[-_LEAD:] if line else ""
    return len(marked) > 2 and _FOLLOWS.search(above) is not None and leads_to(above) == "method"


def _is_technique(words: str) -> bool:
    """Whether it is but the name of a technique: `查询改写`."""
    plain = len(words) <= 16 and not (advises(words) or commands(words) or asks(words))
    return plain and topic_of(words) in _TECHNICAL


def _is_named_technique(words: str) -> bool:
    return is_named(words) and topic_of(words) in _TECHNICAL and not asks_firmly(words)


def _is_of_star(words: str) -> bool:
    return _STAR.match(words) is not None


def names_technique(words: str) -> bool:
    """Whether it names one technique of a known subject, with its other name: `混合检索（Hybrid Search）`, `5-HyDE 假设文档`."""
    return (_GLOSSED.match(words) or _COUNTED.match(words)) is not None and topic_of(words) in _TECHNICAL


def share(predicate: Callable[[str], bool], lines: Sequence[Line]) -> float:
    """The share of lines whose words are so; 0 of none."""
    return sum(predicate(line.words) for line in lines) / len(lines) if lines else 0.0


def _asks_plainly(words: str) -> bool:
    return asks_firmly(words) or (asks(words) and (is_short(words) or not _STATEMENT.search(words)))


def _is_brief(words: str) -> bool:
    """Whether it may name what was asked, rather than tell of it."""
    return len(words) <= (75 if is_english(words) else 30) and not (_STATEMENT.search(words) or tells(words))


def _asks_or_is_known(words: str) -> bool:
    return asks(words) or topic_of(words) is not None


def _asks_a_candidate(line: Line) -> bool:
    return asks_firmly(line.words) and not chats(line.words)
