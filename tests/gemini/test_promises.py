"""What the pool promises as a whole, through the twin: the most of the keys a person has, nothing wasted on what is known."""

from __future__ import annotations

import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from json import loads
from pathlib import Path

import pytest
from langchain_core.messages import AIMessage
from langchain_core.runnables import Runnable

from agent.errors import RungUnavailable
from agent.gemini.keys import KeyManager
from tests.gemini.bench import MODEL, NOON, pool
from tests.gemini.worker import running
from tests.twin import FaultPlan, Model, Quota, Twin, VirtualClock, fake_key
from tests.twin.client import Twins
from tests.twin.faults import EVERY_KIND


ROOT = Path(__file__).parents[2]
ONE, TWO, THREE = fake_key(1), fake_key(2), fake_key(3)
LADDER = ("gemini-a", "gemini-b", "gemini-c")


def ladder(served: Twin, home: Path, keys: list[str], names: tuple[str, ...] = LADDER) -> Runnable[object, AIMessage]:
    """As a new program makes it: it knows what the ledger knows."""
    manager = KeyManager(keys, home=home, base_url=served.url, clock=served.service.clock)
    pause = {"sleep": time.sleep}
    first, *others = (pool(served, home, name, keys=manager, **pause) for name in names)
    return first.with_fallbacks(others, exceptions_to_handle=(RungUnavailable,))  # type: ignore[return-value]


def ask(chain: Runnable[object, AIMessage], posts: int, *, at_once: int) -> Counter[str]:
    """Posts by the model that served each, `none` where none could."""

    def one(n: int) -> str:
        try:
            return str(chain.invoke(f"post {n}").response_metadata["model_name"])
        except RungUnavailable:
            return "none"

    with ThreadPoolExecutor(at_once) as threads:
        return Counter(threads.map(one, range(posts)))


class TestSeventyFivePosts:
    """Three keys in two projects, 20 requests a day on each model, and a retired model in the ladder."""

    def served(self, twin: Twins, clock: VirtualClock) -> Twin:
        return twin(
            projects={"p1": [ONE, TWO], "p2": [THREE]},
            models=["gemini-a", Model("gemini-b", gone="retired"), "gemini-c", "gemini-d"],
            quotas=Quota(rpd=20),
            oracle=lambda _: "hello",
            clock=clock,
            latency=0.002,
        )

    @pytest.mark.parametrize("at_once", [1, 8])
    @pytest.mark.parametrize(
        "keys", [[ONE, TWO, THREE], [f"p1={ONE}", f"p1={TWO}", f"p2={THREE}"]], ids=["nobody tells", "told"]
    )
    def test_all_are_served_with_at_most_four_requests_more(
        self, at_once: int, keys: list[str], twin: Twins, tmp_path: Path
    ) -> None:
        clock = VirtualClock(NOON)
        served = self.served(twin, clock)
        assert ask(ladder(served, tmp_path, keys), 75, at_once=at_once) == {"gemini-a": 40, "gemini-c": 35}
        assert len(served.generated) <= 79
        wasted = served.wasted.total()

        # The program is run again on the same day: what is left is used up, nothing is asked in vain but for the unknown end of it.
        again = ask(ladder(served, tmp_path, keys), 5, at_once=at_once)
        assert again == {"gemini-c": 5}
        assert served.wasted.total() == wasted

        # And the next day, with all limits known.
        clock.advance(days=1)
        assert ask(ladder(served, tmp_path, keys), 60, at_once=at_once) == {"gemini-a": 40, "gemini-c": 20}
        assert served.wasted.total() == wasted


