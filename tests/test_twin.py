"""The twin answers as GEMINI.md says the service does, seen through the real client: answers, models, keys."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import httpx
import pytest
from google.genai.errors import ClientError
from langchain_core.messages import AIMessage
from langchain_google_genai import ChatGoogleGenerativeAI
from langchain_google_genai.chat_models import (
    GoogleAPIError,
    GoogleInvalidRequestError,
    GoogleModelNotFoundError,
    GooglePermissionDeniedError,
    GoogleRateLimitError,
)
from pydantic import BaseModel

from tests.twin import (
    LIST,
    Answer,
    Labelled,
    Model,
    NotRecorded,
    Quota,
    ShownPost,
    Twin,
    fake_key,
    recorded,
)
from tests.twin.answers import cut_to, tokens_of
from tests.twin.client import FLASH, Twins, chat, closing, failure, fenced, row, sdk
from tests.twin.process import TwinProcess


TEXT = "某厂一面\n1. 介绍一下 LoRA？\n2、为什么要做 rerank\n常用的是混合检索\n一定要多练手撕"
ROW = row(TEXT, questions=["介绍一下 LoRA？", "为什么要做 rerank"], methods=["混合检索"], advice=["一定要多练手撕"])


class Post(BaseModel):
    id: str
    methods: list[dict[str, Any]]
    questions: list[dict[str, Any]]
    advice: list[dict[str, Any]]


class Posts(BaseModel):
    posts: list[Post]


class TestAnswers:
    def test_a_labelled_post_is_answered_by_its_labels(self, twin: Twins) -> None:
        served = twin(oracle=Labelled([ROW]))
        answer = chat(served).with_structured_output(Posts, method="json_schema").invoke(fenced(TEXT))
        (post,) = answer.posts
        assert post.id == "p1"
        assert post.questions == [
            {"quote": "介绍一下 LoRA？", "number": 1},
            {"quote": "为什么要做 rerank", "number": 2},
        ]
        assert (post.methods, post.advice) == ([{"quote": "混合检索"}], [{"quote": "一定要多练手撕"}])
        assert served.requests[0].post_ids == ("p1",)

    @pytest.mark.parametrize(
        ("shown", "questions"),
        [
            ("某厂一面\n1. 介绍一下 LoRA？", ["介绍一下 LoRA？"]),
            (TEXT.replace("？", "?").replace("LoRA", "ＬｏＲＡ"), ["介绍一下 ＬｏＲＡ?", "为什么要做 rerank"]),
            (TEXT.replace("\n", " \n "), ["介绍一下 LoRA？", "为什么要做 rerank"]),
            ("一个没有见过的帖子\n1、什么是索引\n聊了聊\n为什么？", ["什么是索引", "为什么？"]),
        ],
        ids=["a part", "other width, as shown", "other spaces", "unknown: by the naive rule"],
    )
    def test_what_stands_in_the_shown_text_is_told(self, shown: str, questions: list[str]) -> None:
        told = Labelled([ROW]).read(ShownPost("p1", shown))
        assert [item["quote"] for item in told["questions"]] == questions

    def test_only_the_last_user_turn_shows_posts(self, twin: Twins) -> None:
        served = twin()
        turns = [("system", fenced("1. a")), ("human", fenced("1. b")), ("ai", "ok"), ("human", fenced("1. c", "2. d"))]
        told = json.loads(chat(served).invoke(turns).content)
        assert [post["questions"][0]["quote"] for post in told["posts"]] == ["c", "d"]

    def test_small_talk_echoes_or_fills_in_the_schema(self, twin: Twins) -> None:
        class Weather(BaseModel):
            place: str
            degrees: float

        served = twin()
        assert chat(served).invoke("hello").content == "You said: hello"
        filled = chat(served).with_structured_output(Weather, method="json_schema").invoke("hello")
        assert filled == Weather(place="text", degrees=1.5)

    def test_a_tool_is_called_where_it_is_named(self, twin: Twins) -> None:
        def look_up(word: str) -> str:
            """Look a word up."""
            return word

        bound = chat(twin()).bind_tools([look_up])
        called = bound.invoke("please look_up this")
        assert [(call["name"], call["args"]) for call in called.tool_calls] == [("look_up", {"word": "text"})]
        assert bound.invoke("nothing to do").tool_calls == []
        turns = [
            "please look_up this",
            called,
            {"role": "tool", "content": "found", "tool_call_id": called.tool_calls[0]["id"]},
        ]
        assert "found" in bound.invoke(turns).content

    def test_async_calls_and_streams(self, twin: Twins) -> None:
        served = twin(oracle=lambda asked: "面" * 1000)

        async def both() -> tuple[AIMessage, list[Any]]:
            async with closing(chat(served)) as model:
                return await model.ainvoke("x"), [piece async for piece in model.astream("x")]

        whole, pieces = asyncio.run(both())
        assert whole.content == "".join(piece.content for piece in pieces) == "面" * 1000
        assert len(pieces) > 3
        assert [piece.content for piece in chat(served).stream("x")] == [piece.content for piece in pieces]

    def test_usage_version_and_id_are_told(self, twin: Twins) -> None:
        served = twin(thoughts=30, implicit_cache=True)
        turns = [("system", "a fixed head " * 500), ("human", "hello")]
        first, second = (
            chat(served, "gemini-flash-latest").invoke(turns),
            chat(served, "gemini-flash-latest").invoke(turns),
        )
        assert first.response_metadata["model_name"] == "gemini-3.8-flash"
        usage = second.usage_metadata
        assert usage["output_token_details"]["reasoning"] == 30
        assert (
            usage["input_token_details"]["cache_read"]
            > 1024
            > first.usage_metadata["input_token_details"]["cache_read"]
        )
        assert served.requests[0].prompt_tokens == first.usage_metadata["input_tokens"] > 1600

    def test_max_output_tokens_cuts(self, twin: Twins) -> None:
        served = twin(oracle=lambda asked: "x" * 4000)
        cut = chat(served, max_output_tokens=100).invoke("x")
        assert (len(cut.content), cut.response_metadata["finish_reason"]) == (400, "MAX_TOKENS")
        assert served.outcomes == {"cut": 1}

    @pytest.mark.parametrize("text", ["", "abcd" * 9, "面经" * 9, "a面" * 9])
    def test_a_cut_text_is_the_longest_that_fits(self, text: str) -> None:
        for tokens in range(12):
            cut = cut_to(text, tokens)
            assert text.startswith(cut)
            assert tokens_of(cut) <= tokens
            assert cut == text or tokens_of(text[: len(cut) + 1]) > tokens


class TestModels:
    def test_404_of_each_kind(self, twin: Twins) -> None:
        closed = Model("gemini-9-pro", gone="closed", open_to=("old",), successor="gemini-10-pro")
        served = twin(projects={"new": [fake_key(1)], "old": [fake_key(2)]}, models=[FLASH, closed, "gemini-2.0-flash"])
        served.retire(FLASH)
        messages = [
            failure(chat(served, name), GoogleModelNotFoundError)["error"]["message"]
            for name in (FLASH, "gemini-2.0-flash", "gemini-9-pro", "gemini-none")
        ]
        assert "no longer available. " in messages[0]
        assert "no longer available. " in messages[1]
        assert "no longer available to new users" in messages[2]
        assert "models/gemini-10-pro" in messages[2]
        assert "is not found for API version v1beta" in messages[3]
        assert served.wasted == {"model_retired": 2, "model_closed": 1, "model_unknown": 1}
        chat(served, "gemini-9-pro", key=fake_key(2)).invoke("x")

    def test_the_list_comes_in_pages_and_holds_dead_models(self, twin: Twins) -> None:
        served = twin(page_size=4, quotas=Quota(rpd=0))
        with sdk(served) as client:
            names = [model.name for model in client.models.list()]
        assert len(names) > 8
        assert "models/gemini-2.0-flash" in names
        assert "models/gemini-1.5-flash" not in names
        assert {seen.method for seen in served.requests} == {"list"}
        assert served.used_ever == {}

    def test_the_list_alone_can_be_refused(self, twin: Twins) -> None:
        served = twin()
        served.script[served.keys[0], LIST] = "403_leaked"
        with sdk(served) as client:
            with pytest.raises(ClientError, match="leaked"):
                list(client.models.list())
            assert client.models.get(model=FLASH).output_token_limit == 65_536
            assert client.models.count_tokens(model=FLASH, contents="12345678").total_tokens == 2
        chat(served).invoke("x")

    @pytest.mark.parametrize(
        ("model", "turns", "options", "words"),
        [
            ("gemma-3-27b-it", [("system", "s"), ("human", "h")], {}, "Developer instruction is not enabled"),
            ("gemma-4-31b-it", "h", {"response_mime_type": "application/json"}, "JSON mode is not enabled"),
            ("gemini-2.5-pro", "h", {"thinking_budget": 0}, "only works in thinking mode"),
            (FLASH, "h", {"timeout": 5}, "deadline 5s is too short"),
        ],
    )
    def test_what_a_model_cannot_do_is_400(
        self, twin: Twins, model: str, turns: Any, options: dict[str, Any], words: str
    ) -> None:
        served = twin()
        with pytest.raises(GoogleInvalidRequestError, match=words):
            chat(served, model, **options).invoke(turns)
        assert served.wasted == {"invalid": 1}


class TestKeys:
    def test_an_unknown_key_is_invalid_for_calls_and_for_the_list(self, twin: Twins) -> None:
        served = twin()
        details = failure(chat(served, key=fake_key(99)), GoogleInvalidRequestError)
        assert details["error"]["details"][0]["reason"] == "API_KEY_INVALID"
        with (
            sdk(served, key=fake_key(99)) as client,
            pytest.raises(ClientError, match="API_KEY_INVALID"),
        ):
            list(client.models.list())

    def test_keys_look_real_and_differ(self) -> None:
        keys = {fake_key(n) for n in range(50)} | {fake_key(n, "AQ") for n in range(50)}
        assert len(keys) == 100
        assert {len(key) for key in keys if key.startswith("AIza")} == {39}

    def test_a_script_holds_for_a_key_a_model_a_pair_a_number_or_all(self, twin: Twins) -> None:
        one, two = fake_key(1), fake_key(2)
        served = twin(projects={"p": [one, two]})
        served.script.update({one: "403_leaked", (two, FLASH): "503", "gemini-2.5-pro": "500", 4: "429"})
        failure(chat(served, key=one), GooglePermissionDeniedError)
        failure(chat(served, key=two), GoogleAPIError)
        failure(chat(served, "gemini-2.5-pro", key=two), GoogleAPIError)
        failure(chat(served, "gemini-3.5-flash", key=two), GoogleRateLimitError)
        chat(served, "gemini-3.5-flash", key=two).invoke("x")
        served.script["*"] = "400_location"
        assert (
            "location"
            in failure(chat(served, "gemini-3.5-flash", key=two), GoogleInvalidRequestError)["error"]["message"]
        )
        assert served.outcomes == {"403_leaked": 1, "503": 1, "500": 1, "429": 1, "ok": 1, "400_location": 1}

    def test_an_answer_that_nobody_knows_is_refused_when_it_is_scripted(self, twin: Twins) -> None:
        with pytest.raises(NotRecorded):
            twin().script["*"] = "403_made_up"

    @pytest.mark.parametrize(
        "name",
        sorted(recorded()) or [pytest.param("", marks=pytest.mark.skip("shared/gemini_errors.json is not at hand"))],
    )
    def test_every_published_body_arrives_as_it_was_published(self, twin: Twins, name: str) -> None:
        served = twin()
        served.script[served.keys[0]] = name
        entry = recorded()[name]
        body = entry.body[0] if isinstance(entry.body, list) else entry.body
        if entry.status == 200:
            answer = chat(served).invoke("x")
            feedback = answer.response_metadata.get("prompt_feedback")
            assert not answer.content
            assert bool(feedback) == ("promptFeedback" in body)
            assert not any(piece.content for piece in chat(served).stream("x"))
            return
        details = failure(chat(served), Exception)
        if name == "403_consumer_suspended":
            assert json.dumps(details).count(served.keys[0]) == 3
        elif "123456789012" not in json.dumps(body):
            assert details == body


class TestServing:
    def test_many_wait_at_once(self, twin: Twins) -> None:
        served = twin(latency=0.2, keep=10)

        async def ask() -> None:
            async with closing(chat(served)) as model:
                await asyncio.gather(*(model.ainvoke("x") for _ in range(64)))

        asyncio.run(ask())
        assert served.peak == 64
        assert served.outcomes == {"ok": 64}
        assert len(served.requests) == 10

    def test_an_oracle_may_say_anything(self, twin: Twins) -> None:
        said = iter([{"posts": []}, "plain", Answer("odd", finish="OTHER")])
        served = twin(oracle=lambda asked: next(said))
        told = [chat(served).invoke("x") for _ in range(3)]
        assert [answer.content for answer in told] == ['{"posts": []}', "plain", "odd"]
        assert told[2].response_metadata["finish_reason"] == "OTHER"

    def test_a_process_of_its_own(self) -> None:
        config = {
            "projects": {"p": [fake_key(5)]},
            "quotas": {"*": {"rpd": 1}},
            "virtual_clock": True,
            "latency": {"mean": 0.01},
            "noise": {"drop": 1.0, "invent": 0.0},
        }
        with TwinProcess(config) as process:
            model = ChatGoogleGenerativeAI(model=FLASH, api_key=fake_key(5), base_url=process.url, max_retries=1)
            assert json.loads(model.invoke(fenced("1. a")).content)["posts"][0]["questions"] == []
            failure(model, GoogleRateLimitError)
            process.advance(86_400)
            process.set_quotas({FLASH: {"rpd": 9}})
            model.invoke("x")
            process.retire(FLASH)
            failure(model, GoogleModelNotFoundError)
            process.script(fake_key(5), "403_leaked")
            failure(model, GooglePermissionDeniedError)
            counts = process.counts()
            assert [seen["outcome"] for seen in process.requests()][:2] == ["ok", "quota_day"]
        assert counts["outcomes"] == {"ok": 2, "quota_day": 1, "model_retired": 1, "403_leaked": 1}
        assert counts["used_ever"] == {f"p/{FLASH}": 2}
        assert counts["used_today"] == {f"p/{FLASH}": 1}

    def test_a_process_takes_faults_and_scripts_from_its_configuration(self) -> None:
        faults = {"rate": 1.0, "kinds": [{"kind": "hang", "seconds": 0.01}]}
        with TwinProcess({"fault": faults, "script": {"gemini-2.5-pro": "500"}}) as process:
            for model, error in ((FLASH, httpx.RemoteProtocolError), ("gemini-2.5-pro", GoogleAPIError)):
                made = ChatGoogleGenerativeAI(model=model, api_key=fake_key(1), base_url=process.url, max_retries=1)
                with pytest.raises(error):
                    made.invoke("x")
            assert process.counts()["outcomes"] == {"hang": 1, "500": 1}

    def test_a_bug_of_an_oracle_is_raised_when_the_twin_ends(self) -> None:
        served = Twin(oracle=lambda asked: 1 / 0)
        served.__enter__()
        with pytest.raises(httpx.RemoteProtocolError):
            chat(served).invoke("x")
        with pytest.raises(ExceptionGroup, match="the twin itself failed"):
            served.__exit__(None, None, None)
