"""How well the rules do on invented posts that the judge of lines was not trained on. Nothing of them is to be trained on."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.evaluation import Report, evaluate, read_gold
from agent.extraction.result import record_by_rules
from agent.extraction.rules import extract
from agent.inputs.results import json_rows
from agent.records import Post
from benchmarks.posts import posts


INVENTED = Path(__file__).parent / "invented.jsonl"


@pytest.fixture(scope="module")
def report() -> Report:
    gold = [read_gold(row, str(INVENTED), number=number) for number, row in json_rows(INVENTED)]
    given = {one.id: Post(text=one.text, id=one.id) for one in gold}
    return evaluate(gold, {name: record_by_rules(post, extract(post)) for name, post in given.items()})


@pytest.mark.parametrize(("kind", "goal"), [(None, 0.85), ("question", 0.9), ("method", 0.75), ("advice", 0.65)])
def test_invented_posts_reach_the_goals(report, kind, goal):
    assert report.score(kind).f1 >= goal


def test_the_posts_of_the_benchmarks_come_out_whole_by_rules_alone():
    for one in posts(60):
        items = extract(Post(text=one.text)).items
        assert {one.text[item.start : item.end].rstrip("！") for item in items} == {
            quote for quotes in one.quotes.values() for quote in quotes
        }
