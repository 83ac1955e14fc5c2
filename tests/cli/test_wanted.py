"""What cannot go together is refused before anything is opened or asked."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import pytest

from agent.cli.wanted import Wanted
from agent.errors import UsageError


def wanted(**given: Any) -> Wanted:
    """A call with nothing but what is given."""
    nothing = dict.fromkeys(one.name for one in fields(Wanted))
    return Wanted(**{**nothing, "inputs": ["posts"], "engine": "local", "patience": 90.0, **given})


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"engine": "ray", "watch": True}, "--engine ray does not go with --watch"),
        ({"ray_address": "ray://head:10001"}, "--ray-address is for --engine ray"),
        ({"batch": True, "watch": True}, "--batch goes neither"),
        ({"inputs": ["-"], "watch": True}, "standard input cannot be watched"),
        ({"format_name": "xlsx"}, "--format xlsx needs -o FILE"),
    ],
    ids=lambda value: "+".join(value) if isinstance(value, dict) else "",
)
def test_what_does_not_go_together_is_wrong_usage(given: dict[str, Any], told: str) -> None:
    with pytest.raises(UsageError, match=told):
        wanted(**given).check()


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"engine": "ray", "ray_address": "ray://head:10001"},
        {"watch": True},
        {"batch": True},
        {"format_name": "csv"},
    ],
)
def test_what_goes_together_is_none(given: dict[str, Any]) -> None:
    wanted(**given).check()
