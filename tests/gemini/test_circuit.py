"""Pauses grow while something fails for everybody, and one trial goes before it is trusted again."""

from __future__ import annotations

import random
from datetime import UTC, datetime

import pytest

from agent.gemini.circuit import Circuit, feeds
from agent.gemini.verdict import Scope, Verdict


OVERLOADED = Verdict(Scope.SERVICE, "overloaded")
REFUSED = Verdict(Scope.REQUEST, "bad_request")


class Middling(random.Random):
    def uniform(self, a: float, b: float) -> float:
        return (a + b) / 2


def after(*verdicts: Verdict, every: float = 1_000.0) -> Circuit:
    circuit = Circuit()
    for place, verdict in enumerate(verdicts, start=1):
        at = place * every
        circuit = circuit.after(verdict, sent=at - 1, now=at, chance=Middling())
    return circuit


def test_one_failure_opens_nothing_and_asks_for_a_moment() -> None:
    circuit = after(OVERLOADED)
    assert circuit.is_closed
    assert circuit.until == 1_001.0


@pytest.mark.parametrize(("failures", "pause"), [(2, 2.0), (3, 4.0), (5, 16.0), (9, 256.0), (12, 300.0), (60, 300.0)])
def test_failures_in_a_row_open_it_for_ever_longer_up_to_five_minutes(failures: int, pause: float) -> None:
    circuit = after(*[OVERLOADED] * failures)
    assert circuit.is_open(circuit.opened)
    assert circuit.until - circuit.opened == pause
    assert not circuit.is_open(circuit.until)
    assert not circuit.is_closed


def test_what_may_be_the_requests_own_fault_takes_more_of_them() -> None:
    assert after(REFUSED, REFUSED).is_closed
    assert after(REFUSED, REFUSED, REFUSED).until == 3_120.0


@pytest.mark.parametrize("reason", ["location", "redirected"])
def test_what_no_waiting_mends_opens_it_at_once(reason: str) -> None:
    assert not after(Verdict(Scope.SERVICE, reason)).is_closed


def test_it_stays_open_as_long_as_the_service_asks_for() -> None:
    told = datetime.fromtimestamp(1_060.0, UTC)
    circuit = after(Verdict(Scope.SERVICE, "overloaded", until=told))
    assert circuit.is_open(1_059.0)
    assert circuit.until == 1_060.0


def test_failures_that_were_under_way_when_it_opened_are_no_news() -> None:
    opened = after(OVERLOADED, OVERLOADED)
    assert opened.after(OVERLOADED, sent=opened.opened - 5, now=opened.opened + 1, chance=Middling()) is opened


@pytest.mark.parametrize(
    ("verdict", "does"),
    [
        (OVERLOADED, True),
        (REFUSED, True),
        (Verdict(Scope.REQUEST, "too_long"), False),
        (Verdict(Scope.REQUEST, "unknown"), False),
        (Verdict(Scope.KEY, "key_invalid"), False),
        (Verdict(Scope.PROJECT_MODEL, "quota_day"), False),
    ],
)
def test_only_what_says_something_of_the_model_counts(verdict: Verdict, does: bool) -> None:
    assert feeds(verdict) == does
