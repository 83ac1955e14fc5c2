"""How an extraction is held against labels: spans that overlap enough, one to one, with optional ones that count for nothing."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.errors import InputProblem
from agent.evaluation import Gold, Label, evaluate, read_gold
from agent.records import Item, PostInfo, Provenance, Question, Record


TEXT = "0123456789" * 10


def label(start: int, end: int, *, optional: bool = False) -> Label:
    return Label(quote=TEXT[start:end], start=start, end=end, optional=optional)


def gold(*questions: Label, name: str = "p") -> Gold:
    return Gold(id=name, text=TEXT, questions=questions)


def item(start: int, end: int, grounding: str = "exact", kind: type[Item] = Item) -> Item:
    return kind(text="", quote=TEXT[start:end], start=start, end=end, grounding=grounding)


def record(*spans: tuple[int, int], methods=(), advice=(), grounding: str = "exact") -> Record:
    return Record(
        post=PostInfo(id="p", chars=len(TEXT), sha256=""),
        questions=[item(*span, grounding, Question) for span in spans],
        methods=[item(*span) for span in methods],
        advice=[item(*span) for span in advice],
        provenance=Provenance(at="", origin="rules"),
    )


def counts(labels: list[Label], *spans: tuple[int, int]) -> tuple[int, int, int]:
    score = evaluate([gold(*labels)], {"p": record(*spans)}).score("question")
    return score.right, score.false, score.missed


@pytest.mark.parametrize(
    ("span", "is_right"),
    [
        ((0, 10), True),
        ((0, 20), True),
        ((5, 10), True),
        ((0, 21), False),
        ((6, 10), False),
        ((5, 15), False),
        ((10, 20), False),
    ],
)
def test_half_of_the_union_must_be_common(span, is_right):
    assert counts([label(0, 10)], span) == ((1, 0, 0) if is_right else (0, 1, 1))


def test_a_label_is_found_once_and_an_item_finds_one():
    assert counts([label(0, 10)], (0, 10), (0, 9)) == (1, 1, 0)
    assert counts([label(0, 10), label(0, 9)], (0, 10)) == (1, 0, 1)


def test_the_best_matching_is_made_not_the_first():
    """The first span fits both labels, the second only the first one: both labels are found."""
    assert counts([label(0, 10), label(0, 14)], (0, 11), (0, 6)) == (2, 0, 0)


def test_optional_labels_neither_help_nor_harm():
    labels = [label(0, 10), label(20, 30, optional=True), label(40, 50, optional=True)]
    assert counts(labels, (0, 10), (20, 30)) == (1, 0, 0)


def test_a_required_label_comes_before_an_optional_one():
    assert counts([label(0, 10, optional=True), label(0, 10)], (0, 10)) == (1, 0, 0)


def test_kinds_are_kept_apart():
    report = evaluate([gold(label(0, 10))], {"p": record(methods=[(0, 10)])})
    assert [(row.kind, row.right, row.false, row.missed) for row in report.rows()] == [
        ("method", 0, 1, 0),
        ("question", 0, 0, 1),
        ("advice", 0, 0, 0),
        ("all", 0, 1, 1),
    ]


def test_a_post_without_a_record_counts_as_empty():
    report = evaluate([gold(label(0, 10)), gold(name="other")], {})
    assert (report.posts, report.score(None).missed) == (2, 1)


def test_shares_are_zero_where_nothing_is():
    score = evaluate([gold()], {"p": record()}).score(None)
    assert (score.precision, score.recall, score.f1) == (0.0, 0.0, 0.0)


def test_precision_recall_and_f1_are_the_usual_ones():
    labels = [label(0, 10), label(20, 30), label(40, 50), label(60, 70)]
    score = evaluate([gold(*labels)], {"p": record((0, 10), (20, 30), (80, 90))}).score("question")
    assert (score.precision, score.recall) == (pytest.approx(2 / 3), 0.5)
    assert score.f1 == pytest.approx(4 / 7)


def test_misses_and_false_ones_are_listed_with_their_words():
    report = evaluate([gold(label(0, 10))], {"p": record((50, 60))})
    (missed,), (false,) = report.misses, report.false
    assert (missed.post, missed.kind, missed.start, missed.quote) == ("p", "question", 0, TEXT[:10])
    assert (false.start, false.end, false.quote) == (50, 60, TEXT[50:60])


def test_grounding_is_told_as_shares():
    records = {"p": record((0, 10), (20, 30), (40, 50)), "q": record((0, 10), grounding="fuzzy")}
    shares = evaluate([gold(), gold(name="q")], records).grounding_shares
    assert shares == {"exact": 0.75, "normalized": 0.0, "fuzzy": 0.25}


def test_a_report_is_plain_json():
    report = evaluate([gold(label(0, 10), label(20, 30))], {"p": record((0, 10), (50, 60))})
    told = json.loads(json.dumps(report.to_json(listed=True)))
    assert told["scores"]["question"] == {
        "precision": 0.5,
        "recall": 0.5,
        "f1": 0.5,
        "right": 1,
        "false": 1,
        "missed": 1,
    }
    assert [place["quote"] for place in told["misses"]] == [TEXT[20:30]]
    assert "misses" not in report.to_json()


def test_a_row_of_the_corpus_is_read_and_what_else_it_holds_is_left():
    row = {
        "id": "p",
        "title": None,
        "lang": "zh",
        "text": "什么是 A？",
        "questions": [{"quote": "什么是 A？", "start": 0, "end": 6}],
    }
    assert read_gold(row, "gold.jsonl").questions[0].end == 6


@pytest.mark.parametrize(
    "row",
    [
        {"id": "p"},
        {"text": "a"},
        [],
        None,
        {"id": "p", "text": "abc", "advice": [{"quote": "b", "start": 0, "end": 1}]},
        {"id": "p", "text": "abc", "methods": [{"quote": "a"}]},
    ],
)
def test_what_is_no_labelled_post_is_refused_with_its_place(row):
    with pytest.raises(InputProblem, match=r"gold\.jsonl, row 3: no labelled post"):
        read_gold(row, "gold.jsonl", number=3)


SPANS = st.lists(
    st.tuples(st.integers(0, 90), st.integers(1, 10)).map(lambda pair: (pair[0], sum(pair))), max_size=8, unique=True
)


@given(SPANS, SPANS)
def test_counts_add_up(labels, spans):
    right, false, missed = counts([label(*one) for one in labels], *spans)
    assert (right + missed, right + false) == (len(labels), len(spans))


@given(SPANS)
def test_labels_found_as_they_are_make_a_perfect_score(spans):
    score = evaluate([gold(*(label(*one) for one in spans))], {"p": record(*spans)}).score(None)
    assert (score.false, score.missed) == (0, 0)
