"""Extraction with no model: methods, questions and advice of a post by its form and its words. It never fails and asks nobody."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from agent.extraction.findings import Finding, Findings
from agent.extraction.rules import listing, prose
from agent.extraction.rules.cues import asks, is_skipped
from agent.extraction.rules.headings import INNERMOST
from agent.extraction.rules.lines import Line, read_lines
from agent.extraction.rules.listing import Entry, entries, is_named, kind_of, share
from agent.extraction.rules.sections import Section, read_sections
from agent.extraction.rules.tags import hashtags, untagged
from agent.records import Post


_INTERVIEW = re.compile(r"面试|[一二三四终]面|面经|手撕|八股|interview|onsite|凉经|笔试", re.IGNORECASE)
_REPORT = re.compile(r"面试官|[一二三四终]面|自我介绍|问我|反问|手撕|问了|被问|面经|凉经|面完|hr面|笔试|面试题|面试问题|interviewer|on-?site|phone screen|asked me|i was asked|interview", re.IGNORECASE)
_ADVERT = re.compile(r"岗位职责|任职要求|岗位要求|职位描述|任职资格|薪资|月薪|年薪|招聘|急招|内推|[五六]险一金|弹性打卡|弹性工作|有意向|私信|投递|福利|办公地点|优先|下午茶|签约主体|滴滴")


def extract(post: Post) -> Findings:
    """What the rules find in a post: spans in reading order, each of one kind."""
    text = post.text
    lines = read_lines(text)
    sections = read_sections(lines)
    about = _about(post, lines)
    found: list[Finding] = []
    if about:
        for section in sections:
            found += _of_section(section, about)
    return Findings(items=_settled(found), tags=hashtags(text))


def _settled(found: Sequence[Finding]) -> tuple[Finding, ...]:
    """In reading order; of two of one kind in one place the first and longer stays."""
    kept: list[Finding] = []
    ends: dict[str, int] = {}
    for one in sorted(found, key=lambda one: (one.start, -one.end)):
        if one.start >= ends.get(one.kind, 0):
            kept.append(one)
            ends[one.kind] = one.end
    return tuple(kept)


def _about(post: Post, lines: Sequence[Line]) -> listing.Post | None:
    """What a post is about; None for an advert of a job."""
    words = f"{post.title}\n{untagged(post.text)}"
    reports = {found[0].lower() for found in _REPORT.finditer(words)}
    adverts = {found[0] for found in _ADVERT.finditer(words)}
    if len(adverts) > 2 * len(reports) and len(adverts) >= 2:
        return None
    marked = [line for line in lines if line.mark]
    interview = _INTERVIEW.search(f"{post.title}\n{post.text}") is not None
    return listing.Post(interview, bool(reports), share(is_named, marked), share(asks, marked))


def _of_section(section: Section, post: listing.Post) -> Iterator[Finding]:
    listed = {entry.line.start: entry for entry in entries(section, kind_of(section, post), post)}
    for entry in listed.values():
        yield _listed(entry, section)
    if section.title and not section.beside and (len(section.title.words) > 40 or (section.holds == "advice" and section.rank == INNERMOST)):
        yield from _in_prose(section.title.words, section.title.start, section, post)
    if section.holds == "advert":
        return
    for line in section.lines:
        if line.start not in listed and line.style != "|":
            yield from _in_prose(line.words, line.start, section, post)


def _listed(entry: Entry, section: Section) -> Finding:
    line = entry.line
    asked_in = section.round if entry.kind == "question" else None
    number = entry.number if entry.kind == "question" else None
    return Finding(entry.kind, line.start, line.end, number=number, round=asked_in, sure=entry.sure)


def _in_prose(words: str, start: int, section: Section, post: listing.Post) -> Iterator[Finding]:
    for sentence in prose.sentences(words, start):
        advised = list(prose.advice(sentence, announced=section.holds == "advice"))
        for span in advised:
            yield Finding("advice", span.start, span.end)
        if section.holds in ("reverse", "answer") or not post.report:
            continue
        for span in prose.asked(sentence, in_round=section.holds == "question"):
            if not is_skipped(span.words) and not any(span.start < other.end and other.start < span.end for other in advised):
                yield Finding("question", span.start, span.end, round=section.round)
