"""Errors on their way home: Ray wraps what a worker or an actor raises; out of here comes what was raised there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from agent.errors import MianjingError, StateError


@contextmanager
def ours() -> Iterator[None]:
    """Raise our own errors as they were raised; a `StateError` where an actor or the cluster is gone; all else as it comes."""
    from ray.exceptions import RayError

    try:
        yield
    except RayError as error:
        raise (_ours_in(error) or error) from None


def _ours_in(error: BaseException | None) -> MianjingError | None:
    from ray.exceptions import RayActorError, RaySystemError

    while error is not None:
        if isinstance(error, MianjingError) and not hasattr(error, "as_instanceof_cause"):
            return error
        if isinstance(error, RayActorError | RaySystemError):
            return StateError(
                "a part of the cluster that all of it needs has died; run the same command again to go on"
            )
        error = getattr(error, "cause", None) or error.__cause__
    return None
