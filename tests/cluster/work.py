"""A program of its own that extracts a dataset into a folder, block by block, for tests that end it half-way."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path

import ray.data

from agent import Extractor
from agent.cluster import extract_to
from agent.cluster.session import joined


def main(posts: str, folder: str, block: str) -> None:
    with joined(None):
        written = extract_to(ray.data.read_json(posts), Path(folder), Extractor(offline=True), block=int(block))
    print(json.dumps(asdict(written), default=str))


if __name__ == "__main__":
    main(*sys.argv[1:])
