"""A model of scale: what a post costs, measured here, and from it what 10^5, 10^6 and 10^8 posts take. Writes `benchmarks/scale.md`."""

from __future__ import annotations

import json
import math
import os
import sqlite3
import sys
import tempfile
import time
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from statistics import mean, median

from agent.cluster.session import joined
from agent.gemini.beliefs import believed
from agent.pipeline.jobs import Job
from agent.pipeline.packing import take_pack
from agent.pipeline.run import rules_run
from agent.pipeline.store import Store
from agent.records import Post, Record
from benchmarks import child
from benchmarks.contest import bare_environment, twin
from benchmarks.desk import leases
from benchmarks.environments import OURS
from benchmarks.known import know_limits
from benchmarks.measures import Spread
from benchmarks.posts import posts
from benchmarks.tables import table
from tests.twin import fake_key


_MODEL, _KEY, _PACK = "gemini-2.5-flash-lite", fake_key(1), 15
_FEW, _MANY = 1000, 5000
_ROUNDS, _KEEPS = 3, 9
_SIZES = (10**5, 10**6, 10**8)
_CORES = 16
_DAY = 86_400.0
_COMMAND = (str(OURS), "-X", "utf8", "-c", "from agent.cli import main; main()", "extract")
_STORE, _LEASES = "the store, durable post by post", f"the actor's leases, {_PACK} posts each"
_DRIVER = "the driver that reads and writes one file"
_MORE = "More projects or models in the ladder, more posts in a request, or `--batch` with its own quota would move it."
_MOVED = {
    _STORE: "Results of a pack kept in one transaction, or a disk that syncs sooner, would move it.",
    _DRIVER: "`agent.cluster.extract_to` moves it: nodes read and write their blocks themselves, and the driver sees a row a block.",
}
_PAGE = Path(__file__).with_name("scale.md")


@dataclass(frozen=True, slots=True)
class Tier:
    """What one project may ask of one model; no end where null. Assumed, but for what the table of limits says."""

    name: str
    requests_day: int | None
    requests_minute: int
    tokens_minute: int
    """Of the input."""

    def days(self, requests: float, tokens: float) -> float:
        minutes = max(requests / self.requests_minute, tokens / self.tokens_minute)
        return max(minutes / 1440, requests / self.requests_day if self.requests_day else 0.0)


# `mianjing quota` tells those of a key, once the service has told them.
_TIERS = (
    Tier("free", believed(_MODEL)["requests_day"][0], believed(_MODEL)["requests_minute"][0], 250_000),
    Tier("paid, small (assumed)", 10_000, 1_000, 1_000_000),
    Tier("paid, large (assumed)", None, 10_000, 10_000_000),
)


@dataclass(frozen=True, slots=True)
class Run:
    """One run of the command: seconds of CPU of its own process and those it waited for, its peak of memory, what it told."""

    cpu: float
    peak_mb: float
    told: Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Costs:
    """What was measured."""

    rules_ms: float
    driver_ms: float
    models_ms: float
    rules_mb: float
    models_mb: float
    requests: float
    input_tokens: float
    output_tokens: float
    usd: float
    kept_bytes: float
    keeps: Spread
    leases_a_second: float
    lease_ms: float
    most_in_a_request: float

    @property
    def tokens(self) -> float:
        return self.input_tokens + self.output_tokens


def measure() -> Costs:
    with tempfile.TemporaryDirectory(prefix="mianjing-bench-") as folder:
        home = Path(folder)
        rules, many = (_run(home, count, "--offline") for count in (_FEW, _MANY))
        driver_ms = median(_driver_ms(home) for _ in range(_ROUNDS))
        with twin(projects={"one": [_KEY]}) as served:
            know_limits(home / "state", _KEY, _MODEL)
            asked = [_by_models(home, served.url, start) for start in (0, 1)]
        kept_bytes = _size(home / "state/results.sqlite3") / (2 * _FEW)
        keeps = Spread.of([_keeps_a_second(home / f"store-{number}") for number in range(_KEEPS)])
    with joined(None):
        granted, longest = leases()
    told = asked[1].told
    return Costs(
        rules_ms=_ms_a_post(rules, many),
        driver_ms=driver_ms,
        models_ms=1000 * asked[1].cpu / _FEW,
        rules_mb=many.peak_mb,
        models_mb=asked[1].peak_mb,
        requests=told["requests"] / _FEW,
        input_tokens=told["input_tokens"] / _FEW,
        output_tokens=told["output_tokens"] / _FEW,
        usd=told["cost_usd"] / _FEW,
        kept_bytes=kept_bytes,
        keeps=keeps,
        leases_a_second=granted,
        lease_ms=longest,
        most_in_a_request=_most_in_a_request(),
    )


