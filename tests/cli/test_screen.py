"""On a terminal of any kind: the live lines and the results do not get into each other's way, and nothing crashes."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from contextlib import suppress

import pytest

from agent import settings
from agent.gemini.keystore import stored_keys
from tests.cli.command import COMMAND, environment_with, mianjing, rows, write_jsonl
from tests.twin import fake_key


if sys.platform == "win32":
    pytest.skip("pseudo-terminals are Unix's", allow_module_level=True)

_CONTROL = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]")


def on_a_terminal(*arguments, columns: int = 100, encoding: str = "utf-8", **environment: str) -> tuple[int, str]:
    """Exit status, and all that was written to a terminal that is both standard output and standard error."""
    import pty

    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [part for part in [*COMMAND, *map(str, arguments)] if part not in {"-X", "utf8"}],
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=theirs,
        env=environment_with(
            {"TERM": "xterm-256color", "COLUMNS": str(columns), "PYTHONIOENCODING": encoding, **environment}
        ),
        start_new_session=True,
    )
    os.close(theirs)
    written = b""
    while True:
        try:
            piece = os.read(ours, 65536)
        except OSError:  # Linux's word for its end
            break
        written += piece
        if not piece:
            break
    os.close(ours)
    return process.wait(timeout=60), written.decode(encoding, "replace")


class Terminal:
    """As much of a terminal as the live lines need: what stands in its lines at the end."""

    def __init__(self, columns: int) -> None:
        self.lines, self.row, self.column = [""], 0, 0
        self._columns = columns

    def feed(self, text: str) -> list[str]:
        for token in re.findall(r"\x1b\[[0-9;?]*[a-zA-Z]|[\s\S]", text):
            self._obey(token)
        return [line.rstrip() for line in self.lines]

    def _obey(self, token: str) -> None:
        if token == "\n":
            self.row += 1
            self.lines += [""] * (self.row + 1 - len(self.lines))
        elif token == "\r":
            self.column = 0
        elif token.startswith("\x1b["):
            count = int(re.sub(r"\D", "", token) or 1)
            if token.endswith("A"):
                self.row = max(0, self.row - count)
            elif token.endswith("K"):
                self.lines[self.row] = "" if "2" in token else self.lines[self.row][: self.column]
        else:
            line = self.lines[self.row].ljust(self.column)
            self.lines[self.row] = line[: self.column] + token + line[self.column + 1 :]
            self.column += 1


@pytest.fixture
def slow(twin):
    service = twin(latency=0.7)
    return {
        "GEMINI_API_KEYS": fake_key(1),
        "GOOGLE_GEMINI_BASE_URL": service.url,
        "MIANJING_MODELS": "gemini-2.5-flash",
    }


@pytest.mark.parametrize(
    ("options", "environment"),
    [
        ({}, {}),
        ({"columns": 24}, {}),
        ({"encoding": "gbk"}, {"LC_ALL": "zh_CN.GBK"}),
        ({"encoding": "ascii"}, {}),
    ],
    ids=["usual", "narrow", "cp936", "ascii"],
)
def test_live_lines_make_way_for_the_results_and_are_gone_at_the_end(slow, tmp_path, options, environment):
    file = write_jsonl(tmp_path / "p.jsonl", rows(4))
    status, written = on_a_terminal(
        "extract", file, "--concurrency", "1", "--pack", "1", **options, **slow, **environment
    )
    assert status == 0
    assert "Traceback" not in written
    is_chinese = "LC_ALL" in environment
    assert ("已完成" if is_chinese else "posts done") in _CONTROL.sub("", written)
    lines = Terminal(options.get("columns", 100)).feed(written)
    assert not any("in flight" in line or "━" in line or "在途" in line for line in lines)
    if options.get("encoding") != "ascii":
        heading = "问题 (2)" if is_chinese else "Questions (2)"
        assert lines.count(heading) == 4
        assert sum("LoRA" in line for line in lines) == 4
    assert written.rstrip().endswith("\x1b[?25h") or "\x1b[?25l" in written
    assert written.rindex("\x1b[?25h") > written.rindex("\x1b[?25l")


def test_a_dumb_terminal_gets_plain_lines(slow, tmp_path):
    file = write_jsonl(tmp_path / "p.jsonl", rows(2))
    status, written = on_a_terminal("extract", file, "-o", tmp_path / "x.json", TERM="dumb", **slow)
    assert status == 0
    assert "\x1b[?25l" not in written
    assert "2 posts done" in written


def test_data_for_a_terminal_stays_whole_beside_the_live_lines(slow, tmp_path):
    file = write_jsonl(tmp_path / "p.jsonl", rows(3))
    status, written = on_a_terminal(
        "extract", file, "--format", "jsonl", "--concurrency", "1", "--pack", "1", columns=5_000, **slow
    )
    assert status == 0
    lines = Terminal(5_000).feed(written)
    assert sum(line.startswith('{"schema_version"') and line.endswith("}") for line in lines) == 3


def test_quiet_shows_no_progress_and_no_summary_but_names_what_has_no_result(tmp_path):
    file = write_jsonl(tmp_path / "p.jsonl", [*rows(1), {"id": "x", "text": " "}])
    said = mianjing("extract", file, "--offline", "--quiet")
    assert said.status == 4
    assert said.err.count("\n") == 1
    assert "has no text" in said.err


def test_a_key_that_is_typed_is_not_shown():
    import pty

    ours, theirs = pty.openpty()
    environment = environment_with({"TERM": "xterm-256color"})
    process = subprocess.Popen(
        [*COMMAND, "keys", "add"], stdin=theirs, stdout=theirs, stderr=theirs, env=environment, start_new_session=True
    )
    os.close(theirs)
    written = b""
    with suppress(OSError):  # Linux's word for its end
        while b"not shown" not in written:
            written += os.read(ours, 65536)
        os.write(ours, f"{fake_key(1)}\n".encode())
        while piece := os.read(ours, 65536):
            written += piece
    os.close(ours)
    assert process.wait(timeout=60) == 0
    assert f"…{fake_key(1)[-4:]} is kept" in written.decode()
    assert fake_key(1) not in written.decode()
    assert [key.secret.get_secret_value() for key in stored_keys(settings.home())] == [fake_key(1)]
