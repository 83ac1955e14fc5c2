"""Whatever is called a picture is opened with care: what is none, or would harm, is refused in words."""

from __future__ import annotations

import io
import os
import struct
import zlib
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from agent.pictures.opening import NoPicture, bytes_of, opened
from tests.pictures.drawing import plain


def saved(image: Image.Image, form: str, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, form, **options)
    return out.getvalue()


def claiming(width: int, height: int) -> bytes:
    """A PNG of a few bytes that claims to be so large."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", head), (b"IDAT", zlib.compress(b"\0" * 64)), (b"IEND", b"")]
    body = b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + body


RED = Image.new("RGB", (40, 20), "red")
FRAMES = {"save_all": True, "append_images": [Image.new("RGB", (40, 20), "blue")]}


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP"])
def test_pictures_are_opened_as_rgb(form):
    picture = opened(saved(RED, form))
    assert (picture.mode, picture.size) == ("RGB", (40, 20))


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16", "CMYK"])
def test_every_mode_becomes_rgb(mode):
    form = "JPEG" if mode == "CMYK" else "PNG"
    assert opened(saved(Image.new(mode, (9, 7)), form)).mode == "RGB"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"what is called .png and is a text", "no PNG, JPEG or WebP"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "no PNG, JPEG or WebP"),
        (saved(RED, "GIF"), "no PNG, JPEG or WebP"),
        (saved(RED, "TIFF"), "no PNG, JPEG or WebP"),
        (saved(RED, "PNG")[:60], "broken"),
        (saved(RED, "JPEG")[:-200], "broken"),
        (saved(RED, "WEBP")[:-20], "broken"),
        (saved(RED, "PNG", **FRAMES), "moves"),
        (saved(RED, "WEBP", **FRAMES), "moves"),
        (claiming(30_000, 30_000), "too large"),
        (claiming(9_000, 8_000), "too large"),
        (claiming(100, 100), "broken"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_no_still_picture_is_refused(data, said):
    with pytest.raises(NoPicture, match=said):
        opened(data)


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 400), st.binary(max_size=40), st.sampled_from(["PNG", "JPEG", "WEBP"]))
def test_a_damaged_picture_is_opened_or_refused_and_nothing_else(place, damage, form):
    whole = saved(RED, form)
    data = whole[:place] + damage + whole[place + len(damage) :]
    with suppress(NoPicture):
        assert opened(data).mode == "RGB"


def test_a_photograph_is_turned_upright_and_rid_of_its_metadata():
    tags = Image.Exif()
    tags[0x0112] = 6  # turned a quarter
    tags[0x010E] = "a home address"
    picture = opened(saved(RED, "JPEG", exif=tags, comment=b"a secret"))
    assert picture.size == (20, 40)
    assert not picture.info
    assert not picture.getexif()


def test_a_photograph_with_a_second_one_hidden_in_it_is_opened():
    assert opened(saved(RED, "MPO", **FRAMES)).size == (40, 20)


def test_what_shows_through_becomes_white():
    assert opened(saved(Image.new("RGBA", (3, 3), (0, 0, 0, 0)), "PNG")).getpixel((1, 1)) == (255, 255, 255)


def test_what_is_no_file_with_something_in_it_is_refused(tmp_path: Path):
    (tmp_path / "empty.png").touch()
    os.mkfifo(tmp_path / "pipe.png")
    for name in ("absent.png", "empty.png", "pipe.png", ".", "x" * 300):
        with pytest.raises(NoPicture):
            bytes_of(tmp_path / name)


def test_a_file_of_many_megabytes_is_refused(tmp_path: Path):
    file = plain(tmp_path / "a.png")
    with file.open("r+b") as out:
        out.truncate(40 << 20)
    with pytest.raises(NoPicture, match="32 MB"):
        bytes_of(file)
