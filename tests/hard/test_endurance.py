"""A short piece of the soak in `benchmarks/soak.py`: 1,500 posts over some days, with faults, dying keys and retiring models."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.soak import KEPT_OPEN, Soak


@pytest.mark.slow
def test_nothing_is_lost_nothing_grows_and_the_ledger_agrees_to_the_request(tmp_path: Path) -> None:
    pytest.importorskip("psutil", reason="psutil tells what a process holds")
    soak = Soak(tmp_path, posts=500)
    first, *_, last = soak.run(3)
    assert (soak.lost, soak.ungrounded) == (0, 0)
    assert (first.apart, last.apart) == (0, 0)
    assert soak.answered.total() == 1_500
    assert soak.answered["rules"] < 150
    assert len(soak.weather.dead) > 4
    assert last.memory < 1.25 * first.memory
    assert last.descriptors <= first.descriptors + KEPT_OPEN
