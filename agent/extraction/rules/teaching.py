"""Decides whether a list is of methods: by what announces it, or by lines that but name things. Whether it is of questions or advice, `kinds` does."""

from __future__ import annotations

import re
from collections.abc import Sequence

from agent.extraction.rules.cues import (
    advises,
    asks,
    asks_firmly,
    asks_outright,
    commands,
    is_english,
    is_named,
    is_skipped,
    states,
    tells,
    without_notes,
    wonders,
)
from agent.extraction.rules.lexicon import announces_methods, holds, is_stage, last_clause, leads_to, speaks_of_asking
from agent.extraction.rules.lines import Line, first_marked, share
from agent.extraction.rules.sections import Section
from agent.extraction.rules.subject import Subject
from agent.extraction.topics import topic_of


_COMMA_NAMED = re.compile(r"[^，。？?：:]{2,16}，[^。？?]{2,30}$")
_POINTING = " ：:👇⬇️"
_NAME_OF = re.compile("[:：]")
_GLOSSED = re.compile(r"[^，。？?！：:（(]{2,40}[（(][^）)，。]{2,60}[）)][^。？?，,]{0,20}$")
_COUNTED = re.compile(r"\d{1,2}\s?-\s?[A-Za-z][^，。？?]{2,60}$")
_TECHNICAL = frozenset({"RAG", "微调", "Agent", "大模型基础", "机器学习", "深度学习", "推荐搜索"})
"""The topics of which a heading names a technique rather than a subject."""
_STAR = re.compile(
    r"^[\W_]{0,4}(?:[star](?=\s?[:：（(—])|situation|task|action|result|情境|情景|背景|任务|目标|行动|结果|意义|复盘|situation use)(?!\w)",
    re.IGNORECASE,
)
_FOLLOWS = re.compile(r"下面|以下|如下|下列|following|below", re.IGNORECASE)
_LEAD = 40
_FEW = 3
_OTHERS = ("reverse", "advert", "tale", "advice")
"""What a heading may announce whose list is never of methods."""


def teaches(section: Section, post: Subject, marked: Sequence[Line], listed: Sequence[Line]) -> bool:
    """Whether its list is of methods: by its own form, or in a post that reports nothing by what leads to it or is named in it."""
    if _is_of_methods(section, marked, listed):
        return True
    if not post.told and section.holds in (None, "question", "method") and _is_led_in(section, marked):
        return True
    if _is_list_of_names(section, listed, marked=bool(marked)):
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


def _is_list_of_names(section: Section, listed: Sequence[Line], *, marked: bool) -> bool:
    """Whether lines below a heading of their own name things and say what they are, or follow words that announce methods, and hardly one asks."""
    title = section.title or _opening(section)
    if title is None or section.beside or section.asked or len(listed) < 2 or listed[0].number not in (None, 1):
        return False
    if share(asks_outright, listed) > 0.34 or share(is_skipped, listed) or share(_links, listed) > 0.34:
        return False
    if is_stage(title.words):
        return False
    naming, heading = _naming(listed), without_notes(title.words)
    if share(_advises_first, listed) > 0.4:
        return False
    if announces_methods(heading) or announces_methods(last_clause(heading.rstrip(_POINTING))):
        return naming >= 0.6 or (marked and section.holds != "advice" and share(_is_name, listed) >= 0.6)
    told = section.holds not in _OTHERS and not speaks_of_asking(heading)
    enough = marked or (len(listed) > _FEW and naming >= 0.9)
    return enough and told and naming >= (0.75 if section.holds != "question" else 1)


def _links(words: str) -> bool:
    return "](" in words or "://" in words


def _advises_first(words: str) -> bool:
    """Whether it advises in what it names, not in what it says of it: `DPO：不要奖励模型`."""
    return advises(_NAME_OF.split(words, maxsplit=1)[0])


def are_names(lines: Sequence[Line]) -> bool:
    """Whether lines may but name things, or name them and say what they are, and hardly one asks."""
    named = share(is_named, lines) >= 0.6 or share(_is_name, lines) >= 0.6
    return named and share(asks_outright, lines) <= 0.34


def _naming(lines: Sequence[Line]) -> float:
    """The share of lines that name a thing and say what it is; where some do it by a colon, others do it by a comma."""
    named = share(is_named, lines)
    return (
        named if named < 0.3 else share(lambda words: is_named(words) or _COMMA_NAMED.match(words) is not None, lines)
    )


def _opening(section: Section) -> Line | None:
    """Of the lines before the first heading the short one above the list that announces methods."""
    place = first_marked(section.lines)
    above = section.lines[max(0, place - _FEW) : place]
    return next((line for line in above if len(line.words) <= _LEAD and announces_methods(line.words)), None)


def _is_name(words: str) -> bool:
    """Whether it may be but the name of something, with its other name."""
    return len(words) <= (60 if is_english(words) else 24) and not (states(words) or tells(words) or advises(words))


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
    if section.title and speaks_of_asking(section.title.words):
        return False
    naming = post.named >= 0.6 and post.asking < 0.4
    return naming and section.holds in (None, "question") and len(marked) > 1 and share(wonders, marked) <= 0.34


def _is_led_in(section: Section, marked: Sequence[Line]) -> bool:
    """Whether the line right above its list says that steps or ways to do something follow."""
    place = first_marked(section.lines)
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
