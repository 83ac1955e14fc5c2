"""What is installed is pinned, runs no code while it is installed, needs no extra to begin with, and speaks to any console."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from agent import Extractor, Post, export
from tests.cli.command import rows, write_jsonl
from tests.hard.confined import confined
from tests.hard.posts import ESCAPES, row
from tests.hard.sampling import one_in
from tests.twin import fake_key


ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PINNED = dict(
    line.split("==")
    for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    if line.strip() and not line.startswith("#")
)
# Ray is heavy and optional; its version is its cluster's.
FREE = {"ray", "mianjing"}


def named(requirement: str) -> str:
    found = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert found
    return re.sub(r"[-_.]+", "-", found[0]).lower()


def test_every_dependency_and_extra_is_pinned_to_one_version():
    assert all(re.fullmatch(r"[0-9][^\s,<>=*]*", version) for version in PINNED.values())
    extras = PROJECT["project"]["optional-dependencies"].values()
    wanted = [*PROJECT["project"]["dependencies"], *(one for extra in extras for one in extra)]
    pinned = {named(name) for name in PINNED}
    assert {named(one) for one in wanted} - pinned - FREE == set()


def test_whatever_installs_here_installs_what_is_pinned():
    for name in ("Makefile", ".ci/run"):
        for line in (ROOT / name).read_text(encoding="utf-8").split("\n"):
            if "pip install" in line and "venv" not in line:
                assert "-c constraints.txt" in line, line


def test_no_code_of_ours_runs_while_it_is_installed():
    """A wheel is unpacked; what builds it has no hook, and no `setup.py` is there to be run."""
    assert PROJECT["build-system"]["build-backend"] == "hatchling.build"
    assert [one for one in PROJECT["build-system"]["requires"] if named(one) != "hatchling"] == []
    assert "hooks" not in str(PROJECT["tool"]["hatch"])
    assert not [name for name in ("setup.py", "setup.cfg", "hatch_build.py") if (ROOT / name).exists()]


BASE_ONLY = """
import sys
extras = {"xlsxwriter", "openpyxl", "pyarrow", "genanki", "jinja2", "PIL", "onnxruntime", "rapidocr", "mcp", "pandas", "ray", "genai_prices"}
class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in extras:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Absent())
from agent.cli import main
main()
"""


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (("extract", "posts.jsonl", "--offline"), 0, "2 posts done"),
        (("extract", "posts.jsonl", "--offline", "-o", "x.csv"), 0, "written to x.csv"),
        (("extract", "posts.jsonl", "--offline", "-o", "x.xlsx"), 2, "mianjing[xlsx]"),
        (("extract", "posts.jsonl", "--offline", "-o", "x.parquet"), 2, "mianjing[parquet]"),
        (("extract", "posts.jsonl", "--offline", "-o", "x.apkg"), 2, "mianjing[anki]"),
        (("extract", "posts.jsonl", "--offline", "-o", "x.html"), 2, "mianjing[html]"),
        (("mcp",), 2, "mianjing[mcp]"),
    ],
    ids=["extract", "csv", "xlsx", "parquet", "anki", "html", "mcp"],
)
def test_without_any_extra_it_works_and_names_the_one_that_is_missing(tmp_path, arguments, status, said):
    write_jsonl(tmp_path / "posts.jsonl", rows(2))
    ran = confined(*arguments, command=[sys.executable, "-X", "utf8", "-c", BASE_ONLY])
    assert (ran.status, said in ran.err) == (status, True), ran.err


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Posts that no narrow console can show, their records, a bank's worth of labels."""
    folder = tmp_path_factory.mktemp("shelf")
    text = f"面经😀 ﷽ \ud800 한 ✓ {ESCAPES}\n1. 什么是 LoRA？€ ß\n"
    (folder / "posts.jsonl").write_text(row(text, id="😀", title="题✓") + row("", id="空"), encoding="utf-8")
    export([Extractor(offline=True).extract(Post(text=text, id="😀", title="题✓"))], folder / "records.jsonl")
    (folder / "gold.jsonl").write_text(row(text, id="😀"), encoding="utf-8")
    return folder


