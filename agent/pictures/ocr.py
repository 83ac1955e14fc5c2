"""Reads the text in a picture by RapidOCR, whose models come with its package: nothing is downloaded. Slow: a second or two a screen."""

from __future__ import annotations

import threading
from functools import cache
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from agent.pictures.opening import NoPicture
from agent.pictures.parts import cut


if TYPE_CHECKING:
    from PIL.Image import Image

    from agent.pictures.order import Piece


EXTRA = "ocr"
"""The extra that brings RapidOCR and what it runs on."""

# Less than an icon: there is no text in it, and RapidOCR cannot scale it.
_SMALLEST_SIDE = 16
# Pixels. Small text is read better when scaled up, to a phone's screen at most; and a sliver is laid upon a sheet of
# this size, which the reader would otherwise blow up until its shorter side were as long.
_SCREEN, _SHEET = 720, 736
_ONE_AT_A_TIME = threading.Lock()


def is_installed() -> bool:
    """Whether pictures can be read here."""
    return find_spec("rapidocr") is not None and find_spec("onnxruntime") is not None


def text_in(picture: Image) -> str:
    """The lines of text in a picture, in reading order; empty where there is none.

    Raises:
        NoPicture: the reader stumbles over it.

    """
    from agent.pictures.order import lines_of

    if min(picture.size) < _SMALLEST_SIDE:
        return ""
    return "\n".join(line for part in cut(picture) for line in lines_of(_pieces(part), width=part.width))


def _pieces(part: Image) -> list[Piece]:
    import numpy as np

    from agent.pictures.order import Piece

    scale = min(3.0, max(1.0, _SCREEN / part.width))
    # The reader's own order of colours is blue, green, red.
    pixels = np.asarray(_sheet(part, scale))[:, :, ::-1]
    try:
        with _ONE_AT_A_TIME:
            found = _engine()(pixels)
    except Exception as error:  # noqa: BLE001  # of OpenCV and ONNX, which document none
        raise NoPicture(f"its text cannot be read ({type(error).__name__})") from None
    if found.boxes is None or not found.txts:
        return []
    return [
        Piece(text.strip(), *(float(edge) / scale for edge in (*box.min(axis=0), *box.max(axis=0))))
        for box, text in zip(found.boxes, found.txts, strict=True)
        if text.strip()
    ]


def _sheet(part: Image, scale: float) -> Image:
    """The part, scaled up, in the upper left corner of a sheet of its own colour."""
    from PIL import Image

    scaled = part.resize((round(part.width * scale), round(part.height * scale))) if scale > 1 else part
    if min(scaled.size) >= _SHEET:
        return scaled
    sheet = Image.new("RGB", (max(_SHEET, scaled.width), max(_SHEET, scaled.height)), part.getpixel((0, 0)))
    sheet.paste(scaled)
    return sheet


@cache
def _engine() -> Any:
    """One for the process: it takes a second to load, and 200 MB."""
    from rapidocr import RapidOCR

    return RapidOCR(params={"Global.log_level": "critical", "Global.use_cls": False})
