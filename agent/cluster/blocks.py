"""A folder of records, a file for each block of posts: written by many processes, each file once and whole, the folder whole or not at all."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agent.cluster.workers import Given
from agent.errors import InputProblem, UsageError
from agent.outputs import export
from agent.pipeline.run import no_text_in
from agent.pipeline.tally import Outcome
from agent.records import Post, Record


_FORMATS = ("jsonl", "parquet")
_BY_RULES = "-rules"
"""Ends the name of a file in which rules did what was theirs, or a model's: it stays for the one alone."""
ORDER = "_blocks.json"
"""Names the files in the order of the input; readers of folders pass over what begins with `_`."""


@dataclass(frozen=True, slots=True)
class Written:
    """What a run wrote."""

    folder: Path
    records: int
    problems: tuple[str, ...]
    """Why rows have no record."""
    kept: int
    """How many files an earlier run had finished."""


@dataclass(frozen=True, slots=True)
class Folder:
    """Until all is there, files are in a folder beside it, of the same name and `.unfinished`."""

    path: Path
    format: str
    offline: bool
    fresh: bool

    @property
    def unfinished(self) -> Path:
        return self.path.with_name(f"{self.path.name}.unfinished")

    def open(self) -> None:
        """Make room. Raises `UsageError`."""
        if self.format not in _FORMATS:
            raise UsageError(f"'{self.format}' is not written by block; {' and '.join(_FORMATS)} are")
        if self.path.exists():
            raise UsageError(f"{self.path} is there already; name another folder, or remove it first")
        self.unfinished.mkdir(parents=True, exist_ok=True)

    def written(
        self, given: Sequence[Given], outcomes_of: Callable[[Sequence[Given]], list[Outcome]]
    ) -> dict[str, Any]:
        """Write a block's file if there is none that can stay; a row that tells of it. Blocks that are equal in all are one file."""
        final = self.unfinished / f"{_digest(given)}{_BY_RULES * self.offline}.{self.format}"
        if final.exists() and not self.fresh:
            problems = [one for one in map(_problem, given) if one]
            return _row(final, len(given) - len(problems), problems, was_kept=True)
        outcomes = outcomes_of(given)
        records = [one for one in outcomes if isinstance(one, Record)]
        # What the rules did because no model could serve is asked again by the next run.
        is_final = self.offline or all(one.provenance.origin != "rules" for one in records)
        path = final if is_final else final.with_stem(final.stem + _BY_RULES)
        export(records, path, format=self.format)
        problems = [one for one in outcomes if isinstance(one, InputProblem)]
        return _row(path, len(records), problems, was_kept=False)

    def close(self, rows: Iterable[Mapping[str, Any]]) -> Written:
        """Take in what was written, as it comes; then the folder is whole, and holds nothing else."""
        told = list(rows)
        names = list(dict.fromkeys(row["name"] for row in told))
        for path in self.unfinished.iterdir():
            if path.name not in names:
                path.unlink()
        (self.unfinished / ORDER).write_text(json.dumps(names, indent=0) + "\n", encoding="utf-8")
        self.unfinished.rename(self.path)
        return Written(
            self.path,
            records=sum(row["records"] for row in told),
            problems=tuple(problem for row in told for problem in row["problems"]),
            kept=sum(row["was_kept"] for row in told),
        )


def _digest(given: Sequence[Given]) -> str:
    """Of all that is told of the posts, in their order."""
    told = [one.model_dump(mode="python") if isinstance(one, Post) else str(one) for one in given]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()[:32]


def _problem(given: Given) -> InputProblem | None:
    return no_text_in(given) if isinstance(given, Post) else given


def _row(path: Path, records: int, problems: Sequence[InputProblem], *, was_kept: bool) -> dict[str, Any]:
    return {"name": path.name, "records": records, "problems": [str(one) for one in problems], "was_kept": was_kept}
