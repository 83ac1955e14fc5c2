"""Long screenshots are cut into parts of about a screen each, between two lines of text, so that no part shrinks past reading."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING


if TYPE_CHECKING:
    from PIL.Image import Image


MOST_PARTS = 32
"""How many parts one post, and one request, may have: 0.1 to 0.5 MB each, of the 20 MB that a request may hold."""

# A picture taller than this many times its width is cut, into parts of about twice its width, and no fewer pixels than these.
_TOO_TALL, _TALL, _SHORTEST = 2.5, 2.0, 1000


def count_of(width: int, height: int) -> int:
    """How many parts a picture of this size (pixels) becomes."""
    if height <= _TOO_TALL * width:
        return 1
    return min(MOST_PARTS, math.ceil(height / max(_TALL * width, _SHORTEST)))


def cut(picture: Image) -> list[Image]:
    """The picture's parts from top to bottom; together they are all of it."""
    count = count_of(*picture.size)
    if count == 1:
        return [picture]
    calm = _edges_by_row(picture)
    reach = picture.height // count // 8
    places = [_calmest(calm, picture.height * n // count, reach) for n in range(1, count)]
    return [picture.crop((0, top, picture.width, bottom)) for top, bottom in pairwise([0, *places, picture.height])]


def _edges_by_row(picture: Image) -> bytes:
    """How much goes on in each row of pixels: 0 in a plain one."""
    from PIL import Image, ImageFilter

    edges = picture.convert("L").filter(ImageFilter.FIND_EDGES)
    return edges.resize((1, picture.height), Image.Resampling.BOX).tobytes()


def _calmest(edges: bytes, around: int, reach: int) -> int:
    """The row near `around` in the middle of the calmest stretch."""
    rows = range(around - reach, around + reach + 1)
    least = min(edges[row] for row in rows)
    return min((row for row in rows if edges[row] == least), key=lambda row: abs(row - around))
