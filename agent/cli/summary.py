"""What a run came to, and what to do next: told once at its end."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from agent.cli.tell import say


if TYPE_CHECKING:
    from agent.errors import RungUnavailable
    from agent.extractor import Extractor
    from agent.pipeline.tally import Tally

NO_KEY = (
    "No Gemini key is set, so the rules did the work. A key is free: https://aistudio.google.com/apikey"
    " — then `mianjing keys add`, or set GEMINI_API_KEYS. (--offline asks for rules alone.)"
)


def summarise(tally: Tally, extractor: Extractor, output: Path | None) -> None:
    """Counts by origin, what was used, why models could not serve, and what to do next."""
    say(f"{_posts(tally.records)} done{f', written to {output}' if output else ''}: {_origins(tally)}")
    if tally.resumed:
        say(f"  {tally.resumed} had a model's result from an earlier run")
    if tally.input_tokens or tally.output_tokens:
        say(f"  {tally.input_tokens:,} tokens in, {tally.output_tokens:,} out")
    if tally.problems:
        say(f"  {_posts(len(tally.problems))} or rows without a result, each named above")
    if tally.by_rules and not extractor.offline:
        _explain(tally)


def _explain(tally: Tally) -> None:
    if any(error.reason == "no_key" for error in tally.turned_away):
        say(NO_KEY)
        return
    for error in tally.turned_away:
        say(f"  {_why(error)}")
    soonest = min((error.until for error in tally.turned_away if error.until), default=None)
    if soonest:
        say(f"Quota returns at {_local(soonest)}; run the same command again then, and only what is left is asked for.")
    else:
        say("Run `mianjing keys check` and `mianjing models` to see what can be mended, then the same command again.")


def _why(error: RungUnavailable) -> str:
    back = f", back at {_local(error.until)}" if error.until else ""
    keys = ", ".join(dict.fromkeys(f"{one.key} {one.outcome}" for one in error.attempts if one.key))
    return f"{error}{back}{f' ({keys})' if keys else ''}"


def _origins(tally: Tally) -> str:
    parts = [f"{count} by {model}" for model, count in sorted(tally.by_model.items(), key=lambda pair: -pair[1])]
    if tally.by_rules:
        parts.append(f"{tally.by_rules} by rules")
    return ", ".join(parts) or "none"


def _posts(count: int) -> str:
    return f"{count} post{'' if count == 1 else 's'}"


def _local(moment: datetime) -> str:
    return moment.astimezone().strftime("%Y-%m-%d %H:%M")
