"""Ray Datasets of posts in, records out: as a dataset, or written by block into a folder. It reads no files of posts: a dataset is what it is given."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from agent.cluster.blocks import Folder, Written
from agent.cluster.failures import ours
from agent.cluster.plan import BLOCK, desk_for, through
from agent.cluster.workers import ByModels, ByRules, Given
from agent.errors import InputProblem
from agent.extractor import Extractor
from agent.inputs.posts import post_of
from agent.inputs.rows import Row
from agent.inputs.unreadable import Unreadable
from agent.pictures import looked_at
from agent.pipeline.tally import Outcome
from agent.records import Record


if TYPE_CHECKING:
    import pyarrow as pa
    from ray.data import Dataset


_SOURCE = "dataset"


def extract(dataset: Dataset, extractor: Extractor | None = None, *, block: int = BLOCK) -> Dataset:
    """The posts of a dataset, extracted as the result is consumed, on the cluster that the dataset is on.

    Columns are told by name, as those of a file: `text`, `id`, `title`… The result has a row for each, with `record`, the JSON
    that `Record.from_json` reads, or `problem`, why it has none; their order is the dataset's, where Ray is told to keep it.
    The `extractor` names models, keys and bounds; `block` is how many posts a worker takes at once.

    >>> extract(ray.data.read_parquet("posts/"), Extractor(offline=True)).write_parquet("records/")
    """
    extractor = extractor or Extractor()
    desk = None if extractor.offline else desk_for(extractor, dataset.count())
    return through(_in_blocks(dataset, block), _as_rows, extractor, desk)


def extract_to(
    dataset: Dataset,
    folder: str | Path,
    extractor: Extractor | None = None,
    *,
    format: str = "jsonl",  # noqa: A002
    block: int = BLOCK,
) -> Written:
    """Extract a dataset into a folder that all nodes see: a `jsonl` or `parquet` file for each block, the folder whole or not at all.

    A block's file appears whole, and is named after its posts: whatever dies, the same call goes on with the blocks that are not
    there yet, and no post is there twice. What a model gave is also kept post by post, as in any run.

    Raises:
        UsageError: the folder is there already, or the format is another.
        StateError: the actor that owns the ledger has died, or cannot use its files.

    """
    extractor = extractor or Extractor()
    target = Folder(Path(folder).absolute(), format, offline=extractor.offline, fresh=extractor.options["fresh"])
    target.open()
    with ours():
        desk = None if extractor.offline else desk_for(extractor, dataset.count())
        blocks = through(_in_blocks(dataset, block), partial(_to_file, target), extractor, desk)
        blocks.context.execution_options.preserve_order = True
        return target.close(blocks.iter_rows())


def _in_blocks(dataset: Dataset, posts: int) -> Dataset:
    return dataset.repartition(target_num_rows_per_block=posts, strict=True)


def _as_rows(block: pa.Table, worker: ByRules | ByModels) -> pa.Table:
    import pyarrow as pa

    outcomes = worker.outcomes(list(_given(block)))
    return pa.table(
        {
            "record": pa.array([_json(one) for one in outcomes], pa.string()),
            "problem": pa.array([str(one) if isinstance(one, InputProblem) else None for one in outcomes], pa.string()),
        }
    )


def _to_file(target: Folder, block: pa.Table, worker: ByRules | ByModels) -> pa.Table:
    """Write the block's file, if it is not there; a row that tells of it."""
    import pyarrow as pa

    return pa.Table.from_pylist([target.written(list(_given(block)), worker.outcomes)])


def _given(block: pa.Table) -> Iterator[Given]:
    for number, values in enumerate(block.to_pylist(), 1):
        try:
            yield looked_at(post_of(Row(values, number), source=_SOURCE, folder=Path()))
        except Unreadable as unreadable:
            yield unreadable.at(_SOURCE)


def _json(outcome: Outcome) -> str | None:
    return outcome.to_json() if isinstance(outcome, Record) else None
