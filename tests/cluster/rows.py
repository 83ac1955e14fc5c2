"""A program of its own that extracts a dataset to a dataset, by rules and by models, and prints the rows."""

from __future__ import annotations

import json
import sys

import ray.data

from agent import Extractor
from agent.cluster import extract
from agent.cluster.session import joined


def main(base_url: str, model: str) -> None:
    with joined(None):
        given = ray.data.from_items(
            [{"note_id": n, "desc": f"{n}. 第{n}题：什么是 LoRA？"} for n in range(40)] + [{"desc": " "}]
        )
        for extractor in (Extractor(offline=True), Extractor(models=model, base_url=base_url)):
            print(json.dumps(extract(given, extractor, block=10).take_all()))


if __name__ == "__main__":
    main(*sys.argv[1:])
