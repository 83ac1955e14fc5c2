"""Endurance: a thousand posts a round, each over a day's end, through faults, keys that die and models that retire. Nothing lost, nothing grows.

`python -m benchmarks soak` takes 50 rounds, 50,000 posts, in a quarter of an hour on an idle machine; `--rounds 2` two of them. Not among those that run where none is named.
"""

from __future__ import annotations

import gc
import sqlite3
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil

from agent import Extractor, Post, Record
from agent.gemini.keys import KeyManager
from agent.gemini.ledger import fingerprint
from benchmarks.measures import Comparison
from benchmarks.oracle import careless
from benchmarks.posts import post
from tests.twin import Asked, Fault, FaultPlan, Quota, Twin, fake_key, next_pacific_midnight
from tests.twin.faults import EVERY_KIND


ROUNDS = 50
_POSTS = 1_000
_PROJECTS, _KEYS_EACH = 4, 3
_LADDER = ("gemini-2.5-flash-lite", "gemini-3.5-flash-lite", "gemini-2.5-flash", "gemini-3.5-flash", "gemini-3.8-flash")
_FAULTS = 0.1
_TICK = timedelta(seconds=0.1)
# Of a process that is warm after its first round.
_MEMORY = 1.25
_WIDTH = 8
_PASSES = 3
KEPT_OPEN = 2 * _PROJECTS * _KEYS_EACH * _WIDTH
"""Descriptors: each key, dead ones too, keeps as many connections as were in flight, and the twin holds their other ends."""
_SHORT = {"hang": Fault("hang", seconds=0.02), "drip": Fault("drip", seconds=0.1)}


class Ticking:
    """A clock that goes on a little whenever it is read, so that time passes with what is done."""

    def __init__(self, start: datetime) -> None:
        self._now = start
        self._lock = threading.Lock()

    def __call__(self) -> datetime:
        with self._lock:
            self._now += _TICK
            return self._now

    def pass_midnight(self) -> None:
        """To a minute behind the end of the day in Los Angeles."""
        with self._lock:
            self._now = next_pacific_midnight(self._now) + timedelta(minutes=1)


@dataclass(slots=True)
class Weather:
    """What goes wrong with a request: by chance in every way, and always where its key is dead."""

    plan: FaultPlan = field(
        default_factory=lambda: FaultPlan(_FAULTS, [_SHORT.get(kind, Fault(kind)) for kind in EVERY_KIND], seed=1)
    )
    dead: set[str] = field(default_factory=set)

    def __call__(self, asked: Asked) -> Fault | None:
        return Fault("403_leaked") if asked.key in self.dead else self.plan(asked)


@dataclass(frozen=True, slots=True)
class Standing:
    """How the process and the books stand after a round."""

    memory: float
    """Resident, in MiB."""
    descriptors: int
    requests: int
    """That ever came to the twin."""
    apart: int
    """By how many requests the ledger and the service's own count differ, over all projects and models."""


