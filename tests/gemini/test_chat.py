"""The pool is LangChain's own chat model for Gemini, but for which key serves, and what happens when none can."""

from __future__ import annotations

import asyncio
import pickle
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, HumanMessage
from langchain_core.runnables import ConfigurableField
from pydantic import BaseModel

from agent.errors import RungUnavailable
from agent.gemini.chat import ChatGeminiPool
from agent.gemini.keys import KeyManager
from tests.gemini.bench import MODEL, pool
from tests.twin import Answer, Asked, Fault, Model, Quota, Twin, VirtualClock, fake_key
from tests.twin.client import Twins


ONE, TWO, THREE = fake_key(1), fake_key(2), fake_key(3)
SHARED = {"p1": [ONE], "p2": [TWO], "p3": [THREE]}


def invoke(chat: BaseChatModel, text: str = "hi") -> AIMessage:
    return chat.invoke(text)


def ainvoke(chat: BaseChatModel, text: str = "hi") -> AIMessage:
    return asyncio.run(chat.ainvoke(text))


def stream(chat: BaseChatModel, text: str = "hi") -> AIMessage:
    whole, *rest = chat.stream(text)
    for chunk in rest:
        whole += chunk  # type: ignore[assignment]
    return whole


def astream(chat: BaseChatModel, text: str = "hi") -> AIMessage:
    async def gather() -> AIMessage:
        whole = None
        async for chunk in chat.astream(text):
            whole = chunk if whole is None else whole + chunk  # type: ignore[assignment]
        assert whole
        return whole

    return asyncio.run(gather())


Ask = Callable[..., AIMessage]
every_way = pytest.mark.parametrize("ask", [invoke, ainvoke, stream, astream])


def says(*texts: str) -> Callable[[Asked], str]:
    waiting = list(texts)
    return lambda _: waiting.pop(0) if waiting else "hello"


