"""The house as ARCHITECTURE.md draws it: every import goes down, none in a circle."""

from __future__ import annotations

from pathlib import Path

from importlinter.cli import lint_imports


ROOT = Path(__file__).parents[1]


def test_every_import_goes_down_and_none_in_a_circle(monkeypatch, capsys):
    monkeypatch.chdir(ROOT)
    status = lint_imports(no_cache=True)
    assert status == 0, capsys.readouterr().out


def test_an_import_that_goes_up_would_be_found(tmp_path, monkeypatch, capsys):
    (tmp_path / "house" / "attic").mkdir(parents=True)
    for name in ("__init__", "attic/__init__"):
        (tmp_path / "house" / f"{name}.py").touch()
    (tmp_path / "house" / "cellar.py").write_text("from house import attic\n", encoding="utf-8")
    (tmp_path / "pyproject.toml").write_text(
        '[tool.importlinter]\nroot_package = "house"\n[[tool.importlinter.contracts]]\nname = "down"\ntype = "layers"\n'
        'containers = ["house"]\nlayers = ["attic", "cellar"]\n',
        encoding="utf-8",
    )
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    assert lint_imports(no_cache=True) == 1
    assert "house.cellar -> house.attic" in capsys.readouterr().out
