"""Moments and spans of time as the clock on the wall here shows them. It reads no clock: moments are handed in."""

from __future__ import annotations

from datetime import datetime

from agent.language import t


_SOON = 600.0


def local_time(moment: datetime | None) -> str:
    """Date and time; empty for none."""
    return moment.astimezone().strftime("%Y-%m-%d %H:%M") if moment else ""


def clock_time(moment: datetime, now: datetime) -> str:
    """The time alone where it is today, with seconds where it is soon; both moments are aware."""
    here, there = now.astimezone(), moment.astimezone()
    if here.date() != there.date():
        return local_time(moment)
    return there.strftime("%H:%M:%S" if (there - here).total_seconds() < _SOON else "%H:%M")


def span(seconds: float) -> str:
    """About how long. Examples: `40 s`, `12 min`, `3 h 05 min`."""
    whole = round(seconds)
    if whole < 100:
        return t("{seconds} s", seconds=whole)
    minutes = round(whole / 60)
    if minutes < 100:
        return t("{minutes} min", minutes=minutes)
    return t("{hours} h {minutes:02} min", hours=minutes // 60, minutes=minutes % 60)
