"""Holds what was extracted against what people labelled: precision, recall and F1 by kind. It reads no files and asks no models."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any, Protocol, get_args

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from agent.errors import InputProblem
from agent.records import Grounding, Kind


KINDS: tuple[Kind, ...] = get_args(Kind)
OVERLAP = 0.5
"""How much of two spans' union must be common to both for them to be the same item."""


class Label(BaseModel):
    """One labelled span. An optional one neither helps nor harms, found or missed."""

    model_config = ConfigDict(frozen=True)

    quote: str
    start: int
    end: int
    optional: bool = False


class Gold(BaseModel):
    """One labelled post; other fields of its row are left aside."""

    model_config = ConfigDict(frozen=True)

    id: str
    text: str
    title: str | None = None
    methods: tuple[Label, ...] = ()
    questions: tuple[Label, ...] = ()
    advice: tuple[Label, ...] = ()

    @model_validator(mode="after")
    def _labels_stand_in_the_text(self) -> Gold:
        for label in (*self.methods, *self.questions, *self.advice):
            if self.text[label.start : label.end] != label.quote:
                raise ValueError(f"the label {label.quote!r} does not stand at {label.start}-{label.end}")
        return self


class Span(Protocol):
    """A place in a post and how its quote was found there."""

    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...
    @property
    def grounding(self) -> Grounding: ...


class Extracted(Protocol):
    """What was found in one post: a `Record`, or anything shaped alike."""

    @property
    def methods(self) -> Sequence[Span]: ...
    @property
    def questions(self) -> Sequence[Span]: ...
    @property
    def advice(self) -> Sequence[Span]: ...


@dataclass(frozen=True, slots=True)
class Place:
    """One item that was missed, or found where none is: where it stands and how it reads."""

    post: str
    kind: Kind
    start: int
    end: int
    quote: str


@dataclass(frozen=True, slots=True)
class Score:
    """How many items of a kind were found rightly, and how many more were found or labelled."""

    kind: Kind | None
    """None over all kinds."""
    right: int
    false: int
    missed: int

    @property
    def precision(self) -> float:
        return _share(self.right, self.right + self.false)

    @property
    def recall(self) -> float:
        return _share(self.right, self.right + self.missed)

    @property
    def f1(self) -> float:
        return _share(2 * self.right, 2 * self.right + self.false + self.missed)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: shares from 0 to 1, and the counts that they come from."""

    kind: str
    precision: float
    recall: float
    f1: float
    right: int
    false: int
    missed: int


@dataclass(frozen=True)
class Report:
    """What a comparison found. `grounding` counts the items of each grounding, over all posts."""

    posts: int
    right: tuple[Place, ...]
    false: tuple[Place, ...]
    misses: tuple[Place, ...]
    grounding: Mapping[Grounding, int]

    @cached_property
    def scores(self) -> tuple[Score, ...]:
        """One score a kind, and the one over all kinds last."""
        return (*map(self.score, KINDS), self.score(None))

    def score(self, kind: Kind | None) -> Score:
        counts = (_count(places, kind) for places in (self.right, self.false, self.misses))
        return Score(kind, *counts)

    @property
    def grounding_shares(self) -> dict[Grounding, float]:
        total = sum(self.grounding.values())
        return {name: _share(self.grounding.get(name, 0), total) for name in get_args(Grounding)}

    def rows(self) -> list[Row]:
        return [
            Row(one.kind or "all", one.precision, one.recall, one.f1, one.right, one.false, one.missed)
            for one in self.scores
        ]

    def to_json(self, *, listed: bool = False) -> dict[str, Any]:
        """Plain values for JSON; with `listed`, every miss and every false item too."""
        told: dict[str, Any] = {
            "posts": self.posts,
            "scores": {
                row.kind: {key: value for key, value in asdict(row).items() if key != "kind"} for row in self.rows()
            },
            "grounding": self.grounding_shares,
        }
        if listed:
            told["misses"] = [asdict(place) for place in self.misses]
            told["false"] = [asdict(place) for place in self.false]
        return told


def read_gold(row: object, source: str, *, number: int | None = None) -> Gold:
    """A labelled post from a row of JSON. Raises `InputProblem` where it is none, or a label is out of place."""
    try:
        return Gold.model_validate(row)
    except ValidationError as error:
        raise InputProblem(source, f"no labelled post: {error.errors()[0]['msg']}", row=number) from None


def evaluate(gold: Iterable[Gold], records: Mapping[str, Extracted]) -> Report:
    """Compares labels with records by the post's id. A post without a record counts as one with nothing found."""
    right: list[Place] = []
    false: list[Place] = []
    misses: list[Place] = []
    grounding: Counter[Grounding] = Counter()
    posts = 0
    for post in gold:
        posts += 1
        record = records.get(post.id)
        for kind in KINDS:
            found = of_kind(record, kind) if record else ()
            grounding.update(span.grounding for span in found)
            compared = _Compared(of_kind(post, kind), found)
            right += (_place(post, kind, label) for label in compared.right)
            false += (_place(post, kind, span) for span in compared.false)
            misses += (_place(post, kind, label) for label in compared.missed)
    return Report(posts, tuple(right), tuple(false), tuple(misses), dict(grounding))


