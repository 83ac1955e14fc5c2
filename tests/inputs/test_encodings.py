"""Bytes become exactly the text that was written, whatever it was written in; what is no text is refused."""

from __future__ import annotations

import codecs
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.errors import UsageError
from agent.inputs import read_posts
from tests.inputs.reading import clean, on_disk, read


POST = "今天面了一家做大模型的公司，一面问得很细。\n1. 什么是 LoRA？\n2、RAG 怎么做混合检索？\r\n\t[一R] 手撕：两数之和 😀\n"
ENGLISH = (
    "I was asked: “What is a mutex?” and didn’t know.\nDon’t skip the basics — it’s a café chat, not a naïve quiz.\n"
)

CHARACTERS = st.characters(exclude_categories=["Cs"])


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "gb18030", "gbk"]
)
def test_encoding_is_told_by_the_bytes(tmp_path: Path, encoding: str) -> None:
    text = POST.replace("😀", "") if encoding == "gbk" else POST
    file = tmp_path / "p.txt"
    file.write_bytes(text.encode(encoding))
    assert [post.text for post in clean(file)] == [text]


def test_big_endian_utf_16_with_a_bom(tmp_path: Path) -> None:
    file = tmp_path / "p.txt"
    file.write_bytes(codecs.BOM_UTF16_BE + POST.encode("utf-16-be"))
    assert clean(file)[0].text == POST


@pytest.mark.parametrize(
    ("text", "encoding"), [(ENGLISH, "cp1252"), (ENGLISH, "gb18030"), ("一面 凉经 好好准备", "gb18030")]
)
def test_less_usual_cases(tmp_path: Path, text: str, encoding: str) -> None:
    text = text if encoding == "cp1252" else text.replace("ï", "i").replace("é", "e")
    file = tmp_path / "p.txt"
    file.write_bytes(text.encode(encoding))
    assert clean(file)[0].text == text


def test_big5_is_guessed_where_there_is_enough_of_it(tmp_path: Path) -> None:
    text = "面試官先問了專案經驗，再問資料庫的索引為什麼用樹狀結構，最後要我說明分散式系統的一致性。建議大家多準備演算法題目。"
    file = tmp_path / "p.txt"
    file.write_bytes(text.encode("big5"))
    assert clean(file)[0].text == text


def test_big5_is_guessed_where_the_part_that_is_looked_at_ends_inside_a_character(tmp_path: Path) -> None:
    line = "面試官先問了專案經驗，再問資料庫的索引為什麼用樹狀結構，最後要我說明分散式系統的一致性。\n"
    for shift in "", "a":
        text = shift + line * 1_000
        file = tmp_path / "p.txt"
        file.write_bytes(text.encode("big5"))
        assert clean(file)[0].text == text


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "UTF8", "gb18030", "big5hkscs", "utf-16", "shift_jis"])
def test_named_encoding_goes_before_guessing(tmp_path: Path, encoding: str) -> None:
    text = "面試 question 1\r\n"
    file = tmp_path / "p.txt"
    file.write_bytes(text.encode("utf-8-sig" if encoding == "utf-8" else encoding))
    assert clean(file, encoding=encoding)[0].text == text


@pytest.mark.parametrize("name", ["klingon", "hex", "rot13", "", "a\0b", "undefined"])
def test_unknown_encoding_is_wrong_usage(name: str) -> None:
    with pytest.raises(UsageError, match="unknown encoding"):
        read_posts(["p.txt"], encoding=name)


def test_only_one_bom_is_taken_off(tmp_path: Path) -> None:
    file = tmp_path / "p.txt"
    file.write_bytes("\ufeff\ufeff#面经[话题]#".encode())
    assert clean(file)[0].text == "\ufeff#面经[话题]#"


@pytest.mark.parametrize(
    "data",
    [
        bytes(range(256)),
        b"\0" * 100,
        b"\0\1\2\3\4\5",
        b"\x7fELF\2\1\1" + b"\0" * 50,
        b"\x80" * 41,
        b"\xff" * 40,
        b"\xff\xfe" + b"\1\0\2\0" * 20,
        "问题".encode() + b"\xff\xfe\xfd" * 20,
    ],
    ids=["every byte", "zeros", "controls", "program", "no encoding", "ones", "controls behind a BOM", "a little text"],
)
def test_what_is_no_text_is_refused(tmp_path: Path, data: bytes) -> None:
    file = tmp_path / "p.txt"
    file.write_bytes(data)
    reading = read(file)
    assert reading.posts == []
    assert "--encoding" in reading.problems[0].why


@pytest.mark.parametrize("cut", [1, 2])
def test_half_a_character_is_named_with_its_byte(tmp_path: Path, cut: int) -> None:
    """Nothing is lost and nothing invented: neither dropped, nor read as GB18030."""
    file = tmp_path / "p.txt"
    whole = "什么是 LoRA，微".encode()
    file.write_bytes(whole[:-cut])
    assert f"broken at byte {len(whole) - 2}" in read(file).problems[0].why


def test_broken_byte_in_utf_8_is_no_reason_to_read_it_as_gb18030(tmp_path: Path) -> None:
    file = tmp_path / "p.txt"
    file.write_bytes("什么是混合检索？".encode() + b"\xff" + "怎么做重排？".encode())
    assert "UTF-8: broken at byte 25" in read(file).problems[0].why


@on_disk
@given(st.text(CHARACTERS).filter(lambda text: not text.startswith("\ufeff")))
def test_every_text_comes_back_where_the_encoding_is_named(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    """Line ends, control characters and all."""
    file = tmp_path_factory.mktemp("enc") / "p.txt"
    for encoding in ("utf-8", "utf-16-le", "gb18030", "utf-32"):
        file.write_bytes(text.encode(encoding))
        assert read(file, encoding=encoding).texts == [text]


@on_disk
@given(st.text(CHARACTERS, max_size=40))
def test_every_text_comes_back_from_utf_8_unless_it_is_mostly_controls(
    tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    file = tmp_path_factory.mktemp("enc") / "p.txt"
    written = "面经：" * 20 + text
    file.write_bytes(written.encode())
    assert read(file).texts == [written]


@on_disk
@given(st.binary(max_size=300))
def test_any_bytes_are_a_post_or_a_problem(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    file = tmp_path_factory.mktemp("enc") / "p.txt"
    file.write_bytes(data)
    reading = read(file)
    assert len(reading.posts) + len(reading.problems) == 1