class TestServing:
    @every_way
    def test_an_answer_tells_which_key_served(self, ask: Ask, twin: Twins, tmp_path: Path) -> None:
        message = ask(pool(twin(oracle=says()), tmp_path))
        assert message.text == "hello"
        assert message.response_metadata["mianjing"] == {"key": f"…{ONE[-4:]}", "attempts": []}
        assert message.usage_metadata
        assert message.response_metadata["model_name"] == MODEL

    @every_way
    def test_the_next_key_is_tried_while_that_helps_and_the_answer_tells_of_it(
        self, ask: Ask, twin: Twins, tmp_path: Path
    ) -> None:
        served = twin(projects=SHARED, oracle=says())
        served.script[ONE] = "403_leaked"
        served.script[TWO] = "403_service_disabled"
        message = ask(pool(served, tmp_path))
        assert message.response_metadata["mianjing"]["key"] == f"…{THREE[-4:]}"
        assert [(one["key"], one["outcome"]) for one in message.response_metadata["mianjing"]["attempts"]] == [
            (f"…{ONE[-4:]}", "key_leaked"),
            (f"…{TWO[-4:]}", "project_disabled"),
        ]
        assert len(served.generated) == 3

    @every_way
    def test_where_no_key_can_serve_the_error_says_why_for_each(self, ask: Ask, twin: Twins, tmp_path: Path) -> None:
        served = twin(projects=SHARED)
        served.script[ONE] = "429_rpd_free_void557"
        served.script[TWO] = "400_api_key_invalid"
        served.script[THREE] = "429_limit0_three_violations"
        with pytest.raises(RungUnavailable) as raised:
            ask(pool(served, tmp_path))
        error = raised.value
        assert [attempt.outcome for attempt in error.attempts] == ["quota_day", "key_invalid", "quota_zero"]
        assert error.reason == "quota_day"
        assert error.until
        assert (error.__cause__, error.__context__) == (None, None)

    @every_way
    @pytest.mark.parametrize(
        "fault", ["429_bare_resource_exhausted", "400_tokens", "400_bare_invalid_argument", "redirect"]
    )
    def test_what_no_other_key_mends_is_asked_once(self, fault: str, ask: Ask, twin: Twins, tmp_path: Path) -> None:
        served = twin(projects=SHARED)
        served.script["*"] = fault
        with pytest.raises(RungUnavailable):
            ask(pool(served, tmp_path))
        assert len(served.generated) == 1

    @every_way
    @pytest.mark.parametrize("fault", ["500", "503", "504", "drop", "html", "garbage"])
    def test_a_fault_of_the_service_is_worth_one_quick_retry(
        self, fault: str, ask: Ask, twin: Twins, tmp_path: Path
    ) -> None:
        served = twin(projects=SHARED, oracle=says())
        served.script[1] = fault
        assert ask(pool(served, tmp_path)).text == "hello"
        assert [seen.key for seen in served.generated] == [ONE, ONE]

    @every_way
    def test_and_no_more_than_one(self, ask: Ask, twin: Twins, tmp_path: Path) -> None:
        served = twin(projects=SHARED)
        served.script["*"] = "503"
        with pytest.raises(RungUnavailable) as raised:
            ask(pool(served, tmp_path))
        assert raised.value.reason == "overloaded"
        assert raised.value.until
        assert len(served.generated) == 2

    def test_pauses_are_taken_with_the_sleep_that_is_given(self, twin: Twins, tmp_path: Path) -> None:
        served, pauses = twin(oracle=says()), list[float]()
        served.script[1] = "503"
        invoke(pool(served, tmp_path, sleep=pauses.append))
        assert len(pauses) == 1
        assert 0.5 <= pauses[0] <= 1.5

    @every_way
    def test_a_retired_model_is_asked_once_and_what_lives_in_its_place_is_told(
        self, ask: Ask, twin: Twins, tmp_path: Path
    ) -> None:
        served = twin(projects=SHARED, models=[Model("gemini-2.0-flash", gone="retired"), "gemini-3.8-flash"])
        chat = pool(served, tmp_path, "gemini-2.0-flash")
        for _ in range(2):
            with pytest.raises(RungUnavailable, match=r"gemini-3\.8-flash lives") as raised:
                ask(chat)
            assert raised.value.reason == "model_not_found"
        assert len(served.generated) == 1

    def test_a_hang_ends_by_the_time_out(self, twin: Twins, tmp_path: Path) -> None:
        served = twin(min_deadline=0)
        served.script["*"] = Fault("hang", seconds=30)
        chat = pool(served, tmp_path)
        chat.timeout = 0.2  # the service would refuse it; the twin is told not to
        with pytest.raises(RungUnavailable) as raised:
            invoke(chat)
        assert raised.value.reason == "timeout"

    def test_nobody_there_is_told(self, tmp_path: Path) -> None:
        chat = ChatGeminiPool(
            model=MODEL, keys=KeyManager([ONE], home=tmp_path), base_url="http://127.0.0.1:9", sleep=lambda _: None
        )
        with pytest.raises(RungUnavailable, match="cannot be reached") as raised:
            invoke(chat)
        assert raised.value.until

    def test_a_redirect_is_not_followed_with_a_key(self, twin: Twins, tmp_path: Path) -> None:
        served = twin()
        served.script["*"] = "redirect"
        for ask in (invoke, ainvoke, stream, astream):
            with pytest.raises(RungUnavailable) as raised:
                ask(pool(served, tmp_path / ask.__name__))
            assert raised.value.reason == "redirected"
        assert not served.strayed

    def test_a_bug_comes_out_as_a_bug(self, twin: Twins, tmp_path: Path) -> None:
        chat = pool(twin(), tmp_path)
        with pytest.raises(ValueError, match="nonsense"):
            chat.invoke([HumanMessage([{"type": "nonsense"}])])
        assert chat.key_manager.quotas([MODEL])[0].used == 0

    def test_blocked_prompts_and_cut_answers_are_the_callers_to_judge(self, twin: Twins, tmp_path: Path) -> None:
        served = twin(oracle=lambda _: Answer(block="SAFETY"))
        message = invoke(pool(served, tmp_path))
        assert message.text == ""
        assert message.response_metadata["mianjing"]["key"] == f"…{ONE[-4:]}"


