"""What one project has left of one model, and whether one more request may go now. Pure: numbers in, a decision out.

What the service told stops a request. A belief never does: past it, requests go one at a time, and more as they are served.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from agent.gemini.verdict import Metric


# How many more may be in flight for each one served: at first, and past the last of the beliefs.
_AT_FIRST, _PAST_BELIEF = 5, 16
# A request that is silent for so long holds up no further one.
_SILENCE = 30.0


@dataclass(frozen=True, slots=True)
class Room:
    """Whether a request may go. `busy`: once one that is in flight has come back."""

    state: Literal["free", "busy", "out"]
    reason: str = ""
    until: float | None = None
    """When a quota has room again; null where it is not a matter of the minute or the day."""


_FREE = Room("free")
_BUSY = Room("busy", "busy")


@dataclass(slots=True)
class Standing:
    """One project on one model. Counts hold what is in flight too."""

    project: str
    day_requests: int = 0
    day_tokens: int = 0
    minute_requests: int = 0
    minute_tokens: int = 0
    open: int = 0
    """How many are in flight."""
    oldest: float = 0.0
    """When the oldest of them was sent."""
    served: int = 0
    day_peak: int = 0
    """The most that was ever served in a day; so for the minute."""
    minute_peak: int = 0
    limits: Mapping[Metric, int] = field(default_factory=dict)
    """Told by the service."""
    beliefs: Mapping[Metric, Sequence[int]] = field(default_factory=dict)
    """Limits that are thought likely, the smallest first."""

    @property
    def day_limit(self) -> int:
        """Told, else believed; what was served beyond a belief raises it."""
        told = self.limits.get("requests_day")
        if told is not None:
            return told
        return max(self.day_peak, *self.beliefs.get("requests_day", ())[:1], 0)

    @property
    def left_today(self) -> int:
        return max(0, self.day_limit - self.day_requests)

    def room(self, tokens: int, now: float) -> Room:
        """For a request of about so many input tokens. `until` is left to who knows the clock."""
        if self._is_spent("requests_day", self.day_requests, 1) or self._is_spent(
            "tokens_day", self.day_tokens, tokens
        ):
            return Room("out", "quota_day")
        if self._is_spent("requests_minute", self.minute_requests, 1):
            return Room("out", "quota_minute")
        if self._is_spent("tokens_minute", self.minute_tokens, tokens):
            return Room("out", "quota_minute")
        return _BUSY if self.open and self._is_ahead(int((now - self.oldest) / _SILENCE)) else _FREE

    def _is_spent(self, metric: Metric, used: int, more: int) -> bool:
        """A request that is larger than the whole limit, by our guess, is left to the service to refuse."""
        limit = self.limits.get(metric)
        return limit is not None and used + more > limit and (used > 0 or limit == 0)

    def _is_ahead(self, allowance: int) -> bool:
        """Whether as many are in flight as what was served so far lets us hope for."""
        if not self.served:
            return self.open > allowance
        is_told = "requests_day" in self.limits
        return (
            (not is_told and self.open > _AT_FIRST * self.served + allowance)
            or self.day_requests >= self._horizon("requests_day", self.day_peak) + allowance
            or self.minute_requests >= self._horizon("requests_minute", self.minute_peak) + allowance
        )

    def _horizon(self, metric: Metric, peak: int) -> float:
        """How many may be counted at once, for all that was served so far: one past the next belief, and then more and more."""
        steps = self.beliefs.get(metric)
        if metric in self.limits or not steps:
            return float("inf")
        believed = next((step for step in steps if peak <= step), None)
        return peak + _PAST_BELIEF * (peak - steps[-1]) if believed is None else believed + 1
