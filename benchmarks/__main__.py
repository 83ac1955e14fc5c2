"""`python -m benchmarks [NAME…]`: run some or all, print the tables; `--write-readme` puts them into both READMEs."""

from __future__ import annotations

import argparse
import json
import platform
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

from benchmarks.measures import Measure
from benchmarks.tables import around_markers, as_json, markdown, write_between_markers


NAMES = ("quota", "packing", "chain_cpu", "startup", "rules_cost", "waiting", "ledger", "desk", "outputs")
# What takes long runs where it is named.
_ON_DEMAND = ("soak",)
_READMES = [Path(__file__).parents[1] / name for name in ("README.md", "README.zh-CN.md")]


def main(arguments: Sequence[str] | None = None) -> None:
    parser = _parser()
    options = parser.parse_args(arguments)
    if unknown := sorted({*options.names} - {*NAMES, *_ON_DEMAND}):
        parser.error(f"no such benchmark: {', '.join(unknown)}; there are {', '.join((*NAMES, *_ON_DEMAND))}")
    if options.write_readme:
        for readme in _READMES:
            around_markers(readme)
    measures: list[Measure] = []
    for name in options.names or NAMES:
        measures += _measured(name, options.rounds)
    if options.json:
        options.json.write_text(json.dumps(as_json(measures), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    if options.write_readme:
        for readme in _READMES:
            write_between_markers(readme, f"{_where(options.names)}\n\n{markdown(measures)}")


def _measured(name: str, rounds: int | None) -> list[Measure]:
    """Run one benchmark; its measures are told as they come."""
    benchmark = import_module(f"benchmarks.{name}")
    began = time.monotonic()
    found: list[Measure] = []
    for measure in benchmark.measures(rounds or benchmark.ROUNDS):
        found.append(measure)
        print(f"{name}: {len(found)} measured, {time.monotonic() - began:.0f} s", file=sys.stderr)
    print(f"## {name}\n\n{(benchmark.__doc__ or '').splitlines()[0]}\n\n{markdown(found)}", flush=True)
    return found


def _where(names: Sequence[str]) -> str:
    command = " ".join(("python -m benchmarks", *names, "--write-readme"))
    return f"Measured {datetime.now(UTC):%Y-%m-%d} by `{command}` on {platform.system()} {platform.machine()}, Python {platform.python_version()}."


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help=f"of {', '.join(NAMES)}; all where absent; or {', '.join(_ON_DEMAND)}"
    )
    parser.add_argument("--rounds", type=int, help="as many rounds of each, instead of each one's own number")
    parser.add_argument("--json", type=Path, metavar="FILE", help="every round of every measure")
    parser.add_argument(
        "--write-readme", action="store_true", help="put the tables between the markers of both READMEs"
    )
    return parser


if __name__ == "__main__":
    main()
