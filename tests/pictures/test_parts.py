"""A long screenshot is cut where nothing stands, and none of it is lost."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from agent.pictures.parts import MOST_PARTS, count_of, cut


@pytest.mark.parametrize(
    ("size", "count"),
    [
        ((1080, 2340), 1),
        ((1170, 2532), 1),
        ((4000, 3000), 1),
        ((1080, 8000), 4),
        ((10, 60_000), MOST_PARTS),
        ((20, 4_000), 4),
        ((1, 1), 1),
    ],
)
def test_count(size, count):
    assert count_of(*size) == count


@settings(deadline=None, max_examples=50)
@given(st.integers(1, 60), st.integers(1, 3_000))
def test_parts_are_all_of_the_picture(width, height):
    parts = cut(Image.new("RGB", (width, height)))
    assert len(parts) == count_of(width, height)
    assert sum(part.height for part in parts) == height
    assert {part.width for part in parts} == {width}


def test_no_line_of_text_is_cut():
    image = Image.new("L", (200, 2_000), "white")
    pen = ImageDraw.Draw(image)
    for top in range(10, 2_000, 37):
        pen.rectangle((20, top, 180, top + 24), fill="black")
    for part in cut(image.convert("RGB"))[:-1]:
        assert part.convert("L").crop((0, part.height - 1, 200, part.height)).getextrema() == (255, 255)
