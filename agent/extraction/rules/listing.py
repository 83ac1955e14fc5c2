"""Finds items among the lines of a section: numbered, bulleted, or bare. What stands in running text is left to `prose`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from agent.extraction.rules.answering import answering
from agent.extraction.rules.cues import (
    advises,
    answers,
    asks,
    asks_firmly,
    asks_outright,
    chats,
    is_english,
    is_introduction,
    is_named,
    is_short,
    is_skipped,
    is_task,
    recounts,
    says_asked,
    tells,
    without_notes,
    wonders,
)
from agent.extraction.rules.kinds import asking_columns
from agent.extraction.rules.lexicon import (
    is_example,
    is_stage,
    is_subject,
    leads_to,
)
from agent.extraction.rules.lines import Line
from agent.extraction.rules.marks import SPOKEN
from agent.extraction.rules.places import Place, numbers_of, places_of
from agent.extraction.rules.sections import Section
from agent.extraction.rules.subject import Subject
from agent.extraction.topics import topic_of
from agent.records import Kind


_CALLED = re.compile(
    r"(?:(?P<advice>建议|误区|提醒|雷区|忠告|避坑|tips?|advice)|心法|技巧|方法|妙招|诀窍|策略|method|technique|trick)\s?[一二三四五六七八九十\d]{1,2}\s?[：:、.．)]",
    re.IGNORECASE,
)
"""How a line calls itself by its number: `技巧一：…`, `误区 2：…`."""
_FIRST = re.compile("[，,。]")
_INNER_END = re.compile(r"[。！]\s*\S|\.\s+[A-Z]")
_EXPLAINS = re.compile(r"[^：:，。？?]{2,20}[：:]")
_ADVICE = re.compile(r"建议|注意|\btips?\b|advice|takeaway|suggest|recommend", re.IGNORECASE)


class Reading(NamedTuple):
    """A line as its section's list shows it. `kind` is what item it is, None for none."""

    line: Line
    place: Place
    kind: Kind | None
    number: int | None
    sure: bool
    learned: bool = False
    """Whether the kind is not the rules' own."""


@dataclass(frozen=True, slots=True)
class _Surely:
    """How certain a section is to hold questions."""

    questions: bool
    """Whether it is one of a report, or asks all over."""
    announced: bool
    """Whether its heading says so."""
    named: bool
    """Whether most of its listed lines ask, or name a known subject."""

    @classmethod
    def of(cls, section: Section, subject: Subject, *, counted: bool) -> _Surely:
        listed = [line for line in section.lines if line.mark] or section.lines
        announced = section.holds == "question"
        asking = 10 * sum(asks_firmly(line.words) for line in listed) >= 7 * len(listed)
        return cls(subject.told or announced or asking, announced, counted and _are_known(listed))


def _are_known(lines: Sequence[Line]) -> bool:
    """Whether most lines ask, or name a known subject, which is looked for only where that decides."""
    others = [line for line in lines if not asks(line.words)]
    if 10 * len(others) <= 4 * len(lines):
        return True
    return 10 * sum(topic_of(line.words) is None for line in others) <= 4 * len(lines)


def read_list(section: Section, kind: Kind | None, subject: Subject) -> Iterator[Reading]:
    """The lines of a section, each with its place and the item that it is, where its list is of that kind."""
    numbers = numbers_of(section.lines)
    counted = sum(number is not None for number in numbers) > 1
    columns = asking_columns(section.lines)
    places = [*places_of(section.lines, numbers)]
    followers = [*section.lines, None][1:]
    surely = _Surely.of(section, subject, counted=counted)
    named = answering(section.lines, places)
    for at, (line, following, number, place) in enumerate(zip(section.lines, followers, numbers, places, strict=True)):
        found = None if _heads_deeper(line, following) else _kind(line, place, section, kind, subject)
        found = "method" if at in named else found
        if line.style == "|" and kind == "question":
            found = kind if _is_asked_in_table(line, columns) else None
        sure = found == "question" and _is_sure(line, place, surely, counted=counted and number is not None)
        yield Reading(line, place, found, number, sure)


def _kind(line: Line, place: Place, section: Section, kind: Kind | None, subject: Subject) -> Kind | None:
    """The kind of item that a line is, unless it is none by its words."""
    found = None if line.quoted and line.number is None else _likely(line, place, section, kind, subject)
    return None if found and _is_no_item(line.words) else found


def _likely(line: Line, place: Place, section: Section, kind: Kind | None, subject: Subject) -> Kind | None:
    words = line.words
    called = _CALLED.match(words)
    if called and not (section.holds == "question" and subject.told):
        return "advice" if called["advice"] else "method"
    if (len(words) <= 16 and is_introduction(words)) or (line.style in SPOKEN and _is_put(line, section)):
        return "question"
    if line.style == "part" and section.holds not in ("reverse", "answer", "advert"):
        return None if tells(words) and not wonders(words) else "question"
    if kind is not None:
        return kind if _is_of_kind(line, place, section, kind) else None
    known = subject.report or (subject.interview and (is_task(words) or topic_of(words) is not None))
    return "question" if section.holds is None and known and _stands_alone(line) else None


def _is_no_item(words: str) -> bool:
    return is_skipped(words) or answers(words) or is_example(words.rstrip("：: "))


