"""Whatever goes wrong at the twin reaches the real client as GEMINI.md says; noise is as strong as told."""

from __future__ import annotations

import json
import time
from collections import Counter
from typing import Any

import httpx
import pytest
from langchain_google_genai.chat_models import (
    GoogleAPIError,
)

from tests.twin import (
    Asked,
    Fault,
    FaultPlan,
    Labelled,
    Noisy,
    ShownPost,
)
from tests.twin.answers import tokens_of
from tests.twin.client import FLASH, Twins, chat, fenced, row
from tests.twin.faults import SAYS


TEXT = "某厂一面\n1. 介绍一下 LoRA？\n2、为什么要做 rerank\n常用的是混合检索\n一定要多练手撕"
ROW = row(TEXT, questions=["介绍一下 LoRA？", "为什么要做 rerank"], methods=["混合检索"], advice=["一定要多练手撕"])


def asked(text: str) -> Asked:
    body = {"contents": [{"role": "user", "parts": [{"text": text}]}]}
    return Asked(1, FLASH, "", "", body, ())


class TestFaults:
    @pytest.mark.parametrize(
        ("kind", "error", "counted"),
        [
            ("html", GoogleAPIError, 0),
            ("500", GoogleAPIError, 1),
            ("504", GoogleAPIError, 1),
            ("drop", httpx.RemoteProtocolError, 1),
            ("cut_body", httpx.RemoteProtocolError, 1),
            ("malformed", json.JSONDecodeError, 1),
            ("garbage", json.JSONDecodeError, 1),
        ],
    )
    def test_on_the_wire(self, twin: Twins, kind: str, error: type[Exception], counted: int) -> None:
        served = twin(fault=lambda asked: kind)
        with pytest.raises(error) as raised:
            chat(served).invoke("x")
        if kind == "html":
            assert raised.value.__cause__.details["message"].startswith("<html>")
        assert served.outcomes == {kind: 1}
        assert served.used("p1", FLASH) == counted

    def test_a_hang_lasts_until_the_client_gives_up(self, twin: Twins) -> None:
        served = twin(min_deadline=0, fault=lambda asked: "hang")
        with pytest.raises(httpx.ReadTimeout):
            chat(served, timeout=0.3).invoke("x")
        assert (served.requests[0].status, served.used("p1", FLASH)) == (0, 1)

    def test_a_bounded_hang_ends_by_a_drop(self, twin: Twins) -> None:
        served = twin(fault=lambda asked: Fault("hang", seconds=0.05))
        with pytest.raises(httpx.RemoteProtocolError):
            chat(served).invoke("x")

    def test_a_slow_drip_arrives_whole(self, twin: Twins) -> None:
        served = twin(fault=lambda asked: Fault("drip", seconds=0.2))
        start = time.monotonic()
        assert chat(served).invoke("hello").content == "You said: hello"
        assert time.monotonic() - start > 0.15

    def test_a_redirect_carries_the_key_along_where_it_is_followed(self, twin: Twins) -> None:
        served = twin(fault=lambda asked: "redirect")
        chat(served).invoke("x")
        assert [stray.key for stray in served.strayed] == [served.keys[0]]

    def test_a_stream_that_breaks_off(self, twin: Twins) -> None:
        served = twin(oracle=lambda asked: "x" * 2000, fault=lambda asked: "cut_body")
        got: list[str] = []
        with pytest.raises(httpx.RemoteProtocolError):
            got.extend(piece.content for piece in chat(served).stream("x"))
        assert got

    @pytest.mark.parametrize("kind", SAYS)
    def test_what_a_model_says_wrongly_is_a_200(self, twin: Twins, kind: str) -> None:
        served = twin(oracle=Labelled([ROW]), poison={"LoRA": kind})
        answer = chat(served, max_output_tokens=2000).invoke(fenced(TEXT))
        assert served.outcomes == {kind: 1}
        finish, text = answer.response_metadata.get("finish_reason"), answer.content
        match kind:
            case "blocked":
                assert (finish, text, answer.usage_metadata) == (None, "", None)
                assert answer.response_metadata["prompt_feedback"]["block_reason"] == "PROHIBITED_CONTENT"
            case "recitation" | "safety":
                assert (finish, text) == (kind.upper(), "")
            case "empty":
                assert (finish, text) == ("STOP", "")
            case "no_candidate":
                assert (finish, text) == (None, "")
            case "only_thoughts":
                assert (finish, text, answer.usage_metadata["output_token_details"]["reasoning"]) == (
                    "MAX_TOKENS",
                    "",
                    2000,
                )
            case "max_tokens" | "loop":
                assert finish == "MAX_TOKENS"
                assert tokens_of(text) == 2000 or kind == "max_tokens"
                with pytest.raises(ValueError, match=r"delimiter|Unterminated|Expecting|char"):
                    json.loads(text)
            case "fenced":
                assert json.loads(text.split("```")[1].removeprefix("json"))["posts"]
            case "prose":
                assert "{" not in text
            case "other_ids":
                assert json.loads(text)["posts"][0]["id"] != "p1"
            case "wrong_types":
                assert json.loads(text)["posts"][0]["questions"] == ["介绍一下 LoRA？", "为什么要做 rerank"]

    def test_only_the_post_with_the_marker_is_poisoned(self, twin: Twins) -> None:
        served = twin(poison={"MARK": "recitation"})
        assert chat(served).invoke(fenced("1. a", "1. b")).content
        assert not chat(served).invoke(fenced("1. a", "1. MARK")).content

    def test_a_plan_spoils_its_share_in_every_way_and_the_same_way_again_in_whatever_order_posts_come(self) -> None:
        kinds = ["503", "drop", "loop"]
        requests = [asked(f"post {number % 300}") for number in range(900)]
        there, back = (FaultPlan(1 / 3, kinds, seed=7) for _ in range(2))
        made = Counter((request.user_text, there(request)) for request in requests)
        assert made == Counter((request.user_text, back(request)) for request in reversed(requests))
        spoilt = Counter(fault for _, fault in made.elements())
        assert spoilt[None] == pytest.approx(600, abs=45)
        assert [spoilt[Fault(kind)] for kind in kinds] == pytest.approx([100] * 3, abs=30)


class TestNoise:
    def test_each_kind_of_noise_is_done_about_as_often_as_told(self) -> None:
        noisy = Noisy(Labelled([ROW]), translate=0.05)
        told = [noisy.read(ShownPost("p1", TEXT)) for _ in range(500)]
        items = sum(len(items) for answer in told for items in answer.values())
        kept = 4 * 500 - noisy.done["drop"]
        assert noisy.done["drop"] == pytest.approx(300, abs=50)
        assert noisy.done["reword"] == pytest.approx(kept * 0.2, abs=60)
        assert noisy.done["invent"] == pytest.approx(150, abs=35)
        assert noisy.done["misfile"] == pytest.approx(kept * 0.1, abs=45)
        assert items > kept + noisy.done["double"] + noisy.done["invent"] - 1

    def test_the_same_seed_says_the_same(self) -> None:
        def said(seed: int) -> list[Any]:
            noisy = Noisy(Labelled([ROW]), seed=seed)
            return [noisy.read(ShownPost("p1", TEXT)) for _ in range(5)]

        assert said(1) == said(1) != said(2)
        assert said(1)[0] != said(1)[1]
