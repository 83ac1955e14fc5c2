"""What each project has used of each model bucket, and which limits one more request would pass."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Literal

from tests.twin.clock import next_pacific_midnight, pacific_day


Tier = Literal["free", "paid", "paid_2"]
MINUTE = timedelta(minutes=1)
_ID_SUFFIX: Mapping[Tier, str] = {"free": "-FreeTier", "paid": "", "paid_2": "-PaidTier2"}


@dataclass(frozen=True, slots=True)
class Quota:
    """Limits of one (project, model bucket); None is no limit, 0 is "not offered to this tier"."""

    rpd: int | None = None
    rpm: int | None = None
    tpm: int | None = None
    tpd: int | None = None
    tier: Tier = "free"

    @property
    def is_zero(self) -> bool:
        return 0 in (self.rpd, self.rpm, self.tpm, self.tpd)


@dataclass(frozen=True, slots=True)
class Violation:
    """One limit that is passed. `seconds` is truly how long until it is no longer; None is never."""

    what: Literal["requests", "tokens"]
    window: Literal["day", "minute"]
    tier: Tier
    limit: int
    seconds: float | None

    @property
    def metric(self) -> str:
        free = self.tier == "free"
        if self.what == "tokens":
            tier = "free_tier" if free else self.tier.replace("paid", "paid_tier", 1)
            name = f"generate_content_{tier}_input_token_count"
        elif free:
            name = "generate_content_free_tier_requests"
        else:
            name = "generate_requests_per_model" + ("_per_day" if self.window == "day" else "")
        return f"generativelanguage.googleapis.com/{name}"

    @property
    def quota_id(self) -> str:
        window = self.window.capitalize()
        if self.what == "requests":
            return f"GenerateRequestsPer{window}PerProjectPerModel{_ID_SUFFIX[self.tier]}"
        paid = "" if self.tier == "free" else "PaidTier"
        return f"GenerateContent{paid}InputTokensPerModelPer{window}{_ID_SUFFIX[self.tier]}"


@dataclass(slots=True)
class Book:
    """The use of one (project, bucket)."""

    day: date = date.min
    day_requests: int = 0
    day_tokens: int = 0
    ever: int = 0
    minute: deque[tuple[datetime, int]] = field(default_factory=deque)

    def turn_to(self, now: datetime) -> None:
        today = pacific_day(now)
        if today != self.day:
            self.day, self.day_requests, self.day_tokens = today, 0, 0
        while self.minute and not now - MINUTE < self.minute[0][0] <= now:
            self.minute.popleft()

    def enter(self, now: datetime, tokens: int) -> None:
        self.day_requests += 1
        self.day_tokens += tokens
        self.ever += 1
        self.minute.append((now, tokens))

    def seconds_until(self, now: datetime, spare: int, *, tokens: bool) -> float:
        """How long until what the last minute holds is at most `spare`."""
        held = sum(amount if tokens else 1 for _, amount in self.minute)
        for at, amount in self.minute:
            if held <= spare:
                break
            held -= amount if tokens else 1
            freed = at
        else:
            if held > spare:
                return MINUTE.total_seconds()
        return (freed + MINUTE - now).total_seconds()


class Quotas:
    """All books. `limits` are looked up as `project/model`, `project/*`, `model`, `*`; the first that is there holds.

    A request is checked and, if nothing is in its way, counted; what the service refuses with a 429 is not counted.
    """

    def __init__(self, limits: Quota | Mapping[str, Quota] | None = None) -> None:
        self.limits: dict[str, Quota] = {"*": limits} if isinstance(limits, Quota) else dict(limits or {})
        self._books: dict[tuple[str, str], Book] = {}

    def of(self, project: str, bucket: str) -> Quota:
        names = (f"{project}/{bucket}", f"{project}/*", bucket, "*")
        return next((self.limits[name] for name in names if name in self.limits), Quota())

    def violations(self, project: str, bucket: str, tokens: int, now: datetime) -> tuple[Violation, ...]:
        """The limits that one more request of so many input tokens would pass."""
        quota = self.of(project, bucket)
        if quota.is_zero:
            return _not_offered(quota.tier)
        book = self._book(project, bucket, now)
        day_left = (next_pacific_midnight(now) - now).total_seconds()
        found: list[Violation] = []
        if quota.rpd is not None and book.day_requests >= quota.rpd:
            found.append(Violation("requests", "day", quota.tier, quota.rpd, day_left))
        if quota.tpd is not None and book.day_tokens + tokens > quota.tpd:
            found.append(Violation("tokens", "day", quota.tier, quota.tpd, day_left))
        if quota.rpm is not None and len(book.minute) >= quota.rpm:
            wait = book.seconds_until(now, quota.rpm - 1, tokens=False)
            found.append(Violation("requests", "minute", quota.tier, quota.rpm, wait))
        if quota.tpm is not None and sum(used for _, used in book.minute) + tokens > quota.tpm:
            wait = book.seconds_until(now, quota.tpm - tokens, tokens=True)
            found.append(Violation("tokens", "minute", quota.tier, quota.tpm, wait))
        return tuple(found)

    def count(self, project: str, bucket: str, tokens: int, now: datetime) -> None:
        self._book(project, bucket, now).enter(now, tokens)

    def used_today(self, project: str, bucket: str, now: datetime) -> int:
        """Requests counted since the last midnight in Los Angeles."""
        return self._book(project, bucket, now).day_requests

    def used_ever(self) -> dict[tuple[str, str], int]:
        """Requests ever counted, by (project, bucket)."""
        return {place: book.ever for place, book in list(self._books.items()) if book.ever}

    def _book(self, project: str, bucket: str, now: datetime) -> Book:
        book = self._books.setdefault((project, bucket), Book())
        book.turn_to(now)
        return book


def _not_offered(tier: Tier) -> tuple[Violation, ...]:
    return (
        Violation("requests", "day", tier, 0, None),
        Violation("requests", "minute", tier, 0, None),
        Violation("tokens", "minute", tier, 0, None),
    )
