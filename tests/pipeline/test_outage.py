"""What keeps the whole ladder out is told from what one pack met by itself."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from agent.errors import RungUnavailable
from agent.pipeline.outage import Outage
from agent.records import Attempt


NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
LATER = NOON + timedelta(hours=3)
NEVER_SENT, SENT = [Attempt(model="m", outcome="x")], [Attempt(model="m", key="…A1b2", outcome="x")]


def out(reason: str, until: datetime | None = None, attempts=()) -> RungUnavailable:
    return RungUnavailable("m", reason, until=until, attempts=attempts)


@pytest.mark.parametrize(
    ("errors", "is_outage"),
    [
        ([out("quota_day", LATER, SENT)], True),
        ([out("quota_minute", LATER), out("key_invalid")], True),
        ([out("no_key"), out("model_not_found")], True),
        ([out("unreachable", LATER, NEVER_SENT)], True),
        ([out("overloaded", LATER, SENT)], False),
        ([out("budget")], False),
        ([out("timeout", None, NEVER_SENT)], False),
        ([out("quota_day", LATER), out("blocked", None, SENT)], False),
        ([out("quota_day", LATER), out("refused_before")], False),
        ([], False),
    ],
    ids=lambda value: "+".join(one.reason for one in value) if isinstance(value, list) else "",
)
def test_all_rungs_must_be_out_for_every_post(errors, is_outage):
    assert (Outage.of(errors) is not None) is is_outage


def test_it_is_over_when_the_first_rung_is_back_or_never():
    found = Outage.of([out("quota_day", LATER), out("quota_minute", NOON), out("key_invalid")])
    assert not found.is_over(NOON - timedelta(seconds=1))
    assert found.is_over(NOON)
    assert not Outage.of([out("max_requests")]).is_over(LATER)