def test_four_processes_with_one_ledger_behave_as_one(twin: Twins, tmp_path: Path) -> None:
    speed, since = 20.0, time.monotonic()
    served = twin(
        projects={"p1": [ONE, TWO], "p2": [THREE]},
        models=["gemini-a", "gemini-b"],
        quotas=Quota(rpd=20, rpm=10),
        oracle=lambda _: "hello",
        clock=running(since, speed),
        latency=0.01,
    )
    arguments = (str(tmp_path), served.url, str(since), str(speed), "15", f"{ONE},{TWO},{THREE}", "gemini-a,gemini-b")
    command = [sys.executable, "-m", "tests.gemini.worker", *arguments]
    workers = [subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    answered = [name for worker in workers for name in loads(worker.communicate()[0])]
    assert len(answered) == 60
    assert served.wasted.total() <= 8
    used = KeyManager([ONE, TWO, THREE], home=tmp_path, clock=running(since, speed)).quotas(["gemini-a", "gemini-b"])
    assert sum(row.used for row in used) == 60


class TestBadKeys:
    KINDS = (
        "400_api_key_invalid",
        "400_api_key_expired",
        "403_leaked",
        "403_consumer_suspended",
        "403_service_blocked",
        "401_unauthenticated_aq_key",
        "403_ip_blocked",
    )

    def test_each_is_asked_once_over_any_number_of_runs(self, twin: Twins, tmp_path: Path) -> None:
        bad = {fake_key(10 + n): kind for n, kind in enumerate(self.KINDS)}
        clock = VirtualClock(NOON)
        served = twin(projects={"good": [ONE], "bad": list(bad)}, oracle=lambda _: "hello", clock=clock)
        served.script.update(bad)  # type: ignore[arg-type]
        for _ in range(5):
            counted = ask(ladder(served, tmp_path, [*bad, ONE], (MODEL, "gemini-3.8-flash")), 8, at_once=4)
            assert counted == {MODEL: 8}
            clock.advance(days=1)
        asked = Counter(seen.key for seen in served.generated)
        assert {asked[key] for key in bad} == {1}
        assert asked[ONE] == 40

    def test_they_are_told_of_one_by_one(self, twin: Twins, tmp_path: Path) -> None:
        bad = {fake_key(10 + n): kind for n, kind in enumerate(self.KINDS)}
        served = twin(projects={"bad": list(bad)})
        served.script.update(bad)  # type: ignore[arg-type]
        chat = pool(served, tmp_path)
        with pytest.raises(RungUnavailable) as raised:
            chat.invoke("hi")
        assert [attempt.key for attempt in raised.value.attempts] == [f"…{key[-4:]}" for key in bad]
        assert {row.state for row in chat.key_manager.list()} == {"out"}


@pytest.mark.parametrize("at_once", [1, 8])
def test_a_location_that_is_not_served_is_told_in_words_after_few_requests(
    at_once: int, twin: Twins, tmp_path: Path
) -> None:
    served = twin(projects={"p1": [ONE], "p2": [TWO], "p3": [THREE]})
    served.script["*"] = "400_location"
    chain = ladder(served, tmp_path, [ONE, TWO, THREE], ("gemini-3.8-flash", MODEL, "gemini-3.5-flash"))
    assert ask(chain, 20, at_once=at_once) == {"none": 20}
    assert len(served.generated) <= 4
    with pytest.raises(RungUnavailable, match="HTTPS_PROXY") as raised:
        chain.invoke("hi")
    assert raised.value.reason == "location"
    del served.script["*"]
    # Nothing of it is written down: with a proxy elsewhere the next program is served, by keys that nobody blames.
    assert ask(ladder(served, tmp_path, [ONE, TWO, THREE], (MODEL,)), 3, at_once=1) == {MODEL: 3}


def test_a_minutes_limit_is_met_once_for_a_model_and_tier(twin: Twins, tmp_path: Path) -> None:
    clock = VirtualClock(NOON)
    served = twin(projects={"p1": [ONE], "p2": [TWO]}, quotas=Quota(rpm=5), oracle=lambda _: "hello", clock=clock)
    chat = pool(served, tmp_path, patience=10_000.0, sleep=clock.advance)
    for _ in range(60):
        chat.invoke("hi")
    # Once for the limit itself, once for the tier of the second project.
    assert served.wasted == {"quota_minute": 2}


def test_a_models_limit_of_zero_is_met_once_for_each_project(twin: Twins, tmp_path: Path) -> None:
    clock = VirtualClock(NOON)
    served = twin(
        projects={"p1": [ONE], "p2": [TWO]}, quotas={MODEL: Quota(rpd=0)}, oracle=lambda _: "hello", clock=clock
    )
    for _ in range(5):
        counted = ask(ladder(served, tmp_path, [ONE, TWO], (MODEL, "gemini-3.8-flash")), 4, at_once=1)
        assert counted == {"gemini-3.8-flash": 4}
        clock.advance(days=1)
    assert served.wasted == {"limit_0": 2}


def test_the_ledger_agrees_with_the_services_own_count_whatever_fails(twin: Twins, tmp_path: Path) -> None:
    clock = VirtualClock(NOON)
    kinds = [kind for kind in EVERY_KIND if (kind if isinstance(kind, str) else kind.kind) not in {"hang", "drip"}]
    served = twin(
        projects={"p1": [ONE], "p2": [TWO]},
        fault=FaultPlan(1 / 3, kinds, seed=7),
        quotas=Quota(rpd=60, rpm=20),
        oracle=lambda _: "hello",
        clock=clock,
    )
    keys = [f"p1={ONE}", f"p2={TWO}"]
    chat = pool(served, tmp_path, keys=KeyManager(keys, home=tmp_path, base_url=served.url, clock=clock))
    for _ in range(150):
        try:
            chat.invoke("hi")
        except RungUnavailable as error:
            clock.advance(130 if error.until is None else (error.until - clock()).total_seconds() + 0.1)
    assert served.outcomes["ok"] > 60
    assert {row.project: row.used for row in chat.key_manager.quotas([MODEL])} == {
        "p1": served.used("p1", MODEL),
        "p2": served.used("p2", MODEL),
    }


def test_an_overloaded_model_is_left_alone_and_served_again_when_it_is_well(twin: Twins, tmp_path: Path) -> None:
    clock = VirtualClock(NOON)
    served = twin(oracle=lambda _: "hello", clock=clock)
    served.script["gemini-3.8-flash"] = "503"
    chain = ladder(served, tmp_path, [ONE], ("gemini-3.8-flash", MODEL))
    assert ask(chain, 30, at_once=1) == {MODEL: 30}
    assert served.outcomes["503"] == 2
    del served.script["gemini-3.8-flash"]
    clock.advance(301)
    assert ask(chain, 5, at_once=1) == {"gemini-3.8-flash": 5}


def test_only_the_chat_model_needs_langchain() -> None:
    light = "import agent.gemini.keys, agent.gemini.errors, sys; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", light], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()
    assert not {"langchain_core", "google.genai", "httpx"} & set(loaded)
