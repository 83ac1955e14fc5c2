"""A clean environment for every test, the twin, and the corpus where it is at hand."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.twin import Twin
from tests.twin.config import load_rows


CORPUS = Path(__file__).parents[2] / "shared/corpus"
_SPEAKING = ("GEMINI_", "GOOGLE_", "MIANJING_", "LANGSMITH_", "LANGCHAIN_")
_PROXIES = {"HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"}


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No key, endpoint, proxy or tracing of the machine's; state and `.env` are looked for in the test's own folder."""
    for name in list(os.environ):
        if name.startswith(_SPEAKING) or name.upper() in _PROXIES:
            monkeypatch.delenv(name)
    monkeypatch.setenv("MIANJING_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def twin() -> Iterator[Callable[..., Twin]]:
    """Makes twins that run until the test ends: `twin(quotas=Quota(rpd=20)).url`."""
    with ExitStack() as stack:
        yield lambda **options: stack.enter_context(Twin(**options))


@pytest.fixture(scope="session")
def corpus() -> Callable[[str], list[dict[str, Any]]]:
    """Loads rows of the corpus by its file's name: `corpus("dev")`. Skips where the corpus is not at hand."""

    def load(name: str) -> list[dict[str, Any]]:
        file = CORPUS / f"{name}.jsonl"
        if not file.is_file():
            pytest.skip(f"the corpus is not at hand: shared/corpus/{file.name}")
        return load_rows(file)

    return load
