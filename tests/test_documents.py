"""What the documents show is what happens: every example is run, both languages hold the same ones."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.cli.command import mianjing


ROOT = Path(__file__).parents[1]
READMES = ("README.md", "README.zh-CN.md")
BLOCK = re.compile(r"```(\w+)\n(.*?)```", re.DOTALL)


def blocks(name: str, language: str) -> list[str]:
    return [code for kind, code in BLOCK.findall((ROOT / name).read_text(encoding="utf-8")) if kind == language]


def commands(name: str) -> list[str]:
    lines = "".join(blocks(name, "console")).splitlines()
    return [re.sub(r"\s+#.*", "", line[2:]) for line in lines if line.startswith("$ ")]


@pytest.mark.parametrize("name", READMES)
def test_every_python_example_runs(name, tmp_path):
    for code in blocks(name, "python"):
        exec(compile(code, name, "exec"), {})
    assert (tmp_path / "records.jsonl").read_text(encoding="utf-8").count("\n") == 2


@pytest.mark.parametrize("name", READMES)
def test_every_command_that_is_shown_exists_with_its_options(name):
    for line in commands(name):
        _, _, called = line.partition("mianjing ")
        if not called or "install" in line:
            continue
        words = called.split()
        verb = words[:2] if words[0] == "keys" else words[:1]
        told = mianjing(*verb, "--help").out
        options = [word for word in words if re.fullmatch(r"-{1,2}[a-z-]+", word)]
        assert all(option in told for option in options), line


@pytest.mark.parametrize("name", READMES)
def test_the_first_screen_shows_real_output(name):
    first = blocks(name, "console")[0]
    shown = first.split("--offline\n", 1)[1]
    said = mianjing("extract", ROOT / "data/posts/01-finetuning.txt", "--offline", "--quiet", "--format", "jsonl")
    (record,) = said.records
    for item in (*record.questions, *record.methods, *record.advice):
        assert item.quote in shown
    assert f"Questions ({len(record.questions)})" in shown
    assert record.post.id in shown


def test_both_languages_show_the_same_commands():
    assert commands("README.md") == commands("README.zh-CN.md")
    assert len(blocks("README.md", "python")) == len(blocks("README.zh-CN.md", "python"))


@pytest.mark.parametrize("name", [*READMES, "ARCHITECTURE.md", "CHANGELOG.md"])
def test_every_link_to_a_file_leads_somewhere(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#]+)\)", text):
        assert target.startswith("https://") or (ROOT / target).exists(), target
