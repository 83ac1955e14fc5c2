"""Extraction with no model: methods, questions and advice of a post by its form and its words. It never fails and asks nobody."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from agent.extraction.findings import Finding, Findings
from agent.extraction.rules.advising import advice
from agent.extraction.rules.asking import asked, quoted
from agent.extraction.rules.context import Context
from agent.extraction.rules.cues import answers, asks, asks_firmly, is_english, is_reverse, is_skipped, urges
from agent.extraction.rules.headings import INNERMOST
from agent.extraction.rules.learned import Judge
from agent.extraction.rules.lines import Line, share
from agent.extraction.rules.listing import Reading
from agent.extraction.rules.names import resolved
from agent.extraction.rules.naming import methods_in
from agent.extraction.rules.page import Listed, Page
from agent.extraction.rules.prose import Span, apart, sentences
from agent.extraction.rules.sections import Section
from agent.extraction.rules.subject import Subject
from agent.extraction.rules.tags import hashtags
from agent.extraction.rules.teaching import names_technique
from agent.extraction.rules.telling import ClauseJudge, shipped_judge
from agent.extraction.rules.weights import Learned
from agent.extraction.topics import topic_of
from agent.records import Kind, Post


def extract(post: Post, *, learned: Learned | None = None, clauses: ClauseJudge | None = None) -> Findings:
    """What the rules find in a post: spans in reading order, each of one kind. Time and memory grow with the text's length.

    What they are not certain of is judged by what was `learned` of lines, and running text by the judge of `clauses`; null is what
    ships with the package, an empty one nothing.
    """
    page = Page.of(post)
    tags = hashtags(post.text)
    if page.subject.advert:
        return Findings(tags=tags)
    judge, clauses = Judge(page, learned), clauses or shipped_judge()
    found = [one for listed in page.listed() for one in _of_section(listed, page.subject, judge, clauses)]
    found = [one for one in found if not _is_title(one, page)]
    context = Context(post, page.lines)
    opened = context.round() if not any(section.round for section in page.sections) else None
    meant = resolved(post.text) is not None
    items = tuple(_told(one, post.text, opened, meant=meant) for one in _settled(found))
    return Findings(items, context.company(), context.role(), context.outcome(report=page.subject.report), tags)


def _is_title(one: Finding, page: Page) -> bool:
    """Whether it is but the first line, which names the post: an unmarked one is asked only where it asks."""
    first = page.lines[0]
    return one.kind == "question" and one.start == first.start and not (first.mark or asks(first.words))


def _of_section(listed: Listed, subject: Subject, judge: Judge, clauses: ClauseJudge) -> Iterator[Finding]:
    section = listed.section
    yield from _of_title(listed, subject)
    if section.holds != "advert":
        closing = _closing(listed.readings)
        for place, (own, reading) in enumerate(zip(listed.readings, judge.judged(listed), strict=True)):
            below = reading.place == "sub" and not reading.line.joined and place < closing
            yield from _of_reading(reading, own.kind, listed, subject, clauses, below=below)


def _closing(readings: Sequence[Reading]) -> int:
    """The place from which on lines answer no item any more: behind the list, and behind a blank line where its items are answered."""
    items = [place for place, reading in enumerate(readings) if reading.place in ("main", "nested")]
    last = items[-1] if items else -1
    if not any(reading.place == "sub" for reading in readings[:last]):
        return last + 1
    return next((place for place in range(last + 1, len(readings)) if readings[place].line.gap), len(readings))


def _of_reading(
    reading: Reading, own: Kind | None, listed: Listed, subject: Subject, clauses: ClauseJudge, *, below: bool
) -> Iterator[Finding]:
    """The item that a line is, or those that its sentences tell. `own`: what the rules alone took it for."""
    line, section = reading.line, listed.section
    said: Sequence[Finding] = ()
    methods = [] if line.mark else methods_in(Span(line.start, line.end, line.words))
    if methods or _may_tell_several(reading, own):
        announced = listed.kind == "advice" or reading.kind == "advice"
        said = list(_in_prose(line, section, subject, below=below, announced=announced, but=methods))
        if not (methods or _is_turned(line, section)):
            said = clauses.told(line, section, subject, said, below=below)
    yield from (Finding("method", span.start, span.end) for span in methods)
    if methods or reading.kind is None or any(one.kind == reading.kind for one in said):
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
            return line.style != "|" and not answers(line.words)
        case "question":
            return line.mark is None and (own is None or "“" in line.words)
        case kind:
            told = kind == "advice" and (line.mark is None or line.mark.is_picture or is_english(line.words))
            return told and len(list(sentences(line.words, line.start))) > 1


def _of_title(listed: Listed, subject: Subject) -> Iterator[Finding]:
    """What a heading itself says: a question with its answer below, a long line, a numbered piece of advice."""
    section, title = listed.section, listed.section.title
    if title is None or section.beside:
        return
    advising = section.holds == "advice" and section.rank == INNERMOST
    if _names_method(listed, title, subject):
        yield Finding("method", title.start, title.end)
    elif section.asked or _heads_notes(section, title):
        yield _question(title, section, title.number, sure=section.asked)
    elif len(title.words) > 40 or advising:
        yield from _in_prose(title, section, subject, below=False, announced=section.holds == "advice")


def _names_method(listed: Listed, title: Line, subject: Subject) -> bool:
    """Whether a heading is itself a method, in a post that teaches; not where it stands over a list of them."""
    teaches = not (subject.told or subject.report) and names_technique(title.words) and title.words[-1] not in ":："
    return teaches and not (listed.section.lines and listed.kind == "method")


def _heads_notes(section: Section, title: Line) -> bool:
    """Whether a numbered heading names what was asked, with notes on it below rather than questions."""
    asking = section.holds in (None, "question") and section.rank == INNERMOST
    noted = bool(section.lines) and share(asks_firmly, section.lines) < 0.5
    return asking and noted and topic_of(title.words) is not None


def _question(line: Line, section: Section, number: int | None, *, sure: bool, learned: bool = False) -> Finding:
    return Finding("question", line.start, line.end, number=number, round=section.round, sure=sure, learned=learned)


def _in_prose(
    line: Line, section: Section, subject: Subject, *, below: bool, announced: bool, but: Sequence[Span] = ()
) -> Iterator[Finding]:
    """What running text says was asked, and advises, in all sentences but those that name methods.

    Below an item it answers, mostly: there it must say so plainly. Where advice is `announced` a bare command is enough.
    """
    asking = section.holds == "question" or (subject.told and section.holds is None and section.title is None)
    answering = _is_answering(line, section, subject)
    said = [] if answering else list(quoted(Span(line.start, line.end, line.words)))
    yield from (Finding("question", span.start, span.end, round=section.round) for span in said)
    goes_on = False
    for sentence in sentences(line.words, line.start):
        if any(sentence.start <= span.start < sentence.end for span in but):
            continue
        silent = below and asking and not urges(sentence.words)
        advised = [] if silent else list(advice(sentence, announced=announced))
        found = () if answering else tuple(asked(sentence, in_round=asking and not below, goes_on=goes_on))
        goes_on = bool(found) and sentence.words.endswith(("；", ";"))
        yield from (Finding("advice", span.start, span.end) for span in advised)
        for span in apart(found, sorted((*advised, *said), key=lambda span: span.start)):
            if not is_skipped(span.words):
                yield Finding("question", span.start, span.end, round=section.round)


def _is_answering(line: Line, section: Section, subject: Subject) -> bool:
    """Whether running text is no place for what a candidate was asked."""
    return not subject.report or _is_turned(line, section)


def _is_turned(line: Line, section: Section) -> bool:
    """Whether it is the candidate who speaks here: answers, or asks back."""
    return section.holds in ("reverse", "answer") or is_reverse(line.words)


def _told(one: Finding, text: str, opened: str | None, *, meant: bool) -> Finding:
    """With the names that its homophones mean, where the text has any, and as a question with its topic and round."""
    words = text[one.start : one.end]
    told = resolved(words) if meant else None
    if one.kind != "question":
        return replace(one, text=told) if told else one
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
