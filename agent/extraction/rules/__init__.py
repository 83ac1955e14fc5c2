"""Extraction with no model: methods, questions and advice of a post by its form and its words. It never fails and asks nobody."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from agent.extraction.findings import Finding, Findings
from agent.extraction.rules.advising import advice
from agent.extraction.rules.asking import asked, quoted
from agent.extraction.rules.context import Context
from agent.extraction.rules.cues import asks_firmly, is_english, is_reverse, is_skipped, urges
from agent.extraction.rules.headings import INNERMOST
from agent.extraction.rules.kinds import Subject, kind_of, names_technique, share
from agent.extraction.rules.learned import Judge, Learned
from agent.extraction.rules.lines import Line
from agent.extraction.rules.listing import Reading
from agent.extraction.rules.names import resolved
from agent.extraction.rules.page import Listed, Page
from agent.extraction.rules.prose import Span, apart, sentences
from agent.extraction.rules.sections import Section
from agent.extraction.rules.tags import hashtags
from agent.extraction.topics import topic_of
from agent.records import Kind, Post


def extract(post: Post, *, learned: Learned | None = None) -> Findings:
    """What the rules find in a post: spans in reading order, each of one kind. Time and memory grow with the text's length.

    What they are not certain of is judged by what was `learned`; null is what ships with the package, an empty one nothing.
    """
    page = Page.of(post)
    tags = hashtags(post.text)
    if page.subject.advert:
        return Findings(tags=tags)
    judge = Judge(page, learned)
    found = [one for section in page.sections for one in _of_section(section, page.subject, judge)]
    context = Context(post, page.lines)
    opened = context.round() if not any(section.round for section in page.sections) else None
    items = tuple(_told(one, post.text, opened) for one in _settled(found))
    return Findings(items, context.company(), context.role(), context.outcome(report=page.subject.report), tags)


def _of_section(section: Section, subject: Subject, judge: Judge) -> Iterator[Finding]:
    yield from _of_title(section, subject)
    if section.holds == "advert":
        return
    listed = Listed.of(section, subject)
    for own, reading in zip(listed.readings, judge.judged(listed), strict=True):
        line, said = reading.line, list[Finding]()
        if _may_tell_several(reading, own.kind):
            below = reading.place == "sub" and not line.joined
            said = list(_in_prose(line, section, subject, below=below, announced=listed.kind == "advice"))
        if reading.kind is None or any(one.kind == reading.kind for one in said):
            yield from said
        elif reading.kind == "question":
            yield _question(line, section, reading.number, sure=reading.sure, learned=reading.learned)
        else:
            yield Finding(reading.kind, line.start, line.end, learned=reading.learned)


def _may_tell_several(reading: Reading, own: Kind | None) -> bool:
    """Whether a line's own sentences are to be looked at: it is no item, or one whose words may tell its items apart better."""
    line = reading.line
    match reading.kind:
        case None:
            return line.style != "|"
        case "question":
            return own is None and line.mark is None
        case kind:
            return kind == "advice" and is_english(line.words) and len(list(sentences(line.words, line.start))) > 1


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


def _question(line: Line, section: Section, number: int | None, *, sure: bool, learned: bool = False) -> Finding:
    return Finding("question", line.start, line.end, number=number, round=section.round, sure=sure, learned=learned)


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
