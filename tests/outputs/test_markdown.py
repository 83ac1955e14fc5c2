"""The Markdown as a Markdown parser sees it: the posts' own markup is text."""

from __future__ import annotations

import io

import pytest
from hypothesis import given, settings
from markdown_it import MarkdownIt
from markdown_it.token import Token

from agent.outputs import write
from agent.outputs.harmless import one_line
from agent.outputs.markdown import escaped, link
from agent.records import Record
from tests.outputs.samples import NASTY_LINES, nasty_record, plain_record
from tests.outputs.test_json_text import ANY_TEXT


PARSER = MarkdownIt("commonmark").enable(["table", "strikethrough"])


def written(*records: Record) -> str:
    stream = io.StringIO()
    write(records, stream, "md")
    return stream.getvalue()


def test_a_section_a_post_reads_well() -> None:
    assert written(plain_record()) == (
        "## [云图一面](<https://example.com/p1>)\n\n"
        "云图科技 · 大模型算法 · id p1 · posts/p1.txt · gemini-2.5-flash-lite\n\n"
        "一次一面。\n\n"
        "### Questions\n\n"
        "1. 什么是 LoRA？和全量微调比有什么优缺点 — *微调 · 一面*\n"
        "2. 手撕：两数之和\n\n"
        "### Methods\n\n"
        "- 参数高效微调\n\n"
        "### Advice\n\n"
        "- 先把项目讲清楚。\n"
    )


def test_the_worst_post_has_no_markup_of_its_own() -> None:
    tokens = PARSER.parse(written(nasty_record(), plain_record()))
    flat = [child for token in tokens for child in (token, *(token.children or ()))]
    assert {token.tag for token in flat if token.tag} <= {"h2", "h3", "p", "ol", "ul", "li", "em", "a"}
    assert not [
        token
        for token in flat
        if token.type in ("html_block", "html_inline", "image", "code_inline", "fence", "table_open")
    ]
    assert [token.attrs["href"] for token in flat if token.type == "link_open"] == ["https://example.com/p1"]
    assert sum(token.type == "list_item_open" for token in flat) == 3 * len(NASTY_LINES) + 4


@settings(deadline=None)
@given(ANY_TEXT)
@pytest.mark.parametrize("before", ["1. ", "- ", "## ", ""], ids=["number", "bullet", "heading", "paragraph"])
def test_any_text_shows_as_it_was_written(before: str, text: str) -> None:
    shown = one_line(text)
    if not shown:
        return
    inline = [token for token in PARSER.parse(before + escaped(text)) if token.type == "inline"]
    assert len(inline) == 1
    assert {child.type for child in _children(inline[0])} == {"text"}
    assert "".join(child.content for child in _children(inline[0])) == shown


@pytest.mark.parametrize(
    ("url", "href"),
    [
        ("https://example.com/a?b=1&c=(2)", "https://example.com/a?b=1&c=(2)"),
        ("https://example.com/>)<script>", "https://example.com/%3E)%3Cscript%3E"),
        ("https://例子.example/帖 子", "https://%E4%BE%8B%E5%AD%90.example/%E5%B8%96%20%E5%AD%90"),
        ("javascript:alert(1)", None),
        ("data:text/html,x", None),
        ("//evil.example", None),
        ("http://[", None),
        (None, None),
    ],
)
def test_only_pages_of_the_web_become_links(url: str | None, href: str | None) -> None:
    (inline,) = [token for token in PARSER.parse(link("标题 [x]", url)) if token.type == "inline"]
    opened = [child for child in _children(inline) if child.type == "link_open"]
    assert [child.attrs["href"] for child in opened] == ([href] if href else [])


def _children(token: Token) -> list[Token]:
    return token.children or []
