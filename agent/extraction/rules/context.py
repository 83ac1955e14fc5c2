"""Where a post says for which company and role the interview was, and how it ended. Where it does not say so, nothing is guessed."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence

from agent.extraction.findings import Place
from agent.extraction.rules.lexicon import round_of
from agent.extraction.rules.lines import Line
from agent.extraction.rules.names import companies_in
from agent.extraction.rules.tags import hashtag_spans
from agent.extraction.words import Hit, lower
from agent.records import Post


_LABELS = {
    "company": re.compile(r"^(?:面试|应聘|投递)?公司(?:名称)?\s*[:：]\s*|^company\s*[:：]\s*", re.IGNORECASE),
    "role": re.compile(
        r"^(?:面试|应聘|投递)?(?:岗位|职位|职务)(?:名称)?\s*[:：]\s*|^(?:role|position|title|job)\s*[:：]\s*",
        re.IGNORECASE,
    ),
    "outcome": re.compile(
        r"^(?:最终|面试|最后)?结果\s*[:：]\s*|^(?:verdict|outcome|result|status)\s*[:：]\s*", re.IGNORECASE
    ),
}
_VALUE = re.compile(r"[^，,。；;！!\n（(|]{1,40}")
_PARTS = re.compile(r"\s*(?:——|—| - |–)\s*")
_ROLE = re.compile(
    r"(?:(?:java|c\+\+|go(?:lang)?|python|php|大模型|ai|llm|agent|机器学习|深度学习|推荐|搜索|广告|nlp|cv|大数据|数据|b端|c端|游戏|web|国际化|数字ic)[\s/]?)*"
    r"(?:后端|后台|前端|全栈|算法|测试开发|测开|测试|客户端|服务端|嵌入式|安卓|android|ios|运维|安全|产品|运营|数分|数据分析|数据开发|数仓|开发|研发|应用)"
    r"(?:开发|研发|工程师|实习生|实习|岗位|岗|经理|算法|应用|助理)*"
    r"|\b(?:(?:senior|staff|principal|junior|new grad|machine learning|ml|data|software|backend|frontend|full[- ]stack|research|applied|product|site reliability)\s)+(?:engineer|scientist|developer|analyst|manager|intern)\b|\b(?:mle|swe|sde)(?:\s?(?:i{1,3}|\d))?\b",
    re.IGNORECASE,
)
_ENDED = re.compile(
    r"(?:[一二三四终]面)?(?:秒|已)?挂(?:了|掉了)|面挂|凉经|凉了|感谢信|已oc|\boc了|拿到了?[^，。！？\s]{0,8}offer|(?:已|顺利)通过|通过了|泡池子|流程(?:终止|结束)|横向对比(?:挂|凉)"
    r"|\b(?:rejected|selected|accepted|got (?:the|an) offer|offer received|received an offer|waiting for (?:hc|results?))\b",
)
_SIGN_OF_END = re.compile(r"挂|凉|感谢信|oc|offer|通过|池子|流程|rejected|selected|accepted|waiting")
"""What all that says how it ended has in it, in lower case."""
_WISHED = re.compile(r"(?:希望|祝|许愿|能否|能不能|求|早日|如果|怎么|别|不会|是不是|会不会|才|都|想)[^，。]{0,8}$")
_BEFORE = re.compile(
    r"(?:面了?|投了?|去了?|参加|收到|拿到|面完|面试|interview(?:ed)? (?:at|with)|\bat|\bfor)[^，。\n]{0,3}$",
    re.IGNORECASE,
)
_AFTER = re.compile(
    r"[^，。\n]{0,10}(?:[一二三四终]面|面试|面经|笔试|凉经|实习|校招|秋招|社招|offer|hr|onsite|interview|phone)",
    re.IGNORECASE,
)
_SENTENCE_MARK = re.compile(r"[，。！？!?]")
_INTERVIEW = re.compile(r"面经|面试|凉经|interview", re.IGNORECASE)
_NEAR_TOP = 4


class Context:
    """The context of one post, read from its text and title."""

    def __init__(self, post: Post, lines: Sequence[Line]) -> None:
        self._text, self._title, self._lines = post.text, post.title, lines
        self._labelling = [line for line in lines if ":" in line.words or "：" in line.words]
        self._starts = [line.start for line in lines]
        self._tagged = sorted(hashtag_spans(post.text))

    def company(self) -> Place | None:
        """As labelled; else one that the title names, or a line that names a round; else the only one, where an interview is spoken of."""
        if place := self._labelled("company"):
            return place
        found = [hit for hit in companies_in(self._text) if not self._is_tag(hit.start)]
        titled = {hit.word for hit in companies_in(self._title)}
        told = [hit for hit in found if hit.word in titled] or [hit for hit in found if self._names_round(hit.start)]
        if not told and len({hit.word for hit in found}) == 1:
            told = [hit for hit in found if self._speaks_of_interview(hit)]
        return Place(told[0].start, told[0].end) if told else None

    def role(self) -> Place | None:
        """As labelled; else where a line at the top, or one that names a round, says it; the title's words first."""
        if place := self._labelled("role"):
            return place
        if (titled := _ROLE.search(self._title[:200])) and (start := self._text.find(titled[0])) >= 0:
            return Place(start, start + len(titled[0]))
        for line in self._lines[:_NEAR_TOP]:
            found = _ROLE.search(line.words) if _is_title(line.words) else None
            if found:
                return Place(line.start + found.start(), line.start + found.end())
        return None

    def round(self) -> str | None:
        """The round that the title names, for questions whose text names none."""
        return round_of(self._title)

    def outcome(self, *, report: bool) -> Place | None:
        """As labelled; else, in a report, the last words that say how it ended, unless they are wished or feared."""
        place = self._labelled("outcome")
        lowered = lower(self._text)
        if place or not report or not _SIGN_OF_END.search(lowered):
            return place
        ends = [
            one
            for one in _ENDED.finditer(lowered)
            if not _WISHED.search(self._text, max(0, one.start() - 16), one.start())
        ]
        return Place(*ends[-1].span()) if ends else None

    def _labelled(self, what: str) -> Place | None:
        return next(self._values(what), None)

    def _values(self, what: str) -> Iterator[Place]:
        for line in self._labelling:
            label = _LABELS[what].match(line.words)
            value = _VALUE.match(line.words, label.end()) if label else None
            if value and value[0].strip():
                yield _part(line, value, last=what == "role")

    def _names_round(self, start: int) -> bool:
        line = self._lines[bisect_right(self._starts, start) - 1] if self._starts else None
        return line is not None and _is_title(line.words)

    def _speaks_of_interview(self, name: Hit) -> bool:
        before = _BEFORE.search(self._text, max(0, name.start - 8), name.start)
        return bool(before or _AFTER.match(self._text, name.end))

    def _is_tag(self, start: int) -> bool:
        place = bisect_right(self._tagged, (start, len(self._text))) - 1
        return place >= 0 and start < self._tagged[place][1]


def _is_title(words: str) -> bool:
    """Whether a line names an interview as titles do: shortly, and as no sentence."""
    short = len(words) <= 40 and not _SENTENCE_MARK.search(words)
    return short and (round_of(words) is not None or _INTERVIEW.search(words) is not None)


def _part(line: Line, value: re.Match[str], *, last: bool) -> Place:
    """One of the parts of `公司——岗位`: the last for a role, else the first; without white space around it."""
    start, end = value.span()
    for dash in _PARTS.finditer(line.words, start, end):
        if last:
            start = dash.end()
        else:
            end = dash.start()
            break
    words = line.words[start:end]
    start += len(words) - len(words.lstrip())
    return Place(line.start + start, line.start + start + len(words.strip()))