class TestPatience:
    def chat(self, served: Twin, home: Path, clock: VirtualClock, patience: float) -> ChatGeminiPool:
        return pool(served, home, patience=patience, sleep=clock.advance)

    def test_without_it_a_minutes_quota_is_told_not_waited_for(self, twin: Twins, tmp_path: Path) -> None:
        clock = VirtualClock()
        chat = self.chat(twin(quotas=Quota(rpm=1), clock=clock, oracle=says()), tmp_path, clock, 0.0)
        invoke(chat)
        with pytest.raises(RungUnavailable) as raised:
            invoke(chat)
        assert raised.value.reason == "quota_minute"
        assert raised.value.until

    def test_with_it_the_minute_is_waited_for(self, twin: Twins, tmp_path: Path) -> None:
        clock = VirtualClock()
        served = twin(quotas=Quota(rpm=1), clock=clock, oracle=says())
        chat = self.chat(served, tmp_path, clock, 90.0)
        for _ in range(4):
            assert invoke(chat).text == "hello"
        assert served.wasted == {"quota_minute": 1}

    def test_but_never_a_day(self, twin: Twins, tmp_path: Path) -> None:
        clock = VirtualClock()
        chat = self.chat(twin(quotas=Quota(rpd=1), clock=clock, oracle=says()), tmp_path, clock, 90.0)
        invoke(chat)
        with pytest.raises(RungUnavailable, match="day"):
            invoke(chat)

    def test_an_overloaded_service_is_waited_for_too(self, twin: Twins, tmp_path: Path) -> None:
        clock = VirtualClock()
        served = twin(clock=clock, oracle=says())
        for n in (1, 2, 3, 4):
            served.script[n] = "503"
        assert invoke(self.chat(served, tmp_path, clock, 90.0)).text == "hello"


class TestStreaming:
    def test_keys_change_before_the_first_piece_is_passed_on(self, twin: Twins, tmp_path: Path) -> None:
        served = twin(projects=SHARED, oracle=says("a long answer in many pieces " * 20))
        served.script[ONE] = "429_rpd_free_void557"
        pieces = list(pool(served, tmp_path).stream("hi"))
        assert len(pieces) > 2
        assert {
            piece.response_metadata["mianjing"]["key"] for piece in pieces if "mianjing" in piece.response_metadata
        } == {f"…{TWO[-4:]}"}

    def test_what_breaks_off_later_is_told_and_not_begun_again(self, twin: Twins, tmp_path: Path) -> None:
        served = twin(projects=SHARED, oracle=says("a long answer in many pieces " * 400))
        served.script[1] = "cut_body"
        pieces = pool(served, tmp_path).stream("hi")
        assert next(pieces).text
        with pytest.raises(RungUnavailable) as raised:
            list(pieces)
        assert raised.value.reason == "dropped"
        assert (raised.value.__cause__, raised.value.__context__) == (None, None)
        assert len(served.generated) == 1

    def test_a_stream_that_nobody_reads_to_its_end_counts_as_used_and_holds_up_nobody(
        self, twin: Twins, tmp_path: Path
    ) -> None:
        chat = pool(twin(oracle=says("a long answer in many pieces " * 20)), tmp_path)
        pieces = chat.stream("hi")
        next(pieces)
        pieces.close()  # type: ignore[attr-defined]
        assert chat.key_manager.quotas([MODEL])[0].used == 1
        assert invoke(chat).text == "hello"


