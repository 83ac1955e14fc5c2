"""The benchmarks' runner: sides are paired, ratios are told as they are, the README's tables stay in their place. Nothing is measured here."""

from __future__ import annotations

import json
from itertools import count

import pytest

from benchmarks.__main__ import main
from benchmarks.environments import PINS, pins
from benchmarks.measures import Comparison, Round, Standing, paired
from benchmarks.oracle import answer
from benchmarks.posts import post, posts
from benchmarks.tables import BEGIN, END, as_json, markdown, write_between_markers
from tests.twin import Asked, ShownPost


def comparison(ours, others, **more) -> Comparison:
    return Comparison(**{"what": "start-up", "unit": "s", "ours": ours, "beside": "a peer", "others": others, **more})


def test_the_sides_take_turns():
    order = []
    ours, others = paired(3, lambda: order.append("A") or 1.0, lambda: order.append("B") or 2.0)
    assert order == ["A", "B"] * 3
    assert (ours, others) == ((1.0,) * 3, (2.0,) * 3)


@pytest.mark.parametrize(
    ("ours", "target", "at_least", "is_met"),
    [
        ((1.0, 1.1, 9.0), 1.2, False, True),
        ((1.0, 1.3, 1.4), 1.2, False, False),
        ((900.0, 1100.0, 1200.0), 1000, True, True),
        ((900.0, 950.0, 1200.0), 1000, True, False),
        ((1.0, 1.0, 1.0), None, False, None),
    ],
)
def test_a_target_is_held_against_the_median_ratio(ours, target, at_least, is_met):
    assert comparison(ours, (1.0,) * 3, target=target, at_least=at_least).is_met is is_met


def test_ratios_are_of_each_round_not_of_the_medians():
    assert comparison((1.0, 4.0), (2.0, 2.0)).ratios == (0.5, 2.0)


def test_a_table_shows_minimum_median_and_maximum_and_whether_the_target_is_met():
    row = markdown([comparison((0.1, 0.2, 0.4), (0.1, 0.1, 0.1), target=1.2)]).splitlines()[-1]
    assert row == "| start-up | 0.1 · 0.2 · 0.4 s | a peer | 0.1 · 0.1 · 0.1 s | 1 · 2 · 4 | ≤ 1.2 ✗ |"


def test_a_standing_tells_from_where_to_where_its_rounds_went():
    rounds = tuple(
        Round(
            requests=requests,
            wasted=0,
            answered=75,
            by_rules=0,
            lost=0,
            items=1234,
            cpu_ms_a_post=2.0,
            wall_s=1.0,
        )
        for requests in (75, 78, 76)
    )
    row = markdown([Standing(case="a day", who="ours", rounds=rounds)]).splitlines()[-1]
    assert row == "| a day | ours | 76 (75–78) | 0 | 75 | 0 | 0 | 1,234 | 2 | 1 |"


def test_json_keeps_every_round():
    (told,) = json.loads(json.dumps(as_json([comparison((1.0, 2.0), (2.0, 2.0), target=1.0)])))
    assert (told["ours"], told["ratios"], told["is_met"]) == ([1.0, 2.0], [0.5, 1.0], True)


def test_only_what_stands_between_the_markers_is_replaced(tmp_path):
    readme = tmp_path / "README.md"
    readme.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n", encoding="utf-8")
    for text in ("new\n", "newer\n"):
        write_between_markers(readme, text)
    assert readme.read_text(encoding="utf-8") == f"before\n{BEGIN}\nnewer\n{END}\nafter\n"


def test_a_readme_without_markers_is_left_alone(tmp_path):
    readme = tmp_path / "README.md"
    readme.write_text(f"{BEGIN} and no end", encoding="utf-8")
    with pytest.raises(ValueError, match="no place"):
        write_between_markers(readme, "new")
    assert readme.read_text(encoding="utf-8") == f"{BEGIN} and no end"


@pytest.mark.parametrize("arguments", [["nonsense"], ["nonsense", "--write-readme"]])
def test_wrong_usage_is_told_before_anything_is_measured(arguments, capsys):
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert "benchmark" in capsys.readouterr().err


def test_the_peers_are_pinned():
    assert {"langextract", "litellm"} <= set(pins(PINS))


@pytest.mark.parametrize("line", ["litellm", "litellm>=1.80", "litellm==1.82.7", "litellm==1.82.8"])
def test_a_loose_pin_or_a_stolen_release_is_refused(tmp_path, line):
    file = tmp_path / "peers.txt"
    file.write_text(line + "\n", encoding="utf-8")
    with pytest.raises(ValueError, match="no pin"):
        pins(file)


def test_posts_are_the_same_each_time_and_hold_all_their_quotes():
    first = posts(50)
    post.cache_clear()
    assert posts(50) == first
    assert len({one.text for one in first}) == 50
    assert all(quote in one.text for one in first for quotes in one.quotes.values() for quote in quotes)


@pytest.fixture
def asked():
    numbers = count(1)

    def ask(*shown: ShownPost, text: str = "") -> Asked:
        body = {"contents": [{"role": "user", "parts": [{"text": text}]}]}
        return Asked(next(numbers), "gemini-2.5-flash", "", "", body, shown)

    return ask


def test_the_oracle_tells_every_asker_the_same_items(asked):
    by_post = answer(asked(ShownPost("p1", post(3).text), ShownPost("p2", post(4).text)))["posts"]
    question = f"Examples\nQ: {post(9).text}\nA: []\nQ: {post(3).text}\n\n{post(4).text}\nA: "
    extractions = answer(asked(text=question))["extractions"]
    flat = [item["quote"] for said in by_post for kind in ("methods", "questions", "advice") for item in said[kind]]
    assert sorted(flat) == sorted(quote for one in extractions for quote in one.values())
