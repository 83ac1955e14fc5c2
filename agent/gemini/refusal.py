"""An error answer of the service, read out of whatever form it came in: object, list of one, bare text, a proxy's page. What it means is judged elsewhere."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Refusal:
    """Status and body of an answer that is an error. What is absent is empty."""

    status: int
    code: str = ""
    """`RESOURCE_EXHAUSTED`, `INVALID_ARGUMENT`…"""
    message: str = ""
    details: tuple[Mapping[str, Any], ...] = ()
    is_page: bool = False
    """Whether it is HTML: a proxy's or a portal's word, not the service's."""
    retry_after: float | None = None
    """Seconds, from the HTTP header that other providers send."""

    @classmethod
    def read(cls, status: int, body: Any, *, retry_after: float | None = None) -> Refusal:
        """Never fails: a body that makes no sense is a refusal that says nothing."""
        body = _unwrapped(body)
        if isinstance(body, str):
            return cls(status, message=body, is_page=is_html(body), retry_after=retry_after)
        if not isinstance(body, Mapping):
            return cls(status, retry_after=retry_after)
        inner = body.get("error", body)
        if isinstance(inner, str):
            return cls(status, message=inner, is_page=is_html(inner), retry_after=retry_after)
        if not isinstance(inner, Mapping):
            return cls(status, retry_after=retry_after)
        message = str(inner.get("message") or "")
        return cls(
            status,
            str(inner.get("status") or inner.get("type") or ""),
            message,
            tuple(one for one in _listed(inner.get("details")) if isinstance(one, Mapping)),
            is_page="error" not in body and is_html(message),
            retry_after=retry_after,
        )

    def detail(self, kind: str) -> Mapping[str, Any]:
        """The detail of that type (`ErrorInfo`, `QuotaFailure`, `RetryInfo`…); empty where there is none."""
        return next((one for one in self.details if str(one.get("@type", "")).endswith(f".{kind}")), {})

    @property
    def info(self) -> str:
        """The reason in `ErrorInfo`, as `API_KEY_INVALID` or `SERVICE_DISABLED`."""
        return str(self.detail("ErrorInfo").get("reason") or "")

    @property
    def metadata(self) -> Mapping[str, Any]:
        found = self.detail("ErrorInfo").get("metadata")
        return found if isinstance(found, Mapping) else {}

    @property
    def project(self) -> str | None:
        """`projects/N`, where the service tells whose key it was."""
        consumer = str(self.metadata.get("consumer") or "")
        return consumer if consumer.removeprefix("projects/").isdecimal() else None

    def says(self, *pieces: str) -> bool:
        """Whether the message holds one of these, written in lower case."""
        lowered = self.message.lower()
        return any(piece in lowered for piece in pieces)


def _unwrapped(body: Any) -> Any:
    if isinstance(body, bytes):
        body = body.decode("utf-8", "replace")
    if isinstance(body, str) and body.lstrip()[:1] in {"{", "[", '"'}:
        try:
            body = json.loads(body)
        except (ValueError, RecursionError):
            return body
    return body[0] if isinstance(body, list) and body else body


def _listed(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list) else ()


def is_html(text: str) -> bool:
    """Whether it is a web page, by its beginning."""
    start = text[:2_000].lower()
    return "<html" in start or start.lstrip().startswith(("<!doctype", "<head", "<body"))
