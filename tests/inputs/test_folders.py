"""Folders: all that is in them, by name, once; pictures belong to the post that they lie beside."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from agent.inputs import LeftOut
from tests.inputs.reading import clean, read, write_json, write_jsonl
from tests.pictures.drawing import plain


PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 20


def text(path: Path, content: str = "") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content or path.name, encoding="utf-8")
    return path


def test_order_is_by_name_files_before_folders(tmp_path: Path) -> None:
    for name in ("b.txt", "a/z.txt", "a/a.md", "c.txt", "a.txt", "a/b/c/deep.txt", "d/e.txt"):
        text(tmp_path / "in" / name)
    expected = ["a.txt", "b.txt", "c.txt", "a.md", "z.txt", "deep.txt", "e.txt"]
    assert [post.text for post in clean(tmp_path / "in")] == expected


def test_inputs_are_read_in_the_order_given(tmp_path: Path) -> None:
    b, a = text(tmp_path / "b.txt"), text(tmp_path / "a.txt")
    assert [post.text for post in clean(b, a, b)] == ["b.txt", "a.txt", "b.txt"]


@pytest.mark.parametrize(
    "name",
    [
        ".hidden.txt",
        ".git/config",
        "__pycache__/x.pyc",
        "~$book.xlsx",
        "Thumbs.db",
        ".DS_Store",
        "film.mp4",
        "p.db-wal",
        "x.GIF",
    ],
)
def test_what_is_never_a_post_is_passed_over(tmp_path: Path, name: str) -> None:
    text(tmp_path / "in/p.txt")
    (tmp_path / "in" / name).parent.mkdir(exist_ok=True)
    (tmp_path / "in" / name).write_bytes(b"\0\1\2\3")
    assert [post.text for post in clean(tmp_path / "in")] == ["p.txt"]


def test_unknown_binary_is_named(tmp_path: Path) -> None:
    text(tmp_path / "in/p.txt")
    (tmp_path / "in/program.exe").write_bytes(b"MZ\0\0\1\2\3" * 20)
    reading = read(tmp_path / "in")
    assert (reading.texts, len(reading.problems)) == (["p.txt"], 1)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"%PDF-1.7\n", "PDF"),
        (b"\x1f\x8b\x08\0", "compressed"),
        (PNG, "picture"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "picture"),
        (b"\xff\xd8\xff\xe0", "picture"),
    ],
)
def test_well_known_kinds_are_named_whatever_the_ending(tmp_path: Path, data: bytes, said: str) -> None:
    (tmp_path / "p.txt").write_bytes(data)
    assert said in read(tmp_path / "p.txt").problems[0].why


def test_pictures_beside_the_only_post_are_part_of_it(tmp_path: Path) -> None:
    text(tmp_path / "in/one/post.txt")
    pictures = [plain(tmp_path / "in/one" / name) for name in ("1.png", "2.JPG", "3.webp")]
    text(tmp_path / "in/two/a.txt")
    text(tmp_path / "in/two/b.txt")
    plain(tmp_path / "in/two/c.png")
    assert [post.images for post in read(tmp_path / "in").posts] == [tuple(map(str, pictures)), (), ()]


def test_folder_of_one_note_as_spider_xhs_saves_it(tmp_path: Path) -> None:
    """`detail.txt` repeats `info.json`; the pictures are those that it names by address."""
    note = tmp_path / "in/note"
    text(note / "detail.txt", "标题: 一面")
    write_json(note / "info.json", {"note_id": "n1", "desc": "问题", "image_list": ["https://img.example.com/1"]})
    image = plain(note / "image_0.jpg")
    [post] = read(tmp_path / "in").posts
    assert (post.text, post.images) == ("问题", (str(image),))


def test_pictures_beside_many_rows_belong_to_none(tmp_path: Path) -> None:
    image = plain(tmp_path / "in/a.png")
    write_jsonl(tmp_path / "in/p.jsonl", {"text": "一"}, {"text": "二", "images": ["a.png"]})
    assert [post.images for post in read(tmp_path / "in").posts] == [(), (str(image),)]


def test_links_in_a_circle_are_followed_once(tmp_path: Path) -> None:
    text(tmp_path / "in/a/p.txt")
    text(tmp_path / "elsewhere/q.txt")
    (tmp_path / "in/a/back").symlink_to(tmp_path / "in")
    (tmp_path / "in/self").symlink_to(".")
    (tmp_path / "in/other").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "in/r.txt").symlink_to(tmp_path / "elsewhere/q.txt")
    assert [post.text for post in clean(tmp_path / "in")] == ["q.txt", "p.txt", "q.txt"]


@pytest.mark.parametrize("target", ["nowhere", "loop.txt"])
def test_link_that_leads_nowhere_is_named(tmp_path: Path, target: str) -> None:
    text(tmp_path / "in/p.txt")
    (tmp_path / "in/loop.txt").symlink_to(target)
    reading = read(tmp_path / "in")
    assert (reading.texts, len(reading.problems)) == (["p.txt"], 1)


def test_what_would_block_is_never_opened(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    text(folder / "p.txt")
    os.mkfifo(folder / "pipe.jsonl")
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(str(Path(os.path.relpath(folder / "door.txt"))))
        reading = read(folder, "/dev/null")
    assert reading.texts == ["p.txt"]
    assert ["pipe" in problem.why for problem in reading.problems] == [False, True, False]


@pytest.mark.parametrize("given", ["absent.txt", "absent/", "", "a\0b", "x" * 300, "absent/" * 1000])
def test_what_is_not_there_is_named(given: str) -> None:
    reading = read(given)
    assert (reading.posts, len(reading.problems)) == ([], 1)


def test_folder_with_nothing_in_it_is_named(tmp_path: Path) -> None:
    (tmp_path / "in/empty").mkdir(parents=True)
    assert "no file that could be a post" in read(tmp_path / "in").problems[0].why


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is forbidden to root")
def test_what_may_not_be_read_is_named(tmp_path: Path) -> None:
    text(tmp_path / "in/a/p.txt")
    text(tmp_path / "in/b/q.txt").chmod(0)
    (tmp_path / "in/a").chmod(0)
    try:
        assert ["denied" in problem.why for problem in read(tmp_path / "in").problems] == [True, True]
    finally:
        (tmp_path / "in/a").chmod(0o700)


def test_deep_folders_are_no_trouble(tmp_path: Path) -> None:
    deep = tmp_path / "in" / "/".join("d" * 300)
    deep.mkdir(parents=True)
    text(deep / "p.txt")
    assert [post.text for post in clean(tmp_path / "in")] == ["p.txt"]


def test_left_out_is_a_problem_too(tmp_path: Path) -> None:
    """Whoever does not know the difference still names it."""
    reading = read(write_jsonl(tmp_path / "p.jsonl", {"comment_id": "c", "content": "同问"}))
    assert [type(one) for one in reading.left_out] == [LeftOut]
    assert str(reading.left_out[0]).startswith(str(tmp_path / "p.jsonl"))
