"""Tells the lines that head others, what kind of items they announce, and which round of an interview they open."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from agent.extraction.rules.lines import Line


Holds = Literal["question", "advice", "method", "answer", "reverse", "advert", "tale"]
"""What stands below a heading: a kind of item, or what holds no items (answers, what the candidate asked, adverts, how it went)."""

_KINDS: tuple[tuple[Holds, re.Pattern[str]], ...] = tuple(
    (holds, re.compile(pattern, re.IGNORECASE))
    for holds, pattern in (
        ("reverse", r"反问|反向提问|问面试官|提问环节|questions? (?:i|to) ask|questions for (?:the )?interviewer|互动"),
        ("advert", r"岗位职责|任职|岗位要求|职位描述|职位要求|工作职责|工作内容$|福利|薪资|工作地点|responsibilit|requirements|qualifications"),
        ("answer", r"^答案?|参考答案|参考回答|解析$|我的回答|示例|举个例子|^answers?\b|^solution"),
        ("advice", r"建议|\btips?\b|注意|心得|攻略|技巧|怎么准备|如何准备|准备(?!了)|总结|反思|复盘|教训|takeaway|advice|how to prepare|lessons|recommend|不该做|该怎么|怎么说|学习路径|学习路线|备考|避坑|what i (?:would|learned)|preparation|suggest"),
        ("tale", r"感受|体验|结果|时间线|timeline|背景|总体|整体|感觉|结语|写在|碎碎念|最后|概述|情况|overview|context|outcome|面评|后续|what happened|why it|highlights|痛点|挑战|难点|实验|互动|形式|面试时间|面试公司|面试岗位|结论"),
        ("question", r"题|问|八股|手撕|手写|算法|代码|编程|coding|\bsql\b|场景|智力|项目|实习经|基础|技术面|面试内容|面经|考点|考察|questions?|problems?|prompts?|\bround|follow.?up|面试流程|面试过程|面试记录|自我介绍|topics|案例|case"),
        ("method", r"方法|方式|策略|步骤|方向|方案|技术栈|特点|关键|优化|三步|几步|类型|框架|工具|全家桶|架构|思路|手段|路线|核心|创新|methods?\b|approach|technique|strateg|ways to"),
    )
)
_ROUND = re.compile(
    r"(?:[一二三四五六七八初复终]|第[一二三四五六]|加|交叉|主管|技术|业务|电话|[Hh][Rr][Bb]?[Pp]?|HR|VP|CTO|[1-6]|[Tt]eam\s?leader|leader)\s?面(?!试官|试公司|经|板|对|向|积|前|值)|笔试|店面|[Hh][Rr]轮|第[一二三四五六1-6]轮"
    r"|\b(?:phone (?:screen|interview)|on-?site|round\s?\d|\d(?:st|nd|rd|th) round|(?:first|second|third|fourth|final) round|vo\d?|oa|bq|hm round|hiring manager|recruiter (?:call|screen))\b",
    re.IGNORECASE,
)
_NOT_A_ROUND = re.compile(r"通知|约[了面]|过了|挂|结束|投递|进了|等|没有|之后|之前|完|感谢|已|面试官|发offer|offer|隔|没过|准备|应该|[，。！；]")
_BARE = re.compile(
    r"^(?:(?:java|c\+\+|go|python|js|前端|后端|计算机|数据|基础|技术|项目|常规|开放|其[他它])?(?:基础|八股文?|知识)|八股文?|手撕(?:代码|算法|题)?|算法题?|代码题?|编程题?|场景题?|智力题?|sql题?|项目(?:拷打|相关|深挖|部分)?|实习(?:拷打|相关)?|计网|计算机网络|操作系统|数据库|数据结构|网络|框架|中间件"
    r"|java|jvm|juc|mysql|redis|spring|springboot|spring ?cloud|mq|kafka|c\+\+|python|linux|os|go|golang|并发|多线程|集合|设计模式|系统设计|分布式|微服务|前端|后端|vue|react|css|js|javascript|html|git|docker|rag|agent|llm|大模型|深度学习|机器学习|问题|面试题目?|面试问题|面经|反问|提问|tips?|建议|总结|心得|感受|面试感受|体验|coding|system design|behaviou?ral|bq|问答|其[他它](?:问题)?|综合|hr|行为问题|开放题|业务|注意点|经验)(?:环节|部分|相关|问题|题目)?$",
    re.IGNORECASE,
)
_WRAPPED = re.compile(r"^(?:【[^】]{1,30}】|\[[^\]]{1,30}\]|《[^》]{1,30}》|「[^」]{1,30}」|『[^』]{1,30}』|<[^>]{1,30}>|=+[^=]{1,30}=+)$")
_LABEL = re.compile(r"^(?:【([^】\n]{1,16})】\s*[:：]?|([^:：，。？?！\n]{1,22}?)\s*[:：])\s*(?=\S)")
_NOTE = re.compile(r"[（(][^（()）]{0,40}[)）]|\d+\s?(?:min(?:s|utes?)?|分钟|小时|h\b)\+?|[:：，,。.、!！~～\s]+$")


@dataclass(frozen=True, slots=True)
class Heading:
    """What a line announces. `holds` is None where it says nothing of it; `rest` is where other words begin on its line."""

    holds: Holds | None
    round: str | None
    rest: int | None = None
    deep: bool = False
    """Whether it stands inside a round, which goes on below it."""


def holds(name: str) -> Holds | None:
    """What a heading of that name announces."""
    return next((kind for kind, pattern in _KINDS if pattern.search(name)), None)


def round_of(name: str) -> str | None:
    """The round that a short line names: `一面`, `HR面`, `Round 2`, `phone screen`; None where it only tells of one."""
    if len(name) > 40 or _NOT_A_ROUND.search(name):
        return None
    found = _ROUND.search(name)
    return found[0] if found else None


def heading_of(line: Line, following: Line | None) -> Heading | None:
    """The heading that a line is; None where it is an item or prose."""
    name = _NOTE.sub("", line.words).strip()
    if labelled := _labelled(line):
        return labelled
    if not _looks_like_one(line, name, following):
        return None
    return Heading(holds(name), round_of(name) or round_of(line.words))


def _labelled(line: Line) -> Heading | None:
    """`一面：…`, `反问：…`, `tips：…`: a heading with its words beside it."""
    found = _LABEL.match(line.words)
    if not found or (line.mark and line.mark.counts and line.style != "coded"):
        return None
    name = (found[1] or found[2]).strip()
    told, opened = holds(name), round_of(name)
    if not opened and (told not in ("reverse", "advice", "tale", "advert") or len(name) > 12):
        return None
    return Heading(told, opened, rest=line.start + found.end())


def _looks_like_one(line: Line, name: str, following: Line | None) -> bool:
    words = line.words
    if not name or len(words) > 60 or "\n" in words:
        return False
    if line.level or _WRAPPED.match(words):
        return True
    if line.style == "chinese":
        return following is not None and following.style != "chinese" and len(name) <= 30 and not words.endswith(("?", "？"))
    if line.mark and line.mark.counts:
        return _numbered_heading(line, name, following)
    if words[-1] in ":：":
        return True
    if words[-1] in "?？":
        return False
    return _BARE.match(name) is not None or (round_of(name) is not None and len(name) <= 24) or _sign_of_heading(line, name, following)


def _numbered_heading(line: Line, name: str, following: Line | None) -> bool:
    """A number is a heading's where bullets or other numbers stand below it."""
    if following is None or not following.mark or following.style == line.style:
        return False
    below = following.mark.counts or line.style == "circled"
    return below and len(name) <= 16 and not following.mark.counts or (below and following.number == 1 and len(name) <= 20)


def _sign_of_heading(line: Line, name: str, following: Line | None) -> bool:
    """A bold line, an emoji or a code of the app before a short name, with items of another form below."""
    marked = line.bold or (line.mark is not None and (line.style.startswith("[") or line.style > "\u2000"))
    if not marked or following is None or len(name) > 24:
        return False
    return following.style != line.style and holds(name) is not None
