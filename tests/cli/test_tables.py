"""`keys`, `quota` and `models` as a person reads them, and as programs do; never a key."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.cli.command import environment_with, mianjing
from tests.twin import fake_key


KEY = fake_key(1)
TAIL = f"…{KEY[-4:]}"


@pytest.fixture
def environment(twin):
    service = twin(projects={"a": [KEY]})
    return {
        "GEMINI_API_KEYS": f"mine={KEY},{fake_key(2)}",
        "GOOGLE_GEMINI_BASE_URL": service.url,
        "MIANJING_MODELS": "gemini-2.5-flash,gemini-1.5-flash,ollama:x",
    }


def test_keys_are_checked_and_then_listed_with_what_was_found(environment):
    checked = mianjing("keys", "check", **environment)
    assert "valid" in checked.out
    assert "key_invalid" in checked.out
    assert "copy it once more" in checked.out
    listed = mianjing("keys", "list", **environment)
    (mine,) = [line for line in listed.out.split("\n") if TAIL in line]
    assert mine.split()[1:3] == ["mine", "GEMINI_API_KEYS"]
    assert KEY not in checked.out + listed.out + checked.err + listed.err


def test_columns_with_nothing_in_them_are_left_out(environment):
    assert "until" not in mianjing("keys", "list", **environment).out
    assert "back at" not in mianjing("quota", **environment).out


def test_models_tell_what_lives_and_what_does_not(environment):
    told = mianjing("models", **environment)
    assert told.status == 0
    assert "gemini-2.5-flash" in told.out
    assert "live" in told.out
    as_json = json.loads(mianjing("models", "--json", **environment).out)
    assert [row["model"] for row in as_json] == ["gemini-2.5-flash", "gemini-1.5-flash"]


def test_without_a_key_each_says_how_to_get_one():
    for command in (["keys", "list"], ["keys", "check"], ["quota"]):
        said = mianjing(*command)
        assert said.status == 0
        assert "https://aistudio.google.com/apikey" in said.err
        assert said.out == ""


def test_a_key_is_kept_from_standard_input_and_forgotten_again():
    kept = mianjing("keys", "add", "--name", "mine", stdin=f"{KEY}\n")
    assert f"{TAIL} is kept" in kept.err
    assert json.loads(mianjing("keys", "list", "--json").out)[0]["project"] == "mine"
    assert "stored keys forgotten: 1" in mianjing("keys", "remove", KEY[-4:]).err
    assert mianjing("keys", "remove", KEY[-4:]).status == 2


def test_a_key_typed_behind_the_command_is_not_kept_and_the_way_to_keep_it_is_told():
    said = mianjing("keys", "add", KEY, "--name", "mine", stdin=f"{KEY}\n")
    assert said.status == 2
    assert "run `mianjing keys add` alone" in said.err
    assert KEY not in said.err
    assert mianjing("keys", "list", "--json").out.strip() == "[]"


@pytest.mark.parametrize(("command", "own"), [([], set()), (["extract"], {"pydantic"})], ids=["all", "extract"])
def test_help_starts_with_nothing_heavy_but_what_typer_brings(command, own):
    code = (
        f"import sys; sys.argv = ['mianjing', *{command}, '--help']\n"
        "from agent.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "heavy = {'rich', 'pydantic', 'asyncio', 'sqlite3', 'yaml', 'httpx', 'langchain_core'}\n"
        "print(*sorted(heavy & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, env=environment_with({}), check=True)
    assert set(done.stderr.decode().split()) <= own
