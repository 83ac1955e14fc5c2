"""Screens of Chinese text, as phones show them, are read in order, offline, and become part of the post. Needs RapidOCR and a Chinese font."""

from __future__ import annotations

import logging
import sys
from difflib import SequenceMatcher
from pathlib import Path

import pytest
from PIL import Image

from agent import Extractor, Post
from agent.pictures import look, ocr
from agent.pictures.opening import bytes_of, opened
from tests.cli.command import mianjing
from tests.pictures.drawing import process_without_network, screen, write
from tests.twin import fake_key


pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not ocr.is_installed(), reason="RapidOCR is not installed: pip install '.[ocr]'"),
]

LINES = [
    "某厂后端开发一面，面试官很和气，全程大约五十分钟",
    "1. 先做一个自我介绍，再挑一个你觉得最难的项目讲一讲，当时遇到了什么问题",
    "2. Redis 为什么快？持久化有哪几种方式",
    "3. 手撕：反转链表",
    "4. 什么是 LoRA？它和全量微调有什么区别",
    "建议大家一定要提前把项目里的每个选择想清楚",
]
QUESTIONS = [line.split(". ")[1] for line in LINES[1:5]]


def text_in(path: Path) -> str:
    return ocr.text_in(opened(bytes_of(path)))


def likeness(text: str, lines: list[str]) -> float:
    """How alike two texts are, 1 where they are the same; spaces apart, which a picture hardly shows."""
    return SequenceMatcher(None, text.replace(" ", ""), "\n".join(lines).replace(" ", ""), autojunk=False).ratio()


@pytest.mark.parametrize(
    "look_of_it",
    [
        {},
        {"colours": ("#121212", "#d8d8d8")},
        {"size": (720, 1280), "text": 26, "margin": 36},
        {"size": (360, 640), "text": 13, "margin": 18},
        {"size": (1440, 3200), "text": 54, "margin": 80},
        {"colours": ("#fff3e6", "#8a5a44")},
    ],
    ids=["light", "dark", "older phone", "thumbnail", "large phone", "pale"],
)
def test_a_screen_is_read_line_by_line(tmp_path: Path, look_of_it):
    text = text_in(screen(tmp_path / "a.png", LINES, **look_of_it))
    assert len(text.split("\n")) == len(LINES)
    assert likeness(text, LINES) > 0.97


def test_a_screen_saved_badly_is_read(tmp_path: Path):
    assert likeness(text_in(screen(tmp_path / "a.jpg", LINES, quality=30)), LINES) > 0.95


def test_a_photograph_on_its_side_is_read(tmp_path: Path):
    straight = Image.open(screen(tmp_path / "a.png", LINES, size=(1080, 1500)))
    tags = Image.Exif()
    tags[0x0112] = 6
    straight.rotate(90, expand=True).save(tmp_path / "b.jpg", exif=tags)
    assert likeness(text_in(tmp_path / "b.jpg"), LINES) > 0.95


def test_columns_are_read_one_after_the_other(tmp_path: Path):
    left = ["1. 什么是注意力机制", "2. 为什么要层归一化", "3. 位置编码有哪些做法", "4. 秩怎么选才合适"]
    right = ["5. 检索增强的流程", "6. 怎样评估召回率", "7. 什么是思维链提示", "8. 怎样减少幻觉"]
    title, foot = "大模型面试高频题目汇总", "以上题目都要能不看资料讲满三分钟，讲不出来就回去补一补"
    image = Image.new("RGB", (1242, 1100), "white")
    write(image, [title], at=(300, 60), width=900, text=60)
    write(image, left, at=(80, 220), width=500, text=36)
    write(image, right, at=(680, 245), width=500, text=36)
    write(image, [foot], at=(80, 800), width=1100, text=36)
    image.save(tmp_path / "a.png")
    text = text_in(tmp_path / "a.png")
    assert len(text.split("\n")) == 10
    assert likeness(text, [title, *left, *right, foot]) > 0.97


