"""What is told where models could not serve: why, by rung and key, when what is back, and what the person can do."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from agent import KeyManager
from agent.cli.moments import clock_time
from agent.cli.outage import outage_lines, what_next
from agent.errors import RungUnavailable
from agent.records import Attempt
from tests.twin import fake_key


NOW = datetime.now(UTC)
LATER, MUCH_LATER, BEFORE = NOW + timedelta(hours=3), NOW + timedelta(hours=9), NOW - timedelta(seconds=1)
KEY = fake_key(1)
TAIL = f"…{KEY[-4:]}"


def out(reason: str, until: datetime | None = None, **more: object) -> RungUnavailable:
    return RungUnavailable("gemini-2.5-flash", reason, until=until, **more)


def at(moment: datetime) -> str:
    return clock_time(moment, NOW)


@pytest.mark.parametrize(
    ("errors", "told"),
    [
        ([out("quota_day", LATER), out("max_requests")], "No more requests may be sent"),
        ([out("quota_day", LATER), out("budget")], "raise --budget"),
        ([out("key_invalid"), out("model_not_found")], "`mianjing keys check`"),
        ([out("quota_day", MUCH_LATER), out("quota_minute", LATER)], f"Quota returns at {at(LATER)};"),
        ([out("key_invalid"), out("overloaded", LATER)], f"Try the same command again at {at(LATER)};"),
        ([out("quota_day", LATER), out("quota_minute", BEFORE)], "Quota is back;"),
    ],
    ids=lambda value: "+".join(one.reason for one in value) if isinstance(value, list) else "",
)
def test_what_to_do_follows_from_what_comes_back_first(errors: list[RungUnavailable], told: str) -> None:
    assert told in what_next(errors)


@pytest.mark.parametrize(
    ("reason", "told"),
    [("quota_day", f"back at {at(LATER)}"), ("overloaded", f"next try from {at(LATER)}")],
)
def test_only_quota_is_promised_back_at_its_time(tmp_path: Path, reason: str, told: str) -> None:
    with closing(KeyManager([KEY], home=tmp_path)) as keys:
        (line,) = outage_lines([out(reason, LATER)], keys)
        (of_a_key,) = outage_lines([out(reason, LATER, attempts=[Attempt(model="m", key=TAIL, outcome=reason)])], keys)
    assert line.endswith(told)
    assert of_a_key.endswith(f"{told} ({TAIL})")


def test_the_report_comes_where_the_ledger_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file, and no folder", encoding="utf-8")
    keys = KeyManager([KEY], home=tmp_path / "taken")
    attempts = [Attempt(model="gemini-2.5-flash", key=TAIL, outcome="quota_day")]
    (line,) = outage_lines([out("quota_day", LATER, attempts=attempts)], keys)
    assert TAIL in line
    assert f"back at {at(LATER)}" in line
