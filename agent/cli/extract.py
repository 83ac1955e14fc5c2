"""The body of `mianjing extract`: inputs to a run, the run to an output, and what became of it to an exit code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.cli.interrupt import leave
from agent.cli.logs import set_up
from agent.cli.one_run import one_run
from agent.cli.source import Source
from agent.cli.summary import Summary
from agent.cli.tell import tell
from agent.cli.wanted import Wanted
from agent.extractor import Extractor
from agent.pipeline.tally import Tally


if TYPE_CHECKING:
    from agent.gemini.keys import KeyManager
    from agent.pipeline.batch_answers import BatchTally


def run(wanted: Wanted) -> int:
    """Do what is wanted; returns the exit status of the contract."""
    wanted.check()
    set_up(verbose=wanted.verbose, quiet=wanted.quiet, as_json=wanted.log_json)
    extractor = extractor_for(wanted)
    if wanted.dry_run:
        from agent.cli.dry_run import describe

        return describe(wanted, extractor)
    if wanted.watch:
        from agent.cli.watching import watch

        watch(wanted, extractor)
    try:
        tally, batch = _done(wanted, extractor)
    except KeyboardInterrupt:
        tell("mianjing: interrupted; what was finished is kept: run the same command again to go on")
        leave()
    if not wanted.quiet:
        Summary(tally, extractor, wanted.output, batch).tell()
    return _status(tally, only_rules=extractor.offline)


def _done(wanted: Wanted, extractor: Extractor) -> tuple[Tally, BatchTally | None]:
    """The run done, by batch first where that is wanted. Raises `KeyboardInterrupt` where it was stopped."""
    if not wanted.batch:
        return one_run(wanted, extractor, Source(wanted)), None
    from agent.cli.batch import by_batch

    batch, source = by_batch(wanted, extractor)
    tally = one_run(wanted, extractor, source)
    tally.add_usage(batch.used)
    tally.resumed = max(0, tally.resumed - batch.answered)
    return tally, batch


def extractor_for(wanted: Wanted) -> Extractor:
    """The extractor that the options ask for; its key manager counts and bounds the requests. Raises `UsageError`."""
    extractor = Extractor(
        models=wanted.models,
        keys=None if wanted.offline else _manager(wanted),
        base_url=wanted.base_url,
        offline=wanted.offline,
        pack=wanted.pack,
        concurrency=wanted.concurrency,
        patience=wanted.patience,
        # What came by batch is not asked for again; what it did not answer keeps its earlier result.
        fresh=wanted.fresh and not wanted.batch,
    )
    if wanted.budget is not None and extractor.names:
        from agent.prices import require_prices

        require_prices(extractor.names)
    return extractor


def _manager(wanted: Wanted) -> KeyManager:
    from agent.cli.keys import manager
    from agent.gemini.allowance import Allowance

    return manager(wanted.base_url, Allowance(wanted.max_requests, wanted.budget))


def _status(tally: Tally, *, only_rules: bool) -> int:
    if tally.problems:
        return 4
    return 3 if (tally.by_rules or tally.partly_unserved) and not only_rules else 0