def test_a_screenshot_many_screens_long_is_read_whole(tmp_path: Path):
    lines = [f"{n}. 第{n}个问题是怎样保证消息不丢失" for n in range(1, 81)]
    text = text_in(screen(tmp_path / "a.png", lines, size=(1080, 7000)))
    assert len(text.split("\n")) == 80
    assert likeness(text, lines) > 0.97


@pytest.mark.parametrize("size", [(1, 1), (1, 5000), (5000, 1), (20, 4000), (4000, 20), (700, 700)])
def test_a_picture_of_nothing_has_no_text(tmp_path: Path, size):
    Image.new("RGB", size, "white").save(tmp_path / "a.png")
    assert text_in(tmp_path / "a.png") == ""


def test_its_text_follows_the_posts_own_and_every_quote_stands_in_its_place(tmp_path: Path):
    path = str(screen(tmp_path / "a.png", LINES))
    looked = look(Post(text="今天的一面，图里是题目", source="note.txt", images=(path, path))).post
    assert looked.text.startswith("今天的一面，图里是题目\n\n某厂")
    assert looked.source == "note.txt + 2 pictures (OCR)"
    record = Extractor(offline=True).extract(Post(text="今天的一面，图里是题目", images=(path,)))
    assert likeness("\n".join(one.quote for one in record.questions), QUESTIONS) > 0.95
    assert record.text is not None
    assert all(record.text[one.start : one.end] == one.quote for one in record.questions)
    assert record.post.chars == len(record.text)


def test_what_a_model_copies_from_the_picture_is_found_in_its_text(tmp_path: Path, twin):
    def says(asked):
        return {
            "posts": [{"id": "p1", "questions": [{"quote": one} for one in QUESTIONS], "methods": [], "advice": []}]
        }

    service = twin(projects={"p": [fake_key(1)]}, oracle=says)
    path = str(screen(tmp_path / "a.png", LINES))
    with Extractor(models=["gemini-2.5-flash"], keys=[fake_key(1)], base_url=service.url) as extractor:
        record = extractor.extract(Post(text="题目见图", images=(path,)))
    assert likeness("\n".join(one.quote for one in record.questions), QUESTIONS) > 0.95
    assert any("inlineData" in part for part in service.generated[0].body["contents"][0]["parts"])


def test_a_screenshot_alone_becomes_a_record(tmp_path: Path):
    said = mianjing("extract", screen(tmp_path / "shot.png", LINES), "--offline")
    assert said.status == 0, said.err
    [record] = said.records
    assert (Path(record.post.source or "").name, record.provenance.origin) == ("shot.png (OCR)", "rules")
    assert [one.number for one in record.questions] == [1, 2, 3, 4]


def test_pictures_alone_in_a_folder_are_a_post_each(tmp_path: Path):
    (tmp_path / "in").mkdir()
    for n in (1, 2):
        screen(tmp_path / f"in/{n}.png", [f"{n}. 第{n}次面试问了什么问题？"], size=(720, 400))
    said = mianjing("extract", tmp_path / "in", "--offline")
    assert said.status == 0, said.err
    assert [Path(record.post.source or "").name for record in said.records] == ["1.png (OCR)", "2.png (OCR)"]
    assert len({record.post.id for record in said.records}) == 2


def test_a_picture_is_read_once_and_remembered(tmp_path: Path, monkeypatch):
    given = Post(text="问", images=(str(screen(tmp_path / "a.png", LINES[:2], size=(720, 500))),))
    first = look(given).post
    monkeypatch.setitem(sys.modules, "rapidocr", type(sys)("rapidocr"))  # could read nothing any more
    sys.modules["rapidocr"].__spec__ = logging.__spec__
    ocr._engine.cache_clear()
    assert look(given).post == first


def test_nothing_is_downloaded_and_nothing_logged(tmp_path: Path):
    path = screen(tmp_path / "a.png", LINES[:3], size=(1080, 600))
    done = process_without_network(
        "from agent.pictures import look\nfrom agent.records import Post\n"
        f"print(look(Post(text='', images=({str(path)!r},))).post.text)"
    )
    assert likeness(done.stdout.strip(), LINES[:3]) > 0.97
    assert done.stderr == ""