SPOKEN = {
    "help": ("--help",),
    "extract": ("extract", "posts.jsonl", "--offline"),
    "markdown": ("extract", "posts.jsonl", "--offline", "--format", "md"),
    "dry run": ("extract", "posts.jsonl", "--offline", "--dry-run"),
    "bank": ("bank", "records.jsonl"),
    "report": ("report", "records.jsonl"),
    "eval": ("eval", "gold.jsonl", "--offline", "--list"),
    "schema": ("schema",),
    "keys": ("keys", "list"),
    "quota": ("quota",),
    "forget": ("forget", "posts.jsonl"),
    "batch": ("batch", "list"),
    "wrong": ("extract", "没有😀.txt", "--offline", "--lang", "zh"),
}


@pytest.mark.parametrize(
    ("encoding", "lang"),
    [
        ("cp936", "zh"),
        pytest.param("ascii", "zh", marks=pytest.mark.slow),
        pytest.param("cp1252", "en", marks=pytest.mark.slow),
    ],
)
@pytest.mark.parametrize("command", one_in(3, SPOKEN.values()), ids=SPOKEN)
def test_no_console_is_too_narrow(shelf, monkeypatch, command, encoding, lang):
    """Each command ends as it would, in what the console has of characters; data is UTF-8 all the same."""
    monkeypatch.chdir(shelf)
    local = {"LC_ALL": "C", "LANG": "zh_CN.GBK" if lang == "zh" else "C", "GEMINI_API_KEYS": fake_key(1)}
    ran = confined(*command, encoding=encoding, command=[sys.executable, "-X", "utf8=0", *COMMAND_AFTER_X], **local)
    assert ran.status in {0, 2, 4}
    assert ran.out or ran.err
    if "--format" in command or command[0] in {"bank", "report"}:
        assert "什么是 LoRA" in ran.out.decode("utf-8")


COMMAND_AFTER_X = ["-c", "from agent.cli import main; main()"]


def pythons() -> list[str]:
    """Newer Pythons at hand."""
    found = []
    for name in ("3.12", "3.13", "3.14"):
        for command in (f"python{name}", *map(str, Path.home().glob(f".pyenv/versions/{name}.*/bin/python"))):
            try:
                done = subprocess.run([command, "-c", "import venv, ensurepip"], capture_output=True, check=False)
            except OSError:
                continue
            if not done.returncode:
                found.append(command)
                break
    return found


@pytest.mark.slow
@pytest.mark.parametrize(
    "python", [sys.executable, *pythons()[-1:]], ids=lambda path: Path(path).parent.parent.name + Path(path).name
)
def test_the_wheel_installs_in_a_clean_environment_with_what_is_pinned(tmp_path, python):
    """Nothing but the wheel and its base dependencies; then it extracts, and says what an extra is needed for."""
    built = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(tmp_path), str(ROOT)]
    subprocess.run(built, check=True, cwd=tmp_path)
    (wheel,) = tmp_path.glob("*.whl")
    subprocess.run([python, "-m", "venv", str(tmp_path / "venv")], check=True)
    binaries = tmp_path / "venv/bin"
    install = [
        str(binaries / "python"),
        "-m",
        "pip",
        "install",
        "--quiet",
        "--only-binary",
        ":all:",
        "-c",
        str(ROOT / "constraints.txt"),
    ]
    done = subprocess.run([*install, str(wheel)], capture_output=True, text=True, check=False)
    if done.returncode and ("connection" in done.stderr.lower() or "No matching distribution" in done.stderr):
        pytest.skip(f"packages cannot be had here: {done.stderr.strip().splitlines()[-1]}")
    assert done.returncode == 0, done.stderr
    command = [str(binaries / "mianjing")]
    ran = confined("extract", "-", "--offline", stdin="1. 什么是 LoRA？".encode(), command=command, PYTHONPATH="")
    assert (ran.status, b"LoRA" in ran.out) == (0, True), ran.err
    ran = confined("extract", "-", "--offline", "-o", "x.xlsx", stdin=b"1. A?", command=command, PYTHONPATH="")
    assert (ran.status, "mianjing[xlsx]" in ran.err) == (2, True)
    ran = confined("extract", "-", "--patience", "0", stdin=b"1. A?", command=command, PYTHONPATH="")
    assert (ran.status, "No Gemini key is set" in ran.err) == (3, True)
