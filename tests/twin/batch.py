"""The Batch API: jobs that are submitted inline or by file, ripen by the clock, and are fetched by name."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal

from tests.twin import bodies
from tests.twin.asked import Asked, shown_posts
from tests.twin.http import HttpRequest, Reply


if TYPE_CHECKING:
    from tests.twin.service import Service

Ending = Literal["SUCCEEDED", "FAILED", "EXPIRED"]
_JOBS = re.compile(r"(?:/v1\w*)?/batches(?:/([^/:]+))?(?::(\w+))?$")
_FILES = re.compile(r"(?:/v1\w*)?/files/([^/:]+)(?::(\w+))?$")
_UPLOAD = re.compile(r"/upload/v1\w*/files$")
_TYPE = "type.googleapis.com/google.ai.generativelanguage.v1main."
_RPC_CODES = {429: 8, 500: 13, 503: 14, 504: 4}


@dataclass(slots=True)
class Job:
    """One batch job. Its lines are `{"request", "metadata"}` where inline, `{"request", "key"}` where from a file."""

    name: str
    project: str
    key: str
    model: str
    display_name: str
    lines: Sequence[Mapping[str, Any]]
    from_file: bool
    created: datetime
    ends: Ending = "SUCCEEDED"
    cancelled: bool = False
    results: list[dict[str, Any]] | None = None

    def state(self, now: datetime, seconds: float) -> str:
        age = now - self.created
        if self.cancelled:
            return "CANCELLED"
        if age >= timedelta(seconds=seconds):
            return self.ends
        return "RUNNING" if age >= timedelta(seconds=seconds / 2) else "PENDING"


@dataclass(slots=True)
class Batches:
    """All jobs and files. A job needs `seconds` of the twin's clock, and succeeds unless `ends` says otherwise."""

    seconds: float = 0.0
    ends: dict[str, Ending] = field(default_factory=dict)
    """By display name or `*`: how a job ends that does not succeed."""
    jobs: dict[str, Job] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)

    def answer(self, service: Service, http: HttpRequest) -> Reply | None:
        """The reply to what is about jobs or files; None where the request is about neither."""
        project = service.project_of(http.key)
        if _UPLOAD.match(http.path):
            return self._upload(http)
        if found := _FILES.match(http.path):
            return self._file(found[1], found[2], http)
        found = _JOBS.match(http.path)
        if not found:
            return None
        if not project:
            return Reply.of_json(400, bodies.OWN["400_api_key_invalid"])
        if not found[1]:
            told = [self._told(job, service) for job in self.jobs.values() if job.project == project]
            return Reply.of_json(200, {"operations": told})
        job = self.jobs.get(found[1])
        if job is None or job.project != project:
            return _not_found()
        return self._of_job(job, found[2], service, http)

    def submit(self, service: Service, asked: Asked) -> Reply:
        """`:batchGenerateContent`, of a project and model that are in order."""
        batch = asked.body["batch"]
        source = batch["inputConfig"]
        file = source.get("fileName", "").removeprefix("files/")
        if file and file not in self.files:
            return _not_found()
        text = self.files[file].decode() if file else ""
        lines = [json.loads(line) for line in text.split("\n") if line] if file else source["requests"]["requests"]
        display_name = batch.get("displayName", "")
        job = Job(
            name=f"job{len(self.jobs) + 1:06d}",
            project=asked.project,
            key=asked.key,
            model=asked.model,
            display_name=display_name,
            lines=lines,
            from_file=bool(file),
            created=service.clock(),
            ends=self.ends.get(display_name) or self.ends.get("*") or "SUCCEEDED",
        )
        self.jobs[job.name] = job
        return Reply.of_json(200, self._told(job, service, fresh=True))

    def _of_job(self, job: Job, method: str | None, service: Service, http: HttpRequest) -> Reply:
        if method == "cancel":
            job.cancelled = job.state(service.clock(), self.seconds) in {"PENDING", "RUNNING"}
            return Reply.of_json(200, {})
        if http.method == "DELETE":
            del self.jobs[job.name]
            return Reply.of_json(200, {})
        return Reply.of_json(200, self._told(job, service))

    def _told(self, job: Job, service: Service, *, fresh: bool = False) -> dict[str, Any]:
        """The operation as the service tells it."""
        now = service.clock()
        state = "PENDING" if fresh else job.state(now, self.seconds)
        metadata: dict[str, Any] = {
            "@type": f"{_TYPE}GenerateContentBatch",
            "model": f"models/{job.model}",
            "displayName": job.display_name,
            "createTime": _stamp(job.created),
            "updateTime": _stamp(now),
            "batchStats": {"requestCount": str(len(job.lines))},
            "state": f"BATCH_STATE_{state}",
            "name": f"batches/{job.name}",
        }
        told: dict[str, Any] = {"name": f"batches/{job.name}", "metadata": metadata}
        if state in {"PENDING", "RUNNING"}:
            return told
        told["done"] = True
        metadata["endTime"] = _stamp(now)
        if state == "SUCCEEDED":
            output = self._output(job, service)
            metadata["output"] = output
            told["response"] = {"@type": f"{_TYPE}GenerateContentBatchOutput", **output}
        elif state == "FAILED":
            told["error"] = {"code": 13, "message": "Internal error encountered."}
        return told

    def _output(self, job: Job, service: Service) -> dict[str, Any]:
        if job.results is None:
            job.results = [_result(line, job, service) for line in job.lines]
        if not job.from_file:
            return {"inlinedResponses": {"inlinedResponses": job.results}}
        name = f"batch-{job.name}"
        self.files[name] = b"".join(json.dumps(line, ensure_ascii=False).encode() + b"\n" for line in job.results)
        return {"responsesFile": f"files/{name}"}

    def _upload(self, http: HttpRequest) -> Reply:
        if http.headers.get("x-goog-upload-command") == "start":
            name = f"file{len(self.files) + 1:06d}"
            self.files[name] = b""
            url = f"http://{http.headers['host']}{http.path}?upload_id={name}"
            return Reply.of_json(200, {}, headers={"X-Goog-Upload-URL": url, "X-Goog-Upload-Status": "active"})
        name = http.query["upload_id"]
        self.files[name] += http.body
        last = "finalize" in http.headers.get("x-goog-upload-command", "")
        headers = {"X-Goog-Upload-Status": "final" if last else "active"}
        return Reply.of_json(200, {"file": self._about(name)} if last else {}, headers=headers)

    def _file(self, name: str, method: str | None, http: HttpRequest) -> Reply:
        if name not in self.files:
            return _not_found()
        if method == "download":
            return Reply(200, self.files[name], "application/octet-stream")
        if http.method == "DELETE":
            del self.files[name]
            return Reply.of_json(200, {})
        return Reply.of_json(200, self._about(name))

    def _about(self, name: str) -> dict[str, Any]:
        return {"name": f"files/{name}", "sizeBytes": str(len(self.files[name])), "state": "ACTIVE"}


def _result(line: Mapping[str, Any], job: Job, service: Service) -> dict[str, Any]:
    body = line["request"]
    asked = Asked(0, job.model, job.key, job.project, body, shown_posts(body))
    about = {"key": line["key"]} if job.from_file else {"metadata": line.get("metadata", {})}
    status, told = service.batched(asked)
    if status == 200:
        return {"response": told, **about}
    first = told[0] if isinstance(told, list) else told
    message = first if isinstance(first, str) else first["error"]["message"]
    return {"error": {"code": _RPC_CODES.get(status, 3), "message": message}, **about}


def _not_found() -> Reply:
    return Reply.of_json(404, bodies.error(404, "NOT_FOUND", "Requested entity was not found."))


def _stamp(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