class _Compared:
    """The labels and the found spans of one kind in one post, matched one to one."""

    def __init__(self, labels: Sequence[Label], found: Sequence[Span]) -> None:
        required = [label for label in labels if not label.optional]
        optional = [label for label in labels if label.optional]
        taken = _matching(required, found)
        self.right = [label for place, label in enumerate(required) if place in taken]
        self.missed = [label for place, label in enumerate(required) if place not in taken]
        used = set(taken.values())
        left = (span for place, span in enumerate(found) if place not in used)
        self.false = [span for span in left if not any(is_same_item(label, span.start, span.end) for label in optional)]


def _matching(labels: Sequence[Label], found: Sequence[Span]) -> dict[int, int]:
    """The most pairs of a label and a found span that are the same item: place of the label -> place of the span."""
    partners = [
        [place for place, span in enumerate(found) if is_same_item(label, span.start, span.end)] for label in labels
    ]
    span_of: dict[int, int] = {}
    for place in range(len(labels)):
        _seat(place, partners, span_of)
    return span_of


def _seat(label: int, partners: Sequence[Sequence[int]], span_of: dict[int, int]) -> None:
    """Finds a span for a label, moving earlier labels to other spans where that makes room; by the fewest moves."""
    label_of = {span: earlier for earlier, span in span_of.items()}
    wanted_by: dict[int, int] = {}
    waiting = deque([label])
    while waiting:
        asking = waiting.popleft()
        for span in partners[asking]:
            if span in wanted_by:
                continue
            wanted_by[span] = asking
            if span not in label_of:
                _move(span, wanted_by, span_of)
                return
            waiting.append(label_of[span])


def _move(free: int, wanted_by: Mapping[int, int], span_of: dict[int, int]) -> None:
    """Gives a free span to who wants it, the one so freed to who wants that, and so on to the label that has none."""
    span: int | None = free
    while span is not None:
        label = wanted_by[span]
        before = span_of.get(label)
        span_of[label] = span
        span = before


def is_same_item(label: Label, start: int, end: int) -> bool:
    """Whether what stands from `start` to `end` is the labelled item."""
    common = min(label.end, end) - max(label.start, start)
    union = max(label.end, end) - min(label.start, start)
    return common > 0 and common >= OVERLAP * union


def of_kind(post: Gold | Extracted, kind: Kind) -> Sequence[Any]:
    """The labels or items of one kind."""
    return {"method": post.methods, "question": post.questions, "advice": post.advice}[kind]


def _place(post: Gold, kind: Kind, span: Label | Span) -> Place:
    return Place(post.id, kind, span.start, span.end, post.text[span.start : span.end])


def _count(places: Iterable[Place], kind: Kind | None) -> int:
    return sum(kind in (None, place.kind) for place in places)


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0
