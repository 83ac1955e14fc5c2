"""What was read in a picture is remembered by its digest; a memory that cannot be used costs time, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.pictures import memory


pytest.importorskip("rapidocr", reason="RapidOCR is not installed: pip install '.[ocr]'")


def test_it_remembers_for_the_next_run(tmp_path: Path):
    memory.Memory(tmp_path).keep("a" * 64, "一行\n二行")
    assert memory.Memory(tmp_path).text("a" * 64) == "一行\n二行"
    assert memory.Memory(tmp_path).text("b" * 64) is None


def test_nothing_read_is_remembered_too(tmp_path: Path):
    memory.Memory(tmp_path).keep("a" * 64, "")
    assert memory.Memory(tmp_path).text("a" * 64) == ""


def test_it_can_be_told_to_forget(tmp_path: Path):
    memory.Memory(tmp_path).keep("a" * 64, "一行")
    memory.forget(tmp_path)
    assert memory.Memory(tmp_path).text("a" * 64) is None


def test_a_damaged_file_or_no_folder_is_no_memory(tmp_path: Path):
    (tmp_path / "pictures.sqlite3").write_bytes(b"no database" * 100)
    (tmp_path / "file").touch()
    for home in (tmp_path, tmp_path / "file"):
        damaged = memory.Memory(home)
        damaged.keep("a" * 64, "一行")
        assert damaged.text("a" * 64) is None
