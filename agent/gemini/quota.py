"""Reads a 429: which quota is spent, whose, how large it is, and when it comes back. Remembers nothing."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from agent.gemini.clock import next_reset
from agent.gemini.refusal import Refusal
from agent.gemini.verdict import Limit, Metric, Scope, Verdict


MINUTE = timedelta(minutes=1)

_TOLD_IN_WORDS = re.compile(r"metric: \S+/(\w+), limit: (\d+)(?:, model: ([\w.-]+))?")
_RETRY_IN = re.compile(r"retry in ([\d.hms]+)")
_LENGTH = re.compile(r"(\d+(?:\.\d+)?)(ms|[hms])?")
_SECONDS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001, "": 1.0}
# The longest that a minute's quota can take to come back; what claims more is a day's.
_LONGEST_MINUTE = 3600.0


@dataclass(frozen=True, slots=True)
class _Violation:
    id: str = ""
    metric: str = ""
    value: int | None = None
    model: str | None = None

    @property
    def window(self) -> str:
        """`day`, `minute`, or nothing where the quota's name does not say."""
        return "day" if "PerDay" in self.id else "minute" if "PerMinute" in self.id else ""

    @property
    def tier(self) -> str | None:
        """From the end of the quota's name: `-FreeTier`, `-PaidTier2`, or nothing for the first paid one."""
        if not self.id:
            return "free" if "free_tier" in self.metric else None
        suffix = self.id.partition("-")[2].removesuffix("Tier")
        return re.sub(r"Tier(\d)", r"_\1", suffix).lower() or "paid"

    def limit(self, window: str) -> Limit | None:
        if self.value is None:
            return None
        what = "tokens" if "Token" in self.id or "token_count" in self.metric else "requests"
        metric: Metric = f"{what}_{self.window or window}"  # type: ignore[assignment]  # both parts are of few words
        return Limit(metric, self.value)


def judge_quota(refusal: Refusal, now: datetime) -> Verdict:
    """What a 429 means. One that names no quota is overload: a pause, and no key's fault."""
    if refusal.says("credits are depleted") or refusal.code == "insufficient_quota":
        return Verdict(Scope.PROJECT, "credit_gone")
    if refusal.says("spending cap"):
        return Verdict(Scope.PROJECT, "spend_cap")
    violations = _violations(refusal)
    if violations or refusal.says("have a free quota tier"):
        return _of_violations(refusal, violations, now)
    if refusal.info == "RATE_LIMIT_EXCEEDED":
        return _of_rate_limit(refusal, now)
    if refusal.details:
        return Verdict(Scope.PROJECT, "quota_unnamed", now + MINUTE)
    wait = MINUTE if refusal.retry_after is None else timedelta(seconds=refusal.retry_after)
    return Verdict(Scope.SERVICE, "overloaded", now + wait)


def seconds(text: str) -> float:
    """A length of time as the service writes it: `53s`, `53.18s`, `397ms`, `18h24m54s`; one cut short counts as far as it goes."""
    return sum(float(number) * _SECONDS[unit] for number, unit in _LENGTH.findall(text))


def _of_violations(refusal: Refusal, violations: tuple[_Violation, ...], now: datetime) -> Verdict:
    delay = _delay(refusal)
    tiers = {one.tier for one in violations}
    verdict = Verdict(
        Scope.PROJECT_MODEL,
        "quota_minute",
        tier=tiers.pop() if len(tiers) == 1 else None,
        bucket=next((one.model for one in violations if one.model), None),
        project=refusal.project,
    )
    if _is_zero(refusal, violations):
        return replace(verdict, reason="quota_zero")
    is_day = any(one.window == "day" for one in violations) or delay > _LONGEST_MINUTE
    limits = tuple(limit for one in violations if (limit := one.limit("day" if is_day else "minute")))
    verdict = replace(verdict, limits=limits)
    if not is_day:
        wait = timedelta(seconds=max(1.0, delay)) if delay else MINUTE
        return replace(verdict, until=now + wait)
    # The free tier's delay of some seconds is a lie, and a later end than the day's is none.
    return replace(verdict, reason="quota_day", until=max(next_reset(now), now + timedelta(seconds=delay)))


def _of_rate_limit(refusal: Refusal, now: datetime) -> Verdict:
    if str(refusal.metadata.get("quota_limit_value")) == "0":
        return Verdict(Scope.PROJECT, "quota_zero", project=refusal.project)
    is_day = "PerDay" in str(refusal.metadata.get("quota_limit"))
    return Verdict(
        Scope.PROJECT_MODEL,
        "quota_day" if is_day else "quota_minute",
        next_reset(now) if is_day else now + MINUTE,
        project=refusal.project,
    )


def _violations(refusal: Refusal) -> tuple[_Violation, ...]:
    listed = refusal.detail("QuotaFailure").get("violations")
    found = [_violation(one) for one in listed if isinstance(one, Mapping)] if isinstance(listed, list) else []
    if any(one.id for one in found):
        return tuple(found)
    told = _TOLD_IN_WORDS.findall(refusal.message)
    return tuple(_Violation("", metric, int(limit), model or None) for metric, limit, model in told)


def _violation(one: Mapping[str, Any]) -> _Violation:
    dimensions = one.get("quotaDimensions")
    model = dimensions.get("model") if isinstance(dimensions, Mapping) else None
    value = str(one.get("quotaValue", ""))
    return _Violation(
        str(one.get("quotaId") or ""),
        str(one.get("quotaMetric") or "").rpartition("/")[2],
        int(value) if value.isdecimal() else None,
        str(model) if model else None,
    )


def _is_zero(refusal: Refusal, violations: tuple[_Violation, ...]) -> bool:
    """Whether the model is not offered to this project's tier at all. A 0 is often left out of the body."""
    if refusal.says("have a free quota tier") or re.search(r"limit: 0\b", refusal.message):
        return True
    if any(one.value == 0 for one in violations):
        return True
    windows, tiers = {one.window for one in violations}, {one.tier for one in violations}
    nothing_told = all(one.value is None for one in violations)
    return nothing_told and windows == {"day", "minute"} and len(tiers) == 1


def _delay(refusal: Refusal) -> float:
    """The longer of the delays told, in seconds; 0 where none is."""
    told = [str(refusal.detail("RetryInfo").get("retryDelay") or ""), *_RETRY_IN.findall(refusal.message)[:1]]
    return max(seconds(text) for text in [*told, "0"])
