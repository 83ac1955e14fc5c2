"""What a run would take, told before it: as the engine would pack, and in days of the quota at hand."""

from __future__ import annotations

import math
from decimal import Decimal

import pytest

from agent.extraction.prompt import Prompt
from agent.ladder import ModelName
from agent.pipeline.forecast import Forecast, forecast
from agent.pipeline.packing import LOOK_AHEAD
from agent.records import Post


PROMPT = Prompt("extract", 1, "say what stands in the posts " * 40)
LITE = ModelName.parse("gemini-2.5-flash-lite")


def of(count: int, *, left: float = math.inf, a_day: float = 20, model: ModelName = LITE, **more) -> Forecast:
    posts = (Post(text=f"1. 第{n}个问题？\n2. 手撕：第{n}题") for n in range(count))
    return forecast(posts, model=model, prompt=PROMPT, left=left, a_day=a_day, **more)


def test_with_ample_quota_each_post_has_a_request_of_its_own():
    found = of(12)
    assert (found.posts, found.requests, found.days) == (12, 12, None)


def test_with_little_quota_posts_are_packed_into_what_is_left_today():
    found = of(100, left=20)
    assert found.requests <= 20
    assert found.days == 1


@pytest.mark.parametrize(
    ("left", "a_day", "days"), [(30, 10, 1), (10, 10, 3), (5, 10, 4), (0, 10, 4), (0, 0, None), (-3, 10, 4)]
)
def test_days_are_those_that_the_quota_takes(left, a_day, days):
    assert of(30, left=left, a_day=a_day, pack=1).days == days


def test_nothing_to_do_takes_nothing():
    assert of(0, left=5) == Forecast()


def test_packing_saves_the_prompts_share_of_tokens_and_money():
    pytest.importorskip("genai_prices")
    alone, packed = of(20, pack=1), of(20, pack=10)
    assert packed.output_tokens == alone.output_tokens
    assert packed.input_tokens < alone.input_tokens
    assert 0 < packed.cost < alone.cost


def test_a_batch_has_a_quota_of_its_own_and_half_the_price():
    pytest.importorskip("genai_prices")
    found = of(20, left=5, batch=True)
    assert (found.requests, found.days) == (20, None)
    assert found.cost * 2 == of(20, pack=1).cost


def test_an_unknown_price_is_null():
    assert of(2, model=ModelName.parse("ollama:qwen3")).cost is None
    assert Forecast().cost == Decimal(0)


def test_a_long_post_is_reckoned_in_parts():
    text = "\n".join(f"{n}. 第{n}题：什么情况下你会选择方案{n}，而不是另一种做法？" for n in range(1, 700))
    found = forecast([Post(text=text)], model=LITE, prompt=PROMPT, left=math.inf, a_day=20)
    assert found.posts == 1
    assert found.requests > 1


def test_more_posts_than_are_looked_ahead_over_are_packed_all_the_same():
    found = of(LOOK_AHEAD + 500, pack=10)
    assert (found.posts, found.requests) == (LOOK_AHEAD + 500, (LOOK_AHEAD + 500) / 10)
