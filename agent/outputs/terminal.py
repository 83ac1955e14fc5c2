"""One record on a terminal, coloured and wrapped.

What a post says is printed, never obeyed: no markup, no escape sequence, no crash on a console whose code page lacks a character.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from agent.language import t
from agent.outputs.harmless import for_terminal, one_line
from agent.outputs.rows import told_context, told_maker
from agent.outputs.wrapping import line_ends
from agent.records import Item, Question, Record


if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text


_MARGIN = 5
_NARROWEST = 20


def show(record: Record, console: Console) -> None:
    """Print the readable view: the post, its context, questions, methods, advice, and a last line about how it was made."""
    page = _Page(console)
    page.put(record.post.title or record.post.id, "bold")
    page.put(_joined(record.post.source, record.post.url), "dim")
    page.put(_joined(*told_context(record)), "magenta")
    page.put(record.summary or "", "italic")
    page.section(t("Questions"), "cyan", map(_question, record.questions), numbered=True)
    page.section(t("Methods"), "green", map(_item, record.methods))
    page.section(t("Advice"), "yellow", map(_item, record.advice))
    page.gap()
    page.put(_made_by(record), "dim")
    page.gap()


class _Page:
    """Paragraphs put on a console, in characters that its encoding has."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._width = max(console.width, _NARROWEST)

    def put(self, text: str, style: str, *, marker: str = "", aside: str = "") -> None:
        """A paragraph behind a hanging marker, its `aside` dim at the end. Nothing for an empty text."""
        from rich.text import Text

        body = Text(self._printable(text), style)
        if aside:
            body.append("  ").append(self._printable(aside), "dim")
        margin = _MARGIN if marker else 0
        hanging = f"{marker:>{margin - 1}} " if marker else ""
        for line in body.divide(line_ends(body.plain, self._width - margin)):
            self._line(hanging, line)
            hanging = " " * margin

    def section(self, heading: str, colour: str, items: Iterable[tuple[str, str]], *, numbered: bool = False) -> None:
        listed = list(items)
        if not listed:
            return
        self.gap()
        self.put(f"{heading} ({len(listed)})", f"bold {colour}")
        for number, (text, aside) in enumerate(listed, 1):
            self.put(text, "", marker=str(number) if numbered else "-", aside=aside)

    def gap(self) -> None:
        self._console.print()

    def _line(self, margin: str, line: Text) -> None:
        from rich.text import Text

        line.rstrip()
        if not line:
            return  # what `divide` leaves behind the last line's end
        self._console.print(Text().append(margin, "dim").append_text(line), soft_wrap=True, highlight=False)

    def _printable(self, text: str) -> str:
        encoding = self._console.encoding
        return for_terminal(one_line(text)).encode(encoding, "replace").decode(encoding)


def _joined(*parts: str | None) -> str:
    return " | ".join(part for part in parts if part)


def _question(question: Question) -> tuple[str, str]:
    about = ", ".join(part for part in (question.topic, question.round) if part)
    return question.text, f"[{about}]" if about else ""


def _item(item: Item) -> tuple[str, str]:
    return item.text, ""


def _made_by(record: Record) -> str:
    return _joined(*map(t, told_maker(record)), *_warnings(record.provenance.warnings))


def _warnings(warnings: list[str]) -> Iterator[str]:
    for warning in warnings:
        yield f"! {warning}"
