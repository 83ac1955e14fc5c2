"""What a line shows to the learned judge: its words, its form, where it stands, and what the rules make of it. Decides nothing.

Each clue is a name; it is there or not. Changing a name, or when it is given, asks for a new training (`training/judge.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from agent.extraction.rules.cues import (
    advises,
    answers,
    asks,
    asks_firmly,
    chats,
    commands,
    is_english,
    is_named,
    is_skipped,
    is_task,
    recounts,
    tells,
    wonders,
)
from agent.extraction.rules.lines import Line, share
from agent.extraction.rules.page import Listed, Page
from agent.extraction.topics import topic_of


_CUES: Mapping[str, Callable[[str], bool]] = {
    "asks": asks,
    "firm": asks_firmly,
    "advises": advises,
    "tells": tells,
    "wonders": wonders,
    "recounts": recounts,
    "chats": chats,
    "answers": answers,
    "skipped": is_skipped,
    "english": is_english,
    "commands": commands,
    "named": is_named,
    "task": is_task,
    "known": lambda words: topic_of(words) is not None,
    "?": lambda words: words.endswith(("?", "？")),
    ":": lambda words: words.endswith(("：", ":")),
    "。": lambda words: "。" in words[:-1],
    "，": lambda words: words.count("，") > 2,
}
_LENGTHS = (6, 15, 30, 60, 120)
# Characters that are looked at: of a line, a heading, a title, a post's beginning.
_LINE, _HEADING, _TITLE, _BEGINNING = 60, 24, 40, 60


def of_page(page: Page) -> Iterator[str]:
    """The clues that all lines of a post share."""
    post, subject = page.post, page.subject
    yield f"post report {subject.report}"
    yield f"post interview {subject.interview}"
    yield f"post asking {_quarter(subject.asking)}"
    yield f"post named {_quarter(subject.named)}"
    yield f"post advising {_quarter(share(advises, page.lines))}"
    yield from pieces("T", post.title[:_TITLE], (2,))
    yield from pieces("F", post.text[:_BEGINNING], (2,))


def of_section(listed: Listed, page: Page) -> Iterator[str]:
    """The clues that all lines of a section share."""
    section = listed.section
    yield f"holds {section.holds}"
    yield f"kind {listed.kind}"
    yield f"holds {section.holds} {page.subject.interview}"
    yield f"round {section.round is not None}"
    for name, cue in (("asking", asks), ("advising", advises), ("named", is_named), ("telling", tells)):
        yield f"{name} {_quarter(share(cue, section.lines))}"
    if section.title:
        yield "titled"
        yield from pieces("H", section.title.words[:_HEADING], (2,))


def of_line(listed: Listed, place: int, page: Page) -> Iterator[str]:
    """The clues of one line alone."""
    reading, readings = listed.readings[place], listed.readings
    line, words = reading.line, reading.line.words
    form = _form(line)
    yield f"form {form}"
    yield f"before {_form(readings[place - 1].line) if place else 'none'}"
    yield f"after {_form(readings[place + 1].line) if place + 1 < len(readings) else 'none'}"
    yield f"place {reading.place}"
    yield f"place {reading.place} holds {listed.section.holds}"
    yield f"place {reading.place} kind {listed.kind}"
    yield f"place {reading.place} interview {page.subject.interview}"
    yield f"read {reading.kind}"
    yield f"read {reading.kind} form {form}"
    yield f"length {sum(len(words) >= limit for limit in _LENGTHS)}"
    for name in ("gap", "quoted", "joined"):
        if getattr(line, name):
            yield name
    yield from cues_of(words)
    yield from pieces("L", words[:_LINE], (1, 2, 3))


def _form(line: Line) -> str:
    """How a line is marked: by any number alike, by an emoji alike, else by its very mark."""
    if line.number is not None:
        return "number"
    if line.style > "\u2000":
        return "emoji"
    return "code" if line.style.startswith("[") else line.style or "bare"


def _quarter(part: float) -> int:
    return round(4 * part)


def cues_of(words: str) -> Iterator[str]:
    """The names of the cues that words have."""
    return (name for name, cue in _CUES.items() if cue(words))


def pieces(name: str, words: str, sizes: Sequence[int]) -> set[str]:
    """Runs of so many characters, with the beginning and the end marked."""
    marked = f"^{words.lower()}$"
    return {name + marked[at : at + size] for size in sizes for at in range(len(marked) - size + 1)}
