"""Tells the lines that head others, what kind of items they announce, and which round of an interview they open."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Literal

from agent.extraction.rules.cues import asks_firmly, is_english, is_introduction, is_reverse, is_task
from agent.extraction.rules.lines import Line
from agent.extraction.rules.marks import PLAIN_BULLETS


Holds = Literal["question", "advice", "method", "answer", "reverse", "advert", "tale"]
"""What stands below a heading: a kind of item, or what holds no items (answers, what the candidate asked, adverts, how it went)."""

PLAIN, INNERMOST = 8, 9
"""How deep headings stand that are no Markdown headings; the numbered ones below the others."""
_KINDS: tuple[tuple[Holds, re.Pattern[str]], ...] = tuple(
    (holds, re.compile(pattern, re.IGNORECASE))
    for holds, pattern in (
        (
            "reverse",
            r"反问|我的?提问|我问|反向提问|问面试官|提问环节|结束环节|questions? (?:i|to) ask|questions for (?:the )?interviewer|互动|询问",
        ),
        (
            "advert",
            r"岗位职责|任职|岗位要求|职位描述|职位要求|工作职责|工作内容$|福利|薪资|工作地点|responsibilit|requirements|qualifications",
        ),
        ("answer", r"^答案?|参考答案|参考回答|解析$|我的回答|示例|举个例子|^answers?\b|^solution|^要求$|^输[入出]"),
        (
            "advice",
            r"建议|\btips?\b|注意|心得|攻略|技巧|怎么准备|如何准备|准备(?!了)|总结|反思|复盘|教训|takeaway|advice|how to prepare|lessons|recommend|不该做|该怎么|怎么说"
            r"|学习路径|学习路线|备考|避坑|what i (?:would|learned)|preparation|\bprep(?: phases?|$)|insights|suggest|经验(?:总结|分享)|血泪|备战|加分项|秘籍|秘诀|总的来说|必杀技|mistakes|pitfalls|to avoid|what to expect|do's|don'ts",
        ),
        (
            "tale",
            r"感受|体验|结果|时间线|timeline|背景|总体|整体|感觉|结语|写在|碎碎念|最后|概述|情况|overview|context|outcome|面评|后续|what happened|why it|highlights|痛点|挑战|难点"
            r"|实验|互动|形式|面试时间|面试公司|面试岗位|结论|接下来|计划|todo|structure|stages|went wrong|next actions|原因分析|verdict|result|compensation|background|timeline|location|\byoe\b|考察重点|考察方向|倾向|问题[:：]?$(?<!面试问题)(?<!的问题)(?<!他问题)(?<!它问题)(?<!关问题)(?<!术问题)(?<!问的问题)(?<!面问题)",
        ),
        (
            "question",
            r"题|问|八股|手撕|手写|算法|代码|编程|coding|\bsql\b|场景|智力|项目|实习经|技术面|面试内容|面经|考点|考察|questions?|problems?|prompts?|\bround|follow.?up"
            r"|面试流程|面试过程|面试记录|自我介绍|topics|案例|面试$|面$|基础",
        ),
        (
            "method",
            r"方法|方式|策略|步骤|方向|方案|技术栈|特点|关键|优化|[二三四五六两几]步|类型|框架|工具|全家桶|架构|思路|手段|路线|核心|创新|methods?\b|approach|technique|strateg|ways to",
        ),
    )
)
_ROUND = re.compile(
    r"(?:[一二三四五六七八初复终]|第[一二三四五六]|加|交叉|主管|技术|业务|电话|[Hh][Rr](?:[Bb][Pp])?|VP|CTO|[1-6]|[Tt]eam\s?leader|leader)\s?面(?!试官|试公司|经|板|对|向|积|前|值|团)|笔试|店面|[Hh][Rr]轮|第[一二三四五六1-6]轮"
    r"|\b(?:phone (?:screen|interview)|on-?site|round\s?\d|\d(?:st|nd|rd|th) round|(?:first|second|third|fourth|final) round|vo\d?|oa|bq|hm round|hiring manager|recruiter (?:call|screen))\b",
    re.IGNORECASE,
)
_NOT_A_ROUND = re.compile(
    r"通知|还没|约[了面]|过了|挂|结束|投递|进了|等|没有|之后|之前|完|感谢|已|面试官|offer|隔|没过|准备|应该|[，。！；]|攒|希望|求|一般|吗"
)
_STAGE = re.compile(
    r"^(?:(?:java|c\+\+|go|python|js|前端|后端|计算机|数据|技术|项目|常规|开放|其[他它])?(?:基础|八股文?|知识)|八股文?|手撕(?:代码|算法|题)?|算法题?|代码题?|编程题?|场景题?|智力题?|sql题?|项目(?:拷打|相关|深挖|部分)?|实习(?:拷打|相关)?"
    r"|问题|面试题目?|面试问题|面经|反问|提问|tips?|建议|总结|心得|感受|面试感受|体验|coding|system design|behaviou?ral|bq|问答|其[他它](?:问题)?|综合|hr|行为问题|开放题|业务|注意点|经验)(?:环节|部分|相关|问题|题目|暴击|考验)?$",
    re.IGNORECASE,
)
_SUBJECT = re.compile(
    r"^(?:计网|计算机网络|操作系统|数据库|数据结构|网络|框架|中间件|java|jvm|juc|mysql|redis|spring|springboot|spring ?cloud|mq|kafka|c\+\+|python|linux|os|go|golang|并发|多线程|集合|设计模式|系统设计|分布式|微服务|前端|后端|vue|react|css|js|javascript|html|git|docker|rag|agent|llm|大模型|深度学习|机器学习)(?:部分|相关|问题|题目|基础)?$",
    re.IGNORECASE,
)
_WRAPPED = re.compile(
    r"^(?:【[^】]{1,30}】|\[[^\]]{1,30}\]|《[^》]{1,30}》|「[^」]{1,30}」|『[^』]{1,30}』|<[^>]{1,30}>|=+[^=]{1,30}=+)$"
)
_LABEL = re.compile(
    r"^(?:【([^】\n]{1,16})】\s*[:：]?|([^:：，,。？?！\n]{1,22}?)\s*[:：，,]|([^\s:：，,。]{1,8}?面)\s)(?:\s|\*\*)*(?=\S)"
)
_NOTE = re.compile(
    r"[《》【】「」『』]|[（(][^（()）]{0,40}[)）]|\d+\s?(?:min(?:s|utes?)?|分钟|小时|h\b)\+?|[:：，,。.、!！~～\s]+$"
)
_POINTS_DOWN = re.compile(r"[:：]$|(?:[👇⬇↓]|\ufe0f|[\U0001f3fb-\U0001f3ff])+$")
_ABOUT = re.compile(r"时长|时间|形式|日期|结果|体验|感受")
_LAST_CLAUSE = re.compile(r"[^，,。；;！!？?]*$")
_VERB_OF_ASKING = re.compile(r"^(?:然后|又|还|接着|最后|先)?(?:问|让|考|聊|写)[了我到]")


@dataclass(frozen=True, slots=True)
class Heading:
    """What a line announces. `holds` is None where it says nothing of it; `rest` is where other words begin on its line."""

    holds: Holds | None
    round: str | None
    rest: int | None = None
    rank: int = PLAIN
    """How deep it stands: a Markdown heading by its level, a numbered one below all others."""

    asked: bool = False
    """Whether it is itself a question, with its answer below."""

    @property
    def inner(self) -> bool:
        return self.rank == INNERMOST


def holds(name: str) -> Holds | None:
    """What a heading of that name announces."""
    return next((kind for kind, pattern in _KINDS if pattern.search(name)), None)


def round_of(name: str) -> str | None:
    """The round that a short line names: `一面`, `HR面`, `Round 2`, `phone screen`; None where it only tells of one."""
    if len(name) > 40 or _NOT_A_ROUND.search(name):
        return None
    found = _ROUND.search(name)
    return found[0] if found else None


def heading_of(lines: Sequence[Line], place: int, *, in_run: bool, known: bool, asking: bool) -> Heading | None:
    """The heading that a line is; None where it is an item or prose.

    In a numbered run only well-known names are headings. `known`: marks like its own stood before headings already;
    `asking`: the Markdown headings of its level are questions.
    """
    line = lines[place]
    following, after = (lines[at] if at < len(lines) else None for at in (place + 1, place + 2))
    name = _NOTE.sub("", line.words).strip()
    if is_introduction(name):
        return None
    if labelled := _labelled(line):
        return labelled
    if not line.mark and following and following.number == 1 and is_task(line.words):
        return Heading("question", None)
    if line.number is not None and is_reverse(name) and not (following and following.number == line.number + 1):
        return Heading("reverse", None)
    if in_run and not (line.level or _STAGE.match(name) or round_of(name)):
        return None
    if line.number is not None and not _may_head(line, name, following, after, known=known):
        return None
    if not _looks_like_one(line, name, following, alone=_is_alone(lines, place), in_series=_in_series(lines, place)):
        return None
    if line.level and ((asking and line.number is not None) or _is_asked(line, name)):
        return Heading("answer", None, rank=line.level, asked=True)
    told = _LAST_CLAUSE.search(name)
    inner = line.number is not None and line.style != "chinese"
    rank = line.level or (INNERMOST if inner else PLAIN)
    return Heading(holds(told[0] if told else name), round_of(name) or round_of(line.words), rank=rank)


def _is_asked(line: Line, name: str) -> bool:
    return line.words.endswith(("?", "？")) or (
        asks_firmly(name) and _names(name) is False and holds(name) not in ("advice", "tale", "reverse")
    )


def _labelled(line: Line) -> Heading | None:
    """`一面：…`, `反问：…`, `tips：…`: a heading with its words beside it."""
    found = _LABEL.match(line.words)
    if not found or (line.mark and line.mark.counts and line.style not in ("coded", "keycap")):
        return None
    name = (found[1] or found[2] or found[3]).strip()
    told, opened = holds(name), round_of(name)
    if opened and _ABOUT.search(name):
        told, opened = "tale", None
    if opened and line.level:
        return Heading("question", opened, rank=line.level)
    if opened:
        return Heading("question", opened, rest=line.start + found.end()) if _size(name) <= 16 else None
    if line.words[found.end(2)] not in ":：" and found[2]:
        return None
    if told not in ("reverse", "advice", "tale", "advert", "answer") or _size(name) > 12:
        return None
    return Heading(told, None, rest=line.start + found.end())


def _looks_like_one(line: Line, name: str, following: Line | None, *, alone: bool, in_series: bool) -> bool:
    words = line.words
    if not name or line.style == "|":
        return False
    if line.level or _WRAPPED.match(words):
        return True
    if _POINTS_DOWN.search(words):
        return _ends_in_colon(line, following, alone=alone, in_series=in_series)
    if len(words) > 60 or "\n" in words or words[-1] in "?？":
        return False
    if line.number is not None or _STAGE.match(name) or (round_of(name) and _size(name) <= 24):
        return True
    if _SUBJECT.match(name):
        return line.gap or (following is not None and following.mark is not None and following.style != line.style)
    return _stands_over(line, name, following)


def _ends_in_colon(line: Line, following: Line | None, *, alone: bool, in_series: bool) -> bool:
    if _VERB_OF_ASKING.match(line.words):
        return False
    if line.mark and following and following.indent > line.indent:
        return alone
    announced = following is not None and following.mark is not None
    return announced or not in_series or holds(line.words) is not None


def _may_head(line: Line, name: str, following: Line | None, after: Line | None, *, known: bool) -> bool:
    """An Arabic number is an item's, whatever stands below it; other numbers head what is marked otherwise."""
    if line.level or (round_of(name) and _size(name) <= 16):
        return True
    if line.style not in ("chinese", "circled", "coded", "keycap", "paren", "nth") or line.words.endswith(("?", "？")):
        return False
    if following is None or following.style in ("", line.style) or following.style.startswith("[") or _size(name) > 30:
        return False
    return (
        line.style == "chinese"
        or known
        or following.number == 1
        or (after is not None and after.style == following.style)
    )


