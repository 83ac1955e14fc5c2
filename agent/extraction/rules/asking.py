"""Finds in running text what it says that somebody asked: `问了 A 和 B`, `让我介绍 A`, `asked me about A`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from agent.extraction.rules.cues import asks, asks_firmly, asks_outright, chats, tells, wonders
from agent.extraction.rules.prose import Span
from agent.extraction.topics import topic_of


_INDIRECT = r"(?:how|what|whether|why|when|which|where|if|the (?:difference|trade-?offs?|purpose|role))\b"
_TASK_VERB = r"(?:explain|implement|design|build|estimate|write|tell|serialize)\b"
_TOLD_TO = "介绍|讲|说|写|实现|设计|手写|手撕|分析|用|解释|自我|做(?:一下|个)?自我|聊|谈|画|描述|举|估|评价|对比|翻译|复述|模拟|演示|推导|推一|算一|挑|分别|简单|把|花"
_VERBS_OF_ASKING = (
    # `问了 A`, `追问到 A`, `考察了 A`, `问的问题主要有：A`
    (
        r"(?<![访疑反学顾请提应赶没不越我])(?<!没有)(?<!反问)(?:(?:问|拷问|追问|深挖)(?![题候卷答的得就啥完官在她他自师清明懵倒住麻]|你(?![这为怎觉们])|hr|老师|面试|候选|到的(?!是|问题|题))|(?<!比起)考察(?=了|我|的是|到)|(?<![思参备高期])考(?=了|我|的是|到|过)(?![到过]的[^是]))"
        r"(?:过|了|到|起|及|的是|一下|下){0,2}(?:我|的)?(?:关于|有关|一?些|几个|会|主要是|主要)*\s*[:：，,]?\s*"
    ),
    r"问[的了](?:问题|题目?)?(?:[中有是]|主要|包括|如下){0,2}[:：]\s*|考[到过]?的(?:知识)?点(?:[有是]|主要|包括|如下){0,2}[:：]\s*|(?<=官)反问我\s*[，,:：]?\s*|问题是(?!因为|我|没)|被问得?最多的[^，。：:]{0,6}[:：]|(?:问得最[^，。]{1,3}|关心)的是",
    # `写的是 A`, `代码题：A`, `第二题是 A`, `最后写了一道 A`, `题目是设计 A`
    r"(?:写|考|出|撕)的是|做的是(?=一道|第|leetcode|lc)|(?:代码|手撕|算法|环节|题)(?:写|出)的(?:是)?|写了一?道(?=[^，。题]{2})|分钟写(?:了|的是?)?(?=[^，。题代]{2})|(?:写代码|写题|做题|手撕|算法|代码)[，,]\s*题目是|题目是(?=设计|写|实现|给)|抽到的?(?:题目?)?是",
    r"(?:写|做)了?[一两]?道(?:算法|代码|sql)?题?[：:，,]\s*|来了?一?道题[：:]\s*|(?:第.题|另?一道|编程题|有一题)(?:就|则)?是\s*[:：]?\s*|出(?:了|的)?[一两个]?[道个]?(?:场景|算法|代码|智力|概率)?题(?:目是)?[，,：:]\s*",
    r"(?:手撕|算法题?|代码题?|场景题?)(?:了|是|为|考了|考的是)\s*[:：]?\s*|(?:手撕|算法题?|代码题?)(?:环节|部分)?👉\s*|(?:最后|然后|接着|再|又|还)手撕(?=[^，。；了题代环的：:]{4})",
    # `八股只有一个，A`, `题有 A、B`, `给了一个场景：A`, `突然问了一句：A`
    r"(?:八股|基础题|题)[^，。；、]{0,4}[，,]?(?:包括|有(?=[^，。]{1,30}、)|只有[一两]个[，,：:])|给了?一个场景[：:]",
    # `讨论了 A`, `聊到 A 的区别`, `让我介绍 A`, `请我说说 A`
    r"(?<![a-z])讨论(?=[a-zA-Z]|了|如何|怎么)了?|聊(?:了(?:聊|一下|下|一?些)?|到|聊)?(?=[^，。]{0,30}(?:区别|原理|怎么|如何|什么|实现|为什么|机制|几个|哪些|多少|的理解))",
    rf"(?<!没)让(?:我|自己)?(?={_TOLD_TO})|(?:请|要求)我(?={_TOLD_TO})",
    r"(?<!\bi )\b(?:asked|did ask|quizzed|grilled)(?: me| us)?(?: a few| some)?(?: questions?)?(?: to\b| about\b| on\b| for\b)?\s*[:：]?\s*",
    rf"\b(?:questions? (?:were |was )?(?:about|on|like|around|regarding)|wanted to know|was curious|(?:started|opened|began) with)\s+(?={_INDIRECT}|{_TASK_VERB})",
    # `Then came a deep dive: how …`, `a coding exercise: implement …`
    rf"\b(?:came|mostly|(?:exercise|puzzle|discussion|warm-up|dive|editor|question|scenario|task)[:,]|task to)\s+(?={_INDIRECT}|{_TASK_VERB})",
    r"\b(?:had me|wanted me to|i had to(?= (?:implement|write|code|solve|design|build))|(?:design|coding|scenario) question:|(?:prompt|task) was to|(?:coding|design|sql) (?:part|question|problem|task|exercise) was(?: to)?)\s+",
)
_ASKED = re.compile("|".join(_VERBS_OF_ASKING), re.IGNORECASE)
_SUCH_AS = re.compile(
    r"(?:比如说?|例如|像(?=[^，。]{4,30}、)|包括|主要[是为]|就是|第[一二三]个是|题目是|(?:然后|接着|之后|最后|后来)是|(?:直接)?跳到了?|[一二三四]是|就换成了?|结果只是|卡在|穿插了|印象(?:最)?深的(?:还有一个|是)|还有(?!哪些|什么|没有)|然后(?=给|求|写|实现|设计))\s*[:：]?\s*"
)
_STOP = re.compile(
    r"^\s*(?:我|之前(?=刷|见|背|准备|看)|答到|前后|被|说了|举了|勉强|老实|他补充|卡了|花了|磕磕|刷到|讲到一半|聊了|这(?!三|几|段|项目|个项目|种)|那个|然后|感觉|没|答|说(?=[了是的我他可不没就]|实话)|写到|做过|边界没|给了|当时|讲完|中间(?!件|层)|随后|时间(?!复杂)|要求讲|代码(?=写|出)|口述|层层|十几|[一二三四五六七八九十两半\d]+分钟|最后|但|由于|因为|不过|之后|后来|接着|面试官|还(?:是|好)|都|就|也(?!问)|所以|虽然|其他|基本|整|直接|好像|估计|反正|使用|人)"
)
_ASKS_ON = re.compile(r"[他她官又还再]问")
_ASKS_ON_OF = re.compile(
    r"(?:为什么|为啥|有什么用|有没有别的|有几种|什么时候选|依据是|看哪些|调研过|代价是|你的|你第一|你会(?:从|怎么)|会有什么|怎么(?:分工|写|做|估|找|解决|处理|办|优化|定)|什么时候不)"
)
_SET_TASK = re.compile(r"(?:写|给|有|设计|实现|一个|介绍|讲|说|用)")
_GENERIC = re.compile(
    r"[^，,：:。]{0,12}(?:题|问题|方面|知识点?|内容|八股|基础)\s*[:：]\s*(?=\S)|(?:[一两二三四五六几]|\d)(?:个|句)(?:问题|题|东西)?\s*[，,：:]\s*"
)
_TOLD = re.compile(
    r"[^为]了$|感兴趣|不确定|不知道|很[深细多难杂广]|的很|得很|细致|并不|难度|号称|态度|更深层|开始做题|来面"
    r"|^(?:大量|不少|几道|很多|一些|常规|基础|技术|开放性?|简单|简历|一部分|[一两]道|项目|实习|hr|职业).{0,8}(?:题|问题|知识|东西|内容|经历|细节|的选择)[）)]?$"
)
_EMPTY = re.compile(
    r"^(?:他们|组里|主管|hr)|^(?:用什么语言|.{0,8}各个方面|讲讲?思路|说说?想法|分析(?:一下)?复杂度)|^(?:写|做|撕)(?:个|道|了)?(?:题|代码|算法题?)$|^(?:more than )?(?:one|two|three|\d|a few|some|several|many|the)?[a-z ]{0,20}questions?$|^(?:我|一?些?|几个|很多|好多|挺多)?(?:什么|啥|哪些|一些|几个|很多|问题|题|八股|项目|实习|基础|技术|简历|细节|业务|一下|了|个|的|比较|深|细|难|简单|东西|内容|别人|面试官|他|自己)*[啊呀吧吗呢嘛]?$"
)
_CUT = re.compile(r"[（(:：]|(?:就|都)(?:不|没|答)|\[[^\]]{1,6}[RH]\]")
_ENUMERATED = re.compile(
    rf"、|以及|和(?=[^、，]{{2,30}}(?:怎么|如何|为什么|什么|哪些|缺点))|(?:,? and|, or|,)\s(?:then |also )?(?={_INDIRECT})",
    re.IGNORECASE,
)
_ASKED_FOR = re.compile(r"的(?:原因|作用|好处|思路|场景|难点|理解|区别|原理|流程|优缺点)$")
_NAMES_MATTER = re.compile(r"区别|差异|原理|细节|机制|的理解|优缺点|怎么回事|[?？]")
_BARE_NAME = re.compile(r"[^的做了]{2,12}")
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
    r"问(?![题候卷答])|个问题|基础题|八股|考官|面试官|提问|常见问题|题目|\b(?:ask|asks|asked|asking|questions?)\b",
    re.IGNORECASE,
)
_OWN_WORDS = re.compile(
    r"(?:我|自己|我们)[^，。？“”]{0,8}(?:说|回|问|想|讲)[^，。？“”]{0,3}$|\bI (?:said|replied|answered|asked)[ ,:]{0,3}$"
)
_SHORT, _CLOSE = 40, 8
_OTHERS = re.compile(r"(?:[妈爸]|室友|朋友|家里|亲戚|多人|有人|家都|评论区|私信|群里)[^，。；]{0,4}$")
_NEAR = 120
"""How far before a place a parenthesis or a colon is looked for, and after a word what it is about."""


def asked(sentence: Span, *, in_round: bool, goes_on: bool = False) -> Iterator[Span]:
    """What a sentence says that somebody asked; in the report of a round, `比如 A` and a bare question too.

    `goes_on`: one that does stands right before it, parted from it by a semicolon.
    """
    verbs = [verb for verb in _ASKED.finditer(sentence.words) if not _is_aside(sentence.words, verb.start())]
    verbs += list(_such_as(sentence, plainly=not verbs, told=in_round))
    if not verbs and ((in_round and _is_put(sentence.words)) or (goes_on and _is_likely(sentence.words))):
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
    said = asking and _SAYS_ASKED.search(line.words) is not None
    if len(asking) > 1 or said:
        several = said and len(found) > 1 and all(len(quote[1]) <= _SHORT for quote in found)
        yield from (line.part(quote.start(1), quote.end(1)) for quote in (found if several else asking))


def cuts_of_asking(words: str) -> Iterator[tuple[int, int, str]]:
    """Where running text goes over to what was asked: behind a verb of asking, "V", or between two questions, "E"."""
    yield from ((verb.end(), verb.end(), "V") for verb in _ASKED.finditer(words) if verb[0])
    yield from ((cut.start(), cut.end(), "E") for cut in _ENUMERATED.finditer(words) if len(cut[0]) > 1)


def _is_put(words: str) -> bool:
    return asks_firmly(words) and not (tells(words) or chats(words))


def _is_likely(words: str) -> bool:
    return (asks(words) or topic_of(words) is not None) and not (tells(words) or chats(words))


def _such_as(sentence: Span, *, plainly: bool, told: bool) -> Iterator[re.Match[str]]:
    """`比如`, `就是`, `还有` before what was asked, in a sentence or round that tells of asking."""
    if plainly and not told:
        return
    for found in _SUCH_AS.finditer(sentence.words):
        words = sentence.words[found.end() : found.end() + _NEAR // 3]
        if wonders(words) or (not plainly and topic_of(words) is not None) or _NAMES_MATTER.search(words):
            yield found


def _is_aside(words: str, place: int) -> bool:
    """Whether a verb stands in parentheses, as far as can be seen from near it, or others ask than those of the interview."""
    near = words[max(0, place - _NEAR) : place]
    if _OTHERS.search(near[-_CLOSE:]):
        return True
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
    return asks_outright(words) or _ASKED_INDIRECTLY.match(words) is not None


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
    if not first:
        return True
    empty = _EMPTY.match(words) or _ENGLISH_EMPTY.match(words) or _TOLD.search(words)
    return not empty and (wonders(words) or _SET_TASK.match(words) is not None or not tells(words))


def _opens_other(words: str, *, task: bool) -> bool:
    """Whether a clause tells of the answer, asks something else, or only closes a note."""
    if words.rstrip().endswith(("）", ")")) and not ("（" in words or "(" in words):
        return True
    goes_on = _SUCH_AS.match(words) is not None or _ASKS_ON.search(words) is not None
    return tells(words) or goes_on or (not task and _ASKED.search(words) is not None)


def _split(parts: Sequence[Span], sentence: Span) -> Iterator[Span]:
    """One question, or several where more than one of its clauses asks."""
    parts = list(_joined(parts, sentence))
    asks_for = [asks(part.words) or _ASKED_FOR.search(part.words) is not None for part in parts]
    asking = sum(map(_tells_apart, parts, asks_for)) if any(asks_for) else 0
    if len(parts) > 1 and asking > 1 and not _SET_TASK.match(parts[0].words):
        yield from (piece for part in parts for piece in _enumerated(part, sentence))
    else:
        yield from _enumerated(sentence.part(parts[0].start - sentence.start, parts[-1].end - sentence.start), sentence)


def _joined(parts: Sequence[Span], sentence: Span) -> Iterator[Span]:
    """The clauses, those that only ask on of the one before put to it: `A 怎么做，为什么`."""
    held: Span | None = None
    for part in parts:
        if held and _ASKS_ON_OF.match(part.words):
            held = sentence.part(held.start - sentence.start, part.end - sentence.start)
            continue
        if held:
            yield held
        held = part
    if held:
        yield held


def _tells_apart(part: Span, asks_for: bool) -> bool:  # one of two that are mapped together
    """Whether a clause says by itself what was asked: it asks, or but names a known subject beside those that do."""
    return asks_for or (_BARE_NAME.fullmatch(part.words) is not None and topic_of(part.words) is not None)


def _enumerated(span: Span, sentence: Span) -> Iterator[Span]:
    """The questions that a clause enumerates, `A怎么做、B的原理`; the clause itself where it is no such list."""
    cuts = [
        cut
        for cut in _ENUMERATED.finditer(span.words)
        if cut[0] != "和" or wonders(span.words[max(0, cut.start() - _SHORT) : cut.start()])
    ]
    begins, ends = [0, *(cut.end() for cut in cuts)], [*(cut.start() for cut in cuts), len(span.words)]
    pieces = [span.part(begin, end) for begin, end in zip(begins, ends, strict=True)]
    asking = sum(_is_asked(piece.words) or _ASKED_FOR.search(piece.words) is not None for piece in pieces)
    listed = len(pieces) > 2 and any(_is_asked(piece.words) for piece in pieces[:-1])
    known = sum(topic_of(piece.words) is not None for piece in pieces)
    before = span.start - sentence.start
    announced = len(pieces) > 2 and sentence.words[max(0, before - _NEAR) : before].rstrip().endswith(("：", ":"))
    named = (announced or known == len(pieces)) and not _COMPARED.search(pieces[-1].words)
    several = listed or 2 * asking > len(pieces) or named
    yield from pieces if several and min(len(piece.words) for piece in pieces) > 3 else (span,)
