"""Asks the service for its list of models: costs no quota, and tells whether a key is good. Imports httpx when called."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from pydantic import SecretStr

from agent.gemini.clock import Clock, wall_clock
from agent.gemini.errors import judge, judge_response, scrub
from agent.gemini.verdict import Scope, Verdict


ENDPOINT = "https://generativelanguage.googleapis.com"
_TIMEOUT = 30.0
_MOST_PAGES = 20
_NAME = re.compile(r"(gemini|gemma)-(\d+(?:\.\d+)?)-(.+)")


@dataclass(frozen=True, slots=True)
class Listing:
    """The models, true for those that generate content; or the verdict on why there is no list."""

    models: Mapping[str, bool] = field(default_factory=dict)
    verdict: Verdict | None = None


def base_url_of(given: str | None) -> str:
    """The endpoint to use: the one given, else the environment's, else Google's."""
    return (given or os.environ.get("GOOGLE_GEMINI_BASE_URL") or ENDPOINT).rstrip("/")


def list_models(key: SecretStr, base_url: str, *, clock: Clock = wall_clock) -> Listing:
    """All pages of the list. Never fails: what goes wrong is in the verdict."""
    try:
        return _pages(key, base_url, clock)
    except Exception as error:  # noqa: BLE001  # it is judged
        verdict = judge(error, now=clock())
    if verdict.reason == "unknown":
        # A 200 that is no list: a portal's page, or another service at that address.
        verdict = Verdict(Scope.SERVICE, "proxy_page", message=scrub(f"{base_url} gives no list of models"))
    return Listing(verdict=verdict)


def _pages(key: SecretStr, base_url: str, clock: Clock) -> Listing:
    import httpx

    from agent.gemini.bounds import sync_hooks

    models: dict[str, bool] = {}
    params = {"pageSize": "1000"}
    # A redirect is not followed: it would carry the key along.
    with httpx.Client(follow_redirects=False, timeout=_TIMEOUT, event_hooks=sync_hooks()) as client:
        for _ in range(_MOST_PAGES):
            headers = {"x-goog-api-key": key.get_secret_value()}
            answer = client.get(f"{base_url}/v1beta/models", params=params, headers=headers)
            if answer.status_code != 200:
                return Listing(verdict=judge_response(answer.status_code, answer.text, now=clock()))
            body = answer.json()
            models |= {
                str(one["name"]).removeprefix("models/"): "generateContent" in one.get("supportedGenerationMethods", ())
                for one in body.get("models", ())
            }
            if not (page := body.get("nextPageToken")):
                break
            params["pageToken"] = str(page)
    return Listing(models)


def successor_of(model: str, models: Iterable[str]) -> str | None:
    """The newest of the models that is of the same kind: `gemini-2.0-flash` -> `gemini-3.8-flash`."""
    wanted = _NAME.fullmatch(model)
    if not wanted:
        return None
    kin = [
        found for name in models if (found := _NAME.fullmatch(name)) and found[1] == wanted[1] and found[3] == wanted[3]
    ]
    newest = max(kin, key=lambda found: float(found[2]), default=None)
    return newest[0] if newest and newest[0] != model else None
