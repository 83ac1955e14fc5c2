"""What a run came to, and what to do next: told once at its end. Counts nothing itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.cli.tell import posts, requests, say, tells_json
from agent.extractor import Extractor
from agent.language import t, translated
from agent.pipeline.tally import Tally
from agent.prices import dollars


if TYPE_CHECKING:
    from agent.pipeline.batch_answers import BatchTally


@dataclass(frozen=True, slots=True)
class Summary:
    """One run, summed up."""

    tally: Tally
    extractor: Extractor
    output: Path | None
    batch: BatchTally | None = None
    """What went by batch; its tokens and money are in the tally."""

    def tell(self) -> None:
        """Lines for people; one object for programs."""
        lines = list(self.lines())
        if tells_json():
            say("\n".join(lines), event="summary", **self.facts())
            return
        for line in lines:
            say(line)

    def lines(self) -> Iterator[str]:
        """Counts by origin and model, what was used, and, where models could not serve, why and what to do."""
        yield self.headline
        yield from (f"  {line}" for line in self._details())
        if (self.tally.by_rules or self.tally.partly_unserved) and not self.extractor.offline:
            yield from self._outage()

    @property
    def headline(self) -> str:
        """How many posts, where they went, and by whom."""
        done = t("{posts} done", posts=posts(self.tally.records))
        written = t(", written to {file}", file=self.output) if self.output else ""
        return f"{done}{written}: {self._origins()}"

    def facts(self) -> dict[str, Any]:
        """The same for programs."""
        tally = self.tally
        facts: dict[str, Any] = {
            "posts": tally.records,
            "by_model": tally.by_model,
            "by_rules": tally.by_rules,
            "completed_by_rules": tally.completed_by_rules,
            "resumed": tally.resumed,
            "older_prompt": self._older(),
            "doubles": tally.doubles,
            "without_result": len(tally.problems),
            "input_tokens": tally.input_tokens,
            "output_tokens": tally.output_tokens,
            "cached_tokens": tally.cached_tokens,
            "cost_usd": float(tally.cost) if self._is_priced else None,
            "unpriced": tally.unpriced,
        }
        if self.batch:
            facts["by_batch"] = self.batch.answered
        return facts | {"requests": self._sent, "in_vain": self._in_vain()}

    def _origins(self) -> str:
        tally = self.tally
        by_models = sum(tally.by_model.values()) - tally.completed_by_rules
        told = (
            (by_models, t("{count:,} by a model", count=by_models)),
            (tally.completed_by_rules, t("{count:,} by a model and rules", count=tally.completed_by_rules)),
            (tally.by_rules, t("{count:,} by rules", count=tally.by_rules)),
        )
        return ", ".join(part for count, part in told if count) or t("none")

    def _details(self) -> Iterator[str]:
        tally = self.tally
        if len(tally.by_model) > 1 or (tally.by_model and not self.output):
            yield ", ".join(
                f"{name} {count:,}" for name, count in sorted(tally.by_model.items(), key=lambda one: -one[1])
            )
        if tally.resumed:
            yield t("{posts} had a model's result from an earlier run", posts=posts(tally.resumed))
        if older := self._older():
            yield t("a result of an older prompt, which stays (--fresh asks again): {posts}", posts=posts(older))
        if tally.doubles:
            yield t("{posts} had the same content as an earlier one, and share its result", posts=posts(tally.doubles))
        yield from self._used()
        if self.batch:
            from agent.cli.batch import batch_lines

            yield from batch_lines(self.batch)
        if tally.problems:
            yield t("{posts} or rows without a result, each named above", posts=posts(len(tally.problems)))

    def _used(self) -> Iterator[str]:
        """Requests, tokens, money."""
        tally = self.tally
        if self._sent:
            yield requests(self._sent) + self._told_in_vain()
        if tally.input_tokens or tally.output_tokens:
            cached = t(" ({cached:,} of them cached)", cached=tally.cached_tokens) if tally.cached_tokens else ""
            inputs = t("{inputs:,} tokens in", inputs=tally.input_tokens)
            yield inputs + cached + t(", {outputs:,} out", outputs=tally.output_tokens)
        if tally.cost:
            yield t("{cost} at list price (a free key pays nothing)", cost=dollars(tally.cost))
        if tally.unpriced and self._is_priced:
            yield t("of no known price: {requests}", requests=requests(tally.unpriced))

    @property
    def _is_priced(self) -> bool:
        """Whether money is known of some of what was used."""
        return bool(self.tally.cost) or (self.tally.input_tokens > 0 and not self.tally.unpriced)

    @property
    def _sent(self) -> int:
        return 0 if self.extractor.offline else self.extractor.keys.allowance.sent

    def _in_vain(self) -> dict[str, int]:
        """Requests that brought nothing, by reason."""
        if self.extractor.offline:
            return {}
        allowance = self.extractor.keys.allowance
        useless = max(0, allowance.sent - allowance.failed.total() - self.tally.answers)
        return dict(allowance.failed.most_common()) | ({"useless": useless} if useless else {})

    def _told_in_vain(self) -> str:
        in_vain = self._in_vain()
        if not in_vain:
            return ""
        parts = (f"{count} × {_short(reason)}" for reason, count in in_vain.items())
        return t(", {count} in vain: {reasons}", count=sum(in_vain.values()), reasons="; ".join(parts))

    def _older(self) -> int:
        """Results that another version of the prompt asked for."""
        if not self.tally.by_prompt:
            return 0
        from agent.extraction.prompt import load_prompt

        return self.tally.by_prompt.total() - self.tally.by_prompt[load_prompt("extract").label]

    def _outage(self) -> Iterator[str]:
        from agent.cli.outage import outage_lines, what_next

        tally = self.tally
        if any(error.reason == "no_key" for error in tally.turned_away):
            yield t(
                "No Gemini key is set, so the rules did the work. A key is free: https://aistudio.google.com/apikey"
            )
            yield t("Then `mianjing keys add`, or set GEMINI_API_KEYS. (--offline asks for rules alone.)")
            return
        unserved = tally.unserved
        if unserved:
            yield t("No model could serve {posts} now:", posts=posts(unserved))
            yield from outage_lines(tally.turned_away, self.extractor.keys)
        if tally.refused:
            yield t(
                "No model that was asked gave a result for {posts}; without --fresh none is asked for it again.",
                posts=posts(tally.refused),
            )
        if unserved:
            yield what_next(tally.turned_away)


def _short(reason: str) -> str:
    """What a reason means, without what to do about it."""
    from agent.gemini.reasons import explain

    told = t("the answer was of no use") if reason == "useless" else translated(explain(reason))
    return told.replace("；", ";").partition(";")[0]
