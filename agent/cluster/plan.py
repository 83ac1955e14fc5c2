"""How blocks go through a cluster: as tasks on any core where the rules alone are asked for, else through workers that ask one desk."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from pydantic import SecretStr

from agent.cluster.desk import NAME, Desk
from agent.cluster.workers import ByModels, ByRules
from agent.extractor import Extractor


if TYPE_CHECKING:
    import pyarrow as pa
    from ray.data import Dataset

    from agent.gemini.keys import KeyManager

BLOCK = 200
"""Posts in a block: seconds of work, and more than one answer of a model has room for."""

Step: TypeAlias = "Callable[[pa.Table, ByRules | ByModels], pa.Table]"
"""What is done with a block, by whom."""

# A worker waits for answers most of the time: half of each core is left for reading.
_CORES = 0.5
# Calls at the desk at the same moment; each takes a fraction of a millisecond.
_LINES = 16


def through(
    dataset: Dataset, step: Step, extractor: Extractor, desk: Any = None, *, blocks: int | None = None
) -> Dataset:
    """The dataset with the step done on each of its blocks, of which there are so many, where that is known."""
    if desk is None:
        return dataset.map_batches(step, fn_args=(ByRules(),), batch_size=None, batch_format="pyarrow")
    from ray.data import ActorPoolStrategy

    options = extractor.options
    workers = _workers(options["concurrency"], blocks)
    if options["concurrency"]:
        options["concurrency"] //= workers
    return dataset.map_batches(
        _Seat,
        fn_constructor_args=(step, options, extractor.keys.allowance.budget, desk),
        compute=ActorPoolStrategy(size=workers),
        num_cpus=_CORES,
        batch_size=None,
        batch_format="pyarrow",
    )


def desk_for(extractor: Extractor, posts: int) -> Any:
    """The desk of one run over so many posts, on this machine: the actor's handle. Null where no model is to be asked.

    It ends with its last handle.
    """
    if extractor.offline:
        return None
    import ray
    from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

    here = NodeAffinitySchedulingStrategy(ray.get_runtime_context().get_node_id(), soft=False)
    allowance = extractor.keys.allowance
    desk = (
        ray.remote(Desk)
        .options(name=f"{NAME}-{secrets.token_hex(4)}", num_cpus=0, max_concurrency=_LINES, scheduling_strategy=here)
        .remote(extractor.options["home"], allowance.most, allowance.budget)
    )
    # Not with the constructor's arguments: the cluster's head keeps those.
    ray.get(desk.open.remote(_secrets(extractor.keys), posts))
    return desk


class _Seat:
    """One who answers by models, in an actor of Ray Data's."""

    def __init__(self, step: Step, *arguments: Any) -> None:
        self._step, self._worker = step, ByModels(*arguments)

    def __call__(self, block: pa.Table) -> pa.Table:
        return self._step(block, self._worker)


def _workers(concurrency: int | None, blocks: int | None) -> int:
    """One a core, and no more than can be of use."""
    import ray

    cores = int(ray.cluster_resources().get("CPU", 1))
    return max(1, min(cores, blocks or cores, concurrency or cores))


def _secrets(keys: KeyManager) -> Sequence[SecretStr]:
    """The keys in use, as they are given to a key manager."""
    named = ((key.project, key.secret.get_secret_value()) for key in keys.held().values())
    return [SecretStr(f"{project}={secret}" if project else secret) for project, secret in named]
