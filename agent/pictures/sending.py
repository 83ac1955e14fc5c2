"""A picture as a model gets it: in parts, small enough to be cheap and large enough to be read, without any metadata. Needs Pillow."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from agent.pictures.opening import NoPicture, bytes_of, opened
from agent.pictures.parts import cut
from agent.records import Picture


if TYPE_CHECKING:
    from PIL.Image import Image


# A phone's screen at this height is 700 pixels wide: its text is still some 25 pixels high.
_LONGEST_SIDE = 1536
# Of these the first by which a part stays below so many bytes, else the last.
_QUALITIES, _LARGEST = (85, 60, 30), 400_000


@dataclass(frozen=True, slots=True)
class Encoded:
    """One part of a picture."""

    base64: str
    mime_type: str = "image/jpeg"


@lru_cache(maxsize=48)
def encoded(picture: Picture) -> tuple[Encoded, ...]:
    """The picture's parts, from its file; none where the file is no longer what was looked at.

    The last few are kept: a request that goes to several models is not made anew for each.
    """
    try:
        data = bytes_of(Path(picture.path))
        if hashlib.sha256(data).hexdigest() != picture.sha256:
            return ()
        return tuple(_jpeg(part) for part in cut(opened(data)))
    except NoPicture:
        return ()


def _jpeg(part: Image) -> Encoded:
    part.thumbnail((_LONGEST_SIDE, _LONGEST_SIDE))
    data = b""
    for quality in _QUALITIES:
        data = _saved(part, quality)
        if len(data) <= _LARGEST:
            break
    return Encoded(base64.b64encode(data).decode("ascii"))


def _saved(part: Image, quality: int) -> bytes:
    out = BytesIO()
    # Fine coloured text smears where colours are stored at half the resolution.
    part.save(out, "JPEG", quality=quality, subsampling=0)
    return out.getvalue()
