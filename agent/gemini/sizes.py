"""A guess of how many tokens a request's input takes, before it is counted: enough to pace by, no more."""

from __future__ import annotations

import base64
import math
from collections.abc import Iterable, Mapping
from io import BytesIO
from typing import TYPE_CHECKING, Any


if TYPE_CHECKING:
    from langchain_core.messages import BaseMessage

# Gemini's tokens: about four letters of English, about one character of Chinese.
_ASCII_CHARS_A_TOKEN = 4
_TOKENS_A_TILE = 258
# Pixels. An image no larger than this either way is one tile; others are cut into tiles of some size between these.
_SMALL = 384
_SMALLEST_TILE, _LARGEST_TILE = 256, 768


def input_tokens(messages: Iterable[BaseMessage]) -> int:
    return sum(tokens_of(message.content) for message in messages)


def image_tokens(width: int, height: int) -> int:
    """The tokens of an image of so many pixels.

    As https://ai.google.dev/gemini-api/docs/image-understanding counts for Gemini 2: 258 a tile, whose side is two thirds of the
    image's shorter one; 960 × 540 are 3 × 2 tiles. Gemini 3 takes 1,120 for an image of any size, which is less for a tall one.
    """
    if max(width, height) <= _SMALL:
        return _TOKENS_A_TILE
    tile = min(_LARGEST_TILE, max(_SMALLEST_TILE, math.floor(min(width, height) / 1.5)))
    return math.ceil(width / tile) * math.ceil(height / tile) * _TOKENS_A_TILE


def tokens_of(content: Any) -> int:
    """Of a text, a part of a message, or a list of parts."""
    if isinstance(content, str):
        beyond_ascii = len(content) - len(content.encode("ascii", "ignore"))
        return beyond_ascii + (len(content) - beyond_ascii) // _ASCII_CHARS_A_TOKEN
    if isinstance(content, list):
        return sum(tokens_of(part) for part in content)
    if isinstance(content, Mapping):
        text = content.get("text")
        return tokens_of(text) if isinstance(text, str) else image_tokens(*_size_of(content))
    return 0


def _size_of(block: Mapping[str, Any]) -> tuple[int, int]:
    """The pixels of an image that a block holds; of a small one where that cannot be seen."""
    held = block.get("base64")
    if not isinstance(held, str):
        return _SMALL, _SMALL
    try:
        from PIL import Image

        with Image.open(BytesIO(base64.b64decode(held))) as image:
            return image.size
    except Exception:  # noqa: BLE001  # a guess never fails a call, whatever it was given
        return _SMALL, _SMALL