def _is_of_kind(line: Line, place: Place, section: Section, kind: Kind) -> bool:
    """Whether a line is an item of its section's list, which is of that kind."""
    match kind:
        case "question":
            return _is_question(line, place, announced=section.holds == kind)
        case "advice":
            told = section.holds == kind or advises(line.words)
            listed = line.mark is not None and (told or (place == "main" and not asks_outright(line.words)))
            return (listed or _is_announced(line, section)) and _is_advice(line.words)
        case "method":
            named = place == "bare" and is_named(line.words) and not (tells(line.words) or asks_firmly(line.words))
            return named or (place == "main" and not (line.style == "|" and line.joined))


def _heads_deeper(line: Line, following: Line | None) -> bool:
    """Whether a bullet only names the part of the interview that the deeper bullets below it are of."""
    if following is None or line.number is not None or not (line.mark and following.mark):
        return False
    if following.indent <= line.indent or len(line.words) > 40 or line.words.endswith(("?", "？")):
        return False
    return is_stage(line.words) or is_subject(line.words) or leads_to(line.words) == "question"


def _is_asked_in_table(line: Line, columns: set[int]) -> bool:
    words = line.words
    return asks_outright(words) or (line.column in columns and len(words) > 3 and not tells(words))


def _is_sure(line: Line, place: Place, surely: _Surely, *, counted: bool) -> bool:
    """Whether a question is certain enough to correct a model: it asks, where questions are, and says no more."""
    words = line.words
    if is_introduction(words):
        return True
    if not surely.questions or tells(words):
        return False
    if not asks_firmly(words) and (_INNER_END.search(without_notes(words)) or advises(words)):
        return False
    named = place == "main" and (asks(words) or (counted and surely.named))
    marked = place != "bare" and words.endswith(("?", "？"))
    return named or marked or (surely.announced and asks_firmly(words))


def _is_put(line: Line, section: Section) -> bool:
    """Whether a line that somebody is said to speak, `问：…`, asks something."""
    likely = asks(line.words) or topic_of(line.words) is not None or (line.style == "follow" and not tells(line.words))
    return section.holds != "reverse" and likely


def _stands_alone(line: Line) -> bool:
    """Whether a line among running text is a question by its form."""
    words = line.words
    return (
        line.mark is None
        and asks_firmly(words)
        and is_short(words)
        and not (tells(words) or chats(words) or _is_prose(words))
    )


def _is_announced(line: Line, section: Section) -> bool:
    """Whether a line stands beside a label that calls it advice: `Tip: …`."""
    title = section.title
    return (
        title is not None
        and section.beside
        and line.joined
        and _ADVICE.search(title.words, 0, line.start - title.start) is not None
        and not (tells(line.words) or _INNER_END.search(line.words) or "；" in line.words)
    )


def _is_advice(words: str) -> bool:
    """Whether a listed line is one piece of advice; what tells a story, or says more than that, is left to prose."""
    return (advises(words) or not recounts(words)) and not (
        is_english(words) and len(words) > 120 and _INNER_END.search(words)
    )


def _is_question(line: Line, place: Place, *, announced: bool) -> bool:
    words = line.words
    if line.number is None and len(words) > 40 and not asks(words) and (_EXPLAINS.match(words) or "。" in words[:-1]):
        return False
    if place == "main":
        counted = line.number is not None and (announced or asks(words))
        return counted or not tells(words) or asks_firmly(words) or _wonders(words)
    formed = _FORMS[place](words) or (place == "nested" and line.number is not None and not tells(words))
    if not formed or chats(words):
        return False
    urging = advises(words) and not (is_english(words) and asks_firmly(words))
    return not urging or wonders(without_notes(words))


def _follows_up(words: str) -> bool:
    """Below an item, where answers stand: a short line that asks plainly, or a longer one that ends in its mark."""
    return not tells(words) and (words.endswith(("?", "？")) if len(words) > 40 else asks_firmly(words))


def _is_deeper(words: str) -> bool:
    """A deeper item of the list; in English, where every line of an outline has some subject's word, only what asks."""
    return not tells(words) and (asks(words) or (not is_english(words) and _is_topic(without_notes(words))))


def _leads(words: str) -> bool:
    return asks_firmly(words) and not tells(words) and not _is_prose(words)


def _is_bare(words: str) -> bool:
    """Where there are no marks: what asks, or names a subject; what tells a story must ask twice over."""
    if _is_prose(words):
        return False
    if tells(words):
        given = is_task(words) and not tells(_FIRST.split(words, maxsplit=1)[0])
        return given or (asks_firmly(words) and wonders(without_notes(words)))
    return asks_firmly(words) or asks(words) or _is_topic(without_notes(words))


_FORMS: dict[Place, Callable[[str], bool]] = {
    "sub": _follows_up,
    "nested": _is_deeper,
    "lead": _leads,
    "bare": _is_bare,
}


def _wonders(words: str) -> bool:
    return wonders(without_notes(words)) and not says_asked(words)


def _is_topic(plain: str) -> bool:
    """Whether a line that does not ask names what was asked about: `垃圾回收机制`."""
    plain = plain.strip().rstrip("。")
    if not plain or len(plain) > 30 or "。" in plain:
        return False
    return topic_of(plain) is not None or (len(plain) <= 12 + 12 * is_english(plain) and "，" not in plain)


def _is_prose(words: str) -> bool:
    """Whether it is running text: it tells that somebody asked, or has more than one sentence."""
    if words.endswith(("?", "？")) and len(words) <= 150:
        return False
    inner = _INNER_END.search(words)
    if says_asked(words) or (inner and is_english(words)):
        return True
    if inner and len(words) > 60 and not asks_firmly(words[: inner.start()]):
        return True
    plain = without_notes(words)
    return len(words) > 40 and not wonders(plain) and ("。" in plain or (plain.count("，") > 4 and not asks(plain)))
