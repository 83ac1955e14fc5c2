"""The twin's Batch API as Google's own client uses it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from google.genai.errors import ClientError

from tests.twin import (
    BATCH,
    Quota,
    VirtualClock,
)
from tests.twin.client import FLASH, Twins, fenced, sdk


class TestBatches:
    def request(self, text: str, key: str) -> dict[str, Any]:
        return {"contents": [{"role": "user", "parts": [{"text": text}]}], "metadata": {"key": key}}

    def test_an_inline_job_ripens_and_tells_its_answers_and_errors(self, twin: Twins) -> None:
        clock = VirtualClock()
        served = twin(clock=clock, quotas=Quota(rpd=0), poison={"BAD": "500"})
        served.batches.seconds = 600
        with sdk(served) as client:
            sent = [self.request(fenced("1. good"), "a"), self.request(fenced("1. BAD"), "b")]
            job = client.batches.create(model=FLASH, src=sent, config={"display_name": "d"})
            states = [job.state.name]
            for _ in range(2):
                clock.advance(300)
                job = client.batches.get(name=job.name)
                states.append(job.state.name)
            assert [listed.name for listed in client.batches.list()] == [job.name]
        assert states == ["JOB_STATE_PENDING", "JOB_STATE_RUNNING", "JOB_STATE_SUCCEEDED"]
        good, bad = job.dest.inlined_responses
        assert (good.metadata, bad.metadata) == ({"key": "a"}, {"key": "b"})
        assert json.loads(good.response.text)["posts"][0]["questions"][0]["quote"] == "good"
        assert bad.error.code == 13

    def test_a_job_by_file(self, twin: Twins, tmp_path: Any) -> None:
        served = twin()
        file = tmp_path / "in.jsonl"
        lines = [{"key": str(n), "request": {"contents": [{"parts": [{"text": f"say {n}"}]}]}} for n in range(3)]
        file.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
        with sdk(served) as client:
            uploaded = client.files.upload(file=file, config={"mime_type": "application/jsonl"})
            job = client.batches.get(name=client.batches.create(model=FLASH, src=uploaded.name).name)
            results = client.files.download(file=job.dest.file_name).decode().splitlines()
        assert [json.loads(line)["key"] for line in results] == ["0", "1", "2"]

    def test_jobs_fail_are_cancelled_and_are_refused(self, twin: Twins) -> None:
        clock = VirtualClock()
        served = twin(clock=clock)
        served.batches.seconds, served.batches.ends["doomed"] = 10, "FAILED"
        with sdk(served) as client:
            doomed, stopped = (
                client.batches.create(model=FLASH, src=[self.request("x", "a")], config={"display_name": name})
                for name in ("doomed", "stopped")
            )
            client.batches.cancel(name=stopped.name)
            clock.advance(20)
            assert client.batches.get(name=doomed.name).state.name == "JOB_STATE_FAILED"
            assert client.batches.get(name=stopped.name).state.name == "JOB_STATE_CANCELLED"
            client.batches.delete(name=doomed.name)
            with pytest.raises(ClientError, match="404"):
                client.batches.get(name=doomed.name)
            served.script[BATCH] = "429"
            with pytest.raises(ClientError, match="429"):
                client.batches.create(model=FLASH, src=[self.request("x", "a")])
