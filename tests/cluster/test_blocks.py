"""A folder of blocks: each file once and whole, kept from run to run while it can stay; the folder whole or not at all."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agent.cluster.blocks import ORDER, Folder
from agent.errors import InputProblem, UsageError
from agent.pipeline.run import rules_run
from agent.records import Post, Record


BLOCKS = [[Post(text=f"1. 什么是第{n}题？", id=f"{n}-{k}") for k in range(3)] for n in range(2)]


def folder(path: Path, **more) -> Folder:
    made = Folder(path / "out", **{"format": "jsonl", "offline": True, "fresh": False, **more})
    made.open()
    return made


def by_rules(given):
    return list(rules_run(given))


def by_a_model(given):
    outcomes = by_rules(given)
    for one in outcomes:
        one.provenance.origin = "model"
    return outcomes


def never(given):
    raise AssertionError(given)


def ids(path: Path) -> list[str]:
    names = json.loads((path / ORDER).read_text(encoding="utf-8"))
    assert {ORDER, *names} == {one.name for one in path.iterdir()}
    lines = "".join((path / name).read_text(encoding="utf-8") for name in names).splitlines()
    return [Record.from_json(line).post.id for line in lines]


def test_all_blocks_are_there_in_the_order_of_the_input(tmp_path):
    made = folder(tmp_path)
    done = made.close([made.written(block, by_rules) for block in BLOCKS])
    assert ids(done.folder) == [post.id for block in BLOCKS for post in block]
    assert (done.records, done.problems, done.kept) == (6, (), 0)
    assert [one.name for one in tmp_path.iterdir()] == ["out"]


def test_a_block_that_is_there_is_not_done_again_by_the_next_run(tmp_path):
    folder(tmp_path).written(BLOCKS[0], by_rules)
    made = folder(tmp_path)
    rows = [made.written(BLOCKS[0], never), made.written(BLOCKS[1], by_rules)]
    done = made.close(rows)
    assert len(ids(done.folder)) == 6
    assert (done.records, done.kept) == (6, 1)


def test_a_block_that_was_done_twice_is_there_once(tmp_path):
    made = folder(tmp_path, fresh=True)
    made.written(BLOCKS[0], by_rules)
    done = made.close([made.written(BLOCKS[0], by_rules)])
    assert len(ids(done.folder)) == 3


def test_blocks_of_another_input_do_not_stay(tmp_path):
    folder(tmp_path).written(BLOCKS[1], by_rules)
    made = folder(tmp_path)
    done = made.close([made.written(BLOCKS[0], by_rules)])
    assert ids(done.folder) == [post.id for post in BLOCKS[0]]


def test_what_rules_did_in_the_place_of_models_is_asked_again(tmp_path):
    folder(tmp_path, offline=False).written(BLOCKS[0], by_rules)
    made = folder(tmp_path, offline=False)
    row = made.written(BLOCKS[0], by_a_model)
    assert not row["was_kept"]
    assert ids(made.close([row]).folder) == [post.id for post in BLOCKS[0]]
    assert not list(tmp_path.glob("*.unfinished"))


def test_what_was_done_offline_is_asked_of_models_by_the_next_run(tmp_path):
    folder(tmp_path, offline=True).written(BLOCKS[0], by_rules)
    row = folder(tmp_path, offline=False).written(BLOCKS[0], by_a_model)
    assert not row["was_kept"]


def test_problems_are_told_of_blocks_that_were_kept_too(tmp_path):
    block = [*BLOCKS[0], Post(text=" ", id="hollow", source="a"), InputProblem("b", "has no text")]
    for act, was_kept in ((by_rules, False), (never, True)):
        made = folder(tmp_path)
        row = made.written(block, act)
        assert (row["records"], row["was_kept"]) == (3, was_kept)
        assert [problem.split(":")[0] for problem in row["problems"]] == ["a (hollow)", "b"]


def test_parquet_is_written_too(tmp_path):
    parquet = pytest.importorskip("pyarrow.parquet")
    made = folder(tmp_path, format="parquet")
    row = made.written(BLOCKS[0], by_rules)
    table = parquet.read_table(made.close([row]).folder / row["name"])
    assert [post["id"] for post in table["post"].to_pylist()] == [post.id for post in BLOCKS[0]]


@pytest.mark.parametrize("format_name", ["csv", "nonsense"])
def test_other_formats_are_refused(tmp_path, format_name):
    with pytest.raises(UsageError, match="by block"):
        folder(tmp_path, format=format_name)


def test_a_folder_that_is_there_is_left_alone(tmp_path):
    (tmp_path / "out").mkdir()
    with pytest.raises(UsageError, match="already"):
        folder(tmp_path)
