"""A watch takes files when they have settled, each state of them once, and asks again when quota is back."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from agent import Extractor
from agent.cli.moments import clock_time
from agent.cli.watching import Files, Rounds, Watch
from agent.errors import RungUnavailable
from agent.pipeline.tally import Tally
from tests.cli.command import eventually, mianjing, rows, started, write_jsonl
from tests.cli.test_wanted import wanted
from tests.twin import Quota, fake_key


NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


class Bench:
    """A folder, a clock that sleeping turns, and a record of the rounds."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.now = folder, NOON
        self.rounds: list[set[str]] = []
        self.back: Callable[[], datetime | None] = lambda: None
        files = Files([folder], lambda path: path.name == "out.jsonl")
        self.watch = Watch(files, self.work, now=lambda: self.now, sleep=self.sleep)

    def work(self, due: set[Path]) -> datetime | None:
        self.rounds.append({path.name for path in due})
        return self.back()

    def sleep(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    def step(self, times: int = 1) -> list[set[str]]:
        self.rounds.clear()
        for _ in range(times):
            self.watch.step()
        return list(self.rounds)

    def write(self, name: str, text: str, *, second: int = 0) -> None:
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        os.utime(path, (second, second))


@pytest.fixture
def bench(tmp_path):
    (tmp_path / "posts").mkdir()
    return Bench(tmp_path / "posts")


def test_a_file_is_taken_once_two_looks_have_found_it_the_same(bench):
    bench.write("a.txt", "one")
    assert bench.step() == []
    assert bench.step(5) == [{"a.txt"}]


def test_a_file_that_still_grows_is_left_until_it_has_settled(bench):
    for length in range(1, 4):
        bench.write("a.txt", "x" * length, second=length)
        assert bench.step() == []
    assert bench.step() == [{"a.txt"}]


def test_a_changed_file_is_taken_again_and_a_new_one_beside_it_alone(bench):
    bench.write("a.txt", "one")
    bench.step(2)
    bench.write("a.txt", "two", second=9)
    bench.write("b.txt", "new")
    assert bench.step(3) == [{"a.txt", "b.txt"}]
    bench.write("c.txt", "new")
    assert bench.step(3) == [{"c.txt"}]


def test_a_file_that_goes_away_is_forgotten(bench):
    bench.write("a.txt", "one")
    bench.step()
    (bench.folder / "a.txt").unlink()
    assert bench.step(3) == []
    assert bench.watch.files.taken == set()


def test_the_output_is_no_input(bench):
    bench.write("out.jsonl", "{}")
    assert bench.step(3) == []


def test_the_output_is_no_input_where_it_is_named_as_one_either(tmp_path):
    (tmp_path / "a.txt").touch()
    (tmp_path / "out.jsonl").touch()
    files = Files([tmp_path / "out.jsonl", tmp_path / "a.txt"], lambda path: path.name == "out.jsonl")
    files.look()
    assert {path.name for path in files.look()} == {"a.txt"}


def test_what_waits_for_quota_is_done_again_when_it_is_back_and_not_before(bench):
    back = NOON + timedelta(minutes=10)
    bench.back = lambda: back if bench.now < back else None
    bench.write("a.txt", "one")
    assert bench.step(10) == [{"a.txt"}]
    bench.write("b.txt", "new")
    assert bench.step(10) == [{"b.txt"}]
    assert bench.step(400) == [{"a.txt", "b.txt"}]


@pytest.mark.parametrize(
    ("reason", "until", "is_due"),
    [
        *(("quota_day", NOON, True), ("unreachable", NOON, True), ("redirected", None, True), ("timeout", None, True)),
        *(("no_key", None, False), ("max_requests", None, False), ("budget", None, False)),
    ],
)
def test_what_no_model_could_serve_is_asked_for_again_unless_nothing_can_change_that(reason, until, is_due):
    tally = Tally(by_rules=1, turned_away=(RungUnavailable("m", reason, until=until),))
    back = Rounds._back(tally)
    assert (back is not None) is is_due
    if until:
        assert back == until
    assert Rounds._back(Tally(by_rules=1, refused=1)) is None


def test_it_tells_when_posts_that_no_model_could_serve_are_asked_for_again(twin, tmp_path):
    service = twin()
    service.script["*"] = "redirect"
    file = write_jsonl(tmp_path / "a.jsonl", rows(2))
    environment = {"GEMINI_API_KEYS": fake_key(1), "GOOGLE_GEMINI_BASE_URL": service.url}
    target = tmp_path / "out.jsonl"
    with started("extract", "--watch", file, "-o", target, "--models", "gemini-2.5-flash", **environment) as going:
        told = next(line for line in going.process.stderr if b"asked for again" in line)
        going.end(signal.SIGINT)
    assert told.startswith(b"no model could serve 2 posts now; asked for again at ")


def test_it_tells_when_the_quota_that_posts_wait_for_is_back(twin, tmp_path, capsys):
    service = twin(quotas=Quota(rpd=1))
    file = write_jsonl(tmp_path / "a.jsonl", rows(2))
    files = Files([file], lambda _: False)
    files.look()
    options = {"models": ["gemini-2.5-flash"], "keys": list(service.keys), "base_url": service.url}
    with Extractor(**options, pack=1, patience=0) as extractor:
        back = Rounds(wanted(inputs=[str(file)], output=tmp_path / "out.jsonl"), extractor, files)(files.look())
    assert f"waiting for quota, back at {clock_time(back, datetime.now(UTC))}: 1 post\n" in capsys.readouterr().err


def test_it_goes_on_until_ctrl_c_and_the_file_is_whole_after_each_round(twin, tmp_path):
    service = twin()
    posts = tmp_path / "posts"
    posts.mkdir()
    write_jsonl(posts / "a.jsonl", rows(2))
    target = posts / "out.jsonl"
    environment = {"GEMINI_API_KEYS": fake_key(1), "GOOGLE_GEMINI_BASE_URL": service.url}
    command = ("extract", "--watch", posts, "-o", target, "--models", "gemini-2.5-flash")
    with started(*command, **environment) as going:
        eventually(target.exists)
        write_jsonl(posts / "b.jsonl", rows(3)[2:])
        assert any(b"3 posts done" in line for line in going.process.stderr)
        assert len(target.read_text(encoding="utf-8").splitlines()) == 3
        said = going.end(signal.SIGINT)
    assert said.status == 130
    assert "the watch is over" in said.err
    assert len(service.generated) <= 3


def test_a_stream_gets_each_new_post_once(tmp_path):
    file = write_jsonl(tmp_path / "a.jsonl", rows(2))
    with started("extract", "--watch", tmp_path / "a.jsonl", "--offline", "-q") as going:
        lines = [json.loads(going.process.stdout.readline()) for _ in range(2)]
        write_jsonl(file, rows(3))
        lines.append(json.loads(going.process.stdout.readline()))
        said = going.end(signal.SIGINT)
    assert said.status == 130
    assert said.out == ""
    assert [line["post"]["id"] for line in lines] == ["0", "1", "2"]


@pytest.mark.parametrize(
    ("given", "told"), [("-", "standard input cannot be watched"), ("absent", "there is no absent")]
)
def test_what_cannot_be_watched_is_told(given, told):
    said = mianjing("extract", "--watch", given, "--offline")
    assert said.status == 2
    assert told in said.err
