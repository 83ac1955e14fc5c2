"""Runs the real command in a process of its own, as a user would."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from agent.records import Record


@dataclass(frozen=True)
class Said:
    status: int
    out: str
    err: str

    @property
    def records(self) -> list[Record]:
        return [Record.from_json(line) for line in self.out.split("\n") if line]


def mianjing(*arguments: str | Path, stdin: bytes | str = b"", **environment: str) -> Said:
    """The command's exit status and what it said; fails where it shows a traceback."""
    done = subprocess.run(
        [sys.executable, "-X", "utf8", "-c", "from agent.cli import main; main()", *map(str, arguments)],
        input=stdin.encode() if isinstance(stdin, str) else stdin,
        capture_output=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), **environment},
        timeout=120,
        check=False,
    )
    said = Said(done.returncode, done.stdout.decode(), done.stderr.decode())
    assert "Traceback" not in said.err, said.err
    return said


def write_jsonl(path: Path, rows: list[dict[str, object]]) -> Path:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path
