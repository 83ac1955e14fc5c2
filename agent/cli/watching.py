"""`mianjing extract --watch`: goes on for as long as it is left to; takes files as they settle, and asks again as quota returns."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NoReturn

from agent.cli.interrupt import leave
from agent.cli.moments import clock_time
from agent.cli.one_run import one_run
from agent.cli.outage import is_of_quota
from agent.cli.source import Source
from agent.cli.summary import Summary
from agent.cli.tell import posts, say, tell, warn_of
from agent.cli.wanted import Wanted
from agent.errors import UsageError
from agent.extractor import Extractor
from agent.inputs.walk import Found, files_in, is_folder
from agent.pipeline.outage import is_for_good
from agent.pipeline.tally import Tally, first_back
from agent.records import Record


Sign = tuple[tuple[int, int], ...]
"""What tells two states of a file apart, and of the pictures that belong to it: size and time of change of each."""

# Seconds between two looks at the folders.
_LOOKS = 3.0
# What failed until nobody knows when is asked for again after so long.
_NEXT_TRY = timedelta(minutes=30)


class Files:
    """The files of the inputs, and which of them are new or changed: one counts once two looks have found it the same."""

    def __init__(self, inputs: Iterable[Path], leave_out: Callable[[Path], bool]) -> None:
        self._inputs, self._leave_out = list(inputs), leave_out
        self._seen: dict[Path, Sign] = {}
        self._taken: dict[Path, Sign] = {}

    def look(self) -> set[Path]:
        """Look once more. Returns the settled files that were not taken as they are now."""
        before, self._seen = self._seen, dict(self._signs())
        return {path for path, sign in self._seen.items() if before.get(path) == sign != self._taken.get(path)}

    def take(self, paths: Iterable[Path]) -> None:
        self._taken.update({path: self._seen[path] for path in paths})

    @property
    def taken(self) -> set[Path]:
        """Those taken that are still as they were."""
        return {path for path, sign in self._taken.items() if self._seen.get(path) == sign}

    def _signs(self) -> Iterator[tuple[Path, Sign]]:
        for found in self._found():
            try:
                stats = [path.stat() for path in (found.path, *found.pictures)]
            except OSError:
                continue  # it went away between two looks
            yield found.path, tuple((stat.st_size, stat.st_mtime_ns) for stat in stats)

    def _found(self) -> Iterator[Found]:
        for given in self._inputs:
            if is_folder(given):
                yield from (one for one in files_in(given, self._leave_out) if isinstance(one, Found))
            elif not self._leave_out(given):
                yield Found(given)


@dataclass
class Watch:
    """Rounds over the files that are due. `work` does one, and returns when quota is back for what it had to leave, if it had to."""

    files: Files
    work: Callable[[set[Path]], datetime | None]
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    sleep: Callable[[float], None] = time.sleep
    _left: set[Path] = field(default_factory=set)
    """Files with posts that wait for quota."""
    _back: datetime | None = None

    def step(self) -> None:
        """One look, one round where something is due, and a pause."""
        due = self.files.look()
        if self._back and self._back <= self.now():
            due |= self._left
        if due:
            self.files.take(due)
            self._back = self.work(due)
            self._left = (self._left | due) if self._back else self._left - due
        self.sleep(_LOOKS)


class Rounds:
    """The work of a watch: what is new goes to standard output, or the whole of it anew to the file."""

    def __init__(self, wanted: Wanted, extractor: Extractor, files: Files) -> None:
        self._wanted, self._extractor, self._files = wanted, extractor, files
        self._shown: set[tuple[str, str]] = set()

    def __call__(self, due: set[Path]) -> datetime | None:
        taken = self._files.taken if self._wanted.output else due
        named = tuple(map(str, due))
        source = Source(
            self._wanted,
            leave_out=lambda path: path not in taken,
            warn=lambda problem: warn_of(problem) if problem.source.startswith(named) else None,
            may_be_empty=True,
        )
        tally = one_run(self._wanted, self._extractor, source, self._is_news)
        back = self._back(tally)
        if not self._wanted.quiet:
            self._tell(tally, back)
        return back

    def _is_news(self, record: Record, tally: Tally) -> bool:
        """To a file everything goes. A stream gets each post once, and not by the rules while a model may yet serve it."""
        if self._wanted.output:
            return True
        place = record.post.id, record.post.sha256
        waits = record.provenance.origin == "rules" and first_back(tally.turned_away) is not None
        if waits or place in self._shown:
            return False
        self._shown.add(place)
        return True

    @staticmethod
    def _back(tally: Tally) -> datetime | None:
        if not tally.unserved or all(is_for_good(error) or error.reason == "budget" for error in tally.turned_away):
            return None
        first = first_back(tally.turned_away)
        return first.until if first else datetime.now(UTC) + _NEXT_TRY

    def _tell(self, tally: Tally, back: datetime | None) -> None:
        say(Summary(tally, self._extractor, self._wanted.output).headline)
        if back is None:
            return
        waits, time = posts(tally.unserved), clock_time(back, datetime.now(UTC))
        first = first_back(tally.turned_away)
        if first and is_of_quota(first.reason):
            tell("waiting for quota, back at {time}: {posts}", posts=waits, time=time)
        else:
            tell("no model could serve {posts} now; asked for again at {time}", posts=waits, time=time)


def watch(wanted: Wanted, extractor: Extractor) -> NoReturn:
    """Work until Ctrl-C. Raises `UsageError` for an input that is not there."""
    inputs = [Path(given) for given in wanted.inputs]
    for given in inputs:
        if not given.exists():
            raise UsageError(f"there is no {given} to watch")
    files = Files(inputs, wanted.is_output)
    watching = Watch(files, Rounds(wanted, extractor, files))
    if not wanted.quiet:
        tell("watching {inputs}; Ctrl-C ends it", inputs=", ".join(wanted.inputs))
    try:
        while True:
            watching.step()
    except KeyboardInterrupt:
        tell("mianjing: the watch is over; what was finished is kept")
        leave()
