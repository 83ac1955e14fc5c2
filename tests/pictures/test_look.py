"""A look at a post's pictures: what can be sent is kept by path and digest, what cannot is told, and nothing is fetched."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from agent import Extractor, Post
from agent.pictures import MOST_PARTS, look, looked_at
from tests.pictures.drawing import plain


LINK = "https://img.example.com/1.png"


@pytest.fixture
def without(monkeypatch):
    """Makes packages look as if they were not installed."""
    return lambda *names: [monkeypatch.setitem(sys.modules, name, None) for name in names]


def test_a_post_without_pictures_is_the_same_after_it():
    post = Post(text="问")
    assert looked_at(post) is post


def test_pictures_are_kept_by_path_and_content(tmp_path: Path):
    path = str(plain(tmp_path / "a.png"))
    post = look(Post(text="问", images=(path,))).post
    assert [picture.path for picture in post.pictures] == [path]
    assert post.digest != Post(text="问").digest


def test_the_same_pictures_elsewhere_make_the_same_post(tmp_path: Path):
    one, other = plain(tmp_path / "a.png"), plain(tmp_path / "elsewhere/b.png")
    changed = plain(tmp_path / "c.png", colour="red")
    digests = [look(Post(text="问", images=(str(path),))).post.digest for path in (one, other, changed)]
    assert digests[0] == digests[1] != digests[2]


def test_links_are_not_fetched_and_make_no_difference():
    post = look(Post(text="问", images=(LINK, LINK + "?signed=anew"))).post
    assert post.warnings == ("2 pictures not read: links are not fetched",)
    assert post.digest == Post(text="问").digest


def test_what_is_no_picture_is_told_and_the_rest_goes_on(tmp_path: Path):
    (tmp_path / "b.png").write_text("a text", encoding="utf-8")
    images = (str(plain(tmp_path / "a.png")), str(tmp_path / "b.png"), str(tmp_path / "absent.png"))
    looked = look(Post(text="问", images=images))
    assert [Path(failure.path).name for failure in looked.failures] == ["b.png", "absent.png"]
    assert len(looked.post.pictures) == 1
    assert "could not read 2 pictures" in looked.post.warnings


def test_no_more_pictures_are_sent_than_a_request_holds(tmp_path: Path):
    images = tuple(str(plain(tmp_path / f"{n}.png")) for n in range(MOST_PARTS + 3))
    post = look(Post(text="问", images=images)).post
    assert len(post.pictures) == MOST_PARTS
    assert any(warning.startswith("3 pictures not sent") for warning in post.warnings)


def test_what_is_not_installed_is_told_by_its_extra(tmp_path: Path, without):
    given = Post(text="问", images=(str(plain(tmp_path / "a.png")),))
    without("rapidocr")
    [warning] = look(given).post.warnings
    assert "mianjing[ocr]" in warning
    without("PIL")
    unseen = look(given).post
    assert unseen.pictures == ()
    assert "mianjing[images]" in unseen.warnings[0]


def test_a_record_tells_the_warnings_of_its_post():
    record = Extractor(offline=True).extract(Post(text="1. 什么是 LoRA？", images=(LINK,)))
    assert record.provenance.warnings[0] == "1 picture not read: links are not fetched"


def test_a_second_look_changes_nothing(tmp_path: Path):
    once = looked_at(Post(text="问", images=(str(plain(tmp_path / "a.png")), LINK)))
    assert looked_at(once) is once