def _stands_over(line: Line, name: str, following: Line | None) -> bool:
    """A short line, with items or text of another form right below it."""
    if following is None or following.style == line.style or _size(name) > 24:
        return False
    if not line.mark and not following.mark:
        return line.gap and not following.gap and len(following.words) > len(name) and holds(name) in ("advice", "tale")
    if not line.mark and not line.bold:
        listed = following.number == 1 or following.style in PLAIN_BULLETS
        return listed and not following.gap and _size(name) <= 16 and _names(name) and "。" not in name
    if not (line.bold or line.style[0] in "[" or line.style > "\u2000") or line.style in PLAIN_BULLETS:
        return False
    return holds(name) is not None or (_size(name) <= 16 and len(following.words) > len(name) and _names(name))


def _names(name: str) -> bool:
    """Whether it is a heading's name rather than a question; some headings begin like questions: `How to prepare`."""
    return not asks_firmly(name) or (holds(name) in ("advice", "tale") and is_english(name))


def _is_alone(lines: Sequence[Line], place: int) -> bool:
    """Whether no other line near it has its mark at its indent."""
    line = lines[place]
    around = (*takewhile(_is_listed, reversed(lines[:place])), *takewhile(_is_listed, lines[place + 1 :]))
    return not any(other.style == line.style and other.indent == line.indent for other in around)


def _size(name: str) -> float:
    """The length of a name in Chinese characters; Latin letters say less each."""
    return sum(0.4 if char < "\u1100" else 1 for char in name)


def _in_series(lines: Sequence[Line], place: int) -> bool:
    """Whether the line before or after is unmarked too and ends in a colon."""
    around = (*lines[max(0, place - 1) : place], *lines[place + 1 : place + 2])
    return any(not other.mark and other.words.endswith((":", "：")) for other in around)


def _is_listed(line: Line) -> bool:
    return line.mark is not None and not line.level
