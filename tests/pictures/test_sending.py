"""A picture goes to a model small, in parts, as what it shows and nothing more."""

from __future__ import annotations

import base64
import hashlib
import io
from pathlib import Path

from PIL import Image

from agent.pictures.sending import encoded
from agent.records import Picture
from tests.pictures.drawing import plain


def picture(path: Path) -> Picture:
    return Picture(path=str(path), sha256=hashlib.sha256(path.read_bytes()).hexdigest())


def images(path: Path) -> list[Image.Image]:
    return [Image.open(io.BytesIO(base64.b64decode(one.base64))) for one in encoded(picture(path))]


def test_it_is_scaled_down_and_never_up(tmp_path: Path):
    [large] = images(plain(tmp_path / "a.png", (3000, 1500)))
    assert (large.format, large.size) == ("JPEG", (1536, 768))
    assert images(plain(tmp_path / "b.png", (30, 20)))[0].size == (30, 20)


def test_a_long_one_goes_in_parts(tmp_path: Path):
    parts = images(plain(tmp_path / "a.png", (400, 4000)))
    assert len(parts) == 4
    assert all(max(part.size) <= 1536 for part in parts)


def test_metadata_stay_behind(tmp_path: Path):
    tags = Image.Exif()
    tags[0x010E] = "a home address"
    path = plain(tmp_path / "a.jpg", exif=tags, comment=b"a secret")
    [sent] = encoded(picture(path))
    data = base64.b64decode(sent.base64)
    assert b"a home address" not in data
    assert b"a secret" not in data


def test_a_noisy_one_is_kept_below_half_a_megabyte(tmp_path: Path):
    Image.effect_noise((1600, 1600), 90).convert("RGB").save(tmp_path / "a.png")
    [sent] = encoded(picture(tmp_path / "a.png"))
    assert len(sent.base64) < 1_000_000


def test_what_has_changed_or_gone_since_is_not_sent(tmp_path: Path):
    seen = picture(plain(tmp_path / "a.png"))
    plain(tmp_path / "a.png", colour="red")
    assert encoded(seen) == ()
    (tmp_path / "a.png").unlink()
    assert encoded(Picture(path=seen.path, sha256="0")) == ()
