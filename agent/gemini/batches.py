"""Gemini's Batch API as one key sees it: submit, look, take the answers, cancel. Knows no posts and remembers nothing.

A job belongs to the project of the key that submitted it; other projects' keys are told that there is none.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Any, TypeVar

from google.genai._common import convert_to_dict, encode_unserializable_types
from google.genai.batches import _InlinedRequest_to_mldev
from google.genai.types import (
    BatchJob,
    CancelBatchJobConfig,
    CreateBatchJobConfig,
    DownloadFileConfig,
    GenerateContentResponse,
    GetBatchJobConfig,
    HttpOptions,
    HttpRetryOptions,
    InlinedRequest,
    InlinedResponse,
    JobError,
    JobState,
    ListBatchJobsConfig,
    UploadFileConfig,
)

from agent.gemini.clock import Clock, wall_clock
from agent.gemini.errors import judge
from agent.gemini.verdict import Verdict


if TYPE_CHECKING:
    from google.genai import Client

T = TypeVar("T")

# Bytes. What is larger goes by file; the service takes 20 MB in one request.
INLINE_LIMIT = 19 * 2**20
# Milliseconds.
_TIMEOUT = 300_000
# By the number that a line's error has, which is gRPC's.
_REASONS = {3: "bad_request", 4: "timeout", 5: "model_not_found", 7: "forbidden", 8: "quota_unnamed", 14: "overloaded"}
_ENDED = {
    JobState.JOB_STATE_SUCCEEDED: None,
    JobState.JOB_STATE_PARTIALLY_SUCCEEDED: None,
    JobState.JOB_STATE_FAILED: "batch_failed",
    JobState.JOB_STATE_CANCELLED: "batch_cancelled",
    JobState.JOB_STATE_EXPIRED: "batch_expired",
}


class BatchRefused(Exception):
    """The service would not do it; the verdict says why, without the key. Whoever works the desk decides what comes of it."""

    def __init__(self, verdict: Verdict, *, is_unknown: bool = False, is_full: bool = False) -> None:
        self.verdict = verdict
        self.is_unknown = is_unknown
        """Whether there is no such job in the key's project, or no more."""
        self.is_full = is_full
        """Whether the project's queue, or another quota of it, has no room now."""
        super().__init__(f"{verdict.reason}: {verdict.message}")


@dataclass(frozen=True, slots=True)
class Line:
    """What came of one request: an answer, or why there is none."""

    number: int
    answer: GenerateContentResponse | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class JobReport:
    """How a job stands. `reason` says why one that is over gave less than it should."""

    state: str
    is_over: bool
    reason: str | None
    job: BatchJob


class BatchDesk:
    """The Batch API with one key."""

    def __init__(self, client: Client, *, clock: Clock = wall_clock) -> None:
        """`client` is the SDK's own, with the key in it."""
        self._client, self._clock = client, clock

    def size(self, request: InlinedRequest) -> int:
        """Bytes of a request, as it goes."""
        return len(self._wire(0, request))

    def submit(
        self, model: str, label: str, requests: Sequence[InlinedRequest], *, inline_limit: int = INLINE_LIMIT
    ) -> str:
        """A job of these requests, numbered from 0, inline or by file, as its size asks. Returns its name. Raises `BatchRefused`."""
        lines = [self._wire(number, one) for number, one in enumerate(requests)]
        is_small = sum(map(len, lines)) <= inline_limit
        told = self._asked(
            lambda: self._client.batches.create(
                model=model,
                src=_numbered(requests) if is_small else self._upload(label, lines),
                config=CreateBatchJobConfig(display_name=label, http_options=_options()),
            )
        )
        return str(told.name)

    def find(self, label: str) -> str | None:
        """The name of the job that was submitted under this label; null where there is none. Raises `BatchRefused`."""
        jobs = self._asked(lambda: list(self._client.batches.list(config=ListBatchJobsConfig(http_options=_options()))))
        return next((job.name for job in jobs if job.display_name == label), None)

    def look(self, name: str) -> JobReport:
        """How the job stands. Raises `BatchRefused`."""
        job = self._asked(
            lambda: self._client.batches.get(name=name, config=GetBatchJobConfig(http_options=_options()))
        )
        state = job.state or JobState.JOB_STATE_UNSPECIFIED
        return JobReport(state.value.removeprefix("JOB_STATE_").lower(), state in _ENDED, _ENDED.get(state), job)

    def lines(self, look: JobReport) -> Iterator[Line]:
        """What came of each request, as far as the job told. Raises `BatchRefused`."""
        dest = look.job.dest
        if dest and dest.file_name:
            file = dest.file_name
            yield from _lines_of_file(
                self._asked(
                    lambda: self._client.files.download(file=file, config=DownloadFileConfig(http_options=_options()))
                )
            )
        for place, one in enumerate((dest and dest.inlined_responses) or ()):
            yield _line_of(one, place)

    def cancel(self, name: str) -> None:
        """Ask for the job's end. Raises `BatchRefused`."""
        self._asked(
            lambda: self._client.batches.cancel(name=name, config=CancelBatchJobConfig(http_options=_options()))
        )

    def _upload(self, label: str, lines: Sequence[bytes]) -> str:
        config = UploadFileConfig(display_name=label, mime_type="application/jsonl", http_options=_options())
        return str(self._client.files.upload(file=BytesIO(b"".join(lines)), config=config).name)

    def _wire(self, number: int, request: InlinedRequest) -> bytes:
        """A request as a line of a file: the SDK's own words, which it keeps to itself."""
        told = encode_unserializable_types(convert_to_dict(_InlinedRequest_to_mldev(self._client._api_client, request)))  # noqa: SLF001
        return json.dumps({"key": str(number), "request": told["request"]}, ensure_ascii=False).encode() + b"\n"

    def _asked(self, ask: Callable[[], T]) -> T:
        try:
            return ask()
        except Exception as error:  # it is judged
            verdict = judge(error, now=self._clock())
            if verdict.reason == "unknown":
                raise
            status = (getattr(error, "code", None), getattr(error, "status", None))
        raise BatchRefused(verdict, is_unknown=status == (404, "NOT_FOUND"), is_full=status[0] == 429)


def _options() -> HttpOptions:
    # The SDK's own retries stay off: one place decides.
    return HttpOptions(timeout=_TIMEOUT, retry_options=HttpRetryOptions(attempts=1))


def _numbered(requests: Sequence[InlinedRequest]) -> list[InlinedRequest]:
    return [one.model_copy(update={"metadata": {"key": str(number)}}) for number, one in enumerate(requests)]


def _lines_of_file(data: bytes) -> Iterator[Line]:
    """Lines that cannot be read are left out: what is left out is asked again."""
    for line in data.split(b"\n"):
        with suppress(ValueError, KeyError, TypeError, AttributeError):
            yield _line_of_json(json.loads(line))


def _line_of_json(told: dict[str, Any]) -> Line:
    number = int(told["key"])
    if "response" in told:
        return Line(number, GenerateContentResponse.model_validate(told["response"]))
    return Line(number, None, _reason(told["error"].get("code")))


def _line_of(told: InlinedResponse, place: int) -> Line:
    """By its key; by its place where the service does not give that back."""
    number = int((told.metadata or {}).get("key", place))
    error = told.error or JobError()
    return Line(number, told.response, "" if told.response else _reason(error.code))


def _reason(code: int | None) -> str:
    return _REASONS.get(code or 0, "internal")
