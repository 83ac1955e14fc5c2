"""One run over the posts of a program: read here, answered on the cluster, given back in their order. What `--engine ray` is made of."""

from __future__ import annotations

import pickle
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any

from agent.cluster.desk import Account, add_block
from agent.cluster.failures import ours
from agent.cluster.plan import BLOCK, desk_for, through
from agent.cluster.session import in_order, joined
from agent.cluster.workers import ByModels, ByRules, Given
from agent.extractor import Extractor
from agent.pipeline.run import Run
from agent.pipeline.tally import Outcome, Tally


if TYPE_CHECKING:
    import pyarrow as pa
    from ray.data import Dataset


def run(posts: Iterable[Given], extractor: Extractor, *, address: str | None = None) -> Run:
    """A run as that of the extractor, on all cores of a cluster: an outcome for every post, in the input's order.

    The input is read to its end first; the cluster holds it. The bounds of the extractor's allowance hold for all workers
    together. Without an `address` a Ray is started on this machine, and stopped with the run.

    Raises, when it is iterated over:
        MissingExtra: Ray is not installed. UsageError: there is no cluster at the address.
        StateError: the actor that owns the ledger has died, or cannot use its files.

    """
    tally = Tally()
    return Run(_outcomes(posts, extractor, address, tally), tally)


def _outcomes(posts: Iterable[Given], extractor: Extractor, address: str | None, tally: Tally) -> Iterator[Outcome]:
    with joined(address), ours():
        blocks = list(_sent(posts, tally))
        tally.may_grow = False
        desk = desk_for(extractor, tally.taken)
        for outcome in _answers(blocks, extractor, desk):
            tally.count(outcome)
            yield outcome
        if desk is not None:
            _settle(desk, extractor, tally)


def _sent(posts: Iterable[Given], tally: Tally) -> Iterator[Any]:
    """Blocks of posts, put into the cluster's memory, which spills to its disks."""
    import pyarrow as pa
    import ray

    coming = iter(posts)
    while block := list(islice(coming, BLOCK)):
        tally.taken += len(block)
        yield ray.put(pa.table({"given": [pickle.dumps(one) for one in block]}))


def _answers(blocks: list[Any], extractor: Extractor, desk: Any) -> Iterator[Outcome]:
    if not blocks:
        return
    answered = through(_dataset(blocks), _answered, extractor, desk, blocks=len(blocks))
    for table in answered.iter_batches(batch_size=None, batch_format="pyarrow"):
        for outcome in table["outcome"]:
            yield pickle.loads(outcome.as_py())  # noqa: S301  # of our own workers


def _dataset(blocks: list[Any]) -> Dataset:
    import ray.data

    with in_order():
        return ray.data.from_arrow_refs(blocks)


def _answered(block: pa.Table, worker: ByRules | ByModels) -> pa.Table:
    import pyarrow as pa

    given = [pickle.loads(one.as_py()) for one in block["given"]]  # noqa: S301  # of our own driver
    return pa.table({"outcome": [pickle.dumps(one) for one in worker.outcomes(given)]})


def _settle(desk: Any, extractor: Extractor, tally: Tally) -> None:
    """What the workers used counts as used here."""
    import ray

    account: Account = ray.get(desk.account.remote())
    add_block(tally, account.tally)
    allowance = extractor.keys.allowance
    allowance.sent += account.sent
    allowance.spent += account.spent
    allowance.failed.update(account.failed)
