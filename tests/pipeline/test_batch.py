"""Gemini's Batch API through the real client and the twin: a job outlives its program, and what it leaves undone goes the normal way."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Self

import pytest

from agent import Extractor, KeyManager, Post
from agent.errors import UsageError
from agent.extraction.prompt import load_prompt
from agent.gemini.allowance import Allowance
from agent.gemini.batches import BatchDesk
from agent.gemini.ledger import fingerprint
from agent.gemini.process import this_process
from agent.ladder import ModelName
from agent.pipeline.batch import Batch
from agent.pipeline.batch_store import BatchEntry, BatchStore
from agent.pipeline.store import Store
from tests.twin import BATCH, Asked, Twin, VirtualClock, bodies, fake_key
from tests.twin.batch import Batches
from tests.twin.client import sdk
from tests.twin.http import HttpRequest, Reply
from tests.twin.service import Service


FLASH, LITE = "gemini-2.5-flash", "gemini-2.5-flash-lite"


def posts(*texts: str) -> list[Post]:
    return [Post(text=f"1. 什么是{text}？\n2. 手撕：{text}\n", id=text) for text in texts]


class Program:
    """One run of the program: what it holds in memory ends with it, what it keeps does not."""

    def __init__(self, home: Path, twin: Twin, *, models: tuple[str, ...] = (LITE,), keys=None, allowance=None, **more):
        self.store = BatchStore(home)
        self.keys = KeyManager(keys or list(twin.keys), home=home, base_url=twin.url, allowance=allowance)
        names = [ModelName.parse(name) for name in models]
        self.slept: list[float] = []
        more = {"sleep": self.sleep} | more
        self.batch = Batch(names, keys=self.keys, store=self.store, prompt=load_prompt("extract"), **more)

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        assert len(self.slept) < 100, "it waits for ever"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.keys.close()
        self.store.close()


@pytest.fixture
def program(tmp_path) -> Callable[..., Program]:
    return lambda twin, **more: Program(tmp_path / "home", twin, **more)


def online(twin: Twin, home: Path, given: list[Post]):
    """What the engine makes of the same posts afterwards."""
    with Extractor(models=[LITE], keys=list(twin.keys), base_url=twin.url, home=home) as extractor:
        return list(extractor.run(given))


def jobs_of(twin: Twin):
    return list(twin.batches.jobs.values())


@pytest.mark.parametrize("inline_limit", [10**9, 0], ids=["inline", "by file"])
def test_posts_go_as_one_job_and_their_results_are_finished_work(twin, tmp_path, program, inline_limit):
    served, given = twin(), posts("LoRA", "RAG", "DPO")
    with program(served, inline_limit=inline_limit) as one:
        tally = one.batch.run(given)
    assert (tally.jobs, tally.requests, tally.answered, tally.lost) == (1, 3, 3, {})
    assert jobs_of(served)[0].from_file is (inline_limit == 0)
    records = online(served, tmp_path / "home", given)
    assert not served.generated
    assert [record.questions[0].quote for record in records] == ["什么是LoRA？", "什么是RAG？", "什么是DPO？"]
    assert {record.provenance.model for record in records} == {LITE}
    assert {record.provenance.attempts[0].key for record in records} == {"…" + served.keys[0][-4:]}


@pytest.mark.parametrize("model", [FLASH, "gemini-3.5-flash-lite", "gemma-4-31b-it"])
@pytest.mark.parametrize("inline_limit", [10**9, 0], ids=["inline", "by file"])
def test_a_request_is_the_very_one_that_the_chain_sends(twin, tmp_path, program, model, inline_limit):
    served, (post,) = twin(), posts("LoRA")
    with program(served, models=(model,), inline_limit=inline_limit) as one:
        one.batch.run([post])
    with Extractor(models=[model], keys=list(served.keys), base_url=served.url, home=tmp_path / "b") as extractor:
        extractor.extract(post)
    assert jobs_of(served)[0].lines[0]["request"] == served.generated[0].body


def test_it_costs_half(twin, tmp_path, program):
    pytest.importorskip("genai_prices")
    served, given = twin(), posts("LoRA")
    with program(served) as one:
        used = one.batch.run(given).used
    (half,) = online(served, tmp_path / "home", given)
    (whole,) = online(served, tmp_path / "other", given)
    assert half.provenance.cost_usd * 2 == pytest.approx(whole.provenance.cost_usd)
    assert float(used.cost) == half.provenance.cost_usd


def test_it_waits_in_growing_pauses_and_tells_how_jobs_stand(twin, program):
    clock, told, slept = VirtualClock(), [], []
    served = twin(clock=clock)
    served.batches.seconds = 40

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        clock.advance(seconds)

    with program(served, sleep=sleep, watch=told.append) as one:
        assert one.batch.run(posts("LoRA", "RAG")).answered == 2
    assert slept == sorted(slept)
    assert len(set(slept)) == len(slept) > 2
    assert [statuses[0].state for statuses in told] == sorted(status[0].state for status in told)
    assert (told[0][0].posts, told[-1][0].state) == (2, "running")


class Ended(Exception):
    """Of the program, in the middle of its work."""


def test_a_job_survives_the_programs_end_between_submit_and_fetch(twin, tmp_path, program):
    clock, given = VirtualClock(), posts("LoRA", "RAG", "DPO")
    served = twin(clock=clock)
    served.batches.seconds = 3600

    def die(_: float) -> None:
        raise Ended

    with program(served, sleep=die) as one, pytest.raises(Ended):
        one.batch.run(given)
    with program(served, sleep=clock.advance) as two:
        tally = two.batch.run([*given, *posts("MoE")])
    assert (tally.requests, tally.answered) == (1, 4)
    assert [len(job.lines) for job in jobs_of(served)] == [3, 1]
    with program(served) as three:
        assert three.batch.run(given).requests == 0
        assert three.store.jobs() == []
    assert len(online(served, tmp_path / "home", given)) == 3
    assert not served.generated


def test_answers_can_be_taken_in_without_the_input(twin, tmp_path, program):
    clock, given = VirtualClock(), posts("LoRA", "RAG")
    served = twin(clock=clock)
    served.batches.seconds = 60
    with program(served) as one:
        one.batch.submit(given)
        assert one.batch.fetch() == 0
    clock.advance(60)
    with program(served) as two:
        assert two.batch.fetch() == 1
        assert two.batch.tally.answered == 2
    assert [record.provenance.origin for record in online(served, tmp_path / "home", given)] == ["model", "model"]
    assert not served.generated


class TakesUnheard(Batches):
    """Takes a job, and drops the line before it has said so."""

    def submit(self, service: Service, asked: Asked) -> Reply:
        return replace(super().submit(service, asked), wire="drop")


def test_a_job_that_was_taken_though_the_answer_was_lost_is_not_submitted_again(twin, program):
    served = twin(projects={"a": [fake_key(1)], "b": [fake_key(2)]})
    served.service.batches = TakesUnheard()
    with program(served) as one:
        tally = one.batch.run(posts("LoRA", "RAG"))
    assert (tally.jobs, tally.answered, tally.troubles) == (1, 2, [])
    assert len(jobs_of(served)) == 1


def gone_before_it_was_named(served: Twin, label: str) -> BatchEntry:
    key, at = served.keys[0], datetime.now(UTC).isoformat()
    machine = this_process().machine
    return BatchEntry(label, "", fingerprint(key), "…" + key[-4:], LITE, "extract@1", at, machine, 2**22, "0")


def test_a_job_whose_program_ended_while_it_was_submitted_is_found_by_its_label(twin, program):
    served, given = twin(), posts("LoRA", "RAG")
    with program(served) as one:
        one.batch.submit(given)
        (entry,) = one.store.jobs()
        lost = gone_before_it_was_named(served, entry.label)
        one.store.close_job(entry.label)
        one.store.enter(lost, [[post] for post in given])
    with program(served) as two:
        tally = two.batch.run(given)
    assert (tally.requests, tally.answered, len(jobs_of(served))) == (0, 2, 1)


def test_a_job_that_was_never_taken_leaves_its_posts_free(twin, tmp_path, program):
    served, given = twin(), posts("LoRA")
    with program(served) as one:
        one.store.enter(gone_before_it_was_named(served, "mianjing-never"), [given])
        tally = one.batch.run(given)
        assert tally.lost == {"batch_gone": 1}
        assert one.store.jobs() == []
    assert online(served, tmp_path / "home", given)[0].provenance.origin == "model"


def being_sent(served: Twin, label: str, given: list[Post], store: BatchStore) -> None:
    """Another program, which lives, is about to submit these."""
    me = this_process()
    assert store.enter(replace(gone_before_it_was_named(served, label), pid=me.pid, born=me.born), [given])


def test_a_job_that_a_living_program_is_only_submitting_is_left_to_it(twin, program):
    served, given = twin(), posts("LoRA")
    with program(served) as one:
        being_sent(served, "mianjing-other", given, one.store)
        assert one.batch.fetch() == 0
        (status,) = one.batch.statuses()
        assert (status.state, status.why) == ("unknown", "")
        one.batch.submit(given)
        assert [entry.label for entry in one.store.jobs()] == ["mianjing-other"]
    assert jobs_of(served) == []


@pytest.mark.parametrize(("taken", "left"), [(1, [["丙丁"]]), (2, [])])
def test_what_another_program_was_quicker_with_is_left_to_it_and_the_others_go(twin, program, taken, left):
    served, given = twin(), posts("甲乙", "丙丁")
    with program(served) as one:

        def slowly():
            yield from given
            being_sent(served, "mianjing-other", given[:taken], one.store)

        one.batch.submit(slowly())
        assert {one.store.job_of(post) for post in given[:taken]} == {"mianjing-other"}
        assert one.batch.tally.requests == len(left)
    sent = [[post.id for post in given if post.id in str(job.lines)] for job in jobs_of(served)]
    assert sent == left


@pytest.mark.parametrize("end", ["FAILED", "EXPIRED"])
def test_posts_of_a_failed_job_go_the_normal_way(twin, tmp_path, program, end):
    served, given = twin(), posts("LoRA", "RAG")
    served.batches.ends["*"] = end
    with program(served) as one:
        tally = one.batch.run(given)
        assert one.store.jobs() == []
    assert (tally.answered, tally.lost) == (0, {f"batch_{end.lower()}": 2})
    assert [record.provenance.origin for record in online(served, tmp_path / "home", given)] == ["model", "model"]
    assert len(served.generated) == 2


@pytest.mark.parametrize("inline_limit", [10**9, 0], ids=["inline", "by file"])
def test_of_partly_failed_answers_the_good_ones_are_kept(twin, tmp_path, program, inline_limit):
    served = twin(poison={"坏": "500", "禁": "blocked", "断": "prose"})
    given = posts("LoRA", "坏", "RAG", "禁", "断")
    with program(served, inline_limit=inline_limit) as one:
        tally = one.batch.run(given)
        assert one.store.refusals(given[3]) == {LITE: "blocked"}
        assert one.store.refusals(given[1]) == {}
        finished = [one.store.finished(post) is not None for post in given]
    assert finished == [True, False, True, False, False]
    assert (tally.answered, tally.lost) == (2, {"internal": 1, "blocked": 1, "malformed": 1})
    served.service.poison = {}
    records = online(served, tmp_path / "home", given)
    assert [record.provenance.origin == "rules" for record in records] == [False, False, False, True, False]
    assert len(served.generated) == 2


def test_answers_that_a_file_lacks_or_spoils_are_asked_for_anew(twin, tmp_path, program):
    served, given = twin(), posts("LoRA", "RAG", "DPO")
    with program(served, inline_limit=0) as one:
        one.batch.submit(given)
        with sdk(served) as client:
            done = client.batches.get(name=f"batches/{jobs_of(served)[0].name}")
        whole = served.batches.files[done.dest.file_name.removeprefix("files/")]
        first, second, _ = whole.split(b"\n")[:3]
        jobs_of(served)[0].results = [json.loads(first), {"key": "x"}, json.loads(second) | {"key": "77"}]
        assert one.batch.fetch() == 1
        assert (one.batch.tally.answered, one.batch.tally.lost) == (1, {"batch_incomplete": 2})


def test_several_posts_in_a_request_share_its_tokens(twin, tmp_path, program):
    served, given = twin(), posts("LoRA", "RAG", "DPO", "MoE")
    with program(served, pack=3) as one:
        tally = one.batch.run(given)
    assert (tally.requests, tally.answered) == (2, 4)
    records = online(served, tmp_path / "home", given)
    assert [record.provenance.packed_with for record in records] == [2, 2, 2, 0]
    assert sum(record.provenance.input_tokens for record in records) == tally.used.input_tokens


def test_the_same_content_twice_is_sent_once(twin, program):
    served = twin()
    given = [*posts("LoRA"), Post(text=posts("LoRA")[0].text, id="other"), Post(text=" ")]
    with program(served) as one:
        assert one.batch.run(given).requests == 1


def test_a_key_whose_quota_is_used_up_is_passed_over(twin, program):
    first, second = fake_key(1), fake_key(2)
    served = twin(projects={"a": [first], "b": [second]})
    served.script[first, BATCH] = "429"
    with program(served) as one:
        tally = one.batch.run(posts("LoRA"))
    assert tally.answered == 1
    assert jobs_of(served)[0].key == second
    assert [error.reason for error in tally.troubles] == ["batch_full"]


def test_a_key_that_would_not_take_one_job_is_not_asked_to_take_the_next(twin, program):
    first, second = fake_key(1), fake_key(2)
    served = twin(projects={"a": [first], "b": [second]})
    served.script[first, BATCH] = "429"
    with program(served, most_lines=1) as one:
        assert one.batch.run(posts("LoRA", "RAG", "DPO")).answered == 3
    assert [seen.key for seen in submitted(served)] == [first, second, second, second]


def submitted(served: Twin):
    """Requests for a job, taken or not."""
    return [seen for seen in served.requests if seen.method == "batchGenerateContent"]


def test_where_the_service_itself_is_down_no_other_key_and_no_other_model_is_asked(twin, program):
    served = twin(projects={"a": [fake_key(1)], "b": [fake_key(2)]})
    served.script[BATCH] = "503"
    with program(served, models=(FLASH, LITE)) as one:
        tally = one.batch.run(posts("LoRA"))
        assert one.store.jobs() == []
    assert len(submitted(served)) == 1
    assert [trouble.reason for trouble in tally.troubles] == ["overloaded"]


def test_a_model_that_is_gone_hands_on_to_the_next(twin, program):
    served = twin()
    served.retire(FLASH)
    with program(served, models=(FLASH, LITE)) as one:
        assert one.batch.run(posts("LoRA")).answered == 1
    assert [job.model for job in jobs_of(served)] == [LITE]


def test_what_the_queue_has_no_room_for_is_submitted_when_a_job_is_over(twin, program):
    clock = VirtualClock()
    served, given = twin(clock=clock), posts("一", "二", "三", "四", "五")
    served.batches.seconds = 30

    def look(statuses) -> None:
        """The queue is free again as soon as its job runs to its end."""
        served.script.pop(BATCH, None)
        clock.advance(30)

    with program(served, most_lines=2, watch=look) as one:
        one.batch.submit(given[:2])
        served.script[BATCH] = "429"
        tally = one.batch.run(given)
    assert tally.answered == 5
    assert sorted(len(job.lines) for job in jobs_of(served)) == [1, 2, 2]


def test_where_nothing_can_be_submitted_it_says_why_and_waits_for_nothing(twin, program):
    served = twin()
    served.script[BATCH] = "429"
    with program(served) as one:
        tally = one.batch.run(posts("LoRA"))
        assert one.slept == []
        assert one.store.jobs() == []
    assert (tally.requests, len(tally.troubles)) == (0, 1)


def test_a_job_stays_where_its_key_is_not_at_hand(twin, program):
    clock = VirtualClock()
    served = twin(clock=clock, projects={"a": [fake_key(1)], "b": [fake_key(2)]})
    served.batches.seconds = 60
    with program(served, keys=[fake_key(1)]) as one:
        one.batch.submit(posts("LoRA"))
    clock.advance(60)
    with program(served, keys=[fake_key(2)]) as two:
        tally = two.batch.run(posts("LoRA"))
        assert (two.slept, tally.answered, tally.requests) == ([], 0, 0)
        assert "…" + fake_key(1)[-4:] in str(tally.troubles[0])
        assert two.batch.statuses()[0].state == "unknown"
    with program(served, keys=[fake_key(1)]) as three:
        assert three.batch.run(posts("LoRA")).answered == 1


def test_a_job_that_the_service_forgot_leaves_its_posts_free(twin, program):
    served = twin()
    with program(served) as one:
        one.batch.submit(posts("LoRA"))
        served.batches.jobs.clear()
        assert one.batch.fetch() == 1
        assert one.batch.tally.lost == {"batch_gone": 1}


def test_a_cancelled_jobs_posts_are_asked_for_anew(twin, program):
    clock = VirtualClock()
    served = twin(clock=clock)
    served.batches.seconds = 60
    with program(served) as one:
        one.batch.submit(posts("LoRA"))
        (status,) = one.batch.statuses()
        assert (status.state, status.posts, status.model) == ("pending", 1, LITE)
        assert one.batch.cancel([status.label]) == 1
        assert jobs_of(served)[0].cancelled
        assert one.batch.statuses() == []
    with program(served, sleep=clock.advance) as two:
        assert two.batch.run(posts("LoRA")).answered == 1


def test_of_several_jobs_only_those_named_are_cancelled(twin, program):
    served = twin(clock=VirtualClock())
    served.batches.seconds = 60
    with program(served, most_lines=1) as one:
        one.batch.submit(posts("LoRA", "RAG"))
        first, second = (status.label for status in one.batch.statuses())
        assert one.batch.cancel([second]) == 1
        assert [entry.label for entry in one.store.jobs()] == [first]
    assert {job.display_name for job in jobs_of(served) if job.cancelled} == {second}


@pytest.mark.parametrize("gone", ["the job", "the key"])
def test_a_job_that_nobody_can_cancel_any_more_is_forgotten_and_its_posts_are_free(twin, tmp_path, program, gone):
    served, given = twin(projects={"a": [fake_key(1)], "b": [fake_key(2)]}), posts("LoRA")
    with program(served, keys=[fake_key(1)]) as one:
        one.batch.submit(given)
    if gone == "the job":
        served.batches.jobs.clear()
    with program(served, keys=[fake_key(2 if gone == "the key" else 1)]) as two:
        assert two.batch.cancel() == 1
        assert two.store.jobs() == []
        assert two.batch.tally.lost == {"batch_cancelled": 1}
        assert two.store.job_of(given[0]) is None


class Refuses(Batches):
    """Is overloaded for so many more questions about jobs."""

    refusals = 0

    def answer(self, service: Service, http: HttpRequest) -> Reply | None:
        if not self.refusals:
            return super().answer(service, http)
        self.refusals -= 1
        return Reply.of_json(503, bodies.error(503, "UNAVAILABLE", "The model is overloaded."))


@pytest.fixture
def under_way(twin, program):
    """A job of one post, the twin that has it, and the program that submitted it."""
    served = twin()
    served.service.batches = Refuses()
    with program(served) as one:
        one.batch.submit(posts("LoRA"))
        yield served, one


def test_a_job_that_the_service_would_not_cancel_stays_and_why_is_told(under_way):
    served, one = under_way
    served.batches.refusals = 1
    assert one.batch.cancel() == 0
    assert len(one.store.jobs()) == 1
    assert [trouble.reason for trouble in one.batch.tally.troubles] == ["overloaded"]


def test_a_job_is_waited_for_while_the_service_is_down_and_that_is_told_once(under_way):
    served, one = under_way
    served.batches.refusals = 6  # for each of three looks, and each time when it is told how jobs stand
    tally = one.batch.run(posts("LoRA"))
    assert (len(one.slept), tally.answered) == (3, 1)
    assert [trouble.reason for trouble in tally.troubles] == ["overloaded"]


def test_a_job_whose_key_is_no_more_is_not_waited_for_and_stays(under_way):
    served, one = under_way
    served.service.projects.clear()
    tally = one.batch.run(posts("LoRA"))
    assert one.slept == []
    assert len(one.store.jobs()) == 1
    assert [trouble.reason for trouble in tally.troubles] == ["key_invalid"]
    assert one.batch.statuses()[0].why


def test_a_bug_is_not_taken_for_the_services_word():
    with pytest.raises(AttributeError):
        BatchDesk(object()).cancel("batches/any")


def test_no_more_requests_are_submitted_than_are_allowed(twin, program):
    served = twin()
    with program(served, allowance=Allowance(2)) as one:
        assert one.batch.run(posts("LoRA", "RAG", "DPO")).requests == 2
        assert one.keys.allowance.left == 0


def test_no_request_is_submitted_that_could_pass_the_budget(twin, program):
    pytest.importorskip("genai_prices")
    served = twin()
    with program(served, allowance=Allowance(budget=Decimal("0.015"))) as one:
        tally = one.batch.run(posts("LoRA", "RAG", "DPO"))
        assert 0 < tally.requests < 3
        assert one.keys.allowance.spent == tally.used.cost < Decimal("0.015")


def test_a_ladder_without_a_gemini_cannot_go_by_batch(twin, program):
    with program(twin(), models=("ollama:qwen3",)) as one, pytest.raises(UsageError, match="--batch"):
        one.batch.run(posts("LoRA"))


def test_posts_come_back_from_the_store_as_they_went(tmp_path):
    post = Post(text="1. \ud83d 问？\u2028\x85末", title="题", tags=("a",), url="u", source="s", images=("x.png",))
    with BatchStore(tmp_path) as store:
        entry = BatchEntry("l", "n", "k", "…t", LITE, "p", "at", "m", 1, "b")
        assert store.enter(entry, [[post]])
        assert store.lines("l") == {0: (post,)}
        assert store.job_of(post) == "l"
        assert not store.enter(BatchEntry("l2", "n", "k", "…t", LITE, "p", "at", "m", 1, "b"), [[post]])
    with Store(tmp_path) as plain:
        assert plain.finished(post) is None


def test_a_long_post_goes_in_parts_and_comes_back_as_one_record(twin, tmp_path, program):
    text = "\n".join(f"{n}. 第{n}题：什么情况下你会选择方案{n}，而不是另一种做法？" for n in range(1, 600))
    served, given = twin(), [Post(text=text, id="long"), *posts("LoRA")]
    with program(served) as one:
        tally = one.batch.run(given)
    assert tally.requests > 2
    records = online(served, tmp_path / "home", given)
    assert not served.generated
    assert [record.post.id for record in records] == ["long", "LoRA"]
    assert len(records[0].questions) == 599
    assert all(text[item.start : item.end] == item.quote for item in records[0].questions)
