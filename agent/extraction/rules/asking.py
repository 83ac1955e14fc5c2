"""Finds in running text what it says that somebody asked: `问了 A 和 B`, `让我介绍 A`, `asked me about A`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from agent.extraction.rules.cues import asks, asks_firmly, chats, tells, wonders
from agent.extraction.rules.prose import Span
from agent.extraction.topics import topic_of


_INDIRECT = r"(?:how|what|whether|why|when|which|where|if)\b"
_ASKED = re.compile(
    r"(?<![访疑反学顾请提应赶没不越])(?<!没有)(?<!反问)(?:(?:问|拷问|追问|深挖)(?![题候卷答的得就啥完官你在她他自hH师]|老师|面试|候选)|(?<!比起)考察(?=了|我|的是|到)|(?<![思参备高期])考(?=了|我|的是|到|过))"
    r"(?:过|了|到|起|及|的是|一下|下){0,2}(?:我|的)?(?:关于|有关|一?些|几个|会|主要是|主要)*\s*[:：，,]?\s*"
    r"|(?:写|考|做|出|撕)的是|(?:写|做)了?[一两]?道(?:算法|代码|sql)?题?[：:，,]\s*|第.题(?:就|则)?是\s*[:：]?\s*|问[的了](?:问题|题目?)?(?:[中有是]|主要|包括|如下){0,2}[:：]\s*|(?<=官)反问我\s*[，,:：]?\s*|出(?:了|的)?[一两个]?[道个]?(?:场景|算法|代码|智力|概率)?题(?:目是)?[，,：:]\s*|(?<![a-z])讨论(?=[a-zA-Z]|了|如何|怎么)了?"
    r"|聊(?:了(?:聊|一下|下|一?些)?|到|聊)(?=[^，。]{0,30}(?:区别|原理|怎么|如何|什么|实现|为什么|机制))|让(?:我|自己)?(?=介绍|讲|说|写|实现|设计|手写|手撕|分析|用|解释|自我|聊|谈|画|描述|举|估|评价|对比|翻译|复述|模拟|演示|推导|算一)|(?:手撕|算法题?|代码题?|场景题?)(?:了|是|为|考了|考的是)\s*[:：]?\s*"
    r"|\b(?:asked|quizzed|grilled)(?: me| us)?(?: a few| some)?(?: questions?)?(?: to\b| about\b| on\b| for\b)?\s*[:：]?\s*"
    rf"|\b(?:questions? (?:were |was )?(?:about|on|like|around|regarding)|wanted to know|was curious)\s+(?={_INDIRECT})|\b(?:had me|wanted me to)\s+",
    re.IGNORECASE,
)
_SUCH_AS = re.compile(
    r"(?:比如说?|例如|包括|主要[是为]|就是|第[一二三]个是|题目是|(?:然后|接着|之后|最后)是|还有|然后(?=给|求|写|实现|设计))\s*[:：]?\s*"
)
_STOP = re.compile(
    r"^\s*(?:我|这个?(?!项目)|那个|然后|感觉|没|答|说(?!出)|最后|但|由于|因为|不过|之后|后来|接着|面试官|还(?:是|好)|都|就|也(?!问)|所以|虽然|其他|基本|整|直接|好像|估计|反正|使用|人)"
)
_SET_TASK = re.compile(r"(?:写|给|有|设计|实现|一个|介绍|讲|说|用)")
_GENERIC = re.compile(r"[^，,：:。]{0,12}(?:题|问题|方面|知识点?|内容)\s*[:：]\s*(?=\S)")
_TOLD = re.compile(
    r"[^为]了$|感兴趣|不确定|不知道|很[深细多难杂广]|的很|得很|细致|并不|难度|号称|态度|更深层|开始做题|来面"
    r"|^(?:大量|不少|几道|很多|一些|常规|基础|技术|开放性?|简单|简历|一部分|[一两]道|项目|实习|hr|职业).{0,8}(?:题|问题|知识|东西|内容|经历|细节|的选择)[）)]?$"
)
_EMPTY = re.compile(
    r"^(?:写|做|撕)(?:个|道|了)?(?:题|代码|算法题?)$|^(?:more than )?(?:one|two|three|\d|a few|some|several|many|the)?[a-z ]{0,20}questions?$|^(?:我|一?些?|几个|很多|好多|挺多)?(?:什么|啥|哪些|一些|几个|很多|问题|题|八股|项目|实习|基础|技术|简历|细节|业务|一下|了|个|的|比较|深|细|难|简单|东西|内容|别人|面试官|他|自己)*[啊呀吧吗呢嘛]?$"
)
_CUT = re.compile(r"[（(:：]|\[[^\]]{1,6}[RH]\]")
_ENUMERATED = re.compile(rf"、|(?:,? and|, or|,)\s(?:then |also )?(?={_INDIRECT})", re.IGNORECASE)
_COMPARED = re.compile(r"区别|差[异别]|对比|比较|关系|之间|选择|联系|异同")
_ASKED_INDIRECTLY = re.compile(rf"(?:about |me )?{_INDIRECT}", re.IGNORECASE)
_ENGLISH_EMPTY = re.compile(
    r"(?:for |to |about |on )?(?:(?:an?|this|that|the|my|some|any|two|three|four|one|\d|few|several|more|many|other|basic|easy|medium|hard|simple|general|standard|common|core|dsa|dsa-based|coding|leetcode|technical|programming|theoretical|system|design|behaviou?ral|hr|follow-?up|related|puzzles?|aptitude|ml|nlp|ai|sql|oops?|cs|resume|project|and|or|of|&)[ ,/]+){0,9}(?:questions?|problems?|introduction|stuff)[.:]?$"
    r"|(?:to )?(?:write|solve|explain|code)\b.{0,30}\b(?:it|them|this|the (?:following )?(?:problem|question|code|logic|same))\b|related to|(?:for )?my (?:introduction|resume|cv)\b",
    re.IGNORECASE,
)
_AND_SO_ON = re.compile(r"(?:等等?|之类的|啥的|什么的|这些|那些|的问题|相关的?问题|方面的|相关的)$")
_CLOSING = " \t\r\n\u3000。.！!？?；;～…"
_QUOTED = re.compile(r"[“\"「『‘]([^“”\"「」『』‘’\n]{6,160})[”\"」』’]")
_SAYS_ASKED = re.compile(
    r"问(?![题候卷答])|考官|面试官|提问|常见问题|题目|\b(?:ask|asks|asked|asking|questions?)\b", re.IGNORECASE
)
_OWN_WORDS = re.compile(
    r"(?:我|自己|我们)[^，。？“”]{0,8}(?:说|回|问|想|讲)[^，。？“”]{0,3}$|\bI (?:said|replied|answered|asked)[ ,:]{0,3}$"
)
_NEAR = 120
"""How far before a place a parenthesis is looked for, and after a word what it is about."""


def asked(sentence: Span, *, in_round: bool) -> Iterator[Span]:
    """What a sentence says that somebody asked; in the report of a round, `比如 A` and a bare question too."""
    verbs = [verb for verb in _ASKED.finditer(sentence.words) if not _in_note(sentence.words, verb.start())]
    verbs += list(_such_as(sentence, plainly=not verbs, told=in_round))
    if not verbs and in_round and _is_put(sentence.words):
        yield sentence.part(0, len(sentence.words))
    end = 0
    for verb in sorted(verbs, key=re.Match.start):
        parts = list(_object(sentence, verb.end())) if verb.end() >= end else []
        if parts:
            end = parts[-1].end - sentence.start
            yield from _split(parts, sentence)


def quoted(line: Span) -> Iterator[Span]:
    """The questions that a line gives in quotation marks, where it says that they were asked or gives several."""
    found = [
        quote
        for quote in _QUOTED.finditer(line.words)
        if not _OWN_WORDS.search(line.words[max(0, quote.start() - 14) : quote.start()])
    ]
    asking = [quote for quote in found if _is_asked(quote[1])]
    if len(asking) > 1 or (asking and _SAYS_ASKED.search(line.words)):
        yield from (line.part(quote.start(1), quote.end(1)) for quote in asking)


def _is_put(words: str) -> bool:
    return asks_firmly(words) and not (tells(words) or chats(words))


def _such_as(sentence: Span, *, plainly: bool, told: bool) -> Iterator[re.Match[str]]:
    """`比如`, `就是`, `还有` before what was asked, in a sentence or round that tells of asking."""
    if plainly and not told:
        return
    for found in _SUCH_AS.finditer(sentence.words):
        words = sentence.words[found.end() : found.end() + _NEAR // 3]
        if wonders(words) or (not plainly and (asks(words) or topic_of(words) is not None)):
            yield found


def _in_note(words: str, place: int) -> bool:
    """Whether a place stands in parentheses, as far as can be seen from near it."""
    near = words[max(0, place - _NEAR) : place]
    return max(near.rfind("（"), near.rfind("(")) > max(near.rfind("）"), near.rfind(")"))


def _object(sentence: Span, begin: int) -> Iterator[Span]:
    """The clauses after a verb of asking that still say what was asked."""
    if generic := _GENERIC.match(sentence.words, begin):
        begin = generic.end()
    task = _SET_TASK.match(sentence.words, begin) is not None
    for place, clause in enumerate(sentence.clauses(begin)):
        if _STOP.match(clause[0]) or (place and _opens_other(clause[0], task=task)):
            return
        span = sentence.part(clause.start(), clause.start() + len(_bare(clause[0])))
        if not _says_something(span.words, first=not place):
            return
        yield span


def _is_asked(words: str) -> bool:
    return asks_firmly(words) or wonders(words) or _ASKED_INDIRECTLY.match(words) is not None


def _bare(clause: str) -> str:
    """A clause without its notes and the words that only close it."""
    cut = _CUT.search(clause, 1)
    told = (clause[: cut.start()] if cut else clause).rstrip(_CLOSING)
    return _AND_SO_ON.sub("", told)


def _says_something(words: str, *, first: bool) -> bool:
    if len(words) < 2 + (not words.isascii()):
        return False
    if _ASKED_INDIRECTLY.match(words):
        return " " in words
    return not (first and (_EMPTY.match(words) or _ENGLISH_EMPTY.match(words) or _TOLD.search(words) or tells(words)))


def _opens_other(words: str, *, task: bool) -> bool:
    """Whether a clause tells of the answer, asks something else, or only closes a note."""
    if words.rstrip().endswith(("）", ")")) and not ("（" in words or "(" in words):
        return True
    return tells(words) or _SUCH_AS.match(words) is not None or (not task and _ASKED.search(words) is not None)


def _split(parts: Sequence[Span], sentence: Span) -> Iterator[Span]:
    """One question, or several where more than one of its clauses asks."""
    asking = sum(asks(part.words) for part in parts)
    if len(parts) > 1 and asking > 1 and not _SET_TASK.match(parts[0].words):
        yield from (piece for part in parts for piece in _enumerated(part))
    else:
        yield from _enumerated(sentence.part(parts[0].start - sentence.start, parts[-1].end - sentence.start))


def _enumerated(span: Span) -> Iterator[Span]:
    """The questions that a clause enumerates, `A怎么做、B的原理`; the clause itself where it is no such list."""
    cuts = list(_ENUMERATED.finditer(span.words))
    begins, ends = [0, *(cut.end() for cut in cuts)], [*(cut.start() for cut in cuts), len(span.words)]
    pieces = [span.part(begin, end) for begin, end in zip(begins, ends, strict=True)]
    asking = sum(_is_asked(piece.words) for piece in pieces)
    known = sum(topic_of(piece.words) is not None for piece in pieces)
    several = 2 * asking > len(pieces) or (known == len(pieces) and not _COMPARED.search(pieces[-1].words))
    yield from pieces if several and min(len(piece.words) for piece in pieces) > 3 else (span,)
