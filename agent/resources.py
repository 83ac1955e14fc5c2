"""Where the files that ship with the package are: `prompts/` and the tables of `data/`, in a wheel and in a checkout. Reads none of them."""

from __future__ import annotations

from pathlib import Path


def _shipped() -> Path:
    package = Path(__file__).resolve().parent
    in_wheel = package / "_shipped"
    return in_wheel if in_wheel.is_dir() else package.parent


def prompt_file(name: str) -> Path:
    return _shipped() / "prompts" / f"{name}.md"


def data_file(name: str) -> Path:
    return _shipped() / "data" / name
