"""How many posts go into one request: as few as the quota allows, and no more than the answer has room for."""

from __future__ import annotations

import math
from collections import deque

from agent.extraction.findings import Findings
from agent.extraction.models import MAX_OUTPUT_TOKENS
from agent.pictures import MOST_PARTS
from agent.pipeline.jobs import Job
from agent.records import Post


LOOK_AHEAD = 2_000
"""How many waiting posts are counted at most: the input is a stream."""

# Measured on answers of the schema: braces, keys and a topic around each quote; CJK takes about a token a character.
_TOKENS_AN_ITEM = 30
_TOKENS_A_POST = 60
# A longer answer is possible, but a cut one costs a second request: half of the room is kept free.
_ROOM = MAX_OUTPUT_TOKENS // 2


def pack_size(waiting: int, requests_left: float) -> int:
    """Posts in one request, so that all that wait can be served with what is left. Example: 300 over 20 -> 17.

    A tenth of the requests, at least one where there are several, is kept for what must be asked again.
    """
    reserve = max(1, requests_left // 10) if requests_left > 2 else 0
    usable = requests_left - reserve
    if usable <= 0:
        return 1
    return max(1, math.ceil(waiting / usable))


def answer_tokens(seen: Findings) -> int:
    """A first guess, from what the rules see, of the output tokens that a model's answer about a post takes."""
    return _TOKENS_A_POST + sum(_TOKENS_AN_ITEM + one.end - one.start for one in seen.items)


def take_pack(pending: deque[Job], size: int) -> list[Job]:
    """The next pack off the queue: up to `size` posts, fewer where their answers or their pictures would fill the room."""
    pack = [pending.popleft()]
    room, parts = _ROOM - answer_tokens(pack[0].seen), MOST_PARTS - _parts(pack[0].post)
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
