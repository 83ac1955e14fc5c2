"""In a pipe progress is a line where there is news, and no line where there is none."""

from __future__ import annotations

from agent.cli.gauge import Gauge
from agent.cli.progress import now_and_then
from agent.pipeline.tally import Tally


def test_a_line_is_told_only_where_posts_were_done_since_the_last(capsys):
    tally, seconds = Tally(taken=9, more=False), [0.0]
    tell = now_and_then(Gauge(tally, None, clock=lambda: seconds[0]))
    for done in (0, 8, 8, 8, 8, 9):
        tally.by_model["lite"] = done
        tell()
        seconds[0] += 15
    told = capsys.readouterr().err.splitlines()
    assert [line.partition(" posts")[0] for line in told] == ["0 of 9", "8 of 9", "9 of 9"]
