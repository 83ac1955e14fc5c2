"""`mianjing quota` and `mianjing models`: what is used, what is left, when it comes back; which rungs live."""

from __future__ import annotations

from agent.cli.keys import manager, tell_how_to_add
from agent.cli.moments import local_time
from agent.cli.tables import print_json, print_rows, print_table
from agent.cli.tell import tell
from agent.gemini.accounts import QuotaRow
from agent.gemini.reasons import explain
from agent.ladder import ladder
from agent.language import t, translated, words


_STATES = words(live="live", retired="retired", unknown="not known yet")


def show_quota(*, as_json: bool) -> None:
    rows = manager().quotas(_gemini_models(None))
    print_rows(
        rows,
        {
            "project": lambda row: row.project,
            "model": lambda row: row.model,
            "used": lambda row: row.used,
            "limit": _limit,
            "left": lambda row: row.left,
            "back at": lambda row: local_time(row.back_at),
            "why out": lambda row: translated(explain(row.reason)) if row.reason else "",
        },
        as_json=as_json,
        none=tell_how_to_add,
    )
    if rows and not as_json:
        tell("Days end at midnight in Los Angeles. A limit with a ~ is a belief: the service has not told it yet.")


def show_models(models: str | None, base_url: str | None, *, as_json: bool) -> None:
    keys = manager(base_url)
    rows = keys.models(_gemini_models(models))
    if as_json:
        print_json(rows)
        return
    if not keys.list():
        tell_how_to_add()
    print_table(
        rows,
        {
            "model": lambda row: row.model,
            "state": lambda row: t(_STATES.get(row.state, row.state)),
            "left today": lambda row: row.left_today,
            "take instead": lambda row: row.successor,
        },
    )


def _limit(row: QuotaRow) -> str:
    return f"{row.limit}" if row.is_told else f"~{row.limit}"


def _gemini_models(models: str | None) -> list[str]:
    return [name.model for name in ladder(models) if name.is_gemini]
