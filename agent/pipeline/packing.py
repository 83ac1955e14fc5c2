"""How many posts go into one request: as few as the quota allows, and no more than the answer has room for."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable

from agent.pictures import MOST_PARTS
from agent.pipeline.jobs import Job
from agent.pipeline.room import ROOM, answer_tokens
from agent.records import Post


LOOK_AHEAD = 2_000
"""How many waiting posts are counted at most: the input is a stream."""


class Left:
    """How many requests are left, without those that were sent but are not counted yet."""

    def __init__(self, counted: Callable[[], float]) -> None:
        self._ask, self._counted, self._uncounted = counted, math.inf, 0.0

    def sent(self) -> None:
        self._uncounted += 1

    def left(self) -> float:
        counted = self._ask()
        # More than before: a limit was told, or a request given back.
        taken = self._counted - counted if counted < self._counted < math.inf else 0.0
        self._uncounted = 0.0 if counted > self._counted else max(0.0, self._uncounted - taken)
        self._counted = counted
        return counted - self._uncounted


def pack_size(waiting: int, requests_left: float) -> int:
    """Posts in one request, so that all that wait can be served with what is left. Example: 300 over 20 -> 19.

    A fifth of the requests, at least one where there are several, is kept for what must be asked again.
    """
    reserve = max(1, requests_left // 5) if requests_left > 2 else 0
    usable = requests_left - reserve
    if usable <= 0:
        return 1
    return max(1, math.ceil(waiting / usable))


def pack_due(waiting: int, asked: int, requests_left: float, *, is_flowing: bool, is_overdue: bool) -> int:
    """Posts in one request while more may come, of `waiting` ones, `asked` being all so far; 0 where more are worth waiting for.

    With ample quota nothing is worth it. Else a flowing input is: soon all that it brings can be counted. One that pauses is
    believed to bring as many again as it brought so far, so that what is left lasts; what is `overdue` waits no more.
    """
    if pack_size(LOOK_AHEAD, requests_left) == 1:
        return 1
    if is_flowing:
        return 0
    size = pack_size(min(LOOK_AHEAD, max(waiting, 2 * asked)), requests_left)
    return size if waiting >= size else waiting * is_overdue


def take_pack(pending: deque[Job], size: int) -> list[Job]:
    """The next pack off the queue: up to `size` posts, fewer where their answers or their pictures would fill the room."""
    pack = [pending.popleft()]
    room, parts = ROOM - answer_tokens(pack[0].seen), MOST_PARTS - _parts(pack[0].post)
    while pending and len(pack) < size:
        room -= answer_tokens(pending[0].seen)
        parts -= _parts(pending[0].post)
        if room < 0 or (parts < 0 and pending[0].post.pictures):
            break
        pack.append(pending.popleft())
    return pack


def _parts(post: Post) -> int:
    """How many images go along with a post."""
    return sum(picture.parts for picture in post.pictures)
