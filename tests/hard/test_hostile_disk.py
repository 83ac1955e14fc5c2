"""A disk that is full, closed, damaged or another program's: a clear message, finished work kept, and never a wrong "done"."""

from __future__ import annotations

import json
import random
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from pathlib import Path

import pytest

from agent import Extractor, KeyManager, Post
from agent.errors import StateError
from agent.outputs.exports import FORMATS
from tests.cli.command import rows, write_jsonl
from tests.gemini.bench import NOON
from tests.hard.confined import Ran, confined, contents
from tests.hard.sampling import one_in
from tests.twin import Quota, Twin, VirtualClock, fake_key


LEDGER, RESULTS = "ledger.sqlite3", "results.sqlite3"
COUNT = 5


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return write_jsonl(tmp_path / "posts.jsonl", rows(COUNT))


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def service(twin: Callable[..., Twin]) -> Twin:
    return twin(projects={"a": [fake_key(1)]})


def asked(service: Twin, *arguments: str | Path, **limits: object) -> Ran:
    """`extract` with a key, one post in each request."""
    environment = {"GEMINI_API_KEYS": fake_key(1), "GOOGLE_GEMINI_BASE_URL": service.url}
    command = ("extract", "--models", "gemini-2.5-flash", "--pack", "1", "--concurrency", "1", "--patience", "0")
    return confined(*command, *arguments, **environment, **limits)  # type: ignore[arg-type]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk with room for next to nothing."""
    folder = tmp_path / "small"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=96k", "none", str(folder)]
    if not shutil.which("mount") or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("a disk cannot be mounted here; the tests of a largest file hold in its place")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.parametrize("form", one_in(4, FORMATS))
def test_where_no_more_can_be_written_the_old_file_stays_whole(tmp_path, form):
    """Every format, on a disk that takes 4,000 bytes of a file."""
    posts = write_jsonl(tmp_path / "posts.jsonl", rows(400))
    out = tmp_path / "out" / f"bank{FORMATS[form].endings[0]}"
    out.parent.mkdir()
    out.write_bytes(b"the old one")
    ran = confined("extract", posts, "--offline", "-o", out, largest_file=4_000, TMPDIR=str(tmp_path))
    assert ran.status == 4
    assert "done" not in ran.err
    assert "what was finished is kept" in ran.err or "cannot" in ran.err
    assert out.read_bytes() == b"the old one"
    assert contents(out.parent) == [out.name]


def test_a_full_disk_under_the_output_is_told_and_leaves_the_old_file_whole(small_disk):
    posts = write_jsonl(small_disk.parent / "posts.jsonl", rows(400))
    (small_disk / "bank.jsonl").write_bytes(b"the old one")
    ran = confined("extract", posts, "--offline", "-o", small_disk / "bank.jsonl")
    assert ran.status == 4
    assert "No space left" in ran.err
    assert "done" not in ran.err
    assert (small_disk / "bank.jsonl").read_bytes() == b"the old one"
    assert contents(small_disk) == ["bank.jsonl"]


def check_goes_on(service: Twin, file: Path, ran: Ran) -> None:
    """After a run that the disk broke off: told, nothing claimed, and the next run asks for what is not kept alone."""
    assert ran.status == 4
    assert "done" not in ran.err
    before = len(service.generated)
    kept = len(ran.out.splitlines())
    assert 0 < kept < COUNT
    again = asked(service, file)
    assert again.status == 0, again.err
    assert len(again.out.splitlines()) == COUNT
    assert len(service.generated) - before <= COUNT - kept
    assert asked(service, file, "--offline").status == 0
    assert len(service.generated) - before <= COUNT - kept


@pytest.mark.slow
def test_a_full_disk_under_the_state_keeps_what_was_finished(service, file, small_disk):
    """What came is kept or not told: the same command goes on where the disk was full."""
    home = small_disk / "home"
    ran = asked(service, file, MIANJING_HOME=str(home))
    assert ran.status == 4
    assert "done" not in ran.err
    assert "MIANJING_HOME" in ran.err or "kept" in ran.err
    assert len(ran.out.splitlines()) < COUNT


@pytest.mark.slow
def test_a_state_file_that_cannot_grow_keeps_what_was_finished(service, file, home):
    assert asked(service, write_jsonl(file.with_name("one.jsonl"), rows(1))).status == 0  # both files are made
    largest = max(
        (home / f"{RESULTS}-wal").stat().st_size if (home / f"{RESULTS}-wal").exists() else 0,
        (home / RESULTS).stat().st_size,
        (home / LEDGER).stat().st_size,
    )
    ran = asked(service, file, "--fresh", largest_file=largest + 40_000)
    check_goes_on(service, file, ran)


def test_a_folder_that_may_only_be_read_is_told(service, file, home, tmp_path):
    (tmp_path / "closed").mkdir(mode=0o500)
    ran = asked(service, file, MIANJING_HOME=str(tmp_path / "closed"))
    assert ran.status == 4
    assert "MIANJING_HOME" in ran.err
    assert ran.out == b""
    ran = confined("extract", file, "--offline", "-o", tmp_path / "closed" / "x.csv")
    assert (ran.status, ran.out) == (2, b"")
    assert "cannot write in" in ran.err
    ran = confined("keys", "add", stdin=fake_key(3).encode(), MIANJING_HOME=str(tmp_path / "closed"))
    assert ran.status == 4
    assert contents(tmp_path / "closed") == []


