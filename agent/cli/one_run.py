"""One run from its source to its output, with its progress and its end by Ctrl-C. What became of it is told by whoever asked for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import nullcontext

from agent.cli.cluster import run_of
from agent.cli.files import write_records
from agent.cli.gauge import Gauge
from agent.cli.interrupt import Interrupt
from agent.cli.progress import progress
from agent.cli.source import Source
from agent.cli.wanted import Wanted
from agent.errors import InputProblem, NoText
from agent.extractor import Extractor
from agent.pipeline.run import Run
from agent.pipeline.tally import Tally
from agent.records import Record


def one_run(
    wanted: Wanted, extractor: Extractor, source: Source, keep: Callable[[Record, Tally], bool] | None = None
) -> Tally:
    """Run the source through, and write those records that are to `keep`. Raises `KeyboardInterrupt` where it was stopped."""
    going = run_of(wanted, extractor, source)
    interrupt = Interrupt(going)
    with interrupt, nullcontext() if wanted.quiet else progress(gauge_of(going, extractor)):
        records = _records(going, interrupt, source.warn)
        write_records((one for one in records if keep is None or keep(one, going.tally)), wanted)
    return going.tally


def gauge_of(going: Run, extractor: Extractor) -> Gauge:
    return Gauge(going.tally, None if extractor.offline else extractor.requests_left)


def _records(going: Run, interrupt: Interrupt, warn: Callable[[InputProblem], None]) -> Iterator[Record]:
    """The records of a run; posts that can have none are told as they come."""
    for outcome in going:
        if isinstance(outcome, Record):
            yield outcome
        elif isinstance(outcome, NoText):
            warn(outcome)
    if interrupt.pressed:
        raise KeyboardInterrupt
