"""What a question asks, apart from how it is worded: its subject, and the facets asked of it (its principle, a difference, why…).

Dropped are courtesies, particles and words that make no difference; words that mean the same become one facet. Everything else
stays: technical terms, numbers, negations. Two questions of the same wording, and not an empty one, are the same question.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

from agent.outputs.vocabulary import (
    CLAUSE_ENDS,
    DROPPED,
    ENGLISH_CLAUSE_ENDS,
    ENGLISH_DROPPED,
    ENGLISH_FACETS,
    FACETS,
    SYNONYMS,
    WHOLE,
)


_CLAUSE_END = ","
_DEFINITION = "Q"
_OPERATORS = "=<>&%^@"

_MEANINGS = {
    **dict.fromkeys(WHOLE.split(), None),
    **dict.fromkeys(DROPPED.split(), ""),
    **dict.fromkeys((CLAUSE_ENDS + " " + ENGLISH_CLAUSE_ENDS).split(), _CLAUSE_END),
    **{word: letter for letter, words in FACETS.items() for word in words.split()},
    **ENGLISH_FACETS,
    **SYNONYMS,
}
_ENGLISH_MEANINGS = {**_MEANINGS, **dict.fromkeys(ENGLISH_DROPPED.split(), "")}
_CHINESE = "|".join(re.escape(word) for word in sorted(_MEANINGS, key=len, reverse=True) if not word.isascii())
_TOKEN = re.compile(
    r"(?<![a-z])[a-z](?:\+\+|\+(?=树|tree)|#)"  # C++, B+树, C#
    r"|[a-z]+|\d+(?:\.\d+)*|[#$]\{"
    rf"|[{_OPERATORS}]+"
    rf"|{_CHINESE}|.",
    re.DOTALL,
)
_HAS_CHINESE = re.compile("[\u3400-\u9fff]")
_SPACE_BUT_IN_ENGLISH = re.compile("(?<![a-z]) | (?![a-z])")
_LEADING_LABEL = re.compile(
    r"(?:\[[^\[\]]{1,10}\]"
    r"|(?:q|问题?|题目|追问)?\s*\d{1,3}\s*[.,、:)](?!\d)"
    r"|(?:问题?|题目|追问)[一二三四五六七八九十]?\s*[:,、]"
    r"|[a-z\u4e00-\u9fff]{0,8}[一二三四五]面\s*:"
    r"|(?:算法|代码|编程|场景)题?\s*:)\s*"
)
_CLOSING_REMARK = re.compile(r"\((?=[^()]*(?:不会|没|忘|答|寄|吟唱|不知道|不清楚|我说|说了))[^()]*\)\s*$")
_PROBLEM_NUMBER = re.compile(r"(?:leetcode|lc|力扣)\s*第?\s*\d+\s*题?")


def worded(text: str) -> str:
    """The facets in order, a colon, the subject's clauses in order (`P:hashmap`); empty where no subject is named (`有什么区别？`).

    The only spaces stand between English terms side by side. They make no difference: `Spring Boot` is `SpringBoot`.
    """
    meanings = _MEANINGS if _HAS_CHINESE.search(text) else _ENGLISH_MEANINGS
    clauses = [
        _Clause(part) for part in "".join(_meaning(token, meanings) for token in _tokens(text)).split(_CLAUSE_END)
    ]
    facets = {facet for clause in clauses for facet in clause.facets} - {_DEFINITION}
    if len(clauses) > 1 and facets and any(clause.facets == _DEFINITION and clause.subject for clause in clauses):
        facets.add(_DEFINITION)
    # With several facets it matters which is asked of which subject.
    kept = {clause.facets * (len(facets) > 1) + clause.subject for clause in clauses} - {"", _DEFINITION}
    named = any(clause.subject for clause in clauses)
    return f"{''.join(sorted(facets))}:{_CLAUSE_END.join(sorted(kept))}" if named else ""


def folded(text: str) -> str:
    """The text without case, width, white space and punctuation, for questions that name no subject."""
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKC", text).casefold())) or text


class _Clause:
    """What stands between two clause ends, its facets taken out of it."""

    def __init__(self, text: str) -> None:
        letters = {char for char in text if "A" <= char <= "Z"}
        spaced = " ".join("".join(char for char in text if char not in letters).split())
        self.subject = _SPACE_BUT_IN_ENGLISH.sub("", spaced)
        self.facets = "".join(sorted(letters - _weaker_than(letters)))


def _weaker_than(facets: set[str]) -> set[str]:
    """What the others already ask: how a thing is made, where its principle is asked; what it is, where anything is."""
    made = {"M"} if "P" in facets else set()
    return made | ({_DEFINITION} if len(facets) > 1 else set())


def _tokens(text: str) -> list[str]:
    asked = " ".join(unicodedata.normalize("NFKC", text).casefold().split())
    label = _LEADING_LABEL.match(asked)
    if label:
        asked = asked[label.end() :]
    return _TOKEN.findall(_PROBLEM_NUMBER.sub("", _CLOSING_REMARK.sub("", asked)))


def _meaning(token: str, meanings: Mapping[str, str | None]) -> str:
    meaning = meanings.get(token)
    if meaning is not None:
        return meaning
    if token.isascii() and token.isalpha():
        return f" {token} "
    return token if token.isalnum() or len(token) > 1 or token in _OPERATORS else ""
