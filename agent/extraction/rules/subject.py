"""Tells what a whole post is about, as far as its lists depend on it: an advert, a report of an interview, or neither."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from agent.extraction.rules.cues import asks, asks_firmly, is_named
from agent.extraction.rules.lines import Line, share
from agent.extraction.rules.tags import untagged


_INTERVIEW = re.compile(r"面试|[一二三四终]面|面经|手撕|八股|interview|onsite|凉经|笔试", re.IGNORECASE)
_PUT = r"(?:[又还他她追官]|接着|然后|最后|直接|上来)问(?![题候])|先问(?:[了我的到]|(?=[^，。]{2,20}(?:怎么|什么|如何|区别|原理|哪|吗)))"
_ASKED = r"asked me|i was asked|(?:she|he|they) (?:then |also )?asked|\basked (?:why|how|what|whether|us)\b"
_REPORT = re.compile(
    rf"{_PUT}|代码题[是：:]|面试官|[一二三四终]面|自我介绍|问我|反问|手撕|问了|被问|面经|凉经|面完|hr面|笔试|面试题|面试问题|真题|问题清单|on-?site|phone screen|{_ASKED}|had me\b|interview",
    re.IGNORECASE,
)
_TOLD = re.compile(
    rf"{_PUT}|[一二三四终]面|问我|被问|问了|(?<!必)(?<!爱)(?<!常)问的|面经|凉经|面完|面了|hr面|手撕|反问|让我|我的面试|面试记录|on-?site|phone screen|\bround\b|{_ASKED}|\bhad me\b|interview experience",
    re.IGNORECASE,
)
_ADVERT = re.compile(
    r"岗位职责|任职要求|岗位要求|职位描述|任职资格|薪资|月薪|年薪|招聘|急招|内推|[五六]险一金|弹性打卡|弹性工作|有意向|私信|投递|福利|待遇|大小周|抗压|餐补|简历发|我们希望你|你需要做|期权|本科及以上|\d年以上|办公地点|优先(?!级|队列|准备|看|做|学)|下午茶|签约主体|滴滴|训练营|开班|名师|一对一|名额|限时|立减|早鸟"
)
_ASKED_ENOUGH = 3
"""Marked lines that ask, from which on a post is no advert, whatever it offers besides."""


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


def subject_of(title: str, text: str, lines: Sequence[Line]) -> Subject:
    """What a post is about."""
    words = f"{title}\n{untagged(text)}"
    reports = {found[0].lower() for found in _REPORT.finditer(words)}
    adverts = {found[0] for found in _ADVERT.finditer(words)}
    marked = [line for line in lines if line.mark]
    asked = sum(asks_firmly(line.words) for line in marked)
    told = _TOLD.search(words) is not None
    return Subject(
        advert=len(adverts) >= 2 and len(adverts) > 2 * len(reports) and asked < _ASKED_ENOUGH,
        interview=_INTERVIEW.search(f"{title}\n{text}") is not None,
        report=bool(reports) or told,
        told=told,
        named=share(is_named, marked),
        asking=share(asks, marked),
    )
