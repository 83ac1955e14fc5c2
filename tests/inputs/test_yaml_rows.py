"""YAML: the shapes of JSON, with ids and titles as the strings that stand there; bombs do not go off."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from tests.inputs.reading import clean, read
from tests.inputs.test_json_rows import SHAPES


@pytest.mark.parametrize("document", SHAPES.values(), ids=SHAPES)
def test_shapes(tmp_path: Path, document: object) -> None:
    file = tmp_path / "p.yaml"
    file.write_text(yaml.safe_dump(document, allow_unicode=True), encoding="utf-8")
    [post] = clean(file)
    assert (post.id, post.title, post.text, post.tags) == ("n1", "一面", "1. 什么是 RAG？", ("面经", "后端"))


def test_scalars_stay_what_is_written(tmp_path: Path) -> None:
    file = tmp_path / "p.yml"
    file.write_text(
        "- {id: 0012, title: yes, text: 12:30, tags: [2024-01-01, 1_000]}\n- {id: ~, text: }\n", encoding="utf-8"
    )
    first, second = clean(file)
    assert (first.id, first.title, first.text, first.tags) == ("0012", "yes", "12:30", ("2024-01-01", "1_000"))
    assert (second.text, second.id[:5]) == ("", "post-")


def test_several_documents_in_one_file(tmp_path: Path) -> None:
    file = tmp_path / "p.yaml"
    file.write_text("---\ntext: |\n  一\n  二\n---\n---\ntext: 三\n---\n", encoding="utf-8")
    assert [post.text for post in clean(file)] == ["一\n二\n", "三"]


def _laughs(last: str) -> str:
    levels = [f"l{level}: &l{level} [{', '.join([f'*l{level - 1}'] * 9)}]" for level in range(1, 12)]
    return "l0: &l0 [lol]\n" + "\n".join(levels) + f"\n{last}"


def _merges() -> str:
    levels = [f"l{level}: &l{level} {{<<: [{', '.join([f'*l{level - 1}'] * 9)}]}}" for level in range(1, 12)]
    return "l0: &l0 {text: a}\n" + "\n".join(levels)


@pytest.mark.parametrize(
    "text",
    [
        _laughs("items: *l11"),
        _laughs("items: [{text: a, tags: *l11}]"),
        _merges(),
        "&a {data: *a}",
        "&a [*a]",
        "items: &a [{data: *a}]",
        "[" * 100_000,
        "- " * 50_000,
        "!!python/object/apply:os.getcwd []",
        "text: !!timestamp x",
        "{text: a, [b]: c}",
        "text: a: b",
        "text: 'a",
        "\t- a",
        "",
        "# nothing",
        "text: \x01",
    ],
)
def test_hostile_documents_are_answered_or_named(tmp_path: Path, text: str) -> None:
    file = tmp_path / "p.yaml"
    file.write_text(text, encoding="utf-8")
    reading = read(file)
    assert 1 <= len(reading.posts) + len(reading.problems) <= 9


def test_broken_yaml_is_named_with_its_place(tmp_path: Path) -> None:
    file = tmp_path / "p.yaml"
    file.write_text("items:\n  - text: 'a\n", encoding="utf-8")
    assert "no valid YAML at line 3, column 1" in read(file).problems[0].why
