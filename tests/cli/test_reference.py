"""The command-line reference says what `--help` says."""

from __future__ import annotations

from pathlib import Path

from tests.cli.reference import commands, reference


def test_the_reference_is_what_the_help_says():
    written = (Path(__file__).parents[2] / "docs/cli.md").read_text(encoding="utf-8")
    assert written == reference(), "run: python -m tests.cli.reference > docs/cli.md"


def test_every_command_has_a_page():
    assert ["extract"] in commands()
    assert ["keys", "check"] in commands()