@pytest.mark.slow
def test_state_files_that_may_only_be_read_are_told(service, file, home):
    asked(service, file)
    for path in home.iterdir():
        path.chmod(0o400)
    home.chmod(0o500)
    ran = asked(service, file, "--fresh")
    home.chmod(0o700)
    assert ran.status == 4
    assert "MIANJING_HOME" in ran.err
    assert len(service.generated) == COUNT


def test_rules_alone_need_no_state(file, tmp_path):
    (tmp_path / "closed").mkdir(mode=0)
    assert confined("extract", file, "--offline", MIANJING_HOME=str(tmp_path / "closed" / "home")).status == 0


DAMAGE: dict[str, Callable[[bytes], bytes]] = {
    "garbage": lambda data: b"\x00\xffgarbage" * 500,
    "a text": lambda data: b"{}\n",
    "cut in half": lambda data: data[: len(data) // 2 // 4096 * 4096 + 100],
    "overwritten inside": lambda data: data[:4096] + b"\xa5" * (len(data) - 4096),
    "its head overwritten": lambda data: b"SQLite format 3\0" + b"\xff" * 84 + data[100:],
    "its schema overwritten": lambda data: data[:100] + b"\xff" * 3996 + data[4096:],
}


@pytest.fixture
def run(service: Twin, home: Path) -> Callable[..., list[str]]:
    """One run by a new extractor, as a new program would make it; the origins of its records."""

    def once(**options: object) -> list[str]:
        keys = KeyManager([fake_key(1)], home=home, base_url=service.url)
        with Extractor(
            models="gemini-2.5-flash", keys=keys, base_url=service.url, home=home, pack=1, patience=0, **options
        ) as extractor:
            posts = [Post(text=str(one["text"]), id=str(one["id"])) for one in rows(COUNT)]
            return [record.provenance.origin for record in extractor.stream(posts)]

    return once


def checkpointed(path: Path, *statements: str) -> bytes:
    """A state file's bytes after some statements, all of it in the file itself."""
    with closing(sqlite3.connect(path)) as database:
        for statement in statements:
            database.execute(statement)
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path.read_bytes()


def aside(home: Path, name: str) -> list[Path]:
    return [one for one in home.glob(f"{name}.unusable-*") if not one.name.endswith(("-wal", "-shm"))]


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
@pytest.mark.parametrize("name", [LEDGER, RESULTS])
def test_a_damaged_state_file_is_set_aside_and_told_and_all_is_done(run, service, home, caplog, name, damage):
    """A run may have to end where the damage is met half-way; the next one is well, and asks what was lost anew."""
    run()
    damaged = damage(checkpointed(home / name))
    (home / name).write_bytes(damaged)
    with suppress(StateError):
        assert "rules" not in run(fresh=name == LEDGER)
    (one,) = aside(home, name)
    assert one.read_bytes()[4096:] == damaged[4096:]
    assert f"It was set aside as {one.name}" in caplog.text
    caplog.clear()
    assert run() == ["model"] * COUNT
    assert "set aside" not in caplog.text
    assert len(service.generated) <= 2 * COUNT


def test_what_a_damaged_file_left_beside_it_does_not_get_into_the_new_one(run, service, home):
    """SQLite would take the old file's log for the new one's."""
    run()
    (home / f"{RESULTS}-wal").write_bytes(random.Random(1).randbytes(50_000))
    (home / RESULTS).write_bytes(b"garbage" * 1_000)
    assert run() == ["model"] * COUNT
    assert len(list(home.glob(f"{RESULTS}.unusable-*"))) >= 2
    assert run() == ["model"] * COUNT
    assert len(service.generated) == 2 * COUNT


def test_a_ledger_of_a_newer_version_is_set_aside_as_it_is(run, home, caplog):
    run()
    before = checkpointed(home / LEDGER, "CREATE TABLE of_the_future (x)", "PRAGMA user_version = 999")
    run(fresh=True)
    assert "newer version (999)" in caplog.text
    assert [one.read_bytes() for one in aside(home, LEDGER)] == [before]


def test_results_of_a_newer_version_are_left_alone_while_it_runs(run, service, home):
    """The older one does not claim to have kept its own there, and sends nothing that it could not keep."""
    run()
    checkpointed(home / RESULTS, "CREATE TABLE of_the_future (x)", "PRAGMA user_version = 999")
    with closing(sqlite3.connect(home / RESULTS)) as newer:
        with pytest.raises(StateError, match="newer mianjing; upgrade, or name another folder by MIANJING_HOME"):
            run(fresh=True)
        assert newer.execute("SELECT count(*) FROM results").fetchone() == (COUNT,)
    assert aside(home, RESULTS) == []
    assert len(service.generated) == COUNT


@pytest.mark.parametrize(
    ("command", "content"),
    [
        (("keys", "list"), b""),
        (("keys", "add"), b'{"keys": 7}'),
        (("extract", "-"), b"\xff\xfe"),
        (("quota",), b"[" * 100_000),
    ],
    ids=["empty", "a number", "no text", "deep"],
)
def test_a_damaged_file_of_keys_is_told_and_not_touched(home, command, content):
    home.mkdir()
    (home / "keys.json").write_bytes(content)
    ran = confined(*command, stdin=fake_key(1).encode())
    assert ran.status == 4
    assert "keys.json" in ran.err
    assert (home / "keys.json").read_bytes() == content


@pytest.mark.slow
def test_two_at_once_on_one_state_and_one_output_each_do_all(service, file, home, tmp_path):
    with ThreadPoolExecutor(3) as pool:
        runs = [pool.submit(asked, service, file, "-o", tmp_path / "out.jsonl") for _ in range(3)]
    assert [run.result().status for run in runs] == [0, 0, 0]
    assert len((tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines()) == COUNT
    assert [name for name in contents(tmp_path) if "part" in name or "unusable" in name] == []
    before = len(service.generated)
    assert before <= 3 * COUNT
    assert asked(service, file).status == 0
    assert len(service.generated) == before


def test_a_clock_set_back_by_a_day_makes_nothing_of_what_was_learnt(twin, tmp_path):
    """What was finished stays so; a quota known to be used up is not asked for again before it is back."""
    clock = VirtualClock(NOON)
    service = twin(projects={"a": [fake_key(1)]}, quotas=Quota(rpd=3), clock=clock)
    ours = VirtualClock(NOON)
    keys = KeyManager([fake_key(1)], home=tmp_path / "home", base_url=service.url, clock=ours)
    posts = [Post(text=one["text"], id=str(one["id"])) for one in rows(6)]
    options = {
        "models": "gemini-2.5-flash",
        "keys": keys,
        "base_url": service.url,
        "home": tmp_path / "home",
        "pack": 1,
    }
    with Extractor(**options, patience=0) as extractor:
        first = extractor.collect(posts)
        sent = len(service.generated)
        ours.advance(days=-1)
        second = extractor.collect(posts)
    assert [one.provenance.origin for one in first].count("rules") == 3
    assert [one.provenance.origin for one in second] == [one.provenance.origin for one in first]
    assert len(service.generated) <= sent + 1


IMPOSSIBLE = {
    "a folder": ("there/", "is a folder"),
    "a missing folder": ("gone/x.csv", "does not exist"),
    "below a file": ("file/x.csv", "does not exist"),
    "no name": (".csv", "cannot tell the format"),
    "a name too long": ("x" * 300 + ".csv", "too long"),
}


@pytest.mark.parametrize(
    ("command", "out", "said"),
    [("extract", *case) for case in IMPOSSIBLE.values()]
    + [("bank", "gone/x.md", "does not exist"), ("report", "there/", "is a folder")],
    ids=[*IMPOSSIBLE, "of a bank", "of a report"],
)
def test_an_impossible_output_is_told_before_the_work(tmp_path, file, command, out, said):
    (tmp_path / "there").mkdir()
    (tmp_path / "file").touch()
    record = Extractor(offline=True).extract("1. 什么是 LoRA？")
    (tmp_path / "records.jsonl").write_text(record.to_json() + "\n", encoding="utf-8")
    given = ["extract", file, "--offline"] if command == "extract" else [command, tmp_path / "records.jsonl"]
    before = contents(tmp_path)
    ran = confined(*given, "-o", f"{tmp_path}/{out}")
    assert ran.status in {2, 4}
    assert said in ran.err or "cannot tell the format" in ran.err
    assert contents(tmp_path) == before


def test_an_output_that_another_holds_fast_is_told_and_left(tmp_path, file):
    """A file that something is mounted on cannot be replaced, as one that a program has locked on Windows cannot."""
    (tmp_path / "x.csv").write_bytes(b"held")
    (tmp_path / "other").write_bytes(b"held")
    mount = ["mount", "--bind", str(tmp_path / "other"), str(tmp_path / "x.csv")]
    if not shutil.which("mount") or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("nothing can be mounted here")
    try:
        ran = confined("extract", file, "--offline", "-o", tmp_path / "x.csv")
        assert ran.status == 4
        assert "x.csv" in ran.err
        assert "done" not in ran.err
        assert (tmp_path / "x.csv").read_bytes() == b"held"
        assert [name for name in contents(tmp_path) if name.endswith(".part")] == []
    finally:
        subprocess.run(["umount", str(tmp_path / "x.csv")], check=True)


@pytest.mark.slow
def test_the_log_of_a_broken_disk_is_json_where_that_is_asked_for(service, file, home):
    asked(service, file)
    (home / RESULTS).write_bytes(b"garbage" * 1_000)
    ran = asked(service, file, "--log-json")
    told = [json.loads(line) for line in ran.err.splitlines()]
    assert [one["level"] for one in told if "set aside" in one["message"]] == ["warning"]
