"""Finds questions and advice in running text: what somebody asked, what the writer tells the reader to do. Lists are read elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from agent.extraction.rules.cues import advises, asks, asks_firmly, chats, commands, is_english, tells
from agent.extraction.topics import topic_of


_SENTENCE = re.compile(
    r"(?:[^。！？!?；;\n.…～]|\.(?=[^\s.。*])|\n(?=\S))+(?:[。！？!?；;…～]|\.(?=[\s.。*]|$))*(?:\*\*)?"
)
_CLAUSE = re.compile(r"[^，,]+")
_ASKED = re.compile(
    r"(?<![访疑反学顾请提应赶没不越])(?<!没有)(?<!反问)(?:(?:问|拷问|追问|深挖)(?![题候卷答的得就啥完官你在])|(?<!比起)考察(?=了|我|的是|到)|(?<![思参备高期])考(?=了|我|的是|到|过))"
    r"(?:过|了|到|起|的是|一下|下){0,2}(?:我|的)?(?:关于|有关|一?些|几个|会|主要是|主要)*\s*[:：]?\s*"
    r"|(?:写|考|做|出|撕)的是|出(?:了|的)?[一两个]?[道个]?(?:场景|算法|代码|智力|概率)?题(?:目是)?[，,：:]\s*|(?<![a-z])讨论(?=[a-zA-Z]|了|如何|怎么)了?"
    r"|聊(?:了(?:聊|一下|下|一?些)?|到|聊)(?=[^，。]{0,30}(?:区别|原理|怎么|如何|什么|实现|为什么|机制))|让(?:我|自己)?(?=介绍|讲|说|写|实现|设计|手写|手撕|分析|用|解释|自我|聊|谈)|(?:手撕|算法题?|代码题?|场景题?)(?:了|是|为|考了|考的是)\s*[:：]?\s*"
    r"|\b(?:asked|quizzed|grilled)(?: me| us)?(?: a few| some)?(?: questions?)?(?: to\b| about\b| on\b| for\b)?\s*[:：]?\s*",
    re.IGNORECASE,
)
_SUCH_AS = re.compile(
    r"(?:比如说?|例如|包括|主要[是为]|就是|第[一二三]个是|题目是|(?:然后|接着|之后|最后|还)是|还有|然后(?=给|求|写|实现|设计))\s*[:：]?\s*"
)
_LEADING = re.compile(
    r"^(?:\s|所以|因此|但是?|不过|另外|此外|同时|同样的?|而且|并且|然后|最后|其实|还有|总之|综上|综合来讲|总的来说|总结一下|个人感觉|个人觉得|我觉得|我认为|感觉|再次提醒|因为|当然(?=[，,])|[了一两个]*道(?:算法|sql|场景|编程)?题[，,：: ]|[，,、：:）)\]】”\"'·•\-—]|\[[^\]]{1,6}[RH]\])+"
)
_CLOSING = re.compile(r"[\s，,、；;：:]+$")
_OWN = re.compile(
    r"我(?!建议|觉得|认为|推荐|们|更愿意|感觉)|自己(?:没|不|的)|面试官(?:让|问|说我|建议我)|[给了]了?[很不]少?多?建议"
)
_CONDITION = re.compile(
    r"^\s*(?:[^，]{0,6}(?:如果|要是|对于|与其|当|面试前|即使|任何|无论|不管|首先|写在|关于|大家|另外|所以|而且)|[^，]{2,20}(?:的话|时候?|之前|前|中|方面|的内容)$)"
)
_GOING_ON = re.compile(
    r"^\s*(?:特别是|尤其|做到|可以|不会就|不懂就|每天|想|去|给|从而|以便|让|把|包装|能够?|熟记|埋下|方便|并|还|再|同时|甚至|比如|包括|否则|不然|这样|而不是|更要|讲|突出|吸引|就|那么|不如|快速|最|避免)"
)
_ADVERB = re.compile(r"^\s*(?:多|别|不要|一定|尽量|先|提前|记得|最好|千万|切忌|务必)")
_STOP = re.compile(
    r"^\s*(?:我|这个?(?!项目)|那个|然后|感觉|没|答|说(?!出)|最后|但|由于|因为|不过|之后|后来|接着|面试官|还(?:是|好)|都|就|也(?!问)|所以|虽然|其他|基本|整|直接|好像|估计|反正|一跑|使用|人)"
)
_SET_TASK = re.compile(r"(?:写|给|有|设计|实现|一个|介绍|讲|说|用)")
_ETC = re.compile(
    r"(?:等等?|之类的|啥的|什么的|这些|那些|的问题|相关的?问题|方面的|相关的)?(?:\[[^\]]{1,6}[RH]\].*)?[。.！!？?；;～…\s]*$"
)
_NOTE = re.compile(r"\s*[（(].*$|[:：].*$|\[[^\]]{1,6}[RH]\].*$", re.DOTALL)
_GENERIC = re.compile(r"[^，,：:。]{0,12}(?:题|问题|方面|知识点?|内容)\s*[:：]\s*(?=\S)")
_EMPTY = re.compile(
    r"^(?:写|做|撕)(?:个|道|了)?(?:题|代码|算法题?)$|^(?:more than )?(?:one|two|three|\d|a few|some|several|many|the)?[a-z ]{0,20}questions?$|^(?:我|一?些?|几个|很多|好多|挺多)?(?:什么|啥|哪些|一些|几个|很多|问题|题|八股|项目|实习|基础|技术|简历|细节|业务|一下|了|个|的|比较|深|细|难|简单|东西|内容|别人|面试官|他|自己)*[啊呀吧吗呢嘛]?$"
)


@dataclass(frozen=True, slots=True)
class Span:
    """A place in the text and its words."""

    start: int
    end: int
    words: str

    def part(self, start: int, end: int) -> Span:
        """The words from `start` to `end` within it, without joining words before and commas after."""
        if leading := _LEADING.match(self.words[start:end]):
            start += leading.end()
        if closing := _CLOSING.search(self.words[start:end]):
            end = start + closing.start()
        return Span(self.start + start, self.start + end, self.words[start:end])


def sentences(words: str, start: int) -> Iterator[Span]:
    """The sentences of a stretch of text that begins at `start`, with their closing marks."""
    for found in _SENTENCE.finditer(words):
        yield Span(start + found.start(), start + found.end(), found[0])


def asked(sentence: Span, *, in_round: bool) -> Iterator[Span]:
    """What a sentence says that somebody asked: `问了 A 和 B`, `让我介绍 A`; in the report of a round, `比如 A` too."""
    end = 0
    verbs = [verb for verb in _ASKED.finditer(sentence.words) if not _in_note(sentence.words, verb.start())]
    named = _SUCH_AS.finditer(sentence.words) if verbs or in_round else ()
    verbs += (one for one in named if _says_what(sentence.words[one.end() : one.end() + 40]))
    if not verbs and in_round and asks_firmly(sentence.words) and not (tells(sentence.words) or chats(sentence.words)):
        yield sentence.part(0, len(sentence.words))
    for found in sorted(verbs, key=re.Match.start):
        parts = list(_object(sentence, found.end())) if found.end() >= end else []
        if parts:
            end = parts[-1].end - sentence.start
            yield from _split(parts, sentence)


def _says_what(words: str) -> bool:
    return asks(words) or topic_of(words) is not None


def _in_note(words: str, place: int) -> bool:
    return max(words.rfind("（", 0, place), words.rfind("(", 0, place)) > max(
        words.rfind("）", 0, place), words.rfind(")", 0, place)
    )


def _object(sentence: Span, begin: int) -> Iterator[Span]:
    """The clauses after a verb of asking that still say what was asked."""
    if generic := _GENERIC.match(sentence.words, begin):
        begin = generic.end()
    task = _SET_TASK.match(sentence.words, begin) is not None
    for place, found in enumerate(_CLAUSE.finditer(sentence.words, begin)):
        words = found[0]
        if _STOP.match(words) or (place and (tells(words) or _opens_other(words, task))):
            return
        stop = found.end()
        for ending in (_ETC, _NOTE, _ETC):
            cut = ending.search(sentence.words, found.start(), stop)
            stop = cut.start() if cut else stop
        span = sentence.part(found.start(), stop)
        if len(span.words) < 2 + (not span.words.isascii()) or (
            not place and (_EMPTY.match(span.words) or tells(span.words))
        ):
            return
        yield span


def _opens_other(words: str, task: bool) -> bool:
    """Whether a clause asks something else, or only closes a note."""
    if words.rstrip().endswith(("）", ")")) and not re.search("[（(]", words):
        return True
    return _SUCH_AS.match(words) is not None or (not task and _ASKED.search(words) is not None)


def _split(parts: Sequence[Span], sentence: Span) -> Iterator[Span]:
    asking = sum(asks(part.words) for part in parts)
    if len(parts) > 1 and asking > 1 and not _SET_TASK.match(parts[0].words):
        yield from parts
    else:
        yield sentence.part(parts[0].start - sentence.start, parts[-1].end - sentence.start)


def advice(sentence: Span, *, announced: bool) -> Iterator[Span]:
    """The runs of clauses by which a sentence tells the reader what to do; where advice is announced, a bare command is one."""
    if is_english(sentence.words):
        if advises(sentence.words.strip()) and not sentence.words.rstrip().endswith("?"):
            yield sentence.part(0, len(sentence.words))
        return
    clauses = list(_CLAUSE.finditer(sentence.words))
    place = begun = 0
    while place < len(clauses):
        if not _advising(clauses[place], announced=announced):
            place += 1
            continue
        first = place
        while first > begun and _CONDITION.match(clauses[first - 1][0]) and not tells(clauses[first - 1][0]):
            first -= 1
        last = place
        while last + 1 < len(clauses) and _goes_on(clauses[last + 1]):
            last += 1
        yield sentence.part(clauses[first].start(), clauses[last].end())
        place = begun = last + 1


def _goes_on(clause: re.Match[str]) -> bool:
    return _GOING_ON.match(clause[0]) is not None or (_ADVERB.match(clause[0]) is not None and advises(clause[0]))


def _advising(clause: re.Match[str], *, announced: bool) -> bool:
    words = clause[0].strip()
    return (
        (advises(words) or (announced and commands(words) and not tells(words)))
        and not _OWN.search(words)
        and not asks_firmly(words)
    )
