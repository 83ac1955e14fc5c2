"""Judges failures: any exception, any error answer, and answers that were served but are none. Raises nothing itself.

Google's error bodies are read whole; other providers' as far as they tell. Needs none of their packages.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from traceback import walk_tb
from typing import Any

from agent.gemini.answers import judge_message
from agent.gemini.clock import wall_clock
from agent.gemini.refusal import Refusal, is_html
from agent.gemini.scrub import mask, scrub
from agent.gemini.status import judge_refusal
from agent.gemini.verdict import Limit, Metric, Scope, Verdict


__all__ = ["Limit", "Metric", "Scope", "Verdict", "judge", "judge_message", "judge_response", "mask", "scrub"]

_TIMED_OUT = Verdict(Scope.SERVICE, "timeout", counted=True)
_UNREACHABLE = Verdict(Scope.SERVICE, "unreachable", retry=True, here_only=True)
_UNTRUSTED = Verdict(Scope.SERVICE, "untrusted", here_only=True)
_DROPPED = Verdict(Scope.SERVICE, "dropped", retry=True, counted=True)
_GARBLED = Verdict(Scope.SERVICE, "garbled", retry=True, counted=True)
# The client reads the answer's JSON itself, and an answer that opens bracket after bracket is too deep for it; one that does not end is cut off.
_TANGLED = Verdict(Scope.POST, "malformed", counted=True)
_UNKNOWN = Verdict(Scope.REQUEST, "unknown")

# Where the SDK, and LangChain after it, make an answer of a body.
_READERS = {"_from_response", "_response_to_result"}
# What Python says of a number that goes on and on.
_TOO_MANY_DIGITS = "integer string conversion"

# By class name, over httpx, httpx2, httpcore, aiohttp, the SDKs and Python's own; the first that fits along the class's bases.
_BY_NAME = {
    "RecursionError": _TANGLED,
    "EndlessAnswer": _TANGLED,
    "ConnectTimeout": _UNREACHABLE,
    "PoolTimeout": _UNREACHABLE,
    "TimeoutException": _TIMED_OUT,
    "APITimeoutError": _TIMED_OUT,
    "TimeoutError": _TIMED_OUT,
    "ConnectError": _UNREACHABLE,
    "ProxyError": _UNREACHABLE,
    "UnsupportedProtocol": _UNREACHABLE,
    "ClientConnectorError": _UNREACHABLE,
    "ConnectionRefusedError": _UNREACHABLE,
    "gaierror": _UNREACHABLE,
    "SSLError": _UNREACHABLE,
    "RemoteProtocolError": _DROPPED,
    "NetworkError": _DROPPED,
    "ServerDisconnectedError": _DROPPED,
    "ClientPayloadError": _DROPPED,
    "ConnectionResetError": _DROPPED,
    "BrokenPipeError": _DROPPED,
    "APIConnectionError": _UNREACHABLE,
    "ConnectionError": _UNREACHABLE,
    "UnknownApiResponseError": _GARBLED,
    "DecodingError": _GARBLED,
    "JSONDecodeError": _GARBLED,
    "UnicodeDecodeError": _GARBLED,
}


def judge(error: BaseException, *, now: datetime | None = None) -> Verdict:
    """What an exception of a model call means. `now` is aware; the wall clock's where absent.

    One that is no answer and no network fault, such as a bug, is `unknown`: of this request alone.
    """
    now = now or wall_clock()
    chain = list(_causes(error))
    for one in chain:
        if (refusal := _refusal(one)) is not None:
            return judge_refusal(refusal, now)
    if any(type(one).__name__ == "SSLCertVerificationError" for one in chain):
        # To the clients it is but one more failure to connect.
        return _UNTRUSTED
    for one in chain:
        if (verdict := _by_name(one)) is not None:
            return verdict
    return _GARBLED if _is_of_reading(error) else _UNKNOWN


def _is_of_reading(error: BaseException) -> bool:
    """Whether the client stumbled over an answer's shape. It raises whatever it stumbles over: only the place tells it from a bug."""
    return any(frame.f_code.co_name in _READERS for frame, _ in walk_tb(error.__traceback__))


def judge_response(status: int, body: Any, *, now: datetime | None = None) -> Verdict:
    """What an error answer means, from its status and its body: parsed JSON, text or bytes."""
    return judge_refusal(Refusal.read(status, body), now or wall_clock())


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error, and what it was raised from; a chain that bites its own tail ends."""
    seen: set[int] = set()
    at: BaseException | None = error
    while at is not None and id(at) not in seen:
        seen.add(id(at))
        yield at
        at = at.__cause__ or at.__context__


def _refusal(error: BaseException) -> Refusal | None:
    """The error answer that an SDK's exception holds; null where it is none."""
    response = getattr(error, "response", None)
    status = next(
        (
            found
            for name in ("status_code", "code")
            for holder in (error, response)
            if isinstance(found := getattr(holder, name, None), int) and 300 <= found < 600
        ),
        None,
    )
    if status is None:
        return None
    body = next((found for name in ("details", "body") if (found := getattr(error, name, None)) is not None), None)
    if body is None:
        body = getattr(error, "error", None) or _body_of(response) or str(error)
    return Refusal.read(status, body, retry_after=_retry_after(response))


def _body_of(response: Any) -> Any:
    with suppress(Exception):
        return response.json()
    with suppress(Exception):
        return response.text
    return None


def _retry_after(response: Any) -> float | None:
    with suppress(Exception):
        return max(0.0, float(response.headers["retry-after"]))
    return None


def _by_name(error: BaseException) -> Verdict | None:
    if isinstance(error, ValueError) and _TOO_MANY_DIGITS in str(error):
        return _TANGLED
    names = [base.__name__ for base in type(error).__mro__]
    verdict = next((_BY_NAME[name] for name in names if name in _BY_NAME), None)
    if verdict is _GARBLED and is_html(getattr(error, "doc", str(error))):
        return Verdict(Scope.SERVICE, "proxy_page", retry=True)
    return verdict
