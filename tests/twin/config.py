"""A twin described by JSON, for a process of its own."""

from __future__ import annotations

import importlib
import json
import random
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.twin.asked import Oracle
from tests.twin.clock import VirtualClock
from tests.twin.faults import EVERY_KIND, Fault, FaultPlan
from tests.twin.models import Model
from tests.twin.noise import Noisy
from tests.twin.oracle import Labelled
from tests.twin.quotas import Quota
from tests.twin.server import Twin


def twin_of(config: Mapping[str, Any]) -> Twin:
    """A twin, not started.

    As `Twin`'s arguments, where JSON can say them, and instead of objects: `models` holds names or objects with
    `Model`'s fields, `quotas` objects with `Quota`'s; `posts` is a file (or files) of rows, `noise` an object with
    `Noisy`'s fields, `oracle` the name of a function, `module:name`; `fault` an object `{"rate", "kinds", "seed"}`,
    its kinds names or objects with `Fault`'s fields;
    `latency` seconds, or `{"mean", "sigma"}` of a log-normal; `script` an object by key, model or `*`;
    `virtual_clock` true or a speed.
    """
    given = dict(config)
    script = given.pop("script", {})
    posts, noise, oracle = given.pop("posts", ()), given.pop("noise", None), given.pop("oracle", None)
    speed = given.pop("virtual_clock", None)
    if "models" in given:
        given["models"] = [name if isinstance(name, str) else _model(name) for name in given["models"]]
    if "quotas" in given:
        given["quotas"] = {place: Quota(**limits) for place, limits in given["quotas"].items()}
    if "fault" in given:
        given["fault"] = _plan(**given["fault"])
    if isinstance(given.get("latency"), Mapping):
        given["latency"] = LogNormal(**given["latency"])
    if speed is not None:
        given["clock"] = VirtualClock(speed=float(speed) if not isinstance(speed, bool) else 0.0)
    twin = Twin(**given, oracle=_oracle(posts, noise, oracle))
    twin.script.update({place: Fault(told) for place, told in script.items()})
    return twin


class LogNormal:
    """Latencies with a mean and a long tail; `sigma` 0 is the mean itself."""

    def __init__(self, mean: float, sigma: float = 0.3) -> None:
        self.mean, self.sigma = mean, sigma

    def __call__(self, chance: random.Random) -> float:
        return self.mean * chance.lognormvariate(-(self.sigma**2) / 2, self.sigma)


def load_rows(*files: str | Path) -> list[dict[str, Any]]:
    lines = (line for file in files for line in Path(file).read_text(encoding="utf-8").split("\n"))
    return [json.loads(line) for line in lines if line]


def _model(fields: Mapping[str, Any]) -> Model:
    return Model(**{**fields, "open_to": tuple(fields.get("open_to", ()))})


def _plan(rate: float, kinds: Sequence[str | Mapping[str, Any]] = EVERY_KIND, seed: int = 0) -> FaultPlan:
    return FaultPlan(rate, [Fault(kind) if isinstance(kind, str) else Fault(**kind) for kind in kinds], seed=seed)


def _oracle(posts: str | list[str], noise: Mapping[str, Any] | None, name: str | None) -> Oracle:
    if name:
        module, _, function = name.partition(":")
        oracle: Oracle = getattr(importlib.import_module(module), function)
        return oracle
    labelled = Labelled(load_rows(*([posts] if isinstance(posts, str) else posts)))
    return labelled if noise is None else Noisy(labelled, **noise)
