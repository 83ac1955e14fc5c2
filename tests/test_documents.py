"""What the documents show is what happens: every example is run, both languages hold the same ones."""

from __future__ import annotations

import json
import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.cli.command import mianjing


ROOT = Path(__file__).parents[1]
READMES = ("README.md", "README.zh-CN.md")
BLOCK = re.compile(r"```(\w+)\n(.*?)```", re.DOTALL)


def blocks(name: str, language: str) -> list[str]:
    return [code for kind, code in BLOCK.findall((ROOT / name).read_text(encoding="utf-8")) if kind == language]


def letters(text: str) -> str:
    return "".join(text.split())


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


@pytest.fixture(scope="module")
def shown_record():
    """What becomes of the post that the first command reads."""
    (command,) = {line for line in commands("README.md") if "data/posts" in line}
    _, _, file = command.partition("extract ")
    said = mianjing("extract", ROOT / file.split()[0], "--offline", "--quiet", "--format", "jsonl")
    (record,) = said.records
    return record


def test_the_terminal_picture_shows_what_the_command_says(shown_record):
    drawn = ET.fromstring((ROOT / "docs/pictures/terminal.svg").read_text(encoding="utf-8"))
    shown = letters("".join(drawn.itertext()))
    for item in (*shown_record.questions, *shown_record.methods, *shown_record.advice):
        assert letters(item.quote) in shown, "take it anew: .venv/bin/python docs/pictures.py"
    assert letters(f"Questions ({len(shown_record.questions)})") in shown
    assert shown_record.post.id in shown
    assert letters(commands("README.md")[1].removeprefix(".venv/bin/")) in shown


@pytest.mark.parametrize("name", READMES)
def test_the_item_that_is_shown_is_a_real_one(name, shown_record):
    (item,) = map(json.loads, blocks(name, "json"))
    assert item in [question.model_dump() for question in shown_record.questions]


def test_both_languages_show_the_same_pictures_small_ones_that_exist():
    named = [re.findall(r"!\[[^\]]+\]\(([^)]+)\)", (ROOT / name).read_text(encoding="utf-8")) for name in READMES]
    assert named[0] == named[1]
    assert {ROOT / one for one in named[0]} == set((ROOT / "docs/pictures").iterdir())
    assert all((ROOT / one).stat().st_size < 200_000 for one in named[0])


def test_both_languages_show_the_same_commands():
    assert commands("README.md") == commands("README.zh-CN.md")
    assert len(blocks("README.md", "python")) == len(blocks("README.zh-CN.md", "python"))


@pytest.mark.parametrize("name", [*READMES, "ARCHITECTURE.md", "CHANGELOG.md"])
def test_every_link_to_a_file_leads_somewhere(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#]+)\)", text):
        assert target.startswith("https://") or (ROOT / target).exists(), target
