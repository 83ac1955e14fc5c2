"""A Ray to work on: the caller's, the cluster at an address, or one of this machine's own that ends with the work. Asks nobody outside for anything."""

from __future__ import annotations

import logging
import os
import secrets
import socket
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from agent.errors import MissingExtra, UsageError


_SETTINGS: Mapping[str, str] = {
    "RAY_USAGE_STATS_ENABLED": "0",
    # What goes wrong comes out as an error, and is told once.
    "RAY_DATA_LOG_LEVEL": "CRITICAL",
    "RAY_BACKEND_LOG_LEVEL": "fatal",
}
_LONGEST_KNOCK = 10.0


def require_ray(what: str) -> None:
    """Load Ray, set to be quiet. Raises `MissingExtra` where it is not installed."""
    for name, value in _SETTINGS.items():
        os.environ.setdefault(name, value)
    if "ray" not in sys.modules and os.environ.get("RAY_AUTH_TOKEN"):
        # By itself Ray would look for the token when it has been turned away already.
        os.environ.setdefault("RAY_AUTH_MODE", "token")
    try:
        import pyarrow as pa  # noqa: F401
        import ray  # noqa: F401
    except ImportError:
        raise MissingExtra(what, "ray") from None


@contextmanager
def joined(address: str | None) -> Iterator[None]:
    """Ray, for as long as the block lasts; one that runs in this program already stays as it is.

    Raises:
        MissingExtra: Ray is not installed.
        UsageError: there is no cluster at the address.

    """
    require_ray("Ray")
    import ray

    if ray.is_initialized():
        yield
        return
    with _hushed():
        _begin(address)
    try:
        yield
    finally:
        ray.shutdown()


@contextmanager
def in_order() -> Iterator[None]:
    """Datasets that are made in the block give their rows in their input's order, and show no bars."""
    from ray.data import DataContext

    context = DataContext.get_current().copy()
    context.enable_progress_bars = False
    context.execution_options.preserve_order = True
    with DataContext.current(context):
        yield


def _begin(address: str | None) -> None:
    import ray

    quiet: dict[str, Any] = {"logging_level": logging.ERROR, "log_to_driver": False}
    if address is None:
        # What listens on this machine's ports answers to those alone who hold the token; Ray would leave one in a file.
        os.environ.setdefault("RAY_AUTH_TOKEN", secrets.token_hex(32))
        ray.init("local", include_dashboard=False, **quiet)
        return
    try:
        _knock(address)
        ray.init(address, **quiet)
    except (OSError, ValueError, RuntimeError) as error:
        said = str(error).partition("\n")[0]
        raise UsageError(
            f"cannot join a Ray cluster at {address}: {said}; one that asks for a token needs RAY_AUTH_MODE=token and RAY_AUTH_TOKEN"
        ) from None


def _knock(address: str) -> None:
    """Raise an `OSError` or `ValueError` where nobody listens: Ray would try for ten minutes. `auto` it knows how to find itself."""
    if address != "auto":
        host, _, port = address.removeprefix("ray://").rpartition(":")
        socket.create_connection((host.strip("[]"), int(port)), timeout=_LONGEST_KNOCK).close()


@contextmanager
def _hushed() -> Iterator[None]:
    """Nothing reaches standard error, not from C++ either: as it begins, Ray tells there how loud it will be."""
    sys.stderr.flush()
    kept, nothing = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nothing)
