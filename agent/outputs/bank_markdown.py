"""The bank as Markdown to read: a section a topic, the questions numbered by how often they were asked, each with links to its posts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TextIO

from agent.outputs.bank import Bank, BankEntry
from agent.outputs.markdown import escaped, link


def write_bank_md(bank: Bank, stream: TextIO) -> None:
    stream.write("# Question bank\n\n")
    stream.write(f"{len(bank.entries)} questions from {bank.posts} posts\n")
    for topic, entries in bank.by_topic():
        stream.write(f"\n## {escaped(topic) if topic else 'No topic'} ({len(entries)})\n\n")
        for number, entry in enumerate(entries, 1):
            stream.writelines(line + "\n" for line in _lines(number, entry))


def _lines(number: int, entry: BankEntry) -> Iterator[str]:
    indent = " " * (len(str(number)) + 2)
    about = [f"asked {entry.count}×", *map(escaped, (*entry.companies, *entry.rounds))]
    yield f"{number}. {escaped(entry.text)} — {' · '.join(about)}"
    for variant in entry.variants:
        yield f"{indent}- = {escaped(variant)}"
    for label, url in dict.fromkeys((post.title or post.id, post.url) for post in entry.posts):
        yield f"{indent}- {link(label, url)}"
