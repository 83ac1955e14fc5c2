"""`--batch` and `mianjing batch`: submitted, killed, come back to, listed, taken in, cancelled; what a batch leaves goes the normal way."""

from __future__ import annotations

import json
import signal
from dataclasses import replace
from pathlib import Path

import pytest

from agent import Extractor, Post
from agent.cli.batch import _News, cancel_jobs, fetch_jobs
from agent.pipeline.batch import JobStatus
from tests.cli.command import Said, eventually, mianjing, rows, started, write_jsonl
from tests.twin import BATCH, Twin, fake_key


LITE = "gemini-2.5-flash-lite"
KILL = getattr(signal, "SIGKILL", signal.SIGTERM)


class Desk:
    """The command at one twin."""

    def __init__(self, twin: Twin) -> None:
        self.twin = twin
        self.environment = {
            "GEMINI_API_KEYS": ",".join(twin.keys),
            "GOOGLE_GEMINI_BASE_URL": twin.url,
            "MIANJING_MODELS": LITE,
        }

    def __call__(self, *arguments: str | Path, **more) -> Said:
        return mianjing(*arguments, **more, **self.environment)

    def end_while_it_waits(self, *arguments: str | Path, number: int = KILL) -> Said:
        """The same command, ended by a signal once its job is submitted."""
        with started(*arguments, **self.environment) as going:
            eventually(lambda: self.twin.batches.jobs)
            return going.end(number)


@pytest.fixture
def desk(twin) -> Desk:
    return Desk(twin(projects={"p": [fake_key(1)]}))


def test_posts_go_by_batch_and_none_is_asked_for_twice(desk, tmp_path):
    file = write_jsonl(tmp_path / "posts.jsonl", rows(5))
    said = desk("extract", file, "--batch")
    assert said.status == 0
    assert {record.provenance.model for record in said.records} == {LITE}
    assert "by batch: a result for 5 posts" in said.err
    assert "5 requests" in said.err
    assert not desk.twin.generated


def test_standard_input_goes_by_batch_too(desk):
    said = desk("extract", "-", "--batch", "-q", stdin="1. 什么是 LoRA？\n")
    assert said.status == 0
    assert len(said.records) == 1
    assert len(desk.twin.batches.jobs) == 1


def test_the_same_command_comes_back_to_a_job_whose_program_was_killed(desk, tmp_path):
    file = write_jsonl(tmp_path / "posts.jsonl", rows(4))
    desk.twin.batches.seconds = 3600
    desk.end_while_it_waits("extract", file, "--batch")
    (job,) = json.loads(desk("batch", "list", "--json").out)
    assert (job["posts"], job["model"], job["state"]) == (4, LITE, "pending")
    assert "waiting to run" in desk("batch", "list").out
    desk.twin.batches.seconds = 0
    said = desk("extract", file, "--batch")
    assert (said.status, len(said.records)) == (0, 4)
    assert len(desk.twin.batches.jobs) == 1
    assert not desk.twin.generated
    assert "No batch job is under way." in desk("batch", "list").err


def test_answers_are_fetched_without_the_input(desk, tmp_path):
    file = write_jsonl(tmp_path / "posts.jsonl", rows(3))
    desk.twin.batches.seconds = 3600
    desk.end_while_it_waits("extract", file, "--batch")
    assert "over: 0; still under way: 1" in desk("batch", "fetch").err
    desk.twin.batches.seconds = 0
    fetched = desk("batch", "fetch")
    assert "over: 1; still under way: 0" in fetched.err
    assert "a result for 3 posts" in fetched.err
    assert desk("extract", file, "-q").status == 0
    assert not desk.twin.generated


def test_a_cancelled_jobs_posts_are_free(desk, tmp_path):
    file = write_jsonl(tmp_path / "posts.jsonl", rows(2))
    desk.twin.batches.seconds = 3600
    desk.end_while_it_waits("extract", file, "--batch")
    assert desk("batch", "cancel").status == 2
    assert desk("batch", "cancel", "nobody").status == 2
    assert "cancelled: 1" in desk("batch", "cancel", "--all").err
    assert next(iter(desk.twin.batches.jobs.values())).cancelled
    assert desk("extract", file, "-q").status == 0


