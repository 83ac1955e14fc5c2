"""Extraction with no model: methods, questions and advice of a post by its form and its words. It never fails and asks nobody."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from agent.extraction.findings import Finding, Findings
from agent.extraction.rules.advising import advice
from agent.extraction.rules.asking import asked, quoted
from agent.extraction.rules.context import Context
from agent.extraction.rules.cues import asks_firmly, is_reverse, is_skipped, urges
from agent.extraction.rules.headings import INNERMOST
from agent.extraction.rules.kinds import Subject, kind_of, names_technique, share, subject_of
from agent.extraction.rules.lines import Line, front_matter, read_lines
from agent.extraction.rules.listing import read_list
from agent.extraction.rules.names import resolved
from agent.extraction.rules.prose import Span, apart, sentences
from agent.extraction.rules.sections import Section, read_sections
from agent.extraction.rules.speech import with_speech_read
from agent.extraction.rules.tags import hashtags
from agent.extraction.rules.width import widened
from agent.extraction.topics import topic_of
from agent.records import Post


def extract(post: Post) -> Findings:
    """What the rules find in a post: spans in reading order, each of one kind. Time and memory grow with the text's length."""
    lines = read_lines(widened(post.text))
    begin = front_matter(post.text)
    sections = read_sections(with_speech_read([line for line in lines if line.start >= begin]))
    subject = subject_of(post.title, post.text, lines)
    tags = hashtags(post.text)
    if subject.advert:
        return Findings(tags=tags)
    found = [one for section in sections for one in _of_section(section, subject)]
    context = Context(post, lines)
    opened = context.round() if not any(section.round for section in sections) else None
    items = tuple(_told(one, post.text, opened) for one in _settled(found))
    return Findings(items, context.company(), context.role(), context.outcome(report=subject.report), tags)


def _of_section(section: Section, subject: Subject) -> Iterator[Finding]:
    yield from _of_title(section, subject)
    if section.holds == "advert":
        return
    kind = kind_of(section, subject)
    for reading in read_list(section, kind, subject):
        line = reading.line
        if reading.kind == "question":
            yield _question(line, section, reading.number, sure=reading.sure)
        elif reading.kind:
            yield Finding(reading.kind, line.start, line.end)
        elif line.style != "|":
            below = reading.place == "sub" and not line.joined
            yield from _in_prose(line, section, subject, below=below, announced=kind == "advice")


def _of_title(section: Section, subject: Subject) -> Iterator[Finding]:
    """What a heading itself says: a question with its answer below, a long line, a numbered piece of advice."""
    title = section.title
    if title is None or section.beside:
        return
    advising = section.holds == "advice" and section.rank == INNERMOST
    if _names_method(section, title, subject):
        yield Finding("method", title.start, title.end)
    elif section.asked or _heads_notes(section, title):
        yield _question(title, section, title.number, sure=section.asked)
    elif len(title.words) > 40 or advising:
        yield from _in_prose(title, section, subject, below=False, announced=section.holds == "advice")


def _names_method(section: Section, title: Line, subject: Subject) -> bool:
    """Whether a heading is itself a method, in a post that teaches; not where it stands over a list of them."""
    teaches = not (subject.told or subject.report) and names_technique(title.words)
    return teaches and not (section.lines and kind_of(section, subject) == "method")


def _heads_notes(section: Section, title: Line) -> bool:
    """Whether a numbered heading names what was asked, with notes on it below rather than questions."""
    asking = section.holds in (None, "question") and section.rank == INNERMOST
    noted = bool(section.lines) and share(asks_firmly, section.lines) < 0.5
    return asking and noted and topic_of(title.words) is not None


def _question(line: Line, section: Section, number: int | None, *, sure: bool) -> Finding:
    return Finding("question", line.start, line.end, number=number, round=section.round, sure=sure)


def _in_prose(line: Line, section: Section, subject: Subject, *, below: bool, announced: bool) -> Iterator[Finding]:
    """What running text says was asked, and advises. Below an item it answers, mostly: there it must say so plainly."""
    asking = section.holds == "question"
    answering = section.holds in ("reverse", "answer") or not subject.report or is_reverse(line.words)
    said = [] if answering else list(quoted(Span(line.start, line.end, line.words)))
    yield from (Finding("question", span.start, span.end, round=section.round) for span in said)
    for sentence in sentences(line.words, line.start):
        silent = below and asking and not urges(sentence.words)
        advised = [] if silent else list(advice(sentence, announced=announced))
        found = () if answering else asked(sentence, in_round=asking and not below)
        yield from (Finding("advice", span.start, span.end) for span in advised)
        for span in apart(found, sorted((*advised, *said), key=lambda span: span.start)):
            if not is_skipped(span.words):
                yield Finding("question", span.start, span.end, round=section.round)


def _told(one: Finding, text: str, opened: str | None) -> Finding:
    """With the names that its homophones mean, and as a question with its topic and round."""
    words = text[one.start : one.end]
    told = resolved(words)
    if one.kind != "question":
        return replace(one, text=told)
    return replace(one, text=told, topic=topic_of(told or words), round=one.round or opened)


def _settled(found: Sequence[Finding]) -> tuple[Finding, ...]:
    """In reading order; of two of one kind in one place the first and longer stays."""
    kept: list[Finding] = []
    ends: dict[str, int] = {}
    for one in sorted(found, key=lambda one: (one.start, -one.end)):
        if one.start >= ends.get(one.kind, 0):
            kept.append(one)
            ends[one.kind] = one.end
    return tuple(kept)
