"""In a pipe progress is a line where there is news, and no line where there is none."""

from __future__ import annotations

import io

from rich.console import Console

from agent.cli.gauge import Gauge
from agent.cli.progress import _foot, now_and_then
from agent.pipeline.tally import Tally


def test_a_line_is_told_only_where_posts_were_done_since_the_last(capsys):
    tally, seconds = Tally(taken=9, may_grow=False), [0.0]
    tell = now_and_then(Gauge(tally, None, clock=lambda: seconds[0]))
    for done in (0, 8, 8, 8, 8, 9):
        tally.by_model["lite"] = done
        tell()
        seconds[0] += 15
    told = capsys.readouterr().err.splitlines()
    assert [line.partition(" posts")[0] for line in told] == ["0 of 9", "8 of 9", "9 of 9"]


def test_a_bar_is_drawn_once_it_is_known_how_many_posts_there_are():
    def drawn(*, may_grow: bool) -> str:
        out = io.StringIO()
        gauge = Gauge(Tally(taken=9, by_model={"lite": 3}, may_grow=may_grow), None)
        Console(file=out, width=100).print(_foot(gauge.read()))
        return out.getvalue()

    assert drawn(may_grow=True).startswith("3 posts done\n")
    bar, told = drawn(may_grow=False).split("\n")[0].split(" ", 1)
    assert set(bar) <= set("━╸╺")
    assert told.strip().startswith("3 of 9 posts done")
