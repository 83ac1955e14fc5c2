"""Pictures that the tests draw: plain ones, and screens of Chinese text as phones show them."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw, ImageFont


# Debian's packages of Chinese fonts: fonts-noto-cjk, fonts-wqy-microhei, fonts-wqy-zenhei.
_FONTS = (
    "opentype/noto/NotoSansCJK-Regular.ttc",
    "truetype/wqy/wqy-microhei.ttc",
    "truetype/wqy/wqy-zenhei.ttc",
)


def plain(path: Path, size: tuple[int, int] = (4, 4), colour: str = "white", **options: Any) -> Path:
    """A picture with nothing in it, too small to be searched for text unless told otherwise."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", size, colour).save(path, **options)
    return path


@cache
def font(size: int) -> ImageFont.FreeTypeFont:
    """A Chinese font; skips the test where none is installed."""
    for name in _FONTS:
        if (Path("/usr/share/fonts") / name).is_file():
            return ImageFont.truetype(f"/usr/share/fonts/{name}", size)
    pytest.skip("no Chinese font is installed: apt install fonts-wqy-microhei")


def screen(
    path: Path,
    lines: Sequence[str],
    *,
    size: tuple[int, int] = (1080, 2340),
    text: int = 42,
    colours: tuple[str, str] = ("white", "#222222"),
    margin: int = 60,
    **options: Any,
) -> Path:
    """A phone's screen: each line is broken where the screen ends, and lines stand a little apart."""
    paper, ink = colours
    image = Image.new("RGB", size, paper)
    write(image, lines, at=(margin, 3 * margin), width=size[0] - 2 * margin, text=text, ink=ink)
    image.save(path, **options)
    return path


def write(
    image: Image.Image, lines: Sequence[str], *, at: tuple[int, int], width: float, text: int, ink: str = "#222222"
) -> None:
    """Draw lines of text at a place of a picture, broken where `width` ends."""
    pen, (left, top) = ImageDraw.Draw(image), at
    for line in lines:
        for row in _rows(line, width, font(text)):
            pen.text((left, top), row, font=font(text), fill=ink)
            top += round(text * 1.5)
        top += round(text * 0.4)


def _rows(line: str, width: float, face: ImageFont.FreeTypeFont) -> list[str]:
    rows = [""]
    for char in line:
        if face.getlength(rows[-1] + char) > width:
            rows.append("")
        rows[-1] += char
    return rows


def process_without_network(code: str) -> subprocess.CompletedProcess[str]:
    """Python code run where there is no network at all; skips where the system cannot do that."""
    import os
    import shutil
    import sys

    command = ["unshare", "--net", "--map-root-user", sys.executable, "-c", code]
    if (
        not shutil.which("unshare")
        or subprocess.run([*command[:3], "true"], capture_output=True, check=False).returncode
    ):
        pytest.skip("this system cannot take a process's network away")
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    return subprocess.run(command, capture_output=True, text=True, env=environment, check=True, timeout=120)
