"""Decides what the list of a section is, by its heading, by its own words, and by what the whole post is about."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from agent.extraction.rules.cues import (
    advises,
    asks,
    asks_firmly,
    asks_outright,
    chats,
    is_english,
    is_named,
    is_short,
    states,
    tells,
    wonders,
)
from agent.extraction.rules.lexicon import Holds, heads_questions, leads_to
from agent.extraction.rules.lines import Line, first_marked, share
from agent.extraction.rules.sections import Section
from agent.extraction.rules.subject import Subject
from agent.extraction.rules.teaching import teaches
from agent.extraction.topics import topic_of
from agent.records import Kind


_ASKED_ABOVE = re.compile(r"让我|问了|问我|问的|被问|考了|\basked\b", re.IGNORECASE)
_LEAD = 40


def kind_of(section: Section, post: Subject) -> Kind | None:
    """What the listed lines of a section are, by its heading and by their own words; None where they are no items."""
    marked = [line for line in section.lines if line.mark]
    listed = marked or [line for line in section.lines if is_short(line.words)]
    if asking_columns(section.lines) and section.holds != "method":
        return "question"
    if teaches(section, post, marked, listed):
        return "method"
    match section.holds:
        case "answer" if not section.asked and len(marked) > 2 and share(asks_firmly, marked) >= 0.6:
            return "question"
        case "reverse" | "advert" | "answer":
            return None
        case "question" | "advice" | "method" as held:
            return _announced(held, listed, marked=bool(marked)) if _may_hold(section, marked, post) else None
        case held:
            return _advised(section, post, listed) or _asked(section, held, marked, listed, post)


def _may_hold(section: Section, marked: Sequence[Line], post: Subject) -> bool:
    """Whether marked lines may be what their heading says; questions must ask where no interview is told of."""
    if section.holds != "question" or post.told or not marked:
        return True
    named = section.title is not None and leads_to(section.title.words) == "question"
    brief = post.report and post.named < 0.6 and share(_is_brief, marked) >= 0.6
    return named or brief or share(_asks_or_is_known, marked) >= 0.34


def _announced(held: Kind, listed: Sequence[Line], *, marked: bool) -> Kind:
    """What the heading says, unless the lines plainly say otherwise."""
    asking, advising = share(asks_firmly, listed), share(advises, listed)
    if held == "method" and marked and share(asks_outright, listed) > 0.34:
        return "question"
    if held == "question":
        return "advice" if marked and advising >= 0.6 and not asking else "question"
    outright = advising < 0.2 and share(wonders, listed) >= 0.5
    if (asking >= 0.6 or outright) and (marked or len(listed) > 1):
        return "question"
    return "advice" if advising >= 0.5 else held


def _advised(section: Section, post: Subject, listed: Sequence[Line]) -> Kind | None:
    asking, advising = share(asks_firmly, listed), share(advises, listed)
    told = (advising >= 0.5 and advising > asking and len(listed) > 1) or _are_phases(listed)
    return "advice" if told or (asking < 0.3 and _is_explained(section, post)) else None


def _are_phases(lines: Sequence[Line]) -> bool:
    """Whether lines are what to do week by week."""
    return 2 * sum(line.style == "phase" for line in lines) > len(lines) and not share(wonders, lines)


def _is_explained(section: Section, post: Subject) -> bool:
    """Whether most of what stands below its numbered lines tells the reader what to do."""
    below = [
        line
        for above, line in pairwise(section.lines)
        if above.number is not None and not line.mark and len(line.words) > 40
    ]
    return not (post.told and post.asking >= 0.3) and len(below) >= 2 and share(advises, below) >= 0.5


def _said_to_be_asked(lines: Sequence[Line]) -> bool:
    """Whether the line right above the list tells of asking."""
    place = first_marked(lines)
    return place > 0 and _ASKED_ABOVE.search(lines[place - 1].words[-_LEAD:]) is not None


def _asked(
    section: Section, held: Holds | None, marked: Sequence[Line], listed: Sequence[Line], post: Subject
) -> Kind | None:
    if held == "tale":
        many = len(marked) > 2 and share(_asks_plainly, marked) >= 0.5
        led = post.told and len(marked) > 1 and _said_to_be_asked(section.lines)
        return "question" if many or led or (marked and share(asks_firmly, marked) >= 0.6) else None
    if not marked:
        return "question" if _asks_throughout(listed, post) else None
    if not post.report and len(marked) > 1 and share(asks, marked) < 0.5 and share(is_named, marked) >= 0.6:
        return "method"
    return "question" if _asks_in_list(marked, post) else None


def _asks_throughout(lines: Sequence[Line], post: Subject) -> bool:
    """Whether lines without marks are questions put to a candidate."""
    told = post.told or (post.report and share(_is_brief, lines) >= 0.7)
    if told and len(lines) > 3 and share(_asks_or_is_known, lines) >= 0.6 and share(tells, lines) < 0.3:
        return True
    enough = 0.34 if post.told else 0.6
    return post.interview and sum(map(_asks_a_candidate, lines)) >= 2 and share(asks, lines) >= enough


def _asks_in_list(marked: Sequence[Line], post: Subject) -> bool:
    """Whether marked lines are questions: by their words, by the subjects they name, or as the report of an interview."""
    asking, known, telling = share(asks, marked), share(_asks_or_is_known, marked), share(tells, marked)
    if not post.told:
        named = post.interview and known >= 0.8 and telling < 0.3
        brief = post.interview and telling < 0.3 and (asking >= 0.34 or known >= 0.5)
        likely = (brief or (asking >= 0.4 and known >= 0.6)) and share(is_short, marked) >= 0.6
        named = named or (post.report and post.named < 0.6 and share(_is_brief, marked) >= 0.6)
        called = sum(line.style == "asked" for line in marked) * 2 >= len(marked)
        plainly = share(_asks_plainly if post.interview else asks_firmly, marked) >= 0.5
        return called or likely or named or plainly
    reported = post.told and telling < 0.5 and len(marked) > 1
    return asking >= 0.25 or (known >= 0.6 and telling < 0.3) or reported


def asking_columns(lines: Sequence[Line]) -> set[int]:
    """The columns of a table in which most cells ask, or which are headed as those of questions: `| 考点 | 次数 |`."""
    cells = [line for line in lines if line.style == "|"]
    headed = {column for column, head in {(cell.column, cell.head) for cell in cells} if heads_questions(head)}
    asking = Counter(cell.column for cell in cells if asks(cell.words))
    counts = Counter(cell.column for cell in cells) if asking else {}
    return headed | {column for column, count in counts.items() if 2 * asking[column] > count > 2}


def _asks_plainly(words: str) -> bool:
    return asks_firmly(words) or (asks(words) and (is_short(words) or not states(words)))


def _is_brief(words: str) -> bool:
    """Whether it may name what was asked, rather than tell of it."""
    return len(words) <= (75 if is_english(words) else 30) and not (states(words) or tells(words))


def _asks_or_is_known(words: str) -> bool:
    return asks(words) or topic_of(words) is not None


def _asks_a_candidate(line: Line) -> bool:
    return asks_firmly(line.words) and not chats(line.words)