class TestLoopsAndThreads:
    def test_it_works_in_two_event_loops_one_after_the_other(self, twin: Twins, tmp_path: Path) -> None:
        chat = pool(twin(oracle=says()), tmp_path)
        for _ in range(3):
            assert ainvoke(chat).text == "hello"
        assert invoke(chat).text == "hello"

    def test_async_calls_share_the_clients_of_their_loop(self, twin: Twins, tmp_path: Path) -> None:
        served = twin(oracle=says(), latency=0.01)
        chat = pool(served, tmp_path, asleep=asyncio.sleep)

        async def ask(times: int) -> list[AIMessage]:
            return await asyncio.gather(*(chat.ainvoke(f"{n}") for n in range(times)))

        assert [message.text for message in asyncio.run(ask(30))] == ["hello"] * 30
        assert served.wasted.total() == 0
        assert chat.key_manager.quotas([MODEL])[0].used == 30

    def test_threads_share_it(self, twin: Twins, tmp_path: Path) -> None:
        served = twin(oracle=says(), latency=0.01)
        chat = pool(served, tmp_path, sleep=threading.Event().wait)
        with ThreadPoolExecutor(8) as threads:
            assert {message.text for message in threads.map(lambda _: invoke(chat), range(30))} == {"hello"}
        assert chat.key_manager.quotas([MODEL])[0].used == 30

    def test_a_cancelled_call_counts_as_used_and_holds_up_nobody(self, twin: Twins, tmp_path: Path) -> None:
        served = twin(oracle=says())
        served.script[1] = Fault("hang", seconds=5)
        chat = pool(served, tmp_path)

        async def cancelled() -> str:
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(chat.ainvoke("hi"), 0.3)
            return (await chat.ainvoke("hi")).text

        assert asyncio.run(cancelled()) == "hello"
        assert chat.key_manager.quotas([MODEL])[0].used == 2

    def test_two_pools_of_one_manager_and_a_ladder_of_them(self, twin: Twins, tmp_path: Path) -> None:
        served = twin(models=["gemini-a", "gemini-b"], oracle=says(), quotas={"gemini-a": Quota(rpd=2)})
        keys = KeyManager(list(served.keys), home=tmp_path)
        first, second = (pool(served, tmp_path, name, keys=keys) for name in ("gemini-a", "gemini-b"))
        chain = first.with_fallbacks([second], exceptions_to_handle=(RungUnavailable,))
        names = [chain.invoke("hi").response_metadata["model_name"] for _ in range(4)]
        assert names == ["gemini-a", "gemini-a", "gemini-b", "gemini-b"]


class Weather(BaseModel):
    """The weather."""

    city: str
    warm: bool


def told_apart(said: Any) -> tuple[str, Any, str | None]:
    """The answer's text, what was parsed of it, and the kind of what went wrong."""
    error = said["parsing_error"]
    return said["raw"].text, said["parsed"], error and type(error).__name__


