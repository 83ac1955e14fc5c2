"""Memory stays flat however many posts there are, through the real command; `pytest -s` shows the peaks."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.posts import post
from tests.hard.confined import confined


pytestmark = pytest.mark.slow


def peak(folder: Path, count: int, output: str, *, lines: int) -> float:
    """The peak of resident memory, in MiB, of extracting so many posts by rules to that file."""
    source, target = folder / f"{count}.jsonl", folder / output
    with source.open("w", encoding="utf-8") as file:
        file.writelines(
            json.dumps({"id": n, "text": post(n).text}, ensure_ascii=False) + "\n" for n in range(1, count + 1)
        )
    ran = confined("extract", source, "--offline", "--quiet", "-o", target, seconds=1_000)
    assert ran.status == 0
    with target.open("rb") as file:
        assert sum(1 for _ in file) >= lines
    print(f"{count} posts to {output}: {ran.megabytes:.0f} MiB")
    return ran.megabytes


def test_a_hundred_thousand_posts_take_no_more_memory_than_two_thousand(tmp_path):
    many = peak(tmp_path, 100_000, "many.jsonl", lines=100_000)
    assert many <= 1.3 * peak(tmp_path, 2_000, "few.jsonl", lines=2_000)


@pytest.mark.parametrize("name", ["out.json", "out.csv", "out.md"])
def test_other_formats_are_written_as_they_come_too(tmp_path, name):
    many = peak(tmp_path, 10_000, name, lines=10_000)
    assert many <= 1.3 * peak(tmp_path, 1_000, name, lines=1_000)
