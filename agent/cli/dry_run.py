"""What there is to do, told before anything is sent: posts, what they come from, what is done, and the requests that the rest takes."""

from __future__ import annotations

import math
from collections import Counter, deque
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from agent import settings
from agent.cli.language import t
from agent.cli.source import Source
from agent.cli.tell import posts, requests, say, tells_json
from agent.cli.wanted import Wanted
from agent.errors import NoText
from agent.extractor import Extractor
from agent.inputs import kind_of
from agent.pipeline.run import without_text
from agent.records import Post


if TYPE_CHECKING:
    from agent.pipeline.jobs import Job
    from agent.pipeline.store import Store


class Survey:
    """Looks at every post once, and keeps no more of each than its digest."""

    def __init__(self, wanted: Wanted, extractor: Extractor) -> None:
        self._wanted, self._extractor = wanted, extractor
        self.source = Source(wanted)
        self.kinds: Counter[str] = Counter()
        self.doubles = self.finished = self.waiting = self.requests = 0
        self.blank: list[NoText] = []
        self.left = math.inf if extractor.offline else extractor.requests_left()
        self._seen: set[str] = set()
        self._looked_at: set[str | None] = set()

    def look(self) -> None:
        """Read the whole input."""
        if self._extractor.offline:
            self.waiting = sum(1 for _ in self._new_posts())
            return
        from agent.pipeline.jobs import Job
        from agent.pipeline.store import Store

        with Store(settings.home()) as store:
            self._plan(Job(post) for post in self._new_posts() if not self._is_finished(post, store))

    def _new_posts(self) -> Iterator[Post]:
        for one in self.source:
            if not isinstance(one, Post):
                continue
            self._note_kind(one.source)
            if problem := without_text(one):
                self.blank.append(problem)
            elif one.digest in self._seen:
                self.doubles += 1
            else:
                self._seen.add(one.digest)
                yield one

    def _note_kind(self, source: str | None) -> None:
        if source in self._looked_at:
            return
        self._looked_at.add(source)
        if source == "-" or source is None:
            self.kinds[t("standard input")] += 1
            return
        with suppress(OSError):
            self.kinds[t(str(kind_of(Path(source), self._wanted.encoding)))] += 1

    def _is_finished(self, post: Post, store: Store) -> bool:
        is_finished = not self._wanted.fresh and store.finished(post) is not None
        self.finished += is_finished
        return is_finished

    def _plan(self, jobs: Iterator[Job]) -> None:
        """Pack as the engine would, if all goes well."""
        from agent.pipeline.packing import LOOK_AHEAD, pack_size, take_pack

        pending: deque[Job] = deque()

        def send() -> None:
            take_pack(pending, self._wanted.pack or pack_size(len(pending), self.left - self.requests))
            self.requests += 1

        for job in jobs:
            self.waiting += 1
            pending.append(job)
            if len(pending) == LOOK_AHEAD:
                send()
        while pending:
            send()


def describe(wanted: Wanted, extractor: Extractor) -> int:
    """Tell what there is to do, without doing it; returns the exit status that the input alone would give."""
    survey = Survey(wanted, extractor)
    survey.look()
    problems = survey.source.problems + len(survey.blank)
    if tells_json():
        say(
            t("nothing was sent"),
            event="dry_run",
            posts=survey.source.posts,
            kinds=survey.kinds,
            doubles=survey.doubles,
            finished=survey.finished,
            left_out=survey.source.left_out,
            problems=problems,
            to_ask=survey.waiting,
            requests=survey.requests,
            requests_left=None if math.isinf(survey.left) else int(survey.left),
        )
    else:
        for line in _lines(survey, problems):
            say(line)
    return 4 if problems else 0


def _lines(survey: Survey, problems: int) -> Iterator[str]:
    kinds = ", ".join(f"{kind} {count:,}" for kind, count in survey.kinds.most_common())
    yield t("{posts} in {kinds}", posts=posts(survey.source.posts), kinds=kinds)
    counts = (
        (survey.doubles, t("the same content as an earlier one: {posts}", posts=posts(survey.doubles))),
        (survey.finished, t("a model's result already: {posts}", posts=posts(survey.finished))),
        (problems, t("without a result, whatever is asked: {posts} or rows", posts=posts(problems))),
        (
            survey.source.left_out,
            t("something else than posts, left out: {count:,}", count=survey.source.left_out),
        ),
    )
    yield from (f"  {line}" for count, line in counts if count)
    yield t("To do: {posts}", posts=posts(survey.waiting)) + _cost(survey)
    yield t("Nothing was sent.")


def _cost(survey: Survey) -> str:
    if survey.requests == 0:
        return ""
    told = t(" in about {requests}", requests=requests(survey.requests))
    if math.isinf(survey.left):
        return told
    left = max(0, int(survey.left))
    return told + t("; {count:,} are believed to be left today", count=left)
