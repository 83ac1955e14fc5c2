"""Memory stays flat however many posts there are, through the real command; `pytest -s` shows the peaks."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from benchmarks.posts import post
from tests.cli.command import COMMAND, environment_with


pytestmark = [pytest.mark.slow, pytest.mark.skipif(not hasattr(os, "wait4"), reason="measured as on Unix")]


def peak(folder: Path, count: int, output: str, *, lines: int) -> int:
    """The peak of resident memory, as the system counts it, of extracting so many posts by rules to that file."""
    source, target = folder / f"{count}.jsonl", folder / output
    with source.open("w", encoding="utf-8") as file:
        file.writelines(
            json.dumps({"id": n, "text": post(n).text}, ensure_ascii=False) + "\n" for n in range(1, count + 1)
        )
    arguments = ["extract", source, "--offline", "--quiet", "-o", target]
    process = subprocess.Popen([*COMMAND, *map(str, arguments)], env=environment_with({}))
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    with target.open("rb") as file:
        assert sum(1 for _ in file) >= lines
    print(
        f"{count} posts to {output}: {usage.ru_maxrss / 1024:.0f} MiB, {usage.ru_utime + usage.ru_stime:.0f} s of CPU"
    )
    return usage.ru_maxrss


def test_a_hundred_thousand_posts_take_no_more_memory_than_two_thousand(tmp_path):
    many = peak(tmp_path, 100_000, "many.jsonl", lines=100_000)
    assert many <= 1.3 * peak(tmp_path, 2_000, "few.jsonl", lines=2_000)


@pytest.mark.parametrize("name", ["out.json", "out.csv", "out.md"])
def test_other_formats_are_written_as_they_come_too(tmp_path, name):
    many = peak(tmp_path, 10_000, name, lines=10_000)
    assert many <= 1.3 * peak(tmp_path, 1_000, name, lines=1_000)
