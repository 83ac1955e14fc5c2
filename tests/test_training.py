"""Training learns from labelled posts what the rules do not know, and says what it is worth in posts that it has not seen."""

from __future__ import annotations

import json
from random import Random

import pytest

from agent import Post
from agent.extraction.rules import extract
from agent.extraction.rules.telling import ClauseJudge
from training import clauses, judge


pytestmark = pytest.mark.slow
pytest.importorskip("sklearn", reason="needs the extra [train]")

_TOLD = "某云 面经\n\n聊了什么：\n{}\n\n其他：\n今天天气不错\n路上堵车\n琢玉法\n切记渡河\n"


def gold(number: int) -> dict:
    """A post whose lines `栈道第 n 问` are questions: nothing in the rules says so."""
    asked = [f"栈道{word}" for word in ("甲", "乙", "丙", "丁")[: 2 + number % 3]]
    text = _TOLD.format("\n".join(asked))
    labels = {
        kind: [{"quote": quote, "start": text.index(quote), "end": text.index(quote) + len(quote)} for quote in quotes]
        for kind, quotes in (("questions", asked), ("methods", ["琢玉法"]), ("advice", ["切记渡河"]))
    }
    return {"id": f"g{number}", "text": text, **labels}


@pytest.fixture
def labelled(tmp_path):
    file = tmp_path / "gold.jsonl"
    file.write_text("".join(json.dumps(gold(number)) + "\n" for number in range(60)), encoding="utf-8")
    return file


def test_what_was_learned_is_found_in_a_new_post(labelled, tmp_path, capsys):
    judge.main([str(labelled), "-o", str(tmp_path / "learned.json")])
    told = capsys.readouterr().out
    assert told.startswith("60 posts")
    alone, judged = (float(line.rpartition(" ")[2]) for line in told.splitlines()[1:])
    assert judged > 0.9 > alone

    weights = json.loads((tmp_path / "learned.json").read_text(encoding="utf-8"))
    text = _TOLD.format("栈道戊\n栈道己")
    found = extract(Post(text=text), learned=weights).items
    assert [text[one.start : one.end] for one in found if one.kind == "question"] == ["栈道戊", "栈道己"]


def test_labels_of_one_kind_alone_are_not_enough_and_it_says_so(tmp_path):
    file = tmp_path / "gold.jsonl"
    file.write_text(json.dumps({**gold(1), "methods": [], "advice": []}) + "\n", encoding="utf-8")
    with pytest.raises(SystemExit, match="No line is labelled as advice or method"):
        judge.main([str(file)])


def test_without_a_file_to_write_it_only_measures(labelled, tmp_path):
    judge.main([str(labelled)])
    assert [file.name for file in tmp_path.iterdir()] == ["gold.jsonl"]


_RUNNING = "某云 一面\n{}\n"
_CLAUSES = ["聊到栈道{}多长", "我答得{}不好", "切记{}渡河", "{}时天色已晚", "他{}笑了笑"]
_DIGITS = "子丑寅卯辰巳午未申"


def told(number: int) -> dict:
    """A post in whose running text what has `栈道` was asked and `渡河` is advice."""
    lots = Random(number)
    said = [lots.choice(_CLAUSES).format(digit) for digit in _DIGITS]
    text = _RUNNING.format("，".join(said) + "。")
    labels: dict[str, list[dict]] = {"questions": [], "methods": [], "advice": []}
    place = text.index("\n") + 1
    for clause in text[place:].rstrip("。\n").split("，"):
        kind = "questions" if "栈道" in clause else "advice" if "渡河" in clause else None
        if kind:
            labels[kind].append({"quote": clause, "start": place, "end": place + len(clause)})
        place += len(clause) + 1
    return {"id": f"t{number}", "text": text, **labels}


def test_what_was_learned_of_clauses_is_found_in_new_running_text(tmp_path, capsys):
    pytest.importorskip("pycrfsuite", reason="needs the extra [train]")
    file, output = tmp_path / "gold.jsonl", tmp_path / "clauses.json"
    file.write_text("".join(json.dumps(told(number)) + "\n" for number in range(100)), encoding="utf-8")
    clauses.main([str(file), "-o", str(output)])
    alone, judged = (float(line.rpartition(" ")[2]) for line in capsys.readouterr().out.splitlines()[1:])
    assert judged > 0.7 > alone

    text = _RUNNING.format("他癸笑了笑，聊到栈道癸多长，我答得癸不好，癸时天色已晚，切记癸渡河。")
    found = extract(Post(text=text), clauses=ClauseJudge(json.loads(output.read_text(encoding="utf-8")))).items
    assert [(one.kind, text[one.start : one.end]) for one in found] == [
        ("question", "聊到栈道癸多长"),
        ("advice", "切记癸渡河"),
    ]
