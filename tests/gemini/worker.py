"""A program of its own that asks a ladder of pools, with a clock that all of them share and that runs faster than the real one."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from pydantic import SecretStr

from agent.errors import RungUnavailable
from agent.gemini.chat import ChatGeminiPool
from agent.gemini.keys import KeyManager
from tests.gemini.bench import NOON


def running(since: float, speed: float) -> Callable[[], datetime]:
    """Noon at `since` of the machine's own clock, and `speed` times as fast."""
    return lambda: NOON + timedelta(seconds=(time.monotonic() - since) * speed)


def ask(ladder: list[ChatGeminiPool], text: str, clock: Callable[[], datetime], speed: float) -> str:
    """The model that answered; waits for whichever is back first where none can serve."""
    while True:
        untils = []
        for chat in ladder:
            try:
                return str(chat.invoke(text).response_metadata["model_name"])
            except RungUnavailable as error:
                untils.append(error.until)
        soonest = min(until for until in untils if until)
        time.sleep(max(0.0, (soonest - clock()).total_seconds()) / speed + 0.01)


def main(home: str, url: str, since: str, speed: str, posts: str, keys: str, models: str) -> None:
    clock = running(float(since), float(speed))
    manager = KeyManager(keys.split(","), home=Path(home), base_url=url, clock=clock)
    ladder = [ChatGeminiPool(model=name, keys=manager, base_url=url) for name in models.split(",")]
    for key in keys.split(","):
        # A client takes a moment to make, which is long at this speed.
        manager.clients.get(SecretStr(key), ladder[0]._address)
    print(json.dumps([ask(ladder, f"post {n}", clock, float(speed)) for n in range(int(posts))]))


if __name__ == "__main__":
    main(*sys.argv[1:])
