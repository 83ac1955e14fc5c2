"""Pictures go to a model right behind the fence of their post, through the real client; a model that takes none gets the text alone."""

from __future__ import annotations

import asyncio
import base64
import io
from pathlib import Path

import pytest
from langchain_core.language_models import GenericFakeChatModel
from PIL import Image

from agent import Extractor, Post
from agent.extraction.ask import Ask
from agent.extraction.chain import ladder
from agent.extraction.models import chat_model, sees_pictures
from agent.extraction.prompt import load_prompt
from agent.extraction.showing import content_blocks
from agent.gemini.keys import KeyManager
from agent.ladder import ModelName
from agent.pictures import looked_at
from tests.pictures.drawing import plain
from tests.twin import fake_key


TEXT = "1. 什么是 LoRA？\n2. 手撕：反转链表"
NAME = ModelName.parse("gemini-2.5-flash")


@pytest.fixture
def post(tmp_path: Path) -> Post:
    """A post with a red and a blue picture."""
    images = tuple(str(plain(tmp_path / f"{colour}.png", colour=colour)) for colour in ("red", "blue"))
    return looked_at(Post(text=TEXT, id="seen", images=images))


def shape(parts: list[dict]) -> list[str]:
    """What each part of a request is: the colour of an image, the beginning of a text."""
    return [_colour(part["inlineData"]) if "inlineData" in part else part["text"][:14] for part in parts]


def _colour(inline: dict) -> str:
    assert "image/jpeg" in inline.values()
    red, _, blue = Image.open(io.BytesIO(base64.urlsafe_b64decode(inline["data"]))).getpixel((1, 1))
    return "red" if red > blue else "blue"


def test_pictures_stand_behind_their_own_post(twin, post):
    service = twin(projects={"p": [fake_key(1)]})
    rungs = [(NAME, chat_model(NAME, keys=KeyManager([fake_key(1)], base_url=service.url), base_url=service.url))]
    other = Post(text="3. 什么是 RAG？")
    ask = Ask.of(post)
    both = Ask((post, other), (*ask.seen, *Ask.of(other).seen), (frozenset(), frozenset()))
    answered = ladder(rungs, load_prompt("extract")).invoke(both)
    assert set(answered.settled) == {0, 1}
    (turn,) = service.generated[0].body["contents"]
    assert shape(turn["parts"]) == ['<post id="p1">', "images of p1, ", "red", "blue", '<post id="p2">']


def test_a_post_with_pictures_goes_through_both_doors(twin, post):
    service = twin(projects={"p": [fake_key(1)]})
    with Extractor(models=["gemini-2.5-flash"], keys=[fake_key(1)], base_url=service.url) as extractor:
        assert len(extractor.extract(post).questions) == 2
        assert len(asyncio.run(extractor.runnable.ainvoke(post)).questions) == 2
    for asked in service.generated:
        assert shape(asked.body["contents"][0]["parts"])[2:] == ["red", "blue"]


def test_the_same_post_seen_from_another_folder_is_not_asked_again(twin, post, tmp_path, monkeypatch):
    service = twin(projects={"p": [fake_key(1)]})
    with Extractor(models=["gemini-2.5-flash"], keys=[fake_key(1)], base_url=service.url, home=tmp_path / "h") as one:
        one.extract(post)
        monkeypatch.chdir(tmp_path)
        one.extract(Post(text=TEXT, images=("red.png", "blue.png")))
    assert len(service.generated) == 1


def test_what_a_model_reads_in_pictures_alone_is_dropped_and_counted(twin, post):
    def says(asked):
        found = [{"quote": "什么是 LoRA？"}, {"quote": "只在图里的问题"}]
        return {"posts": [{"id": "p1", "questions": found, "methods": [], "advice": []}]}

    service = twin(projects={"p": [fake_key(1)]}, oracle=says)
    with Extractor(models=["gemini-2.5-flash"], keys=[fake_key(1)], base_url=service.url) as extractor:
        record = extractor.extract(post)
    assert all(TEXT[one.start : one.end] == one.quote for one in record.questions)
    assert any("dropped 1 item" in warning for warning in record.provenance.warnings)


def test_a_picture_that_has_gone_costs_nothing_but_itself(post):
    Path(post.images[0]).unlink()
    assert [block["type"] for block in content_blocks([post])] == ["text", "text", "image"]


def test_nothing_beside_a_post_looks_like_a_fence(post):
    texts = [block["text"] for block in content_blocks([post, post]) if block["type"] == "text"]
    assert [text.startswith("<post ") for text in texts] == [True, False, True, False]
    assert not any("<" in text for text in texts if text.startswith("images"))


@pytest.mark.parametrize(
    ("name", "sees"),
    [("gemini-2.5-flash", True), ("gemini-99-flash", True), ("gemma-3-27b-it", False), ("ollama:x", False)],
)
def test_a_model_that_nobody_knows_gets_no_pictures_unless_it_is_a_gemini(name, sees):
    assert sees_pictures(ModelName.parse(name), GenericFakeChatModel(messages=iter([]))) is sees
    assert sees_pictures(ModelName.parse(name), GenericFakeChatModel(messages=iter([]), profile={"image_inputs": True}))
