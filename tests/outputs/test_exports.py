"""What holds of every export: told from the ending, whole or not at all, in little memory, checked before the first record is taken."""

from __future__ import annotations

import io
import os
import stat
import sys
import weakref
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.errors import MissingExtra, UsageError
from agent.outputs import FORMATS, export, format_for, write
from agent.records import Record
from tests.outputs.samples import asked, nasty_record, plain_record


ENDINGS = {
    "json": "json", "jsonl": "jsonl", "csv": "csv", "md": "md", "xlsx": "xlsx", "parquet": "parquet", "apkg": "anki",
    "html": "html", "htm": "html", "JSONL": "jsonl",
}  # fmt: skip
SUFFIX = {name: known.endings[0] for name, known in FORMATS.items()}


@pytest.mark.parametrize(("ending", "name"), ENDINGS.items())
def test_format_is_told_from_the_ending(ending: str, name: str) -> None:
    assert format_for(f"out/bank.{ending}") == name


def test_a_named_format_goes_before_the_ending() -> None:
    assert format_for("bank.txt", "jsonl") == "jsonl"


@pytest.mark.parametrize(
    ("path", "named", "told"), [("x.docx", None, ".apkg"), ("x", None, ".jsonl"), ("x.json", "yaml", "parquet")]
)
def test_an_unknown_format_names_the_known_ones(path: str, named: str | None, told: str) -> None:
    with pytest.raises(UsageError, match=told):
        format_for(path, named)


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("count", [0, 1, 3])
def test_every_format_is_written_and_leaves_nothing_beside_it(tmp_path: Path, name: str, count: int) -> None:
    target = tmp_path / f"out{SUFFIX[name]}"
    export([plain_record(id=str(index), sha256=str(index)) for index in range(count)], target)
    assert names_in(tmp_path) == [target.name]


@pytest.mark.parametrize("name", FORMATS)
def test_the_worst_post_stops_no_format(tmp_path: Path, name: str) -> None:
    export([nasty_record()], tmp_path / f"out{SUFFIX[name]}")


@pytest.mark.parametrize("name", FORMATS)
def test_a_failure_on_the_way_leaves_the_old_file_as_it_was(tmp_path: Path, name: str) -> None:
    target = tmp_path / f"out{SUFFIX[name]}"
    target.write_bytes(b"old")

    def broken() -> Iterator[Record]:
        yield plain_record()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        export(broken(), target)
    assert target.read_bytes() == b"old"
    assert names_in(tmp_path) == [target.name]


@pytest.mark.parametrize("target", ["nowhere/out.json", "."])
def test_an_impossible_target_is_wrong_usage_before_any_record_is_taken(tmp_path: Path, target: str) -> None:
    with pytest.raises(UsageError, match=r"does not exist|is a folder"):
        export(_never(), tmp_path / target, format="json")


@pytest.mark.parametrize(
    ("name", "package"), [("xlsx", "xlsxwriter"), ("parquet", "pyarrow"), ("anki", "genanki"), ("html", "jinja2")]
)
def test_a_missing_package_is_told_before_any_record_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, package: str
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(MissingExtra, match=rf"mianjing\[{name}\]"):
        export(_never(), tmp_path / f"out{SUFFIX[name]}")
    assert names_in(tmp_path) == []


@pytest.mark.parametrize(
    ("name", "held"), [("json", 3), ("jsonl", 3), ("csv", 3), ("md", 3), ("html", 3), ("xlsx", 3), ("parquet", 1002)]
)
def test_records_are_let_go_as_they_are_written(tmp_path: Path, name: str, held: int) -> None:
    alive: weakref.WeakSet[Record] = weakref.WeakSet()
    most = 0

    def many() -> Iterator[Record]:
        nonlocal most
        for index in range(2500):
            record = _Hashable.model_validate(asked("什么是索引", post=str(index)).model_dump())
            alive.add(record)
            most = max(most, len(alive))
            yield record

    export(many(), tmp_path / f"out{SUFFIX[name]}")
    assert most <= held


@pytest.mark.skipif(os.name != "posix", reason="permissions and links are POSIX's")
def test_permissions_and_links_of_the_old_file_stay(tmp_path: Path) -> None:
    real, link = tmp_path / "real.json", tmp_path / "link.json"
    real.write_text("old")
    real.chmod(0o640)
    link.symlink_to(real)
    export([plain_record()], link)
    assert link.is_symlink()
    assert stat.S_IMODE(real.stat().st_mode) == 0o640
    assert real.read_text(encoding="utf-8").startswith("[")


@pytest.mark.skipif(not Path(os.devnull).exists() or os.name != "posix", reason="needs a device file")
def test_a_device_is_written_to_and_stays_a_device() -> None:
    export([plain_record()], os.devnull, format="xlsx")
    assert Path(os.devnull).is_char_device()


@pytest.mark.parametrize("name", [name for name, known in FORMATS.items() if known.is_text])
def test_a_stream_gets_what_the_file_gets(tmp_path: Path, name: str) -> None:
    records, target, raw = [plain_record(), nasty_record()], tmp_path / "file", io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="cp936", newline="\r\n")  # a Chinese Windows console's
    write(records, stream, name)
    stream.flush()
    export(records, target, format=name)
    assert raw.getvalue() == target.read_bytes()


def test_a_binary_format_cannot_go_to_a_text_stream() -> None:
    with pytest.raises(UsageError, match="not text"):
        write(_never(), io.StringIO(), "xlsx")


class _Hashable(Record):
    __hash__ = object.__hash__


def names_in(folder: Path) -> list[str]:
    return [file.name for file in folder.iterdir()]


def _never() -> Iterator[Record]:
    raise AssertionError("a record was taken")
    yield
