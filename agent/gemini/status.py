"""Judges an error answer by its status and what it says. A 429 is read in `quota`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime

from agent.gemini.quota import judge_quota
from agent.gemini.refusal import Refusal
from agent.gemini.scrub import scrub
from agent.gemini.verdict import Scope, Verdict


_SUCCESSOR = re.compile(r"\buse (?:models/)?((?:gemini|gemma)[\w.-]*\w)")
_LONGEST_MESSAGE = 300


def judge_refusal(refusal: Refusal, now: datetime) -> Verdict:
    """What an error answer means. What nobody knows is judged with care: this request alone, and no key's fault."""
    verdict = _judged(refusal, now)
    first_line = refusal.message.strip().partition("\n")[0]
    message = "" if refusal.is_page else scrub(first_line)[:_LONGEST_MESSAGE]
    return replace(verdict, message=message, project=verdict.project or refusal.project)


def _judged(refusal: Refusal, now: datetime) -> Verdict:
    if refusal.is_page:
        return Verdict(Scope.SERVICE, "proxy_page", retry=True)
    if refusal.status == 429:
        return judge_quota(refusal, now)
    if judge := _BY_STATUS.get(refusal.status):
        return judge(refusal)
    if 300 <= refusal.status < 400:
        return Verdict(Scope.SERVICE, "redirected")
    if refusal.status >= 500:
        return Verdict(Scope.SERVICE, "internal", retry=True, counted=True)
    return Verdict(Scope.REQUEST, "bad_request" if refusal.status in range(400, 500) else "unknown")


def _bad_request(refusal: Refusal) -> Verdict:
    if refusal.info == "API_KEY_INVALID" or refusal.says("api key not", "api key expired"):
        return Verdict(Scope.KEY, "key_expired" if refusal.says("expired") else "key_invalid")
    if refusal.says("location is not supported"):
        return Verdict(Scope.SERVICE, "location", here_only=True)
    if refusal.says("too many states", "schema is too complex", "nesting depth"):
        return Verdict(Scope.REQUEST, "schema_too_complex")
    if refusal.says("number of tokens allowed", "payload size exceeds"):
        return Verdict(Scope.REQUEST, "too_long")
    return Verdict(Scope.REQUEST, "bad_request")


def _forbidden(refusal: Refusal) -> Verdict:
    """Some come with a reason, some with a sentence alone."""
    told = (verdict for words, verdict in _FORBIDDEN_IN_WORDS.items() if refusal.says(words))
    return _FORBIDDEN.get(refusal.info) or next(told, Verdict(Scope.REQUEST, "forbidden"))


_FORBIDDEN: Mapping[str, Verdict] = {
    "CONSUMER_SUSPENDED": Verdict(Scope.PROJECT, "project_suspended"),
    "CONSUMER_INVALID": Verdict(Scope.PROJECT, "project_denied"),
    "SERVICE_DISABLED": Verdict(Scope.PROJECT, "project_disabled"),
    "BILLING_DISABLED": Verdict(Scope.PROJECT, "credit_gone"),
    "API_KEY_INVALID": Verdict(Scope.KEY, "key_invalid"),
    "API_KEY_SERVICE_BLOCKED": Verdict(Scope.KEY, "key_restricted"),
    "API_KEY_ANDROID_APP_BLOCKED": Verdict(Scope.KEY, "key_restricted"),
    "API_KEY_IOS_APP_BLOCKED": Verdict(Scope.KEY, "key_restricted"),
    "API_KEY_HTTP_REFERRER_BLOCKED": Verdict(Scope.KEY, "key_restricted", here_only=True),
    "API_KEY_IP_ADDRESS_BLOCKED": Verdict(Scope.KEY, "key_restricted", here_only=True),
}
_FORBIDDEN_IN_WORDS: Mapping[str, Verdict] = {
    "reported as leaked": Verdict(Scope.KEY, "key_leaked"),
    "denied access": Verdict(Scope.PROJECT, "project_denied"),
    "billing country": Verdict(Scope.PROJECT, "project_denied"),
    "has been suspended": Verdict(Scope.PROJECT, "project_suspended"),
    "unregistered callers": Verdict(Scope.KEY, "key_invalid"),
    "caller does not have permission": Verdict(Scope.PROJECT_MODEL, "model_denied"),
}


def _not_found(refusal: Refusal) -> Verdict:
    """Two kinds: gone for everybody, and closed to projects that never used it, which still stands in the model list."""
    if not refusal.says("model"):
        # A base URL that leads elsewhere: no word on any model.
        return Verdict(Scope.SERVICE, "proxy_page")
    named = _SUCCESSOR.search(refusal.message)
    successor = named[1] if named else None
    if refusal.says("to new users"):
        return Verdict(Scope.PROJECT_MODEL, "model_closed", successor=successor)
    return Verdict(Scope.MODEL, "model_not_found", successor=successor)


_BY_STATUS: Mapping[int, Callable[[Refusal], Verdict]] = {
    400: _bad_request,
    401: lambda _: Verdict(Scope.KEY, "key_invalid"),
    402: lambda _: Verdict(Scope.PROJECT, "credit_gone"),
    403: _forbidden,
    404: _not_found,
    407: lambda _: Verdict(Scope.SERVICE, "proxy_page"),
    408: lambda _: Verdict(Scope.SERVICE, "timeout", counted=True),
    413: lambda _: Verdict(Scope.REQUEST, "too_long"),
    499: lambda _: Verdict(Scope.SERVICE, "internal", retry=True, counted=True),
    503: lambda _: Verdict(Scope.SERVICE, "overloaded", retry=True, counted=True),
    504: lambda _: Verdict(Scope.SERVICE, "timeout", retry=True, counted=True),
    529: lambda _: Verdict(Scope.SERVICE, "overloaded", retry=True),
}
