"""For any order of leases, reports, crashes and clock changes: never counted below the service, never past a told limit."""

from __future__ import annotations

import tempfile
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, multiple, precondition, rule

from agent.gemini.clock import next_reset, pacific_day
from agent.gemini.leasing import Denial, Grant
from agent.gemini.ledger import Ledger
from agent.gemini.verdict import Limit, Scope, Verdict
from tests.gemini.bench import MODEL, NOON, Desk
from tests.twin import VirtualClock


# A limit is a belief again after a week of a clock that may have been a day behind when it was told.
FRESH = timedelta(days=5)
INTERNAL = Verdict(Scope.SERVICE, "internal", counted=True)
UNREACHABLE = Verdict(Scope.SERVICE, "unreachable")


@dataclass
class Project:
    """The service's own books of one project, by the true time."""

    day_limit: int
    minute_limit: int
    used: dict[str, int] = field(default_factory=dict)
    minute: deque[datetime] = field(default_factory=deque)
    told: dict[str, datetime] = field(default_factory=dict)
    """When the program was last told of a limit, by reason."""

    def refuses(self, now: datetime) -> Verdict | None:
        while self.minute and self.minute[0] <= now - timedelta(minutes=1):
            self.minute.popleft()
        if self.used.get(str(pacific_day(now)), 0) >= self.day_limit:
            limit = Limit("requests_day", self.day_limit)
            return Verdict(Scope.PROJECT_MODEL, "quota_day", next_reset(now), tier="free", limits=(limit,))
        if len(self.minute) >= self.minute_limit:
            limit = Limit("requests_minute", self.minute_limit)
            until = self.minute[0] + timedelta(minutes=1)
            return Verdict(Scope.PROJECT_MODEL, "quota_minute", until, tier="free", limits=(limit,))
        return None

    def count(self, now: datetime) -> None:
        day = str(pacific_day(now))
        self.used[day] = self.used.get(day, 0) + 1
        self.minute.append(now)


@dataclass(frozen=True)
class Sent:
    """A request under way, and what the service will say to it."""

    grant: Grant
    answer: Verdict | None


class Books(RuleBasedStateMachine):
    """Two projects, one of two keys, whose limits nobody has told yet."""

    sent = Bundle("sent")

    @initialize(day=st.integers(1, 5), minute=st.integers(1, 4))
    def begin(self, day: int, minute: int) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.desk = Desk(Path(self.folder.name), keys=3, projects={0: "a", 1: "a", 2: "b"})
        self.true = VirtualClock(NOON)
        self.set_back = timedelta()
        # Limits differ between the tiers of real projects; here each learns its own.
        self.projects = [Project(day, minute), Project(day, minute)]
        self.unsettled: set[int] = set()
        self.restored: datetime = NOON - FRESH

    def teardown(self) -> None:
        if hasattr(self, "desk"):
            self.desk.ledger.close()
            self.folder.cleanup()

    def project(self, grant: Grant) -> Project:
        return self.projects[self.desk.index(grant) == 2]

    @rule(target=sent, failure=st.sampled_from([None, INTERNAL, UNREACHABLE]), only=st.sampled_from([None, 0, 1, 2]))
    def lease(self, failure: Verdict | None, only: int | None) -> Sent:
        return self.send(failure, only) or multiple()  # type: ignore[return-value]

    @rule(times=st.integers(1, 8), only=st.sampled_from([0, 2]))
    def many_in_a_row(self, times: int, only: int) -> None:
        for _ in range(times):
            if one := self.send(None, only):
                self.report(one)

    def send(self, failure: Verdict | None, only: int | None) -> Sent | None:
        answer = self.desk.lease(only=only)
        if isinstance(answer, Denial):
            return None
        now, theirs = self.true(), self.project(answer)
        refused = theirs.refuses(now)
        if refused and (refused.reason == "quota_day" or now - self.restored > timedelta(seconds=62)):
            told = theirs.told.get(refused.reason)
            assert told is None or now - told > FRESH, f"it was known to be doomed: {refused.reason}"
        if not refused and failure is not UNREACHABLE:
            theirs.count(now)
        self.unsettled.add(answer.id)
        return Sent(answer, refused or failure)

    @rule(one=sent)
    def comes_back(self, one: Sent) -> None:
        self.report(one)

    def report(self, one: Sent) -> None:
        if one.answer and one.answer.limits and one.grant.id in self.unsettled:
            self.project(one.grant).told[one.answer.reason] = self.true()
        self.settle(
            one, lambda ledger: ledger.served(one.grant) if one.answer is None else ledger.failed(one.grant, one.answer)
        )

    @rule(one=sent)
    def give_up(self, one: Sent) -> None:
        self.settle(one, lambda ledger: ledger.dropped(one.grant))

    @rule(one=sent)
    def crash(self, one: Sent) -> None:
        """The process that held the lease is gone."""

        def die(ledger: Ledger) -> None:
            with ledger._database.write() as db:
                db.execute("UPDATE leases SET born = 'of the dead' WHERE id = ?", (one.grant.id,))

        self.settle(one, die)

    def settle(self, one: Sent, act: Callable[[Ledger], object]) -> None:
        if one.grant.id in self.unsettled:
            self.unsettled.discard(one.grant.id)
            act(self.desk.ledger)

    @rule(seconds=st.sampled_from([1, 20, 55, 58, 61, 90, 3_600, 40_000, 90_000, 600_000]))
    def wait(self, seconds: int) -> None:
        if self.set_back:
            # Nobody can tell a midnight that passes while the clock is wrong.
            left = (next_reset(self.true()) - self.true()).total_seconds()
            seconds = int(min(seconds, left - 1))
        self.pass_time(max(0, seconds))

    def pass_time(self, seconds: float) -> None:
        self.true.advance(seconds)
        self.desk.clock.advance(seconds)

    @precondition(lambda self: not self.set_back)
    @rule(hours=st.integers(1, 30))
    def clock_goes_wrong(self, hours: int) -> None:
        self.set_back = timedelta(hours=hours)
        self.desk.clock.advance(hours=-hours)

    @precondition(lambda self: bool(self.set_back))
    @rule()
    def clock_is_put_right(self) -> None:
        self.desk.clock.advance(self.set_back.total_seconds())
        self.set_back = timedelta()
        self.restored = self.true()

    @rule()
    def program_starts_anew(self) -> None:
        self.desk.ledger.close()

    @invariant()
    def never_below_what_the_service_counted(self) -> None:
        if not hasattr(self, "desk"):
            return
        today = str(pacific_day(self.true()))
        for n, theirs in ((0, self.projects[0]), (2, self.projects[1])):
            assert self.desk.used(MODEL, n) >= theirs.used.get(today, 0)


TestBooks = Books.TestCase
TestBooks.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