def page(costs: Costs) -> str:
    """The whole of `scale.md`."""
    return f"""# What many posts take

Made by `python -m benchmarks.scale` on {time.strftime("%Y-%m-%d", time.gmtime())}, with {os.cpu_count()} cores, Python {sys.version.split()[0]}; needs the extras `ray` and `prices`.
Measured are the lines of the first table; all others are computed from them by that script. The posts are those of `benchmarks/posts.py`, some 350
characters each; the model's place is taken by the tests' stand-in, whose tokens are an estimate. Longer posts cost more in proportion.

## A post

{table(("what", "measured", "how"), _measured(costs))}

## Many posts

{table(("what", *(f"{size:,}" for size in _SIZES)), _rows(costs))}

Machines have {_CORES} cores and work day and night. Days of a tier are those of one project on one model: further models of the ladder and
further projects divide them. Where a day has few requests each holds as many posts as it can, else {_PACK}.
{_tiers()}.
The free tier's requests are those of `data/limits.toml`; all else of these limits is assumed (`_TIERS` in the script): `mianjing quota` shows what the
service has told of yours. Money is the list price by genai-prices; a free key pays nothing.

## Where it narrows first

{table(("part", "posts a second"), _parts(costs))}

Cores there can be more of. Where there are enough of them:

{_lines(_verdict(costs))}"""


def _tiers() -> str:
    def told(tier: Tier) -> str:
        day = f"{tier.requests_day:,} requests a day, " if tier.requests_day else "requests a day without end, "
        return f"{tier.name}: {day}{tier.requests_minute:,} and {tier.tokens_minute:,} tokens in a minute"

    return "; ".join(map(told, _TIERS))


def _run(home: Path, count: int, *options: str, start: int = 1) -> Run:
    """The command on so many posts, with what it used."""
    given = home / "posts.jsonl"
    rows = ({"id": one.id, "text": one.text} for one in posts(count, start=start))
    given.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    said = home / "said"
    command = [*_COMMAND, str(given), "-o", str(home / "out.jsonl"), "--log-json", *options]
    with said.open("wb") as errors:
        environment = {**bare_environment(home), "GEMINI_API_KEYS": _KEY}
        took = child.run(command, env=environment, stderr=errors)
    told = said.read_text(encoding="utf-8")
    if took.status:
        raise RuntimeError(f"the command failed:\n{told[-2000:]}")
    summary = next(one for one in map(json.loads, reversed(told.splitlines())) if one.get("event") == "summary")
    return Run(took.seconds, took.megabytes, summary)


def _by_models(home: Path, url: str, part: int) -> Run:
    options = ("--base-url", url, "--models", _MODEL, "--pack", str(_PACK))
    return _run(home, _FEW, *options, start=1 + part * _FEW)


def _ms_a_post(few: Run, many: Run) -> float:
    """Milliseconds of CPU, without what starting takes."""
    return 1000 * (many.cpu - few.cpu) / (_MANY - _FEW)


def _driver_ms(home: Path) -> float:
    return _ms_a_post(*(_run(home, count, "--offline", "--engine", "ray") for count in (_FEW, _MANY)))


def _size(file: Path) -> int:
    """Bytes of an SQLite file, with all that was written beside it taken in."""
    with closing(sqlite3.connect(file)) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return file.stat().st_size


def _keeps_a_second(home: Path) -> float:
    """Results that the store makes durable in a second, one after the other."""
    given = [Post(id=one.id, text=one.text) for one in posts(300)]
    records = [one for one in rules_run(given) if isinstance(one, Record)]
    with Store(home) as store:
        began = time.perf_counter()
        for post, record in zip(given, records, strict=True):
            store.keep(post, record)
        return len(given) / (time.perf_counter() - began)


def _most_in_a_request() -> float:
    """Posts in a pack where quota is scarce: as many as the answer has room for."""
    waiting = deque(Job(Post(id=one.id, text=one.text)) for one in posts(_FEW))
    sizes = []
    while waiting:
        sizes.append(len(take_pack(waiting, _FEW)))
    return mean(sizes[:-1])


