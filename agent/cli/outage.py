"""Why models could not serve: one report that names every rung, each key by its tail, what happened, and when what is back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime

from agent.cli.moments import clock_time
from agent.errors import RungUnavailable, StateError
from agent.gemini.keys import KeyManager
from agent.gemini.reasons import explain
from agent.language import t, translated
from agent.pipeline.tally import first_back


Backs = Mapping[tuple[str, str], datetime]
"""By key and model: when it serves again."""


def outage_lines(errors: Sequence[RungUnavailable], keys: KeyManager) -> Iterator[str]:
    """The report: for each rung why, with the keys of which that is true."""
    backs = _backs(errors, keys)
    for error in errors:
        outcomes = {one.key: one.outcome for one in error.attempts if one.key}
        if not outcomes or error.reason == "model_not_found":
            yield f"  {error.model}: {_with_back(translated(error.detail or explain(error.reason)), error.reason, error.until)}"
            continue
        tails = defaultdict[str, list[str]](list)
        for tail, outcome in outcomes.items():
            until = backs.get((tail, error.model)) or (error.until if outcome == error.reason else None)
            tails[_with_back(translated(explain(outcome)), outcome, until)].append(tail)
        for why, whose in tails.items():
            yield f"  {error.model}: {why} ({', '.join(whose)})"


def what_next(errors: Sequence[RungUnavailable]) -> str:
    """What the person can do so that models serve what they could not."""
    reasons = {error.reason for error in errors}
    if "max_requests" in reasons:
        return t("No more requests may be sent; run the same command again, and only what is left is asked for.")
    if "budget" in reasons:
        return t("The budget has no room for another request: raise --budget, or name cheaper models by --models.")
    first = first_back(errors)
    if first is None or first.until is None:
        return t(
            "`mianjing keys check` and `mianjing models` show what can be mended; then run the same command again."
        )
    if first.until <= datetime.now(UTC):
        return t("Quota is back; run the same command again, and only what is left is asked for.")
    time = clock_time(first.until, datetime.now(UTC))
    if is_of_quota(first.reason):
        return t(
            "Quota returns at {time}; run the same command again then, and only what is left is asked for.", time=time
        )
    return t("Try the same command again at {time}; only what is left is asked for.", time=time)


def _with_back(why: str, reason: str, until: datetime | None) -> str:
    """A quota is back at its time; of anything else nobody knows, and that is when the next try may go."""
    if until is None:
        return why
    time = clock_time(until, datetime.now(UTC))
    if is_of_quota(reason):
        return t("{why}; back at {time}", why=why, time=time)
    return t("{why}; next try from {time}", why=why, time=time)


def is_of_quota(reason: str) -> bool:
    return reason.startswith("quota")


def _backs(errors: Sequence[RungUnavailable], keys: KeyManager) -> Backs:
    """What the ledger knows; nothing where it cannot be read."""
    try:
        projects = {row.key: row.project for row in keys.list()}
        rows = keys.quotas([error.model for error in errors])
    except StateError:
        return {}
    back = {(row.project, row.model): row.back_at for row in rows}
    found = {
        (tail, error.model): back.get((project, error.model)) for tail, project in projects.items() for error in errors
    }
    return {place: moment for place, moment in found.items() if moment}
