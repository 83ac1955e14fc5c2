"""Finds questions and advice in running text: what somebody asked, what the writer tells the reader to do. Lists are read elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from agent.extraction.rules.cues import advises, asks, tells


_SENTENCE = re.compile(r"(?:[^。！？!?；;\n.…～]|\.(?=[^\s.。])|\n(?=\S))+(?:[。！？!?；;…～]|\.(?=[\s.。]|$))*")
_CLAUSE = re.compile(r"[^，,]+")
_ASKED = re.compile(
    r"(?<![访疑反学顾请提参备应赶])(?:问|考察|考|拷问|追问|深挖|讨论|扯)(?!题|候|卷|答|虑|试|研|核|点|的(?:很|都|比较|也|不|挺|非常|深|细|多|内容)|得|就|啥|完|官)"
    r"(?:了|我|到|起|过|一下|下|的是|的|关于|有关|一些|几个|会|主要是|主要)*\s*[:：]?\s*"
    r"|让(?:我|自己)?(?=介绍|讲|说|写|实现|设计|手写|手撕|分析|用|解释|自我|聊|谈)|(?:手撕|算法题?|代码题?|场景题?)(?:了|是|为|考了|考的是)\s*[:：]?\s*"
    r"|\basked (?:me )?(?:to |about |for )?",
    re.IGNORECASE,
)
_LEADING = re.compile(r"^(?:\s|所以|因此|但是?|不过|另外|此外|同时|同样的|而且|并且|然后|最后|其实|还有|总之|综上|综合来讲|总的来说|总结一下|个人感觉|个人觉得|我觉得|我认为|感觉|再次提醒|因为|[，,、：:）)\]】”\"'·•\-—]|\[[^\]]{1,6}[RH]\])+")
_CLOSING = re.compile(r"[\s，,、；;：:]+$")
_OWN = re.compile(r"我(?!建议|觉得|认为|推荐|们)|自己(?:没|不|的)|面试官(?:让|问|说我|建议我)|(?:有没有|求|蹲)[^，。]{0,12}(?:大佬|uu|姐妹|兄弟|朋友|同学)")
_STOP = re.compile(r"^\s*(?:我|这个?(?!项目)|那个|然后|感觉|没|答|说|最后|但|由于|因为|不过|之后|后来|接着|面试官|还(?:是|好)|都|就|也(?!问)|所以|虽然|其他|基本|整|直接|好像|估计|反正|一跑|使用)")
_SET_TASK = re.compile(r"^(?:写|给|有|设计|实现|一个|介绍|讲|说|用)")
_ETC = re.compile(r"(?:等等?|之类的|啥的|什么的|这些|那些|的问题|相关的?问题)?[。.！!？?；;～…\s]*$")


@dataclass(frozen=True, slots=True)
class Span:
    """A place in the text and its words."""

    start: int
    end: int
    words: str


def sentences(words: str, start: int) -> Iterator[Span]:
    """The sentences of a stretch of text that begins at `start`, with their closing marks."""
    for found in _SENTENCE.finditer(words):
        yield Span(start + found.start(), start + found.end(), found[0])


def asked(sentence: Span) -> Iterator[Span]:
    """What a sentence says that somebody asked: `问了 A 和 B`, `让我介绍 A`."""
    end = 0
    for found in _ASKED.finditer(sentence.words):
        if found.end() < end:
            continue
        parts = list(_object(sentence, found.end()))
        if not parts:
            continue
        end = parts[-1].end - sentence.start
        yield from _split(parts, sentence)


def _object(sentence: Span, begin: int) -> Iterator[Span]:
    """The clauses after a verb of asking that still say what was asked."""
    for place, found in enumerate(_CLAUSE.finditer(sentence.words, begin)):
        words = found[0]
        if place and (_STOP.match(words) or tells(words) or _ASKED.search(words)):
            return
        closed = _ETC.search(words)
        stop = found.start() + (closed.start() if closed else len(words))
        span = _shrunk(sentence, found.start(), stop)
        if len(span.words) < 2 or (not place and (_STOP.match(words) or len(span.words) < 3)):
            return
        yield span


def _split(parts: Sequence[Span], sentence: Span) -> Iterator[Span]:
    asking = sum(asks(part.words) for part in parts)
    if len(parts) > 1 and asking > 1 and not _SET_TASK.match(parts[0].words):
        yield from parts
    else:
        yield _shrunk(sentence, parts[0].start - sentence.start, parts[-1].end - sentence.start)


def advice(sentence: Span) -> Iterator[Span]:
    """The runs of clauses by which a sentence tells the reader what to do."""
    run: list[re.Match[str]] = []
    for found in _CLAUSE.finditer(sentence.words):
        words = found[0]
        if advises(words.strip()) and not _OWN.search(words):
            run.append(found)
        elif run:
            yield _run(sentence, run)
            run = []
    if run:
        yield _run(sentence, run)


def _run(sentence: Span, run: Sequence[re.Match[str]]) -> Span:
    return _shrunk(sentence, run[0].start(), run[-1].end())


def _shrunk(sentence: Span, start: int, end: int) -> Span:
    if leading := _LEADING.match(sentence.words[start:end]):
        start += leading.end()
    if closing := _CLOSING.search(sentence.words[start:end]):
        end = start + closing.start()
    return Span(sentence.start + start, sentence.start + end, sentence.words[start:end])
