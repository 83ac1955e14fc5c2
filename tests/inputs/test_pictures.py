"""Pictures of posts: only those in the folder of their file are opened; what is none is named with file and row."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.inputs.reading import read, write_jsonl
from tests.inputs.test_folders import text
from tests.pictures.drawing import plain


@pytest.mark.parametrize("name", ["../private.png", "{elsewhere}/private.png", "link.png", "in/../../private.png"])
def test_a_path_that_leads_outside_is_refused_and_named(tmp_path: Path, name: str):
    """A file from somebody else could name any picture of the reader's, and it would be sent away."""
    folder = tmp_path / "in"
    folder.mkdir()
    private = plain(tmp_path / "private.png")
    (folder / "link.png").symlink_to(private)
    file = write_jsonl(folder / "p.jsonl", {"text": "问", "images": [name.format(elsewhere=tmp_path)]})
    reading = read(file)
    [post] = reading.posts
    assert (post.images, post.pictures) == ((), ())
    assert reading.rows == [1]
    assert "outside" in reading.problems[0].why


def test_a_link_that_leads_to_itself_is_named_and_the_post_stays(tmp_path: Path):
    (tmp_path / "loop.png").symlink_to(tmp_path / "loop.png")
    reading = read(write_jsonl(tmp_path / "p.jsonl", {"text": "问", "images": ["loop.png"]}, {"text": "答"}))
    assert reading.texts == ["问", "答"]
    assert reading.posts[0].pictures == ()
    assert reading.rows == [1]
    assert "loop.png" in reading.problems[0].why


def test_an_absolute_path_inside_is_fine(tmp_path: Path):
    inside = plain(tmp_path / "deep/a.png")
    [post] = read(write_jsonl(tmp_path / "p.jsonl", {"text": "问", "images": [str(inside)]})).posts
    assert [picture.path for picture in post.pictures] == [str(inside)]


def test_what_is_no_picture_is_named_with_its_row_and_the_post_stays(tmp_path: Path):
    (tmp_path / "b.png").write_text("a text", encoding="utf-8")
    plain(tmp_path / "a.png")
    reading = read(
        write_jsonl(
            tmp_path / "p.jsonl",
            {"text": "一", "images": ["a.png"]},
            {"text": "二", "images": ["b.png", "absent.png", "a.png"]},
        )
    )
    assert reading.texts == ["一", "二"]
    assert reading.rows == [2, 2]
    assert [len(post.pictures) for post in reading.posts] == [1, 1]
    assert "b.png" in str(reading.problems[0])


def test_pictures_beside_a_post_are_looked_at(tmp_path: Path):
    text(tmp_path / "in/post.txt", "问")
    plain(tmp_path / "in/1.png")
    (tmp_path / "in/2.png").touch()
    reading = read(tmp_path / "in")
    assert [len(post.pictures) for post in reading.posts] == [1]
    assert "2.png' cannot be read: it is empty" in reading.problems[0].why


def test_an_album_beside_one_text_is_not_its_pictures(tmp_path: Path):
    text(tmp_path / "in/post.txt", "问")
    for n in range(40):
        plain(tmp_path / f"in/{n}.png")
    reading = read(tmp_path / "in")
    assert reading.posts[0].images == ()
    assert "40 pictures" in reading.left_out[0].why


@pytest.fixture
def no_ocr(monkeypatch):
    monkeypatch.setitem(sys.modules, "rapidocr", None)


@pytest.mark.usefixtures("no_ocr")
def test_without_ocr_a_picture_alone_is_named_with_the_extra(tmp_path: Path):
    plain(tmp_path / "in/1.png")
    plain(tmp_path / "in/2.png")
    for given in ([tmp_path / "in"], [tmp_path / "in/1.png", tmp_path / "in/2.png"]):
        problems = read(*given).problems
        assert [Path(problem.source).name for problem in problems] == ["1.png", "2.png"]
        assert all("mianjing[ocr]" in problem.why for problem in problems)


@pytest.mark.usefixtures("no_ocr")
def test_without_ocr_the_extra_is_told_once(tmp_path: Path):
    plain(tmp_path / "a.png")
    rows = [{"text": f"{n}", "images": ["a.png"]} for n in range(5)]
    reading = read(write_jsonl(tmp_path / "p.jsonl", *rows))
    assert [len(post.pictures) for post in reading.posts] == [1] * 5
    assert ["mianjing[ocr]" in one.why for one in reading.left_out] == [True]
