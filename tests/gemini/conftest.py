"""What LangChain's standard tests take for granted: a mark, and pytest-benchmark's fixture, here without the measuring."""

from __future__ import annotations

from collections.abc import Callable

import pytest


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "benchmark: measured by langchain-tests where pytest-benchmark is installed")


@pytest.fixture
def benchmark() -> Callable[[Callable[[], object]], object]:
    return lambda measured: measured()
