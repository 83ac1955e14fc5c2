"""The command-line reference says what `--help` says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from agent.outputs import FORMATS
from agent.outputs.bank_exports import BANK_FORMATS
from tests.cli.reference import commands, reference


def test_the_reference_is_what_the_help_says():
    written = (Path(__file__).parents[2] / "docs/cli.md").read_text(encoding="utf-8")
    assert written == reference(), "run: python -m tests.cli.reference > docs/cli.md"


def test_every_command_has_a_page():
    assert ["extract"] in commands()
    assert ["keys", "check"] in commands()


@pytest.mark.parametrize(("command", "formats"), [("extract", FORMATS), ("bank", BANK_FORMATS)])
def test_the_help_names_every_format_and_no_other(command, formats):
    [page] = re.findall(rf"^## mianjing {command}\n(.*?)(?=^## |\Z)", reference(), re.MULTILINE | re.DOTALL)
    [told] = re.findall(r"--format NAME +(.*?);", page, re.DOTALL)
    assert set(re.findall(r"\w+", told)) - {"or"} == set(formats)
