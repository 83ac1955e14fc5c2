"""What keeps every rung of the ladder from serving anything for now: asked for once, it answers for all posts until it is over. Waits for nothing itself."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass
from datetime import datetime

from agent.errors import RungUnavailable


# Of keys, projects, models and the bound of requests. No post fares better, for as long as the run goes; with a budget a
# small one may.
_FOR_GOOD = {
    *("no_key", "key_invalid", "key_expired", "key_leaked", "key_restricted"),
    *("project_suspended", "project_denied", "project_disabled", "credit_gone", "spend_cap"),
    *("quota_zero", "model_not_found", "model_closed", "model_denied", "max_requests"),
}


@dataclass(frozen=True, slots=True)
class Outage:
    """All rungs are out, each with its error."""

    errors: Sequence[RungUnavailable]
    until: datetime | None
    """When the first is back; null where none comes back."""

    @classmethod
    def of(cls, turned_away: Sequence[RungUnavailable]) -> Outage | None:
        """The outage that a pack met; null where what turned it away may be its own, or a moment's."""
        if not turned_away or not all(_stands(error) for error in turned_away):
            return None
        until = min((error.until for error in turned_away if error.until), default=None)
        # A copy remembers no frames.
        return cls(tuple(copy(error) for error in turned_away), until)

    def is_behind(self, turned_away: Sequence[RungUnavailable]) -> bool:
        """Whether it was this outage's word, and nobody was asked."""
        return any(error is word for error in turned_away for word in self.errors)

    def is_over(self, now: datetime) -> bool:
        return self.until is not None and self.until <= now


def is_for_good(error: RungUnavailable) -> bool:
    """Whether the rung is out for as long as this run, or watch, goes."""
    return error.reason in _FOR_GOOD


def _stands(error: RungUnavailable) -> bool:
    if is_for_good(error):
        return True
    was_sent = any(attempt.key for attempt in error.attempts)
    return error.until is not None and (error.reason.startswith("quota_") or not was_sent)
