"""`mianjing eval`: a table for people, JSON for programs; what the rules had to do in a model's place is told."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from agent.cli.evaluate import Scoring, run
from agent.errors import UsageError
from tests.cli.command import write_jsonl


TEXT = "1. 什么是 LoRA？\n2. 手撕：反转链表\n"
LABEL = {"quote": "手撕：反转链表", "start": TEXT.index("手撕"), "end": TEXT.index("手撕") + 7}
GOLD = {"id": "a", "text": TEXT, "questions": [LABEL]}


@pytest.fixture
def scoring(tmp_path: Path):
    """What is to be scored, by rules where nothing else is told."""
    gold = write_jsonl(tmp_path / "gold.jsonl", [GOLD])
    plain = {"gold": gold, "records": None, "models": [], "base_url": None, "offline": True}

    def made(**more: Any) -> Scoring:
        return Scoring(**{**plain, "show": False, "as_json": False, **more})

    return made


def test_places_are_shown_where_that_is_asked_for_alone(scoring, capsys: pytest.CaptureFixture[str]) -> None:
    run(scoring())
    table = capsys.readouterr().out
    assert "0.500" in table
    assert "LoRA" not in table
    run(scoring(show=True))
    shown = capsys.readouterr().out
    assert "rules: false (1)" in shown
    assert "LoRA" in shown
    assert "rules: missed (0)" in shown


def test_programs_get_the_same_as_json(scoring, capsys: pytest.CaptureFixture[str]) -> None:
    run(scoring(as_json=True))
    assert list(json.loads(capsys.readouterr().out)) == ["rules"]


def test_a_file_without_a_labelled_post_is_wrong_usage(scoring, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"none\.jsonl holds no labelled post"):
        run(scoring(gold=write_jsonl(tmp_path / "none.jsonl", [])))


def test_a_ladder_that_could_not_serve_is_not_scored_in_silence(scoring, capsys: pytest.CaptureFixture[str]) -> None:
    run(scoring(offline=False, models=["gemini-2.5-flash", "rules"]))
    told = capsys.readouterr().err
    assert "1 of 1 posts have a result from the rules: gemini-2.5-flash could not serve them" in told
    assert "rules could not serve" not in told
