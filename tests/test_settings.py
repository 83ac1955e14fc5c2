"""What the environment says, and the `.env` file that adds to it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from agent import settings


@pytest.fixture
def unset(monkeypatch: pytest.MonkeyPatch) -> tuple[str, str]:
    """Two variables that are not set, nor afterwards."""
    for name in ("MIANJING_ONE", "MIANJING_TWO"):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    return "MIANJING_ONE", "MIANJING_TWO"


def test_the_nearest_env_file_adds_to_the_environment_and_what_is_set_stays(
    unset: tuple[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = unset
    (tmp_path / "a/b").mkdir(parents=True)
    (tmp_path / ".env").write_text(f"{one}=far\n{two}=far\n", encoding="utf-8")
    (tmp_path / "a/.env").write_text(f"\ufeff{one}=near\n{two}=near\n", encoding="utf-8")
    monkeypatch.setenv(two, "set")
    monkeypatch.chdir(tmp_path / "a/b")
    settings.load_dotenv()
    assert (os.environ[one], os.environ[two]) == ("near", "set")


def test_the_state_lives_where_it_is_told_and_else_in_the_users_own_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MIANJING_HOME", "~/elsewhere")
    assert settings.home() == Path.home() / "elsewhere"
    monkeypatch.delenv("MIANJING_HOME")
    assert settings.home().is_relative_to(Path.home())
    assert settings.home().name == "mianjing"