class TestLangChain:
    def test_structured_output_comes_along(self, twin: Twins, tmp_path: Path) -> None:
        chat = pool(twin(oracle=lambda _: {"city": "北京", "warm": True}), tmp_path)
        said = chat.with_structured_output(Weather, method="json_schema", include_raw=True).invoke("hi")
        assert isinstance(said, dict)
        assert said["parsed"] == Weather(city="北京", warm=True)
        assert said["raw"].response_metadata["mianjing"]["key"] == f"…{ONE[-4:]}"

    @pytest.mark.parametrize("method", ["json_schema", "function_calling"])
    @pytest.mark.parametrize(
        "told", [{"city": "北京", "warm": True}, {"city": 7}], ids=["what fits", "what does not fit"]
    )
    def test_the_raw_answer_is_kept_as_langchain_keeps_it(
        self, method: str, told: dict[str, Any], twin: Twins, tmp_path: Path
    ) -> None:
        chat = pool(twin(oracle=lambda _: told), tmp_path)
        ours = chat.with_structured_output(Weather, method=method, include_raw=True)
        theirs = super(ChatGeminiPool, chat).with_structured_output(Weather, method=method, include_raw=True)  # type: ignore[arg-type]
        expected = told_apart(theirs.invoke("hi"))
        assert told_apart(ours.invoke("hi")) == expected
        assert told_apart(asyncio.run(ours.ainvoke("hi"))) == expected
        assert told_apart(next(iter(ours.batch(["hi"])))) == expected

    def test_it_can_be_looked_at_field_by_field(self, twin: Twins, tmp_path: Path) -> None:
        chat = pool(twin(), tmp_path)
        assert dict(chat)["key_manager"] is chat.key_manager

    def test_an_agent_works_with_it_and_changes_keys_between_its_turns(self, twin: Twins, tmp_path: Path) -> None:
        from langchain.agents import create_agent

        def look_up(city: str) -> str:
            """The weather of a city."""
            return f"{city}: warm"

        def oracle(asked: Asked) -> Answer:
            turns = asked.body["contents"]
            if any("functionResponse" in part for turn in turns for part in turn["parts"]):
                return Answer("It is warm.")
            return Answer(calls=({"name": "look_up", "args": {"city": "北京"}},))

        served = twin(projects=SHARED, oracle=oracle)
        served.script[2] = "429_rpd_free_void557"
        agent: Any = create_agent(pool(served, tmp_path), [look_up])
        answer = agent.invoke({"messages": [{"role": "user", "content": "Is it warm?"}]})
        assert answer["messages"][-1].text == "It is warm."
        assert [seen.key for seen in served.generated] == [ONE, ONE, TWO]

    def test_tokens_can_be_counted_without_quota(self, twin: Twins, tmp_path: Path) -> None:
        served = twin()
        assert pool(served, tmp_path).get_num_tokens("some words to count") > 0
        assert not served.generated

    def test_it_travels_without_its_keys(self, twin: Twins, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        served = twin(oracle=says())
        monkeypatch.setenv("GEMINI_API_KEY", ONE)
        chat = ChatGeminiPool(model=MODEL, keys=KeyManager(home=tmp_path), base_url=served.url)
        invoke(chat)
        pickled = pickle.dumps(chat)
        assert ONE.encode() not in pickled
        assert invoke(pickle.loads(pickled)).text == "hello"

    def test_a_copy_shares_its_keys(self, twin: Twins, tmp_path: Path) -> None:
        chat = pool(twin(oracle=says()), tmp_path)
        for copied in (chat.model_copy(), chat.model_copy(deep=True), chat.model_copy(update={"temperature": 0.1})):
            assert copied.key_manager is chat.key_manager
            assert invoke(copied).text == "hello"

    def test_its_fields_can_be_configured(self, twin: Twins, tmp_path: Path) -> None:
        served = twin(oracle=says())
        chat = pool(served, tmp_path).configurable_fields(temperature=ConfigurableField(id="heat"))
        assert chat.with_config(configurable={"heat": 0.3}).invoke("hi").text == "hello"
        assert served.generated[0].body["generationConfig"]["temperature"] == 0.3

    def test_two_keys_in_the_environment_are_no_matter_to_warn_of(
        self, twin: Twins, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        monkeypatch.setenv("GEMINI_API_KEY", ONE)
        monkeypatch.setenv("GOOGLE_API_KEY", TWO)
        invoke(pool(twin(oracle=says()), tmp_path))
        assert not caplog.records


class TestSettings:
    def test_no_key_is_needed_to_make_one(self, tmp_path: Path) -> None:
        chat = ChatGeminiPool(model=MODEL)
        assert isinstance(chat.key_manager, KeyManager)
        with pytest.raises(RungUnavailable, match="there is no key"):
            invoke(chat)

    @pytest.mark.parametrize("name", ["api_key", "google_api_key", "keys"])
    def test_keys_are_taken_as_the_bare_model_takes_one(self, name: str, twin: Twins, tmp_path: Path) -> None:
        served = twin(projects={"p": [TWO]}, oracle=says())
        given: Any = [TWO] if name == "keys" else TWO
        chat = ChatGeminiPool(model=MODEL, base_url=served.url, **{name: given})
        assert invoke(chat).text == "hello"
        assert chat.google_api_key is None

    @pytest.mark.parametrize("name", ["GOOGLE_API_KEY", "GEMINI_API_KEY"])
    def test_the_environments_key_goes_through_the_manager_alone(
        self, name: str, twin: Twins, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv(name, TWO)
        served = twin(projects={"p": [ONE, TWO]}, oracle=says())
        chat = ChatGeminiPool(model=MODEL, keys=[ONE], base_url=served.url)
        assert TWO not in repr(chat)
        assert chat.google_api_key is None
        invoke(chat)
        assert {seen.key for seen in served.generated} == {ONE}

    def test_no_variable_of_the_environment_sends_it_elsewhere(
        self, twin: Twins, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        served, elsewhere = twin(oracle=says()), twin(oracle=says())
        monkeypatch.setenv("LANGSMITH_GATEWAY", elsewhere.url)
        monkeypatch.setenv("LANGSMITH_GATEWAY_API_KEY", "gateway")
        monkeypatch.setenv("GOOGLE_GENAI_USE_VERTEXAI", "true")
        monkeypatch.setenv("GOOGLE_GENAI_USE_ENTERPRISE", "true")
        monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", "somebody")
        monkeypatch.setenv("GOOGLE_CLOUD_LOCATION", "somewhere")
        monkeypatch.setenv("GOOGLE_GEMINI_BASE_URL", elsewhere.url)
        for ask in (invoke, ainvoke, stream, astream):
            assert ask(pool(served, tmp_path)).text == "hello"
        assert not elsewhere.requests

    def test_but_the_one_that_is_for_it(self, twin: Twins, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        served = twin(oracle=says())
        monkeypatch.setenv("GOOGLE_GEMINI_BASE_URL", served.url)
        assert invoke(ChatGeminiPool(model=MODEL, keys=KeyManager(list(served.keys), home=tmp_path))).text == "hello"

    @pytest.mark.parametrize("settings", [{"vertexai": True}, {"project": "mine"}, {"credentials": object()}])
    def test_another_backend_is_refused(self, settings: dict[str, Any]) -> None:
        with pytest.raises(ValueError, match="ChatGoogleGenerativeAI"):
            ChatGeminiPool(model=MODEL, **settings)

    @pytest.mark.parametrize(
        "settings",
        [
            {"temperature": 3},
            {"top_p": 2},
            {"top_k": 0},
            {"frequency_penalty": -3},
            {"timeout": 9},
            {"request_timeout": 1},
        ],
    )
    def test_what_the_service_would_refuse_is_refused_at_once(self, settings: dict[str, Any]) -> None:
        with pytest.raises(ValueError, match="must be"):
            ChatGeminiPool(model=MODEL, **settings)

    @pytest.mark.parametrize(("model", "temperature"), [(MODEL, 0.7), ("gemini-3.8-flash", None)])
    def test_temperature_is_by_default_what_the_bare_model_takes(self, model: str, temperature: float | None) -> None:
        assert ChatGeminiPool(model=model).temperature == temperature

    def test_the_sdks_own_retries_stay_off_whatever_is_asked_for(self, twin: Twins, tmp_path: Path) -> None:
        served = twin()
        served.script["*"] = "429_bare_resource_exhausted"
        chat = pool(served, tmp_path, max_retries=6)
        with pytest.raises(RungUnavailable):
            chat.invoke("hi", max_retries=6)
        assert len(served.generated) == 1

    def test_the_deadline_that_the_service_is_told_is_two_minutes(self, twin: Twins, tmp_path: Path) -> None:
        served = twin(oracle=says())
        invoke(pool(served, tmp_path))
        assert served.generated[0].headers["x-server-timeout"] == "120"
