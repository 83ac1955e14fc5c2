"""A request's tokens are guessed closely enough to pace by, pictures as Gemini counts them."""

from __future__ import annotations

import base64
import io

import pytest
from langchain_core.messages import HumanMessage
from PIL import Image

from agent.gemini.sizes import image_tokens, input_tokens, tokens_of


@pytest.mark.parametrize(
    ("size", "tiles"),
    [((384, 384), 1), ((960, 540), 6), ((709, 1536), 8), ((1536, 1536), 4), ((10, 1536), 6), ((4, 4), 1)],
)
def test_pictures_count_by_tiles(size, tiles):
    assert image_tokens(*size) == 258 * tiles


def block(size: tuple[int, int]) -> dict[str, str]:
    out = io.BytesIO()
    Image.new("RGB", size).save(out, "JPEG")
    return {"type": "image", "base64": base64.b64encode(out.getvalue()).decode(), "mime_type": "image/jpeg"}


def test_a_message_counts_its_text_and_its_pictures():
    message = HumanMessage([{"type": "text", "text": "什么是"}, block((960, 540)), block((20, 20))])
    assert input_tokens([message]) == 3 + 258 * 7


@pytest.mark.parametrize(
    "odd",
    [{"type": "image", "base64": "no picture"}, {"type": "image", "url": "https://x"}, {"type": "file", "base64": 3}],
)
def test_what_cannot_be_looked_into_counts_as_one_tile(odd):
    assert input_tokens([HumanMessage([odd])]) == 258


def test_what_holds_no_text_and_no_picture_counts_nothing():
    assert tokens_of(["什么是", None, 7]) == 3
