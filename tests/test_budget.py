"""Money through the real client and the twin: what each record cost, what the cache saved, and a budget that no request passes."""

from __future__ import annotations

from decimal import Decimal
from math import fsum

import pytest

from agent import Extractor, KeyManager, Post
from agent.gemini.allowance import Allowance
from agent.ladder import ModelName
from agent.prices import Usage, price
from tests.twin import fake_key


pytest.importorskip("genai_prices")
LITE = "gemini-2.5-flash-lite"


def posts(count: int) -> list[Post]:
    return [Post(text=f"1. 第{n}个问题是什么？\n2. 手撕：第{n}题\n", id=str(n)) for n in range(count)]


def extractor(service, models: list[str], *, budget: str | None = None, **more) -> Extractor:
    allowance = Allowance(budget=Decimal(budget) if budget else None)
    return Extractor(models=models, keys=KeyManager([fake_key(1)], allowance=allowance), base_url=service.url, **more)


def cost_of(service) -> Decimal:
    """What the twin served, at list price."""
    served = [seen for seen in service.requests if seen.n and seen.status == 200]
    return sum(price(ModelName.parse(seen.model), Usage(seen.prompt_tokens, seen.output_tokens)) for seen in served)


def test_costs_of_records_sum_to_the_runs(twin):
    service = twin()
    with extractor(service, [LITE], pack=4) as one:
        run = one.run(posts(10))
        costs = [record.provenance.cost_usd for record in run]
    assert all(costs)
    assert fsum(costs) == pytest.approx(float(run.tally.cost), rel=1e-12)
    assert run.tally.cost == cost_of(service)
    assert run.tally.unpriced == 0


def test_a_model_of_no_known_price_costs_null_and_never_0(twin):
    with extractor(twin(models=["gemini-0-none"]), ["gemini-0-none"]) as one:
        run = one.run(posts(2))
        assert [record.provenance.cost_usd for record in run] == [None, None]
        assert run.tally.unpriced == 2


def test_what_the_service_read_from_its_cache_is_counted_and_cheaper(twin):
    with extractor(twin(implicit_cache=True), [LITE], concurrency=1) as one:
        run = one.run(posts(3))
        first, second, third = [record.provenance for record in run]
    assert run.tally.cached_tokens > 2_000
    assert second.cost_usd == third.cost_usd < first.cost_usd


@pytest.mark.parametrize("budget", ["0.0005", "0.014", "0.016"])
def test_no_request_is_sent_that_could_pass_the_budget(twin, budget):
    service = twin()
    with extractor(service, [LITE], budget=budget, pack=1) as one:
        run = one.run(posts(30))
        records = list(run)
        most = one.keys.allowance
    assert cost_of(service) == most.spent <= Decimal(budget)
    by_rules = [record for record in records if record.provenance.origin == "rules"]
    assert len(by_rules) == run.tally.by_rules == 30 - len(service.requests) > 0
    assert {error.reason for error in run.tally.turned_away} == {"budget"}


def test_money_held_back_for_requests_in_flight_is_waited_for(twin):
    service = twin(latency=0.02)
    with extractor(service, [LITE], budget="0.020", pack=1) as one:
        run = one.run(posts(5))
        assert {record.provenance.model for record in run} == {LITE}
    assert service.service.log.peak == 1


def test_where_one_model_is_too_dear_a_cheaper_one_serves(twin):
    service = twin()
    with extractor(service, ["gemini-2.5-flash", LITE], budget="0.05") as one:
        assert one.extract(posts(1)[0]).provenance.model == LITE
    assert {seen.model for seen in service.requests} == {LITE}
