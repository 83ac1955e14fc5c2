"""`mianjing quota` and `mianjing models`: what is used, what is left, when it comes back; which rungs live."""

from __future__ import annotations

from agent.cli.keys import HOW_TO_ADD, manager
from agent.cli.tables import local_time, print_json, print_table
from agent.cli.tell import say
from agent.gemini.accounts import QuotaRow
from agent.ladder import ladder


def show_quota(*, as_json: bool) -> None:
    rows = manager().status(_gemini_models(None))
    if as_json:
        print_json(rows)
    elif not rows:
        say(HOW_TO_ADD)
    else:
        print_table(
            rows,
            {
                "project": lambda row: row.project,
                "model": lambda row: row.model,
                "used": lambda row: row.used,
                "limit": _limit,
                "left": lambda row: row.left,
                "back at": lambda row: local_time(row.back_at),
                "why out": lambda row: row.reason,
            },
        )
        say("Days end at midnight in Los Angeles. A limit with a ~ is a belief: the service has not told it yet.")


def show_models(models: str | None, base_url: str | None, *, as_json: bool) -> None:
    rows = manager(base_url).models(_gemini_models(models))
    if as_json:
        print_json(rows)
        return
    print_table(
        rows,
        {
            "model": lambda row: row.model,
            "state": lambda row: row.state,
            "left today": lambda row: row.left_today,
            "take instead": lambda row: row.successor,
        },
    )


def _limit(row: QuotaRow) -> str:
    return f"{row.limit}" if row.is_told else f"~{row.limit}"


def _gemini_models(models: str | None) -> list[str]:
    return [name.model for name in ladder(models) if name.is_gemini]
