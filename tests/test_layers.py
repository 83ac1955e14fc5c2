"""The house as ARCHITECTURE.md draws it: every import goes down, none in a circle."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


ROOT = Path(__file__).parents[1]


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    """In a process of its own: it silences all loggers of the one it runs in."""
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command; lint_imports_command()"]
    return subprocess.run([*command, "--no-cache"], cwd=folder, capture_output=True, encoding="utf-8", check=False)


def test_every_import_goes_down_and_none_in_a_circle():
    done = lint_imports(ROOT)
    assert done.returncode == 0, done.stdout + done.stderr


def test_an_import_that_goes_up_would_be_found(tmp_path):
    (tmp_path / "house" / "attic").mkdir(parents=True)
    for name in ("__init__", "attic/__init__"):
        (tmp_path / "house" / f"{name}.py").touch()
    (tmp_path / "house" / "cellar.py").write_text("from house import attic\n", encoding="utf-8")
    (tmp_path / "pyproject.toml").write_text(
        '[tool.importlinter]\nroot_package = "house"\n[[tool.importlinter.contracts]]\nname = "down"\ntype = "layers"\n'
        'containers = ["house"]\nlayers = ["attic", "cellar"]\n',
        encoding="utf-8",
    )
    done = lint_imports(tmp_path)
    assert done.returncode == 1
    assert "house.cellar -> house.attic" in done.stdout
