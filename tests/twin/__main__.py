"""`python -m tests.twin --config FILE [--port N]`: prints its URL and serves until it is interrupted."""

from __future__ import annotations

import argparse
import json
import signal
import sys
from pathlib import Path

from tests.twin.config import twin_of


_ENDING = {signal.SIGINT, signal.SIGTERM}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--config", type=Path, help="a JSON file; see tests.twin.config.twin_of")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--leashed", action="store_true", help="end when standard input does")
    options = parser.parse_args()
    config = json.loads(options.config.read_text(encoding="utf-8")) if options.config else {}
    signal.pthread_sigmask(signal.SIG_BLOCK, () if options.leashed else _ENDING)
    with twin_of({**config, "port": options.port}) as twin:
        print(twin.url, flush=True)
        if options.leashed:
            sys.stdin.read()
        else:
            signal.sigwait(_ENDING)


if __name__ == "__main__":
    main()
