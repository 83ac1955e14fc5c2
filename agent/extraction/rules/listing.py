"""Finds items among the lines of a section: numbered, bulleted, or bare. What stands in running text is left to `prose`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from agent.extraction.rules.cues import advises, answers, asks, asks_firmly, is_skipped, tells
from agent.extraction.rules.lines import Line
from agent.extraction.rules.sections import Section
from agent.records import Kind


@dataclass(frozen=True, slots=True)
class Entry:
    """A line that is an item of a kind."""

    kind: Kind
    line: Line
    number: int | None
    sure: bool


def kind_of(section: Section, *, interview: bool) -> Kind | None:
    """What the marked lines of a section are, by its heading and by their own words; None where they are no items."""
    held = section.holds
    if held in ("reverse", "advert", "answer"):
        return None
    listed = [line for line in section.lines if line.mark] or [line for line in section.lines if len(line.words) <= 60]
    if not listed:
        return held if held in ("question", "advice", "method") else None
    asking = _share(asks_firmly, listed)
    advising = _share(advises, listed)
    if held == "question":
        return "question"
    if held in ("advice", "method"):
        return "question" if asking >= 0.6 else held
    return _voted(listed, asking=asking, advising=advising, interview=interview and held != "tale")


def _voted(listed: Sequence[Line], *, asking: float, advising: float, interview: bool) -> Kind | None:
    if advising >= 0.5 and advising > asking:
        return "advice"
    some = _share(asks, listed)
    marked = any(line.mark for line in listed)
    if asking >= 0.5 or some >= 0.6 or (interview and marked and some >= 0.2):
        return "question"
    return None


def entries(section: Section, kind: Kind | None) -> Iterator[Entry]:
    """The items of a section whose list is of that kind."""
    if kind is None:
        return
    numbers = _numbers(section.lines)
    marked = sum(line.mark is not None for line in section.lines)
    counted = sum(number is not None for number in numbers)
    for line, number in zip(section.lines, numbers, strict=True):
        if line.quoted or is_skipped(line.words) or answers(line.words):
            continue
        if number is not None:
            if kind != "question" or not (line.mark is None and tells(line.words)):
                yield Entry(kind, line, number, counted > 1)
        elif line.mark and not (counted and line.style != "|"):
            if kind != "question" or asks_firmly(line.words) or not tells(line.words):
                yield Entry(kind, line, None, marked > 1 and asks(line.words))
        elif kind == "question" and _is_bare_question(line, listed=bool(counted or marked > 1)):
            yield Entry(kind, line, None, line.words.endswith(("?", "？")))


def _is_bare_question(line: Line, *, listed: bool) -> bool:
    words = line.words
    if listed:
        return words.endswith(("?", "？")) and not tells(words)
    if tells(words) or len(words) > 150:
        return asks_firmly(words) and len(words) <= 80 and not tells(words[:12])
    return asks(words) or (len(words) <= 30 and "。" not in words)


def _numbers(lines: Sequence[Line]) -> list[int | None]:
    """The lines' numbers; an unmarked line in the place of a missing number gets that number."""
    numbers = [line.number for line in lines]
    for place in range(1, len(lines) - 1):
        before, after = numbers[place - 1], numbers[place + 1]
        alone = lines[place].mark is None and lines[place - 1].style == lines[place + 1].style
        if alone and before is not None and after == before + 2:
            numbers[place] = before + 1
    return numbers


def _share(predicate: object, lines: Sequence[Line]) -> float:
    return sum(bool(predicate(line.words)) for line in lines) / len(lines)  # type: ignore[operator]
