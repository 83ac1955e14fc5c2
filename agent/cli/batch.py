"""`--batch` and `mianjing batch`: what goes by Gemini's Batch API, told and waited for; jobs that are under way, listed, taken in, cancelled.

Speaks to no service: that is `pipeline.batch`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import asdict

from agent.cli.keys import manager
from agent.cli.source import Source
from agent.cli.tables import print_rows
from agent.cli.tell import in_words, posts, say, tell, warn
from agent.cli.wanted import Wanted
from agent.errors import InputProblem, UsageError
from agent.extractor import Extractor
from agent.gemini.reasons import explain
from agent.inputs import read_posts
from agent.language import t, translated, words
from agent.pipeline.batch import Batch, JobStatus
from agent.pipeline.batch_answers import BatchTally
from agent.records import Post


_STATES = words(
    queued="queued",
    pending="waiting to run",
    running="running",
    succeeded="done",
    partially_succeeded="done in part",
    failed="failed",
    cancelling="being cancelled",
    cancelled="cancelled",
    expired="expired",
    unknown="not known yet",
)


def by_batch(wanted: Wanted, extractor: Extractor) -> tuple[BatchTally, Source]:
    """Submit, wait, and take in; then the source is gone through once more by the run itself, which tells what is amiss with it.

    Raises `KeyboardInterrupt` where it was stopped: the jobs go on.
    """
    given = list(read_posts(wanted.inputs, encoding=wanted.encoding)) if "-" in wanted.inputs else None
    batch = extractor.batch(fresh=wanted.fresh, watch=(lambda _: None) if wanted.quiet else _News().tell)
    try:
        batch.run(_Again(wanted, given))
    except KeyboardInterrupt:
        tell("Batch jobs go on without it; the same command comes back to them, or `mianjing batch fetch`.")
        raise
    return batch.tally, Source(wanted, given=given)


def list_jobs(*, as_json: bool) -> None:
    """The jobs under way, and how each stands: asks the service."""
    with _extractor() as extractor:
        rows = extractor.batch().statuses()
    print_rows(
        rows,
        {
            "job": lambda row: row.label,
            "model": lambda row: row.model,
            "key": lambda row: row.key,
            "posts": lambda row: row.posts,
            "since": lambda row: row.at,
            "state": lambda row: t(_STATES.get(row.state, row.state)),
            "why": lambda row: translated(row.why),
        },
        as_json=as_json,
        none=lambda: tell("No batch job is under way."),
    )


def fetch_jobs(names: Sequence[str]) -> None:
    """Take in the answers of jobs that are over."""
    with _extractor() as extractor:
        batch = extractor.batch()
        chosen = _chosen(batch, names)
        ended = batch.fetch(chosen)
        left = len(batch.statuses(chosen))
    tell("Batch jobs that are over: {ended:,}; still under way: {left:,}", ended=ended, left=left)
    for line in batch_lines(batch.tally):
        say(line)


def cancel_jobs(names: Sequence[str], *, everything: bool) -> None:
    """End jobs; what they hold is asked for anew."""
    if bool(names) == everything:
        raise UsageError("name the batch jobs to cancel, or say --all; `mianjing batch list` shows them")
    with _extractor() as extractor:
        batch = extractor.batch()
        ended = batch.cancel(_chosen(batch, names))
    tell("Batch jobs cancelled: {count:,}", count=ended)
    _tell_troubles(batch.tally)


def batch_lines(tally: BatchTally) -> Iterator[str]:
    """What came by batch, for the summary."""
    if tally.answered:
        yield t("by batch: a result for {posts}", posts=posts(tally.answered))
    if tally.lost:
        reasons = ", ".join(f"{count:,} × {translated(explain(reason))}" for reason, count in tally.lost.most_common())
        yield t("by batch no result: {reasons}", reasons=reasons)
    _tell_troubles(tally)


def _tell_troubles(tally: BatchTally) -> None:
    for trouble in tally.troubles:
        warn(in_words(trouble))


def _extractor() -> Extractor:
    return Extractor(keys=manager())


def _chosen(batch: Batch, names: Sequence[str]) -> Collection[str] | None:
    """The labels of these jobs, by label or by the service's name; null for all. Raises `UsageError`."""
    if not names:
        return None
    known = {name: status.label for status in batch.statuses() for name in (status.label, status.name) if name}
    unknown = [name for name in names if name not in known]
    if unknown:
        raise UsageError(f"no batch job under way is called {', '.join(unknown)}; `mianjing batch list` shows them")
    return {known[name] for name in names}


class _Again:
    """The input, to be gone through as often as it is asked for, and in silence."""

    def __init__(self, wanted: Wanted, given: Iterable[Post | InputProblem] | None) -> None:
        self._wanted, self._given = wanted, given

    def __iter__(self) -> Iterator[Post | InputProblem]:
        return iter(Source(self._wanted, warn=lambda _: None, given=self._given))


class _News:
    """Tells how jobs stand, where that has changed."""

    def __init__(self) -> None:
        self._last = ""

    def tell(self, statuses: Sequence[JobStatus]) -> None:
        states = Counter(status.state for status in statuses)
        told = ", ".join(f"{count:,} {t(_STATES.get(state, state))}" for state, count in states.items())
        line = t(
            "batch jobs under way: {count:,}, with {posts}: {states}; Ctrl-C leaves them going",
            count=len(statuses),
            posts=posts(sum(status.posts for status in statuses)),
            states=told,
        )
        if line != self._last:
            self._last = line
            say(line, event="batch", jobs=[asdict(status) for status in statuses])
