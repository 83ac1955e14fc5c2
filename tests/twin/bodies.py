"""Error bodies: those that people published, by name, and the few that the twin builds itself."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from tests.twin.quotas import Violation


RECORDED_FILE = Path(__file__).parents[3] / "shared/gemini_errors.json"
_SPECIMEN_KEY, _SPECIMEN_PROJECT = "AIzaXXXX", "123456789012"
_RPC = "type.googleapis.com/google.rpc."
_SERVICE = "generativelanguage.googleapis.com"


class NotRecorded(LookupError):
    """Neither the twin nor the file of published bodies (which may be absent) knows an answer of this name."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """One published answer. `body` is an object, a list of one, or a bare string."""

    name: str
    status: int
    body: Any
    scope: str
    reaction: str
    wrong: str


@lru_cache
def recorded() -> Mapping[str, Recorded]:
    """All published bodies by name; empty where the file is absent."""
    if not RECORDED_FILE.is_file():
        return {}
    entries = json.loads(RECORDED_FILE.read_text(encoding="utf-8"))
    return {
        entry["name"]: Recorded(
            entry["name"],
            entry["http_status"],
            entry["body"],
            entry["scope"],
            entry["right_reaction"],
            entry["what_is_exhausted_or_wrong"],
        )
        for entry in entries
    }


def error(code: int, status: str, message: str, details: Sequence[Mapping[str, Any]] = ()) -> dict[str, Any]:
    inner: dict[str, Any] = {"code": code, "message": message, "status": status}
    if details:
        inner["details"] = list(details)
    return {"error": inner}


def _key_trouble(message: str) -> dict[str, Any]:
    reason = {"reason": "API_KEY_INVALID", "domain": "googleapis.com", "metadata": {"service": _SERVICE}}
    return error(
        400,
        "INVALID_ARGUMENT",
        message,
        [
            {"@type": f"{_RPC}ErrorInfo", **reason},
            {"@type": f"{_RPC}LocalizedMessage", "locale": "en-US", "message": message},
        ],
    )


OWN: Mapping[str, dict[str, Any]] = {
    "400_api_key_invalid": _key_trouble("API key not valid. Please pass a valid API key."),
    "400_api_key_expired": _key_trouble("API key expired. Please renew the API key."),
    "403_leaked": error(403, "PERMISSION_DENIED", "Your API key was reported as leaked. Please use another API key."),
    "403_no_key": error(
        403,
        "PERMISSION_DENIED",
        "Method doesn't allow unregistered callers (callers without established identity). "
        "Please use API Key or other form of API consumer identity to call this API.",
    ),
    "400_location": error(400, "FAILED_PRECONDITION", "User location is not supported for the API use."),
    "429_bare_resource_exhausted": error(429, "RESOURCE_EXHAUSTED", "Resource has been exhausted (e.g. check quota)."),
    "500_internal": error(500, "INTERNAL", "An internal error has occurred. Please retry."),
    "503_overloaded": error(503, "UNAVAILABLE", "The model is overloaded. Please try again later."),
    "504_deadline": error(504, "DEADLINE_EXCEEDED", "Deadline expired before operation could complete."),
}


def known(name: str) -> bool:
    return name in OWN or name in recorded()


def published(name: str, *, key: str, project_number: str) -> tuple[int, Any]:
    """Status and body of that name, with this key and project in place of the specimens. Raises `NotRecorded`."""
    if name in recorded():
        status, body = recorded()[name].status, recorded()[name].body
    elif name in OWN:
        status, body = int(name[:3]), OWN[name]
    else:
        raise NotRecorded(name)
    text = json.dumps(body).replace(_SPECIMEN_KEY, key).replace(_SPECIMEN_PROJECT, project_number)
    return status, json.loads(text)


def invalid(message: str) -> dict[str, Any]:
    return error(400, "INVALID_ARGUMENT", message)


def model_unknown(model: str, method: str) -> dict[str, Any]:
    return error(
        404,
        "NOT_FOUND",
        f"models/{model} is not found for API version v1beta, or is not supported for {method}. "
        "Call ModelService.ListModels to see the list of available models and their supported methods.",
    )


def model_retired(model: str) -> dict[str, Any]:
    return error(
        404,
        "NOT_FOUND",
        f"This model models/{model} is no longer available. "
        "Please update your code to use a newer model for the latest features and improvements.",
    )


def model_closed(model: str, successor: str) -> dict[str, Any]:
    return error(
        404,
        "NOT_FOUND",
        f"This model models/{model} is no longer available to new users. "
        f"Please update your code to use models/{successor} for the latest features and improvements.",
    )


def quota_exceeded(violations: Sequence[Violation], bucket: str, chance: random.Random) -> dict[str, Any]:
    """A 429 as the service words it.

    A day's quota of the free tier, and a limit of 0, come with a delay of some seconds that means nothing; all
    other delays are true, RetryInfo's without the fraction that the message has.
    """
    told = chance.sample(violations, len(violations))
    seconds = _delay(told, chance)
    lines = [f"* Quota exceeded for metric: {one.metric}, limit: {one.limit}, model: {bucket}" for one in told]
    help_ = {
        "@type": f"{_RPC}Help",
        "links": [
            {
                "description": "Learn more about Gemini API quotas",
                "url": "https://ai.google.dev/gemini-api/docs/rate-limits",
            }
        ],
    }
    failure = {"@type": f"{_RPC}QuotaFailure", "violations": [_violation(one, bucket) for one in told]}
    return error(
        429,
        "RESOURCE_EXHAUSTED",
        "You exceeded your current quota, please check your plan and billing details. "
        "For more information on this error, head to: https://ai.google.dev/gemini-api/docs/rate-limits. "
        "To monitor your current usage, head to: https://ai.dev/rate-limit. \n"
        + "\n".join(lines)
        + f"\nPlease retry in {_in_words(seconds)}.",
        [
            *chance.sample([help_, failure], 2),
            {"@type": f"{_RPC}RetryInfo", "retryDelay": f"{int(seconds)}s"},
        ],
    )


def _delay(violations: Sequence[Violation], chance: random.Random) -> float:
    true = [
        one.seconds for one in violations if one.seconds is not None and (one.tier != "free" or one.window == "minute")
    ]
    lies = any(one.seconds is None or (one.tier == "free" and one.window == "day") for one in violations)
    if lies or not true:
        return chance.uniform(0.1, 59.9)
    return max(true)


def _violation(one: Violation, bucket: str) -> dict[str, Any]:
    told: dict[str, Any] = {
        "quotaMetric": one.metric,
        "quotaId": one.quota_id,
        "quotaDimensions": {"location": "global", "model": bucket},
    }
    return told if one.limit == 0 else {**told, "quotaValue": str(one.limit)}


def _in_words(seconds: float) -> str:
    if seconds < 1:
        return f"{seconds * 1000:.6f}ms"
    hours, rest = divmod(seconds, 3600)
    minutes, rest = divmod(rest, 60)
    whole = f"{hours:.0f}h{minutes:.0f}m" if hours else f"{minutes:.0f}m" if minutes else ""
    return f"{whole}{rest:.9f}s"
