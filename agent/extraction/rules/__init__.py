"""Extraction with no model: methods, questions and advice of a post by its form and its words. It never fails and asks nobody."""

from __future__ import annotations

import re
from collections.abc import Iterator

from agent.extraction.findings import Finding, Findings
from agent.extraction.rules import prose
from agent.extraction.rules.cues import is_skipped
from agent.extraction.rules.lines import read_lines
from agent.extraction.rules.listing import Entry, entries, kind_of
from agent.extraction.rules.sections import Section, read_sections
from agent.extraction.rules.tags import hashtags
from agent.records import Post


_INTERVIEW = re.compile(r"面试|[一二三四终]面|面经|手撕|八股|interview|onsite|凉经|笔试", re.IGNORECASE)
_ADVERT = re.compile(r"岗位职责|任职要求|岗位要求|职位描述|任职资格|薪资范围|招聘|急招|内推码|六险一金|五险一金|弹性打卡|有意向|私信|投递简历")


def extract(post: Post) -> Findings:
    """What the rules find in a post: spans in reading order, each of one kind."""
    text = post.text
    lines = read_lines(text)
    interview = _INTERVIEW.search(f"{post.title}\n{text}") is not None
    found: list[Finding] = []
    for section in read_sections(lines):
        found += _of_section(section, interview=interview)
    return Findings(items=tuple(sorted(found, key=lambda one: (one.start, one.end))), tags=hashtags(text))


def _of_section(section: Section, *, interview: bool) -> Iterator[Finding]:
    listed = {entry.line.start: entry for entry in entries(section, kind_of(section, interview=interview))}
    for entry in listed.values():
        yield _listed(entry, section)
    if section.holds in ("advert", "reverse"):
        return
    for line in section.lines:
        if line.start not in listed:
            yield from _in_prose(line.words, line.start, section)


def _listed(entry: Entry, section: Section) -> Finding:
    line = entry.line
    asked_in = section.round if entry.kind == "question" else None
    number = entry.number if entry.kind == "question" else None
    return Finding(entry.kind, line.start, line.end, number=number, round=asked_in, sure=entry.sure)


def _in_prose(words: str, start: int, section: Section) -> Iterator[Finding]:
    for sentence in prose.sentences(words, start):
        for span in prose.asked(sentence):
            if not is_skipped(span.words):
                yield Finding("question", span.start, span.end, round=section.round)
        for span in prose.advice(sentence):
            yield Finding("advice", span.start, span.end)
