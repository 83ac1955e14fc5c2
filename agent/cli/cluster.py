"""`--engine ray`: what goes with it, and the run on a cluster in the place of the local one."""

from __future__ import annotations

from collections.abc import Iterable

from agent.cli.wanted import Wanted
from agent.errors import InputProblem
from agent.extractor import Extractor
from agent.pipeline.run import Run
from agent.records import Post


def run_of(wanted: Wanted, extractor: Extractor, posts: Iterable[Post | InputProblem]) -> Run:
    """The run that the options ask for. Raises `MissingExtra` before anything is read."""
    if wanted.engine == "local":
        return extractor.run(posts)
    from agent.cluster.run import run
    from agent.cluster.session import require_ray

    require_ray("--engine ray")
    return run(posts, extractor, address=wanted.ray_address)
