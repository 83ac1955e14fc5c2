"""Tags and images, in every way that tools write a list into one cell."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.inputs.lists import images_of, tags_of


@pytest.mark.parametrize(
    ("cell", "tags"),
    [
        (["面经", "后端"], ("面经", "后端")),
        ([{"name": "面经", "type": "topic"}, {"name": "后端"}], ("面经", "后端")),
        ('["面经", "后端"]', ("面经", "后端")),
        ('[{"name": "面经"}]', ("面经",)),
        ("['面经', \"it's\"]", ("面经", "it's")),
        ("[{'name': '面经'}]", ("面经",)),
        ("('面经', '后端')", ("('面经'", "'后端')")),
        ("面经,AI Agent，后端、校招", ("面经", "AI Agent", "后端", "校招")),
        ("面经 后端\t校招", ("面经", "后端", "校招")),
        ("#面经 #后端#", ("面经", "后端")),
        ("面经,,面经, ", ("面经",)),
        ({"name": "面经"}, ("面经",)),
        ([2024, 1.5, None, True, ["x"]], ("2024", "1.5")),
        (2024, ("2024",)),
        ("[清单R]面经", ("[清单R]面经",)),
        ("['\\d', 'b']", ("\\d", "b")),
        ('{"name": "面经"}', ("面经",)),
        ("{'面经', '后端'}", ("{'面经'", "'后端'}")),
        ("[]", ()),
        ("", ()),
        (None, ()),
        (float("nan"), ()),
    ],
)
def test_tags(cell: Any, tags: tuple[str, ...]) -> None:
    assert tags_of(cell) == tags


URL = "https://img.example.com/1.png?x=resize,w_100"


@pytest.mark.parametrize(
    ("cell", "images"),
    [
        (["a.png", "b.JPG", URL], ("posts/a.png", "posts/b.JPG", URL)),
        ([{"url": URL}], (URL,)),
        ([{"url_default": URL, "url_pre": "https://small"}], (URL,)),
        ([{"urlDefault": URL}], (URL,)),
        ([{"info_list": [{"image_scene": "WB_DFT", "url": URL}], "height": 1}], (URL,)),
        ([{"name": "a.webp"}], ("posts/a.webp",)),
        (f"{URL},{URL}2", (URL, f"{URL}2")),
        (f"{URL} {URL}2\n", (URL, f"{URL}2")),
        (f"['{URL}', 'b.jpeg']", (URL, "posts/b.jpeg")),
        ("a.png b.png", ("posts/a.png", "posts/b.png")),
        ("截图 2025-01-01.png", ("posts/截图 2025-01-01.png",)),
        ("a.png,b.png", ("posts/a.png", "posts/b.png")),
        ("3", ()),
        (3, ()),
        (["film.mp4", "a\0.png"], ()),
        ("/pictures/a.png", ("/pictures/a.png",)),
    ],
)
def test_images(cell: Any, images: tuple[str, ...]) -> None:
    assert images_of(cell, Path("posts")) == images


@pytest.mark.parametrize(
    "cell", ["[" * 100_000, "['a'," * 20_000, "[" + "-" * 90_000, "{" * 5_000, "[1" + "+1" * 40_000 + "]"]
)
def test_hostile_lists_are_only_words(cell: str) -> None:
    assert all(isinstance(tag, str) for tag in tags_of(cell))


def test_a_printed_list_longer_than_any_of_tags_is_only_words() -> None:
    assert tags_of("[" + "'a', " * 30_000 + "'b']") == ("['a'", "'a'", "'b']")


WORDS = st.text(st.characters(exclude_categories=["Cs", "Cc", "Z"]), min_size=1).filter(lambda word: "#" not in word)


@settings(deadline=None)
@given(st.lists(WORDS, unique=True))
def test_printed_list_gives_its_words(words: list[str]) -> None:
    assert tags_of(str(words)) == tuple(words)
