"""How many requests may go, and for how much: bounds that hold over threads, and what is held back for those in flight."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.gemini.allowance import Allowance


CENT = Decimal("0.01")


def test_no_more_requests_go_than_are_allowed():
    allowance = Allowance(3)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: allowance.take(), range(50)))
    assert answers.count(None) == allowance.sent == 3
    assert set(answers) == {None, "max_requests"}


def test_what_was_given_back_may_go_again():
    allowance = Allowance(1, CENT)
    assert allowance.take(CENT) is None
    allowance.give_back(CENT)
    assert allowance.take(CENT) is None


def test_a_request_in_flight_holds_back_the_most_that_it_can_cost():
    allowance = Allowance(budget=2 * CENT)
    assert allowance.take(2 * CENT) is None
    assert allowance.take(CENT) == "busy"
    allowance.pay(2 * CENT, CENT / 2)
    assert allowance.take(CENT) is None
    assert allowance.spent == CENT / 2


def test_a_request_that_could_pass_the_budget_by_itself_never_goes():
    allowance = Allowance(budget=CENT)
    assert allowance.take(CENT + Decimal("1e-12")) == "budget"
    assert allowance.sent == 0


def test_a_budget_lets_nothing_go_of_unknown_cost():
    assert Allowance(budget=CENT).take(None) == "budget"
    assert Allowance().take(None) is None


@pytest.mark.parametrize(("reason", "spent"), [("overloaded", 0), ("quota_day", 0), ("timeout", 1), ("dropped", 1)])
def test_a_failure_is_paid_for_where_the_service_may_have_gone_on(reason, spent):
    allowance = Allowance(budget=CENT)
    allowance.take(CENT)
    allowance.fail(reason, CENT)
    assert allowance.spent == spent * CENT
    assert allowance.failed == {reason: 1}


@given(
    st.integers(0, 50),
    st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20), st.booleans()), max_size=60),
)
def test_whatever_comes_the_budget_is_never_passed(cents, requests):
    allowance = Allowance(budget=cents * CENT)
    in_flight = []
    for worst, cost, comes_back in requests:
        if allowance.take(worst * CENT) is None:
            in_flight.append((worst * CENT, min(worst, cost) * CENT))
        if comes_back and in_flight:
            allowance.pay(*in_flight.pop())
        assert allowance.spent + sum(worst for worst, _ in in_flight) <= cents * CENT
