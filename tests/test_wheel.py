"""The wheel holds what it needs and nothing else, and does its main job where there is no checkout."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest


ROOT = Path(__file__).parents[1]

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(folder), str(ROOT)]
    subprocess.run(command, check=True, cwd=folder)
    (built,) = folder.glob("*.whl")
    return built


def test_it_ships_every_module_prompt_and_table(wheel):
    shipped = set(zipfile.ZipFile(wheel).namelist())
    listed = subprocess.run(
        ["git", "ls-files", "agent", "prompts", "data"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    tracked = [Path(name) for name in listed.stdout.split("\n") if name]
    if not tracked:
        pytest.skip("no git checkout to compare with")
    for path in tracked:
        if path.parts[0] == "agent":
            assert str(path) in shipped
        elif path.parent.name != "posts":
            assert f"agent/_shipped/{path}" in shipped


def test_it_ships_nothing_else(wheel):
    names = [name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name]
    assert all(name.startswith("agent/") for name in names)
    assert not [name for name in names if name.endswith((".pyc", ".env", ".sqlite3")) or "test" in name]


def test_it_extracts_with_no_checkout_beside_it(wheel, tmp_path):
    target = tmp_path / "site"
    subprocess.run(
        [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(target), str(wheel)],
        check=True,
    )
    code = "import agent, sys; assert agent.__file__.startswith(sys.argv.pop()); from agent.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", code, "extract", "-", "--offline", "--format", "md", str(target)],
        input="1. 什么是 LoRA？\n2. 栗抠第一题".encode(),
        capture_output=True,
        env={**os.environ, "PYTHONPATH": str(target)},
        cwd=tmp_path,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    assert "LoRA" in done.stdout.decode()
