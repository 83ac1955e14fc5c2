"""The view on a terminal: readable, never wider than the screen, and no post can steer the terminal or crash it."""

from __future__ import annotations

import io
import re
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from agent.outputs.harmless import one_line
from agent.outputs.terminal import show
from agent.outputs.wrapping import line_ends
from agent.records import Record
from tests.outputs.samples import asked, nasty_record, plain_record


def shown(record: Record, *, width: int = 80, colour: bool = False) -> str:
    stream = io.StringIO()
    show(record, Console(file=stream, width=width, force_terminal=colour, color_system="standard" if colour else None))
    return stream.getvalue()


def lines_of(text: str, width: int) -> list[str]:
    return [text[start:end] for start, end in pairwise([0, *line_ends(text, width)])]


def test_a_record_reads_well() -> None:
    assert shown(plain_record(), width=40) == (
        "云图一面\n"
        "posts/p1.txt | https://example.com/p1\n"
        "云图科技 | 大模型算法\n"
        "一次一面。\n"
        "\n"
        "Questions (2)\n"
        "   1 什么是 LoRA？和全量微调比有什么优缺\n"
        "     点  [微调, 一面]\n"
        "   2 手撕：两数之和\n"
        "\n"
        "Methods (1)\n"
        "   - 参数高效微调\n"
        "\n"
        "Advice (1)\n"
        "   - 先把项目讲清楚。\n"
        "\n"
        "gemini-2.5-flash-lite | ! 1 item dropped\n"
        "\n"
    )


def test_colours_are_the_view_s_own() -> None:
    coloured = shown(nasty_record(), colour=True)
    assert set(re.findall("\x1b[^m]*m", coloured)) <= {
        f"\x1b[{code}m" for code in ("0", "1", "2", "3", "35", "1;36", "1;32", "1;33")
    }
    assert re.sub("\x1b[^m]*m", "", coloured) == shown(nasty_record())


def test_a_post_cannot_steer_the_terminal() -> None:
    seen = shown(nasty_record(), width=200)
    assert not set(seen) & {chr(code) for code in (*range(10), *range(11, 32), *range(127, 160), 0x202E, 0x202C)}
    assert "[bold red]rich[/bold red]" in seen


@pytest.mark.parametrize("encoding", ["ascii", "cp936", "utf-8", "cp1252"])
def test_a_narrow_code_page_shows_a_question_mark(encoding: str) -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding=encoding)
    show(nasty_record(), Console(file=stream, width=60))
    show(asked("表情 😀 和 ñ"), Console(file=stream, width=60))
    stream.flush()
    seen = raw.getvalue().decode(encoding)
    assert ("😀" in seen) is (encoding == "utf-8")
    assert ("表情 ?" in seen) is (encoding == "cp936")


@settings(deadline=None)
@given(st.text(), st.integers(20, 120))
def test_no_line_is_wider_than_the_screen(text: str, width: int) -> None:
    assert max(cell_len(line) for line in shown(asked(f"问{text}"), width=width).splitlines()) <= width


@settings(deadline=None)
@given(st.text().map(one_line), st.integers(10, 60))
def test_nothing_is_lost_by_wrapping(text: str, width: int) -> None:
    lines = lines_of(text, width)
    assert "".join(lines) == text
    assert all(cell_len(line.rstrip()) <= width for line in lines)


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("如何理解缓存穿透，怎么办", ["如何理解缓", "存穿透，怎", "么办"]),
        ("理解缓存穿，怎么办", ["理解缓存", "穿，怎么办"]),
        ("用 Redis Cluster 吗", ["用 Redis", "Cluster 吗"]),
        ("abcdefghijklmnop", ["abcdefghij", "klmnop"]),
        ("", []),
    ],
    ids=[
        "chinese breaks anywhere",
        "no line begins with a comma",
        "words stay whole",
        "but for the longest",
        "nothing",
    ],
)
def test_lines_break_where_a_reader_would(text: str, lines: list[str]) -> None:
    assert [line.rstrip() for line in lines_of(text, 10)] == lines
