"""What a run would take, reckoned before anything is sent: requests, tokens, money, days of quota. A guess; it asks nobody."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from agent.extraction.answer import Answer
from agent.extraction.prompt import Prompt, lay_out
from agent.gemini.sizes import tokens_of
from agent.ladder import ModelName
from agent.pipeline.jobs import Job
from agent.pipeline.packing import LOOK_AHEAD, pack_size, take_pack
from agent.pipeline.room import answer_tokens
from agent.prices import Usage, price
from agent.records import Post, dump_json


@dataclass(slots=True)
class Forecast:
    """What the posts would take, if all goes well and the ladder's first model answers."""

    posts: int = 0
    requests: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cost: Decimal | None = Decimal(0)
    """US dollars at list price; null where the model's is not known."""
    days: int | None = None
    """How many days' quota, today's rest among them; null where there is no end of it, or none at all."""

    def add(self, used: Usage, cost: Decimal | None) -> None:
        """One more request."""
        self.requests += 1
        self.input_tokens += used.input_tokens
        self.output_tokens += used.output_tokens
        self.cost = None if self.cost is None or cost is None else self.cost + cost


def forecast(
    posts: Iterable[Post],
    *,
    model: ModelName,
    prompt: Prompt,
    left: float,
    a_day: float,
    pack: int | None = None,
    batch: bool = False,
) -> Forecast:
    """Pack as the engine would. `posts` are those that are to be asked for; they are streamed.

    `left` are the requests that may still go today, `a_day` those of a whole day. A batch has a quota of its own, and half the price.
    """
    found = Forecast()
    head = tokens_of(prompt.text) + tokens_of(dump_json(Answer.model_json_schema()))
    pending: deque[Job] = deque()

    def send() -> None:
        size = pack or (1 if batch else pack_size(len(pending), left - found.requests))
        sent = take_pack(pending, size)
        used = Usage(
            head + tokens_of(lay_out([job.post for job in sent])), sum(answer_tokens(job.seen) for job in sent)
        )
        found.add(used, price(model, used, batch=batch))

    for post in posts:
        found.posts += 1
        pending.extend(Job(post).pieces())
        if len(pending) >= LOOK_AHEAD:
            send()
    while pending:
        send()
    found.days = None if batch else _days(found.requests, left, a_day)
    return found


def _days(requests: int, left: float, a_day: float) -> int | None:
    if math.isinf(left) or not requests:
        return None
    beyond = requests - max(0, int(left))
    if beyond <= 0:
        return 1
    return None if a_day <= 0 else 1 + math.ceil(beyond / a_day)