def _measured(costs: Costs) -> Iterable[Sequence[str]]:
    offline, ray = "`extract --offline`", "`extract --offline --engine ray`"
    models = f"`extract --models {_MODEL} --pack {_PACK}`, {_FEW:,} posts"
    yield "CPU, rules", f"{costs.rules_ms:.2f} ms", f"{offline}, {_MANY:,} posts less {_FEW:,}"
    yield "CPU, models", f"{costs.models_ms:.2f} ms", f"{models}, start included"
    yield (
        "CPU of the driver, on a cluster",
        f"{costs.driver_ms:.2f} ms",
        f"{ray}, {_MANY:,} posts less {_FEW:,}, the median of {_ROUNDS}",
    )
    yield "memory of a process, rules", f"{costs.rules_mb:.0f} MB", f"{offline}, {_MANY:,} posts"
    yield "memory of a process, models", f"{costs.models_mb:.0f} MB", models
    yield "requests, and so leases", f"{costs.requests:.3f}", models
    yield "tokens in", f"{costs.input_tokens:.0f}", models
    yield "tokens out", f"{costs.output_tokens:.0f}", models
    yield "money", f"${costs.usd:.6f}", f"{models}, genai-prices"
    yield "kept in the store", f"{costs.kept_bytes:,.0f} bytes", f"{models}, `results.sqlite3`"
    keeps = f"`Store.keep`, one after the other; the median of {_KEEPS}, {costs.keeps.low:,.0f} to {costs.keeps.high:,.0f}: the disk's"
    yield "results made durable", f"{costs.keeps.middle:,.0f} a second", keeps
    yield (
        "leases of the cluster's actor",
        f"{costs.leases_a_second:,.0f} a second",
        "`python -m benchmarks desk`, 4 workers",
    )
    yield "99 in 100 of them within", f"{costs.lease_ms:.0f} ms", "the same"
    yield "posts that one request holds at most", f"{costs.most_in_a_request:.0f}", "`pipeline.packing.take_pack`"


def _rows(costs: Costs) -> Iterable[Sequence[str]]:
    def row(what: str, one: float, unit: str = "") -> Sequence[str]:
        return what, *(f"{_told(one * size)}{unit}" for size in _SIZES)

    hour = 3.6e6
    yield row("rules: hours of a core", costs.rules_ms / hour)
    yield "rules: machines, to be done in a day", *(_machines(costs.rules_ms, size) for size in _SIZES)
    yield row(f"models, {_PACK} posts a request: requests", costs.requests)
    yield row("models: million tokens in and out", costs.tokens / 1e6)
    yield row("models: US dollars at list price", costs.usd)
    yield row("models: US dollars by `--batch`", costs.usd / 2)
    yield row("models: hours of a core", costs.models_ms / hour)
    yield row("models: GB in the store", costs.kept_bytes / 1e9)
    for tier in _TIERS:
        yield row(f"models: days, {tier.name}", tier.days(*_asked(tier, costs)))


def _machines(ms: float, size: int) -> str:
    return f"{math.ceil(ms * size / 1000 / _DAY / _CORES):,}"


def _parts(costs: Costs) -> Iterable[Sequence[str]]:
    rates = _quotas(costs) | _of_one(costs) | _of_cores(costs)
    return ((name, _told(rate)) for name, rate in sorted(rates.items(), key=lambda one: one[1]))


def _quotas(costs: Costs) -> Mapping[str, float]:
    """What each tier's quota carries, in posts a second."""
    return {f"quota: {one.name}": 1 / (_DAY * one.days(*_asked(one, costs))) for one in _TIERS}


def _of_one(costs: Costs) -> Mapping[str, float]:
    """What there is but one of, however many machines there are."""
    return {
        _STORE: costs.keeps.middle,
        _LEASES: costs.leases_a_second / costs.requests,
        _DRIVER: 1000 / costs.driver_ms,
    }


def _of_cores(costs: Costs) -> Mapping[str, float]:
    return {"a core, models": 1000 / costs.models_ms, "a core, rules": 1000 / costs.rules_ms}


def _asked(tier: Tier, costs: Costs) -> tuple[float, float]:
    """Requests and tokens in, for a post: where there are few requests in a day, each holds as many posts as it can."""
    is_scarce = tier.requests_day is not None and tier.requests_day < 1000
    return 1 / costs.most_in_a_request if is_scarce else costs.requests, costs.input_tokens


def _verdict(costs: Costs) -> Iterable[str]:
    """Of a cluster that has cores enough."""
    for name, quota in _quotas(costs).items():
        (first, rate), (second, beyond), *_ = sorted({name: quota, **_of_one(costs)}.items(), key=lambda one: one[1])
        yield f"- {name}: first **{first}**, {_told(rate)} posts a second; then {second}, {_told(beyond)}. {_MOVED.get(first, _MORE)}"
    cores = 1000 / costs.driver_ms / (1000 / costs.rules_ms)
    yield f"- rules alone: first **cores**, up to about {cores:.0f} of them; then {_DRIVER}, {_told(1000 / costs.driver_ms)}. {_MOVED[_DRIVER]}"


def _lines(lines: Iterable[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


def _told(number: float) -> str:
    if number >= 10:
        return f"{number:,.0f}"
    return f"{number:.2g}"


def main() -> None:
    text = page(measure())
    _PAGE.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
