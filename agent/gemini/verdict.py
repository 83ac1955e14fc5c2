"""What a failure means, in one value: what is out, until when, and why. Says nothing of how that was found out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal


Metric = Literal["requests_day", "requests_minute", "tokens_day", "tokens_minute"]


class Scope(StrEnum):
    """What is out."""

    PROJECT_MODEL = "project_model"
    """One model, for all keys of one project."""
    KEY = "key"
    PROJECT = "project"
    """All models, for all keys of one project."""
    MODEL = "model"
    """One model, for everybody."""
    SERVICE = "service"
    """The service, or the way to it: no key's fault."""
    REQUEST = "request"
    """This request, whoever sends it."""
    POST = "post"
    """A served answer that is none: this content, on this model."""


@dataclass(frozen=True, slots=True)
class Limit:
    """One limit that the service told."""

    metric: Metric
    value: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """One failure, judged.

    `until` is when it could go well again (aware, UTC): null where nobody knows, or never by waiting.
    """

    scope: Scope
    reason: str
    """A short code: `quota_day`, `key_invalid`, `overloaded`…"""
    until: datetime | None = None
    message: str = ""
    """What the service said, in one line and with keys masked."""
    retry: bool = False
    """Whether the same model is worth one more try after a moment."""
    counted: bool = False
    """Whether the service may have counted the request: then it is counted here too."""
    here_only: bool = False
    """Whether this holds for this machine alone."""
    limits: tuple[Limit, ...] = ()
    tier: str | None = None
    """`free`, `paid`, `paid_2`…, where a quota's name tells it."""
    bucket: str | None = None
    """The name under which the service counts the model."""
    project: str | None = None
    """`projects/N`, where the service tells whose key it was."""
    successor: str | None = None
    """The model that the service names in place of a closed one."""

    @property
    def another_key_helps(self) -> bool:
        return self.scope in {Scope.PROJECT_MODEL, Scope.KEY, Scope.PROJECT}
