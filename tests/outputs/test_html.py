"""The web page as an HTML parser sees it: every item in its place, no markup but the page's own, nothing to load."""

from __future__ import annotations

import io
from html.parser import HTMLParser

from agent.outputs import write
from agent.records import Record
from tests.outputs.samples import NASTY_LINES, nasty_record, plain_record


class Page(HTMLParser):
    def __init__(self, *records: Record) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.items: list[str] = []
        stream = io.StringIO()
        write(records, stream, "html")
        self.source = stream.getvalue()
        self.feed(self.source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        if tag == "li":
            self.items.append("")

    def handle_data(self, data: str) -> None:
        if self.tags and self.tags[-1] == "li":
            self.items[-1] += data


def test_every_item_is_on_the_page() -> None:
    page = Page(plain_record(), nasty_record())
    assert page.tags.count("article") == 2
    assert page.tags.count("li") == 4 + 3 * len(NASTY_LINES)
    assert [item.strip() for item in page.items[:4]] == [
        "什么是 LoRA？和全量微调比有什么优缺点",
        "手撕：两数之和",
        "参数高效微调",
        "先把项目讲清楚。",
    ]


def test_the_worst_post_adds_no_element_no_script_and_no_link() -> None:
    page = Page(nasty_record(), plain_record())
    assert page.tags.count("script") == 1
    assert not {"img", "b", "iframe", "link", "object"} & set(page.tags)
    assert not [name for name, _ in page.attributes if name.startswith("on") or name == "src"]
    assert [value for name, value in page.attributes if name == "href"] == ["https://example.com/p1"]
    assert "{{ 7*7 }}" in page.source
    assert "\x1b" not in page.source


def test_the_page_may_load_nothing() -> None:
    assert [value for name, value in Page().attributes if name == "content" and value and "default-src 'none'" in value]


def test_the_page_can_be_written_as_utf_8() -> None:
    Page(nasty_record()).source.encode("utf-8")
