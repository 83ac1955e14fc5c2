"""What the service refuses of a request before any quota is looked at."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.twin.asked import Asked
from tests.twin.http import HttpRequest
from tests.twin.models import Model


def request_trouble(
    http: HttpRequest, asked: Asked, tokens: int, model: Model, *, min_deadline: float, payload_limit: int
) -> str:
    """What is wrong with the request itself, in the service's words; empty where nothing is."""
    body = asked.body
    config = body.get("generationConfig") or {}
    deadline = float(http.headers.get("x-server-timeout") or min_deadline)
    budget = thinking_budget(config)
    name = f"models/{model.name}"
    wants_json = config.get("responseMimeType") == "application/json" or asked.schema is not None
    troubles = (
        (len(http.body) > payload_limit, f"Request payload size exceeds the limit: {payload_limit} bytes."),
        (
            deadline < min_deadline,
            f"Manually set deadline {deadline:g}s is too short. Minimum allowed deadline is {min_deadline:g}s.",
        ),
        (
            tokens > model.input_limit,
            f"The input token count ({tokens}) exceeds the maximum number of tokens allowed ({model.input_limit}).",
        ),
        (
            bool(body.get("systemInstruction")) and not model.takes_system,
            f"Developer instruction is not enabled for {name}",
        ),
        (wants_json and not model.takes_schema, f"JSON mode is not enabled for {name}"),
        (budget is not None and model.thinks == "no", "Thinking is not enabled for this model."),
        (budget == 0 and model.thinks == "must", "Budget 0 is invalid. This model only works in thinking mode."),
        (not body.get("contents"), "GenerateContentRequest.contents: contents is not specified"),
    )
    return next((words for wrong, words in troubles if wrong), "")


def thinking_budget(config: Mapping[str, Any]) -> int | None:
    thinking = config.get("thinkingConfig") or {}
    budget = thinking.get("thinkingBudget", thinking.get("thinking_budget"))
    return None if budget is None else int(budget)
