"""What there is to do, told before anything is sent: posts, what they come from, what is done, and the requests that the rest takes."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent import settings
from agent.cli.source import Source
from agent.cli.tell import posts, requests, say, tells_json
from agent.cli.wanted import Wanted
from agent.errors import NoText
from agent.extractor import Extractor
from agent.inputs import kind_of
from agent.language import t
from agent.pipeline.forecast import Forecast, forecast
from agent.pipeline.run import no_text_in
from agent.prices import dollars
from agent.records import Post


if TYPE_CHECKING:
    from agent.pipeline.store import Store


class Survey:
    """Looks at every post once, and keeps no more of each than its digest."""

    def __init__(self, wanted: Wanted, extractor: Extractor) -> None:
        self._wanted, self._extractor = wanted, extractor
        self.source = Source(wanted)
        self.kinds: Counter[str] = Counter()
        self.doubles = self.finished = 0
        self.plan = Forecast()
        self.blank: list[NoText] = []
        self.left = math.inf if extractor.offline else extractor.requests_left()
        self.is_batch = wanted.batch
        """Whether the requests have a quota of their own, of which nothing is known."""
        self._seen: set[str] = set()
        self._looked_at: set[str | None] = set()

    def look(self) -> None:
        """Read the whole input."""
        if self._extractor.offline:
            self.plan.posts = sum(1 for _ in self._new_posts())
            return
        from agent.extraction.prompt import load_prompt
        from agent.pipeline.store import Store

        with Store(settings.home()) as store:
            self.plan = forecast(
                (post for post in self._new_posts() if not self._is_finished(post, store)),
                model=self._extractor.names[0],
                prompt=load_prompt("extract"),
                left=self.left,
                a_day=self._extractor.requests_a_day(),
                pack=self._wanted.pack,
                batch=self._wanted.batch,
            )

    def _new_posts(self) -> Iterator[Post]:
        for one in self.source:
            if not isinstance(one, Post):
                continue
            self._note_kind(one.source)
            if problem := no_text_in(one):
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


def describe(wanted: Wanted, extractor: Extractor) -> int:
    """Tell what there is to do, without doing it; returns the exit status that the input alone would give."""
    survey = Survey(wanted, extractor)
    survey.look()
    problems = survey.source.problems + len(survey.blank)
    if tells_json():
        say(t("nothing was sent"), event="dry_run", **_facts(survey, problems))
    else:
        for line in _lines(survey, problems):
            say(line)
    return 4 if problems else 0


def _facts(survey: Survey, problems: int) -> dict[str, Any]:
    """For programs what `_lines` tells people."""
    plan = survey.plan
    return {
        "posts": survey.source.posts,
        "kinds": survey.kinds,
        "doubles": survey.doubles,
        "finished": survey.finished,
        "left_out": survey.source.left_out,
        "problems": problems,
        "to_ask": plan.posts,
        "requests": plan.requests,
        "requests_left": None if math.isinf(survey.left) else int(survey.left),
        "input_tokens": plan.input_tokens,
        "output_tokens": plan.output_tokens,
        "cost_usd": None if plan.cost is None or not plan.requests else float(plan.cost),
        "days": plan.days,
    }


def _lines(survey: Survey, problems: int) -> Iterator[str]:
    kinds = ", ".join(f"{kind} × {count:,}" for kind, count in survey.kinds.most_common())
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
    yield t("To do: {posts}", posts=posts(survey.plan.posts)) + _cost(survey)
    if survey.plan.requests:
        yield from (f"  {line}" for line in _means(survey.plan))
    yield t("Nothing was sent.")


def _means(plan: Forecast) -> Iterator[str]:
    """Tokens, money and days, as far as they are known."""
    yield t(
        "about {inputs:,} tokens in, {outputs:,} out",
        inputs=round(plan.input_tokens, -2),
        outputs=round(plan.output_tokens, -2),
    )
    if plan.cost:
        yield t("about {cost} at list price (a free key pays nothing)", cost=dollars(plan.cost))
    if plan.days and plan.days > 1:
        yield t("about {days:,} days of quota", days=plan.days)


def _cost(survey: Survey) -> str:
    if survey.plan.requests == 0:
        return ""
    told = t(" in about {requests}", requests=requests(survey.plan.requests))
    if math.isinf(survey.left) or survey.is_batch:
        return told
    left = max(0, int(survey.left))
    return told + t("; {count:,} are believed to be left today", count=left)
