"""Reads what a model said out of JSON of any shape: other keys, other types, no envelope. What cannot be an item is passed over."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from agent.extraction.said import PostAnswer, RawItem
from agent.records import Kind


# A post has some tens of items; an answer that loops has any number.
_MOST_ITEMS = 10_000
_DEEPEST = 6
_LONGEST_QUOTE, _LONGEST_TEXT, _LONGEST_NAME = 4_000, 1_000, 40

_ENTRY_KEYS = {
    "posts": "posts post results result answers answer response output data 帖子 结果列表",
    "id": "id postid post_id 帖子id",
    "methods": "methods method techniques tools 方法 技术 技术方法",
    "questions": "questions question interviewquestions 问题 面试题 面试问题 题目",
    "advice": "advice advices advise tips suggestions 建议 经验 忠告",
    "summary": "summary 摘要 总结 概述",
    "company": "company 公司",
    "role": "role position job 岗位 职位",
    "outcome": "outcome 结果",
    "context": "context 背景",
}
_ITEM_KEYS = {
    "quote": "quote 原文 引用 摘录 question 问题 题目 method 方法 advice 建议 content 内容 item name title",
    "text": "text 文本 说明 解释",
    "number": "number no num index 编号 序号",
    "topic": "topic category 主题 分类 类别",
    "round": "round 轮次 面试轮次",
}
_Names = Mapping[str, tuple[str, int]]


def _names(keys: Mapping[str, str]) -> _Names:
    return {alias: (name, rank) for name, aliases in keys.items() for rank, alias in enumerate(aliases.split())}


_ENTRY_NAMES, _ITEM_NAMES = _names(_ENTRY_KEYS), _names(_ITEM_KEYS)
_LISTS: Mapping[Kind, str] = {"method": "methods", "question": "questions", "advice": "advice"}
_SAYS_NOTHING = {"", "null", "none", "n/a", "na", "unknown", "无", "未知", "未提及", "-"}
_NOT_OF_KEY = re.compile(r"[\s_\-]")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


@dataclass(frozen=True, slots=True)
class Entry:
    """What was said of one post, and the id it was said under."""

    id: str | None
    said: PostAnswer


def entries_of(value: Any, *, id: str | None = None, depth: int = 0) -> Iterator[Entry]:  # noqa: A002 - the key's name
    """The entries of a JSON value, in their order; `id` is the key that the value stands under."""
    if depth > _DEEPEST:
        return
    if isinstance(value, list):
        for one in value:
            yield from entries_of(one, depth=depth + 1)
    elif isinstance(value, dict):
        fields = _named(value, _ENTRY_NAMES)
        if not fields.keys().isdisjoint(_LISTS.values()):
            yield Entry(_id(fields.get("id", id)), _post_answer(fields))
        elif "posts" in fields:
            yield from entries_of(fields["posts"], depth=depth + 1)
        else:
            for key, one in value.items():
                yield from entries_of(one, id=str(key), depth=depth + 1)


def _post_answer(fields: Mapping[str, Any]) -> PostAnswer:
    context = fields.get("context")
    told = {**(_named(context, _ENTRY_NAMES) if isinstance(context, dict) else {}), **fields}
    return PostAnswer(
        items=tuple(item for kind, name in _LISTS.items() for item in _items(kind, fields.get(name))),
        summary=_words(told.get("summary"), _LONGEST_TEXT),
        company=_quoted(told.get("company")),
        role=_quoted(told.get("role")),
        outcome=_quoted(told.get("outcome")),
    )


def _items(kind: Kind, value: Any) -> Iterator[RawItem]:
    """A list of items, a mapping of them, one item alone, or lines of text."""
    lines = value.splitlines() if isinstance(value, str) else value
    items = (_item(kind, fields) for fields in _each_item(lines))
    return islice((item for item in items if item), _MOST_ITEMS)


def _each_item(value: Any, depth: int = 0) -> Iterator[Mapping[str, Any]]:
    if isinstance(value, str):
        yield {"quote": value}
    elif isinstance(value, dict | list) and depth < _DEEPEST:
        fields = _named(value, _ITEM_NAMES) if isinstance(value, dict) else {}
        if "quote" in fields or "text" in fields:
            yield fields
            return
        for one in value.values() if isinstance(value, dict) else value:
            yield from _each_item(one, depth + 1)


def _item(kind: Kind, fields: Mapping[str, Any]) -> RawItem | None:
    text = _words(fields.get("text"), _LONGEST_TEXT)
    told = fields.get("quote")
    quote = told[:_LONGEST_QUOTE].strip() if isinstance(told, str) else ""
    if not quote and not text:
        return None
    return RawItem(
        kind=kind,
        quote=quote or text or "",
        text=text if quote and text != quote else None,
        number=_number(fields.get("number")),
        topic=_words(fields.get("topic"), _LONGEST_NAME),
        round=_words(fields.get("round"), _LONGEST_NAME),
    )


def _words(value: Any, longest: int) -> str | None:
    """One line of words; None where they say nothing, or are no name any more but a text."""
    if not isinstance(value, str) or len(value) > 4 * longest:
        return None
    words = " ".join(_CONTROL.sub(" ", value).split())
    return None if words.casefold() in _SAYS_NOTHING or len(words) > longest else words


def _quoted(value: Any) -> str | None:
    if isinstance(value, list):
        value = next(iter(value), None)
    if isinstance(value, dict):
        value = _named(value, _ITEM_NAMES).get("quote")
    return _words(value, _LONGEST_NAME)


def _number(value: Any) -> int | None:
    if isinstance(value, str):
        digits = re.search(r"\d{1,4}", value[:_LONGEST_NAME])
        value = int(digits[0]) if digits else None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10_000 else None


def _id(value: Any) -> str | None:
    return str(value).strip() if isinstance(value, str | int) and not isinstance(value, bool) else None


def _named(value: Mapping[Any, Any], names: _Names) -> dict[str, Any]:
    """The fields that are known, under our names; of two that mean the same, the one that the tables name first."""
    known: dict[str, tuple[int, Any]] = {}
    for key, one in value.items():
        name, rank = names.get(_NOT_OF_KEY.sub("", str(key)).casefold(), ("", 0))
        if name and (name not in known or (rank < known[name][0] and one is not None)):
            known[name] = rank, one
    return {name: one for name, (_, one) in known.items()}