def test_what_a_batch_leaves_undone_goes_the_normal_way_in_the_same_run(desk, tmp_path):
    file = write_jsonl(tmp_path / "posts.jsonl", rows(3))
    desk.twin.batches.ends["*"] = "FAILED"
    said = desk("extract", file, "--batch")
    assert said.status == 0
    assert "3 × the batch job failed" in said.err
    assert len(desk.twin.generated) == 3


def test_where_no_job_can_be_submitted_it_says_why_and_asks_online(desk, tmp_path):
    file = write_jsonl(tmp_path / "posts.jsonl", rows(1))
    desk.twin.script[BATCH] = "429"
    said = desk("extract", file, "--batch")
    assert said.status == 0
    assert "queue for batches is full" in said.err
    assert len(desk.twin.generated) == 1


def test_fresh_asks_for_finished_work_again_by_batch_alone(desk, tmp_path):
    file = write_jsonl(tmp_path / "posts.jsonl", rows(2))
    assert desk("extract", file, "--batch", "-q").status == 0
    assert desk("extract", file, "--batch", "--fresh", "-q").status == 0
    assert len(desk.twin.batches.jobs) == 2
    assert not desk.twin.generated


@pytest.mark.parametrize("other", ["--offline", "--watch"])
def test_what_does_not_go_with_it_is_wrong_usage(desk, tmp_path, other):
    said = desk("extract", write_jsonl(tmp_path / "posts.jsonl", rows(1)), "--batch", other)
    assert said.status == 2
    assert "--batch" in said.err


def test_an_interrupt_leaves_the_jobs_going(desk, tmp_path):
    file = write_jsonl(tmp_path / "posts.jsonl", rows(2))
    desk.twin.batches.seconds = 3600
    said = desk.end_while_it_waits("extract", file, "--batch", number=signal.SIGINT)
    assert said.status == 130
    assert "mianjing batch fetch" in said.err
    assert not next(iter(desk.twin.batches.jobs.values())).cancelled


@pytest.fixture
def under_way(desk, monkeypatch) -> tuple[JobStatus, ...]:
    """Two jobs of one post each that are under way, and the environment that they were submitted in."""
    for name, value in desk.environment.items():
        monkeypatch.setenv(name, value)
    desk.twin.batches.seconds = 3600
    with Extractor(base_url=desk.twin.url) as extractor:
        for row in rows(2):
            extractor.batch().submit([Post(text=str(row["text"]))])
        return tuple(extractor.batch().statuses())


@pytest.mark.parametrize("called", ["label", "name"])
def test_jobs_are_fetched_and_cancelled_by_our_name_or_the_services(desk, under_way, capsys, called):
    first, second = under_way
    cancel_jobs([getattr(first, called)], everything=False)
    assert [job.display_name for job in desk.twin.batches.jobs.values() if job.cancelled] == [first.label]
    desk.twin.batches.seconds = 0
    fetch_jobs([getattr(second, called)])
    told = capsys.readouterr().err
    assert "cancelled: 1" in told
    assert "over: 1; still under way: 0" in told


def test_what_could_not_be_cancelled_is_told_with_why(desk, under_way, capsys):
    desk.twin.service.projects.clear()
    cancel_jobs([], everything=True)
    told = capsys.readouterr().err
    assert "cancelled: 0" in told
    assert told.count("the key is not valid") == 1


def test_how_jobs_stand_is_told_where_that_has_changed_alone(capsys):
    news = _News()
    waits = JobStatus("l", "n", LITE, "…A1b2", 3, "at", "pending")
    for jobs in ([waits], [waits], [waits, replace(waits, state="running")]):
        news.tell(jobs)
    first, second = capsys.readouterr().err.splitlines()
    assert "1, with 3 posts: 1 waiting to run" in first
    assert "2, with 6 posts: 1 waiting to run, 1 running" in second
