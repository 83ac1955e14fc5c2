"""Records as Markdown to read: a section a post, its questions numbered. Markup in the posts' texts is escaped and shows as it was written."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TextIO
from urllib.parse import quote as percent_encoded

from agent.outputs.harmless import one_line, web_url
from agent.outputs.rows import told_context, told_maker
from agent.records import Item, PostInfo, Question, Record


_MARKUP = re.compile(r"[\\`*_\[\]<>|~&$]|(?<= )#")
_LEADING_MARKUP = re.compile(r"[#+=:-]|\d{1,9}(?=[.)])")
_URL_SAFE = "/:?#@!$&'()*+,;=%~-._"


def write_md(records: Iterable[Record], stream: TextIO) -> None:
    stream.writelines("\n" * bool(index) + "\n".join(_section(record)) + "\n" for index, record in enumerate(records))


def escaped(text: str) -> str:
    """The text on one line, to stand after a marker or inside a paragraph, with nothing in it that Markdown or HTML would obey."""
    line = _MARKUP.sub(r"\\\g<0>", one_line(text))
    leading = _LEADING_MARKUP.match(line)
    if leading is None:
        return line
    at = leading.end() if leading.group()[0].isdigit() else 0
    return f"{line[:at]}\\{line[at:]}"


def link(label: str, url: str | None) -> str:
    """A link, where the address is one of the web; else the label alone."""
    address = web_url(url)
    return f"[{escaped(label)}](<{percent_encoded(address, safe=_URL_SAFE)}>)" if address else escaped(label)


def _section(record: Record) -> Iterator[str]:
    yield f"## {link(record.post.title or record.post.id, record.post.url)}"
    yield from _paragraph(_facts(record))
    if record.summary:
        yield from _paragraph([escaped(record.summary)])
    yield from _list("Questions", [f"{number}. {_question(item)}" for number, item in enumerate(record.questions, 1)])
    yield from _list("Methods", _bullets(record.methods))
    yield from _list("Advice", _bullets(record.advice))


def _facts(record: Record) -> list[str]:
    return [
        *map(escaped, told_context(record)),
        *_origin_of(record.post),
        escaped(", ".join(told_maker(record))),
    ]


def _origin_of(post: PostInfo) -> Iterator[str]:
    yield f"id {escaped(post.id)}"
    if post.source:
        yield escaped(post.source)


def _question(question: Question) -> str:
    about = " · ".join(escaped(part) for part in (question.topic, question.round) if part)
    return escaped(question.text) + (f" — *{about}*" if about else "")


def _bullets(items: Iterable[Item]) -> list[str]:
    return [f"- {escaped(item.text)}" for item in items]


def _paragraph(parts: list[str]) -> Iterator[str]:
    yield ""
    yield " · ".join(parts)


def _list(heading: str, lines: list[str]) -> Iterator[str]:
    if lines:
        yield ""
        yield f"### {heading}"
        yield ""
        yield from lines
