"""The body of `mianjing extract`: inputs to a run, the run to an output, and what became of it to an exit code."""

from __future__ import annotations

import logging
import signal
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from agent.cli.progress import progress
from agent.cli.summary import summarise
from agent.cli.tell import say
from agent.errors import InputProblem, NoText, UsageError
from agent.extractor import Extractor
from agent.inputs import LeftOut, read_posts
from agent.outputs import FORMATS, export, format_for, write
from agent.pipeline.run import Run
from agent.pipeline.tally import Tally
from agent.records import Post, Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """The options of one call, as given."""

    inputs: list[str]
    output: Path | None
    format_name: str | None
    models: str | None
    base_url: str | None
    offline: bool
    fresh: bool
    pack: int | None
    concurrency: int | None
    patience: float
    limit: int | None
    dry_run: bool
    encoding: str | None
    quiet: bool
    verbose: bool


def run(wanted: Wanted) -> int:
    """Do what is wanted; returns the exit status of the contract."""
    _check_output(wanted)
    if wanted.verbose:
        logging.basicConfig(format="%(asctime)s %(message)s", datefmt="%H:%M:%S")
        logging.getLogger("agent").setLevel(logging.INFO)
    extractor = Extractor(
        models=wanted.models,
        base_url=wanted.base_url,
        offline=wanted.offline,
        pack=wanted.pack,
        concurrency=wanted.concurrency,
        patience=wanted.patience,
        fresh=wanted.fresh,
    )
    source = Source(wanted)
    if wanted.dry_run:
        return source.describe()
    going = extractor.run(source)
    interrupt = Interrupt(going)
    with interrupt, progress(going.tally, shown=not wanted.quiet and not _is_view(wanted)):
        try:
            _write(_records(going, interrupt), wanted)
        except KeyboardInterrupt:
            say("mianjing: interrupted; all finished work is kept: run the same command again to go on")
            return 130
    if not wanted.quiet:
        summarise(going.tally, extractor, wanted.output)
    return _status(going.tally, only_rules=extractor.offline)


class Source:
    """The posts of the input, counted as they go by; what cannot be read is told at once and passed on."""

    def __init__(self, wanted: Wanted) -> None:
        self._inputs, self._encoding, self._limit = wanted.inputs, wanted.encoding, wanted.limit
        self.posts = 0

    def __iter__(self) -> Iterator[Post | InputProblem]:
        for one in read_posts(self._inputs, encoding=self._encoding):
            if isinstance(one, InputProblem):
                say(f"mianjing: {one}")
                if isinstance(one, LeftOut):
                    continue
            elif self.posts == self._limit:
                return
            else:
                self.posts += 1
            yield one
        if not self.posts:
            raise UsageError(f"nothing to read in {', '.join(self._inputs)}")

    def describe(self) -> int:
        """Tell what there is to do, without doing it; returns the exit status."""
        problems = sum(isinstance(one, InputProblem) for one in self)
        say(f"{self.posts} posts to extract, {problems} problems; nothing was sent")
        return 4 if problems else 0


class Interrupt:
    """Ctrl-C once stops asking and lets what is in flight finish; twice stops at once. FILE stays as it was either way."""

    def __init__(self, going: Run) -> None:
        self._going = going
        self.pressed = False

    def __enter__(self) -> None:
        self._before = signal.signal(signal.SIGINT, self._on_signal)

    def __exit__(self, *_: object) -> None:
        signal.signal(signal.SIGINT, self._before)

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        if self.pressed or not self._going.tally.in_flight:
            raise KeyboardInterrupt
        self.pressed = True
        self._going.stop()
        say(
            f"mianjing: stopping; {self._going.tally.in_flight} requests in flight come to their end (Ctrl-C again: at once)"
        )


def _records(going: Run, interrupt: Interrupt) -> Iterator[Record]:
    """The records of a run; posts without one are told as they come."""
    for outcome in going:
        if isinstance(outcome, Record):
            yield outcome
        elif isinstance(outcome, NoText):
            say(f"mianjing: {outcome}")
    if interrupt.pressed:
        raise KeyboardInterrupt


def _write(records: Iterator[Record], wanted: Wanted) -> None:
    if wanted.output:
        export(records, wanted.output, format=wanted.format_name)
    elif _is_view(wanted):
        from rich.console import Console

        from agent.outputs.terminal import show

        console = Console()
        for record in records:
            show(record, console)
    else:
        # JSON is UTF-8 whatever the console speaks; and a line ends with \n alone.
        with open(
            sys.stdout.fileno(), "w", encoding="utf-8", errors="surrogatepass", newline="\n", closefd=False
        ) as out:
            write(records, out, wanted.format_name or "jsonl")


def _check_output(wanted: Wanted) -> None:
    """Refuse what cannot be written before anything is asked."""
    if wanted.output:
        format_for(wanted.output, wanted.format_name)
    elif wanted.format_name and not (wanted.format_name in FORMATS and FORMATS[wanted.format_name].to_stream):
        known = ", ".join(name for name, one in FORMATS.items() if one.to_stream)
        raise UsageError(f"--format {wanted.format_name} needs -o FILE; to standard output go {known}")


def _is_view(wanted: Wanted) -> bool:
    return not wanted.output and not wanted.format_name and sys.stdout.isatty()


def _status(tally: Tally, *, only_rules: bool) -> int:
    if tally.problems:
        return 4
    return 3 if tally.by_rules and not only_rules else 0
