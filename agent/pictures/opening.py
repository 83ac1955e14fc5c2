"""Opens what is said to be a picture: nothing broken, disguised, moving or endless gets further. Needs Pillow."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING


if TYPE_CHECKING:
    from PIL.Image import Image


EXTRA = "images"
"""The extra that brings Pillow."""

_FORMATS = ("PNG", "JPEG", "WEBP")
_MEGABYTE = 1 << 20
_LARGEST = 32
# Pixels; the largest photograph of a phone, and a screenshot of thirty screens, have fewer.
_MOST_PIXELS = 64_000_000


class NoPicture(Exception):
    """A file holds no picture that can be read, and why."""

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(why)


def can_open() -> bool:
    """Whether Pillow is installed."""
    return find_spec("PIL") is not None


def bytes_of(path: Path) -> bytes:
    """What a picture's file holds. Raises `NoPicture` where there is none, nothing in it, or too much."""
    try:
        if not path.is_file():
            raise NoPicture("there is no such file")
        with path.open("rb") as file:
            data = file.read(_LARGEST * _MEGABYTE + 1)
    except (OSError, ValueError) as error:
        raise NoPicture(f"it cannot be read: {error}") from None
    if not data:
        raise NoPicture("it is empty")
    if len(data) > _LARGEST * _MEGABYTE:
        raise NoPicture(f"it is larger than {_LARGEST} MB")
    return data


def opened(data: bytes) -> Image:
    """The picture in RGB, upright as people see it, and nothing else of the file: no metadata.

    Raises:
        NoPicture: the data are no PNG, JPEG or WebP, or a broken, moving or huge one.

    """
    from PIL import Image

    with _foreign():
        picture = Image.open(BytesIO(data), formats=_FORMATS)
        if picture.width * picture.height > _MOST_PIXELS:
            raise NoPicture(f"it is too large to open: {picture.width} × {picture.height} pixels")
        # A photograph of a phone may hold a second, hidden picture (MPO); that does not make it move.
        if picture.format in {"PNG", "WEBP"} and getattr(picture, "is_animated", False):
            raise NoPicture("it moves: only still pictures are read")
        picture.load()
        return _plain(picture)


def _plain(picture: Image) -> Image:
    """Turned as its metadata say, then rid of them; what shows through becomes white."""
    from PIL import Image, ImageOps

    upright = ImageOps.exif_transpose(picture)
    plain = Image.new("RGB", upright.size, "white")
    if upright.has_transparency_data:
        layer = upright.convert("RGBA")
        plain.paste(layer, mask=layer.getchannel("A"))
    else:
        plain.paste(upright.convert("RGB"))
    return plain


@contextmanager
def _foreign() -> Iterator[None]:
    """Around Pillow, which warns of what is odd, and raises almost anything on a broken file."""
    from PIL import Image, UnidentifiedImageError

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            yield
        except NoPicture:
            raise
        except UnidentifiedImageError:
            raise NoPicture("it is no PNG, JPEG or WebP") from None
        except Image.DecompressionBombError:
            raise NoPicture("it is too large to open") from None
        except Exception as error:  # noqa: BLE001  # there is no end to what it raises
            said = " ".join(str(error).split())[:120]
            raise NoPicture(f"it is broken ({said or type(error).__name__})") from None