@dataclass(slots=True)
class Soak:
    """One process that works on, day after day, at a twin in the same process: both share the clock."""

    home: Path
    posts: int = _POSTS
    """In each round."""
    clock: Ticking = field(default_factory=lambda: Ticking(datetime(2026, 11, 24, 9, tzinfo=UTC)))
    projects: dict[str, list[str]] = field(
        default_factory=lambda: {
            f"p{n}": [fake_key(n * _KEYS_EACH + each) for each in range(_KEYS_EACH)] for n in range(_PROJECTS)
        }
    )
    weather: Weather = field(default_factory=Weather)
    lost: int = 0
    ungrounded: int = 0
    answered: Counter[str] = field(default_factory=Counter)
    """Posts by where their last result came from."""
    booked: dict[tuple[str, str, str], int] = field(default_factory=dict)
    """Requests by (model, day, key), as the ledger told when it still knew."""

    def run(self, rounds: int) -> Iterator[Standing]:
        """How it stands after each round."""
        keys = [f"{project}={key}" for project, keys in self.projects.items() for key in keys]
        with (
            Twin(
                projects=self.projects,
                quotas=Quota(rpd=20, rpm=15),
                oracle=careless,
                fault=self.weather,
                clock=self.clock,
                keep=100,
            ) as twin,
            Extractor(
                models=_LADDER,
                keys=KeyManager(keys, home=self.home, base_url=twin.url, clock=self.clock),
                base_url=twin.url,
                home=self.home,
                patience=0,
                concurrency=_WIDTH,
            ) as extractor,
        ):
            for n in range(rounds):
                self._decay(twin, n / rounds)
                self._round(extractor, [_post(n * self.posts + k) for k in range(1, self.posts + 1)])
                yield self._standing(twin)

    def _decay(self, twin: Twin, share: float) -> None:
        """With the rounds all keys die but one of each project, and two models retire."""
        mortal = [keys[place] for place in range(_KEYS_EACH - 1) for keys in self.projects.values()]
        self.weather.dead.update(mortal[: round(share * (len(mortal) + 1))])
        for model in _LADDER[1 : 1 + min(2, int(share * 4))]:
            twin.retire(model)

    def _round(self, extractor: Extractor, posts: Sequence[Post]) -> None:
        """The posts once, over midnight; then, each time on a new day, once more for those that no model could serve."""
        records = self._take_in(extractor, posts, midnight_after=len(posts) // 2)
        for _ in range(_PASSES - 1):
            if all(record.provenance.origin != "rules" for record in records):
                break
            self.clock.pass_midnight()
            records = self._take_in(extractor, posts)
        self.answered.update(record.provenance.origin for record in records)
        self.clock.pass_midnight()

    def _take_in(self, extractor: Extractor, posts: Sequence[Post], midnight_after: int = -1) -> list[Record]:
        records: list[Record] = []
        for record in extractor.stream(posts):
            records.append(record)
            if len(records) == midnight_after:
                self.clock.pass_midnight()
        came = {record.post.id for record in records}
        self.lost += sum(one.id not in came for one in posts)
        self.ungrounded += sum(not _stands(record, one.text) for record, one in zip(records, posts, strict=False))
        return records

    def _standing(self, twin: Twin) -> Standing:
        gc.collect()
        process = psutil.Process()
        open_now = process.num_handles() if sys.platform == "win32" else process.num_fds()
        return Standing(process.memory_info().rss / 2**20, open_now, twin.outcomes.total(), self._apart(twin))

    def _apart(self, twin: Twin) -> int:
        owners = {fingerprint(key): project for project, keys in self.projects.items() for key in keys}
        with closing(sqlite3.connect(self.home / "ledger.sqlite3")) as db:
            rows = db.execute("SELECT bucket, day, key, requests FROM days").fetchall()
        self.booked.update({(bucket, day, key): requests for bucket, day, key, requests in rows})
        ours: Counter[tuple[str, str]] = Counter()
        for (bucket, _, key), requests in self.booked.items():
            ours[owners[key], bucket] += requests
        theirs = twin.used_ever
        return sum(abs(ours[place] - theirs.get(place, 0)) for place in {*ours, *theirs})


def measures(rounds: int) -> Iterator[Comparison]:
    """The end beside the beginning, which is after the first round: a process is warm then."""
    with tempfile.TemporaryDirectory(prefix="mianjing-soak-") as folder:
        soak = Soak(Path(folder))
        stood: list[Standing] = []
        for standing in soak.run(rounds):
            stood.append(standing)
            print(f"{len(stood) * soak.posts:,} posts {dict(soak.answered)}: {standing}", file=sys.stderr)
    first, last, posts = stood[0], stood[-1], rounds * soak.posts
    yield _kept("posts without their result, in their place", soak.lost, "posts", posts)
    yield _kept("items that do not stand in their post", soak.ungrounded, "posts", posts)
    yield _kept("requests by which ledger and service differ", last.apart, "requests", last.requests)
    yield Comparison(
        what="memory at the end",
        unit="MiB",
        ours=(last.memory,),
        beside="after the first round",
        others=(first.memory,),
        target=_MEMORY,
    )
    yield Comparison(
        what="open descriptors at the end",
        unit="",
        ours=(last.descriptors,),
        beside=f"after the first round, {first.descriptors}, and what is kept for each key",
        others=(first.descriptors + KEPT_OPEN,),
        target=1.0,
    )


def _kept(what: str, count: int, beside: str, of: int) -> Comparison:
    """Something that must not happen."""
    return Comparison(what=what, unit="", ours=(count,), beside=beside, others=(of,), target=0.0)


def _post(number: int) -> Post:
    made = post(number)
    return Post(text=made.text, id=made.id)


def _stands(record: Record, text: str) -> bool:
    items = (*record.methods, *record.questions, *record.advice)
    return all(text[item.start : item.end] == item.quote for item in items)
