"""The notebook view: the text whole and in order, items marked by kind, everything from the post escaped."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.outputs.spans import pieces_of
from agent.outputs.view import record_html, records_html
from agent.records import Item, Record
from tests.outputs.samples import NASTY_LINES, NASTY_TEXT, PLAIN_TEXT, asked, item, nasty_record, plain_record


class Seen(HTMLParser):
    """What a browser would show."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""
        self.marked: list[tuple[str, str]] = []
        self._title: str | None = None
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        self._title = dict(attrs).get("title") if tag == "mark" else None

    def handle_endtag(self, tag: str) -> None:
        self._title = None

    def handle_data(self, data: str) -> None:
        self.text += data
        if self._title:
            self.marked.append((data, self._title))


def test_a_record_shows_its_text_with_the_items_marked() -> None:
    seen = Seen(plain_record().with_text(PLAIN_TEXT)._repr_html_())
    assert PLAIN_TEXT in seen.text
    assert seen.marked == [
        ("什么是 LoRA？和全量微调比有什么优缺点", "question · verbatim · 微调 · 一面"),
        ("手撕：两数之和", "question · verbatim"),
        ("参数高效微调 (PEFT)", "method · reworded by the model · 参数高效微调"),
        ("先把项目讲清楚。", "advice · verbatim"),
    ]


def test_it_is_told_in_the_language_that_is_spoken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MIANJING_LANG", "zh")
    seen = Seen(plain_record().with_text(PLAIN_TEXT)._repr_html_())
    assert "问题 2 方法 1 建议 1" in seen.text
    assert [told.split(" · ")[:2] for _, told in seen.marked] == [
        ["问题", "原文逐字"],
        ["问题", "原文逐字"],
        ["方法", "模型改写过"],
        ["建议", "原文逐字"],
    ]
    listed = Seen(records_html([plain_record()]))
    assert listed.text.startswith("1 篇 问题 2 方法 1 建议 1")


def test_without_the_text_the_items_are_listed() -> None:
    seen = Seen(record_html(plain_record()))
    assert [text for text, _ in seen.marked] == [
        "什么是 LoRA？和全量微调比有什么优缺点",
        "手撕：两数之和",
        "参数高效微调",
        "先把项目讲清楚。",
    ]
    assert {"ol", "ul"} <= set(seen.tags)


@pytest.mark.parametrize("with_text", [True, False])
def test_the_worst_post_is_only_text(with_text: bool) -> None:
    record = nasty_record()
    html = record_html(record.with_text(NASTY_TEXT) if with_text else record)
    seen = Seen(html)
    assert set(seen.tags) <= {"div", "strong", "p", "em", "mark", "ol", "ul", "li"}
    assert {name for name, _ in seen.attributes} <= {"style", "title"}
    for line in NASTY_LINES:
        if line.isprintable():
            assert line in seen.text
    html.encode("utf-8")


def test_of_overlapping_items_the_shortest_is_shown() -> None:
    text = "如何用 LoRA 微调大模型"
    record = asked(text).model_copy(update={"methods": [item(text, "LoRA")], "advice": [item(text, "LoRA 微调")]})
    pieces = [(piece.text, piece.mark and piece.mark.kind) for piece in pieces_of(record, text)]
    assert pieces == [("如何用 ", "question"), ("LoRA", "method"), (" 微调", "advice"), ("大模型", "question")]


@settings(deadline=None)
@given(st.text(min_size=1), st.lists(st.tuples(st.integers(0, 30), st.integers(1, 30)), max_size=8))
def test_the_pieces_are_the_text(text: str, spans: list[tuple[int, int]]) -> None:
    record: Record = asked("x")
    found = [Item(text="x", quote="x", start=start, end=start + length) for start, length in spans]
    pieces = list(pieces_of(record.model_copy(update={"questions": [], "methods": found}), text))
    assert "".join(piece.text for piece in pieces) == text
    covered = {at for start, length in spans for at in range(start, start + length) if at < len(text)}
    assert sum(len(piece.text) for piece in pieces if piece.mark) == len(covered)


def test_a_kind_with_no_item_has_no_list() -> None:
    record = plain_record()
    without = record.model_copy(update={"advice": []})
    assert "advice" in record_html(record).lower()
    assert "advice" not in record_html(without).lower()
