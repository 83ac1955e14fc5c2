"""Every published failure is judged as what it is, whatever form it comes in; what nobody knows, with care."""

from __future__ import annotations

import json
import socket
import ssl
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from google.genai.errors import APIError
from google.genai.types import GenerateContentResponse

from agent.gemini.clock import next_reset
from agent.gemini.errors import Scope, Verdict, judge, judge_message, judge_response
from agent.gemini.quota import seconds
from tests.gemini.bench import pool
from tests.twin import Twin, fake_key, recorded
from tests.twin.client import Twins, chat


NOW = datetime(2026, 11, 24, 20, tzinfo=UTC)

# What the published list says is out, in our words.
SCOPES = {
    "(project,model,day)": Scope.PROJECT_MODEL,
    "(project,model,minute)": Scope.PROJECT_MODEL,
    "key": Scope.KEY,
    "project": Scope.PROJECT,
    "model": Scope.MODEL,
    "service": Scope.SERVICE,
    "request": Scope.REQUEST,
}
# The list's own reaction to these is another than its scope says.
OTHERWISE = {
    # "Raise to the caller at once: never rotate, never penalise the key": so it is the request's.
    "400_precondition_failed": Scope.REQUEST,
}
REASONS = {
    "429_rpd_": "quota_day",
    "429_embed_rpd_": "quota_day",
    "429_tpd_": "quota_day",
    "429_rpm_": "quota_minute",
    "429_tpm_": "quota_minute",
    "429_limit0_": "quota_zero",
    # "any PerDay => day block": the tiers differ, so nothing says that the model is not offered at all.
    "429_limit0_mixed_free_and_paid_ids": "quota_day",
    "429_no_free_tier_words_2025": "quota_zero",
    "429_old_": "quota_zero",
    "429_bare_": "overloaded",
    "429_resource_exhausted_try_again_later": "overloaded",
    "429_only_help_grounding": "quota_unnamed",
    "429_prepay_depleted": "credit_gone",
    "429_spend_cap": "spend_cap",
    "400_api_key_": "key_invalid",
    "400_api_key_expired": "key_expired",
    "401_": "key_invalid",
    "403_leaked": "key_leaked",
    "403_consumer_suspended": "project_suspended",
    "403_project_denied_access": "project_denied",
    "403_caller_no_permission": "model_denied",
    "403_service_disabled": "project_disabled",
    "403_referrer_blocked": "key_restricted",
    "403_ip_blocked": "key_restricted",
    "403_android_blocked": "key_restricted",
    "403_ios_blocked": "key_restricted",
    "403_service_blocked": "key_restricted",
    "403_billing_country": "project_denied",
    "400_location": "location",
    "400_precondition_failed": "bad_request",
    "404_": "model_not_found",
    "404_new_users": "model_closed",
    "400_schema_too_complex": "schema_too_complex",
    "400_bare_invalid_argument": "bad_request",
    "400_tokens": "too_long",
    "400_payload_size": "too_long",
    "400_deadline_too_short": "bad_request",
    "400_thought_signature": "bad_request",
    "413_": "too_long",
    "499_": "internal",
    "500_": "internal",
    "503_": "overloaded",
    "504_": "timeout",
    "200_prompt_blocked_": "blocked",
    "200_safety_candidate": "blocked",
    "200_max_tokens_only_thoughts": "cut",
    "200_recitation": "recitation",
    "200_malformed_function_call": "malformed",
    "200_other_empty": "empty",
    "200_stop_but_empty": "empty",
}
ERRORS = [name for name in recorded() if not name.startswith("200_")]
SERVED = [name for name in recorded() if name.startswith("200_")]
needs_list = pytest.mark.skipif(not recorded(), reason="the list of published answers is not at hand")


def expected(name: str) -> str:
    return REASONS[max((start for start in REASONS if name.startswith(start)), key=len)]


def raised(name: str) -> Exception:
    """What the SDK raises for a published body."""
    entry = recorded()[name]
    with pytest.raises(APIError) as caught:
        APIError.raise_error(entry.status, entry.body, None)
    return caught.value


@needs_list
def test_the_list_is_all_there() -> None:
    assert len(ERRORS) + len(SERVED) == 77


@pytest.mark.parametrize("name", ERRORS)
def test_a_published_error_is_judged_as_what_it_is(name: str) -> None:
    verdict = judge(raised(name), now=NOW)
    assert verdict.reason == expected(name)
    assert verdict.scope == OTHERWISE.get(name, SCOPES[recorded()[name].scope])


@pytest.mark.parametrize("name", ERRORS)
def test_it_is_judged_alike_from_status_and_body(name: str) -> None:
    entry = recorded()[name]
    verdict = judge(raised(name), now=NOW)
    assert judge_response(entry.status, entry.body, now=NOW) == verdict
    assert judge_response(entry.status, json.dumps(entry.body).encode(), now=NOW) == verdict


@pytest.mark.parametrize("name", ERRORS)
def test_it_is_judged_alike_through_the_real_client(name: str, twin: Twins) -> None:
    served = twin()
    served.script["*"] = name
    bare = chat(served)
    with pytest.raises(Exception) as caught:
        bare.invoke("hi")
    assert bare.client
    bare.client.close()
    through, alone = judge(caught.value, now=NOW), judge(raised(name), now=NOW)
    assert (through.reason, through.scope, through.until) == (alone.reason, alone.scope, alone.until)


@pytest.mark.parametrize("name", SERVED)
def test_a_served_answer_that_is_none_is_judged(name: str, twin: Twins, tmp_path: Path) -> None:
    served: Twin = twin()
    served.script["*"] = name
    verdict = judge_message(pool(served, tmp_path).invoke("hi"))
    assert verdict
    assert (verdict.scope, verdict.reason) == (Scope.POST, expected(name))
    assert not verdict.another_key_helps


@pytest.mark.parametrize("name", [name for name in ERRORS if expected(name) == "quota_day"])
def test_a_days_quota_is_never_back_before_the_day_ends(name: str) -> None:
    until = judge(raised(name), now=NOW).until
    assert until
    assert until >= next_reset(NOW)


@needs_list
def test_a_later_end_than_the_days_is_believed() -> None:
    until = judge(raised("429_rpd_paid_gemini31pro"), now=NOW).until
    assert until == NOW + timedelta(hours=18, minutes=24, seconds=54, microseconds=846222)


@needs_list
@pytest.mark.parametrize(
    ("name", "wait"),
    [
        ("429_rpm_free_15", 38),
        ("429_rpm_free_5_gemini35", 29.248402),
        ("429_tpm_no_retryinfo_cliaction36", 60),
        ("429_tpm_paid_recorded", 51.386193),
    ],
)
def test_a_minutes_quota_is_back_after_the_longer_delay_that_is_told(name: str, wait: float) -> None:
    until = judge(raised(name), now=NOW).until
    assert until
    assert (until - NOW).total_seconds() == pytest.approx(wait, abs=1e-5)


@needs_list
@pytest.mark.parametrize(
    "name", ["429_limit0_three_violations", "400_api_key_invalid", "403_leaked", "404_model_unknown"]
)
def test_what_waiting_does_not_mend_has_no_end(name: str) -> None:
    assert judge(raised(name), now=NOW).until is None


@needs_list
@pytest.mark.parametrize(
    ("name", "limits", "tier", "bucket"),
    [
        ("429_rpd_free_void557", {"requests_day": 25}, "free", "gemini-2.0-pro-exp"),
        ("429_rpd_paid_gemini31pro", {"requests_day": 250}, "paid", "gemini-3.1-pro"),
        ("429_tpd_free_tokens_first", {"tokens_day": 250_000, "requests_day": 20}, "free", None),
        ("429_rpm_free_15", {"requests_minute": 15}, "free", "gemini-2.0-flash"),
        ("429_tpm_paid_recorded", {"tokens_minute": 3_000_000}, "paid_2", "gemini-3.8-flash"),
        ("429_embed_rpd_free", {"requests_day": 1000}, "free", "gemini-embedding-2"),
        ("429_limit0_four_violations_tpd", {}, "free", "gemini-2.5-pro"),
    ],
)
def test_limits_tier_and_bucket_are_read(name: str, limits: dict[str, int], tier: str, bucket: str | None) -> None:
    verdict = judge(raised(name), now=NOW)
    assert {limit.metric: limit.value for limit in verdict.limits} == limits
    assert (verdict.tier, verdict.bucket) == (tier, bucket)


def info_of(**metadata: str) -> dict[str, Any]:
    """A 429 that tells its quota in the way of Google's other services."""
    kind = "type.googleapis.com/google.rpc.ErrorInfo"
    info = {"@type": kind, "reason": "RATE_LIMIT_EXCEEDED", "metadata": {"consumer": "projects/7", **metadata}}
    return {"error": {"code": 429, "status": "RESOURCE_EXHAUSTED", "message": "Quota exceeded.", "details": [info]}}


@pytest.mark.parametrize(
    ("metadata", "reason", "until"),
    [
        ({"quota_limit": "GenerateRequestsPerDayPerProject", "quota_limit_value": "50"}, "quota_day", next_reset(NOW)),
        ({"quota_limit": "GenerateRequestsPerMinutePerProject"}, "quota_minute", NOW + timedelta(minutes=1)),
        ({"quota_limit": "GenerateRequestsPerDayPerProject", "quota_limit_value": "0"}, "quota_zero", None),
    ],
)
def test_a_quota_told_as_a_rate_limit_is_read(metadata: dict[str, str], reason: str, until: datetime | None) -> None:
    verdict = judge_response(429, info_of(**metadata), now=NOW)
    assert (verdict.reason, verdict.until, verdict.project) == (reason, until, "projects/7")


def test_a_quota_of_nothing_is_no_quota_however_it_is_named() -> None:
    """One value of 0 is enough: waiting for the day's end would bring nothing."""
    kind = "type.googleapis.com/google.rpc.QuotaFailure"
    violations = [
        {"quotaId": "GenerateRequestsPerDayPerProjectPerModel-FreeTier", "quotaValue": "0"},
        {"quotaId": "GenerateRequestsPerMinutePerProjectPerModel-FreeTier", "quotaValue": "5"},
    ]
    body = {
        "error": {"code": 429, "message": "Quota exceeded.", "details": [{"@type": kind, "violations": violations}]}
    }
    verdict = judge_response(429, body, now=NOW)
    assert (verdict.reason, verdict.scope, verdict.until) == ("quota_zero", Scope.PROJECT_MODEL, None)


@pytest.mark.parametrize(
    "body", [{"error": "the model is overloaded"}, ["the model is overloaded"], "the model is overloaded"]
)
def test_an_error_that_is_a_sentence_alone_is_told_by_it(body: Any) -> None:
    verdict = judge_response(503, body, now=NOW)
    assert (verdict.reason, verdict.message) == ("overloaded", "the model is overloaded")


@needs_list
def test_whose_project_a_key_is_of_is_read() -> None:
    assert judge(raised("403_service_disabled")).project == "projects/123456789012"
    assert judge(raised("429_old_errorinfo_quota_limit_value_0")).project == "projects/123456789012"
    assert judge(raised("429_old_api_requests_limit_0")).project is None


@needs_list
def test_the_successor_of_a_closed_model_is_read() -> None:
    assert judge(raised("404_new_users")).successor == "gemini-3.1-pro-preview"


@needs_list
@pytest.mark.parametrize("name", ["403_ip_blocked", "403_referrer_blocked", "400_location"])
def test_what_holds_for_this_machine_alone_says_so(name: str) -> None:
    assert judge(raised(name)).here_only


@needs_list
def test_failures_of_the_service_count_as_used_and_refusals_do_not() -> None:
    counted = {name[:3] for name in ERRORS if judge(raised(name)).counted}
    assert counted == {"499", "500", "503", "504"}


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (httpx.RemoteProtocolError("Server disconnected"), "dropped"),
        (httpx.ReadError("reset"), "dropped"),
        (httpx.ReadTimeout("silence"), "timeout"),
        (httpx.WriteTimeout("silence"), "timeout"),
        (httpx.ConnectTimeout("silence"), "unreachable"),
        (httpx.ConnectError("refused"), "unreachable"),
        (httpx.ProxyError("407"), "unreachable"),
        (ConnectionRefusedError(), "unreachable"),
        (ConnectionResetError(), "dropped"),
        (TimeoutError(), "timeout"),
        (socket.gaierror(-2, "Name or service not known"), "unreachable"),
        (ssl.SSLCertVerificationError("self-signed certificate"), "untrusted"),
        # As `ollama` has it where no server runs.
        (ConnectionError("Failed to connect"), "unreachable"),
        (RuntimeError("Event loop is closed"), "unknown"),
        (ZeroDivisionError(), "unknown"),
    ],
)
def test_network_trouble_is_told_from_bugs(error: Exception, reason: str) -> None:
    verdict = judge(error)
    assert verdict.reason == reason
    assert not verdict.another_key_helps


def test_a_request_that_never_left_is_not_counted_and_one_that_may_have_arrived_is() -> None:
    assert not judge(httpx.ConnectError("refused")).counted
    assert judge(httpx.ReadTimeout("silence")).counted


def test_the_cause_is_judged_where_the_error_itself_tells_nothing() -> None:
    error = ValueError("wrapped")
    error.__cause__ = httpx.ReadTimeout("silence")
    assert judge(error).reason == "timeout"
    loop = ValueError()
    loop.__cause__ = loop
    assert judge(loop).reason == "unknown"
    one, other = ValueError(), ValueError()
    one.__cause__, other.__cause__ = other, one
    assert judge(one).reason == "unknown"


PAGE = "<!DOCTYPE html>\n<html><head><title>Sign in</title></head></html>"


@pytest.mark.parametrize(
    "error",
    [
        *(APIError(status, {"message": PAGE, "status": "x"}, None) for status in (403, 404, 502, 503)),
        json.JSONDecodeError("Expecting value", PAGE, 0),
        httpx.DecodingError(PAGE),
    ],
    ids=["403", "404", "502", "503", "no JSON", "not decoded"],
)
def test_a_proxys_page_is_nobodys_fault(error: Exception) -> None:
    verdict = judge(error)
    assert (verdict.reason, verdict.scope, verdict.retry) == ("proxy_page", Scope.SERVICE, True)
    assert not verdict.message


def test_so_it_is_from_status_and_body() -> None:
    assert judge_response(200, PAGE) == judge(json.JSONDecodeError("Expecting value", PAGE, 0))


@pytest.mark.parametrize(
    ("error", "scope", "reason"),
    [
        (json.JSONDecodeError("Expecting value", '{"candidates": ', 15), Scope.SERVICE, "garbled"),
        (UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid start byte"), Scope.SERVICE, "garbled"),
        (httpx.DecodingError("incorrect header check"), Scope.SERVICE, "garbled"),
        (ValueError("Exceeds the limit (4300 digits) for integer string conversion"), Scope.POST, "malformed"),
        (RecursionError("maximum recursion depth exceeded"), Scope.POST, "malformed"),
        (httpx.ConnectError(PAGE), Scope.SERVICE, "unreachable"),
    ],
)
def test_an_answer_that_cannot_be_read_is_told_from_one_that_never_came(
    error: Exception, scope: Scope, reason: str
) -> None:
    verdict = judge(error)
    assert (verdict.scope, verdict.reason) == (scope, reason)


def test_what_the_client_stumbles_over_while_it_reads_is_the_answers_fault_and_else_a_bug() -> None:
    with pytest.raises(Exception) as caught:
        GenerateContentResponse._from_response(response={"candidates": 7}, kwargs={})
    assert judge(caught.value).reason == "garbled"
    with pytest.raises(Exception) as caught:
        GenerateContentResponse.model_validate({"candidates": 7})
    assert judge(caught.value).reason == "unknown"


@pytest.mark.parametrize(
    ("code", "reason"), [(299, "unknown"), (300, "redirected"), (599, "internal"), (600, "unknown"), ("429", "unknown")]
)
def test_only_a_status_of_http_makes_an_error_an_answer(code: object, reason: str) -> None:
    error = Exception("failed")
    error.code = code  # type: ignore[attr-defined]
    assert judge(error).reason == reason


@pytest.mark.parametrize(
    "body", [None, "", "gone", b"\xff\xfe", [], {}, {"error": None}, {"error": []}, [[[]]], "[" * 9_000, 7]
)
@pytest.mark.parametrize("status", [400, 403, 418, 429, 500, 599])
def test_a_body_without_sense_is_judged_with_care(status: int, body: Any) -> None:
    verdict = judge_response(status, body, now=NOW)
    assert verdict.scope in {Scope.REQUEST, Scope.SERVICE}


def test_a_404_that_names_no_model_retires_none() -> None:
    assert (
        judge_response(404, {"error": {"code": 404, "message": "no such path", "status": "NOT_FOUND"}}).scope
        == Scope.SERVICE
    )


def _answered(
    status: int, *, retry_after: str | None = None, text: str = "failed", **body: Any
) -> httpx.HTTPStatusError:
    request = httpx.Request("POST", "http://localhost")
    headers = {} if retry_after is None else {"retry-after": retry_after}
    return httpx.HTTPStatusError(text, request=request, response=httpx.Response(status, headers=headers, **body))


class TestOtherProviders:
    """As far as their errors tell, and without their packages."""

    @pytest.mark.parametrize(
        ("status", "body", "reason"),
        [
            (401, {"message": "Incorrect API key provided"}, "key_invalid"),
            (402, {"message": "Insufficient Balance"}, "credit_gone"),
            (404, {"message": "The model `gpt-9` does not exist"}, "model_not_found"),
            (
                429,
                {
                    "message": "You exceeded your current quota",
                    "code": "insufficient_quota",
                    "type": "insufficient_quota",
                },
                "credit_gone",
            ),
            (429, {"message": "Rate limit reached for requests"}, "overloaded"),
            (503, {"message": "Server overloaded"}, "overloaded"),
        ],
    )
    def test_errors_of_the_openai_kind(self, status: int, body: dict[str, str], reason: str) -> None:
        class APIStatusError(Exception):
            status_code = 0
            body: Any = None

        error = APIStatusError("failed")
        error.status_code, error.body = status, body
        assert judge(error).reason == reason

    def test_errors_of_the_ollama_kind(self) -> None:
        error = Exception("failed")
        error.status_code, error.error = 404, "model 'qwen9' not found"  # type: ignore[attr-defined]
        assert judge(error).reason == "model_not_found"

    def test_errors_of_the_httpx_kind(self) -> None:
        response = httpx.Response(
            429, json={"message": "slow down"}, headers={"retry-after": "7"}, request=httpx.Request("POST", "http://x")
        )
        error = httpx.HTTPStatusError("429", request=response.request, response=response)
        verdict = judge(error, now=NOW)
        assert (verdict.reason, verdict.until) == ("overloaded", NOW + timedelta(seconds=7))

    @pytest.mark.parametrize(("told", "wait"), [("0.5", 0.5), ("-3", 0.0)])
    def test_a_wait_that_is_told_in_a_header_is_believed(self, told: str, wait: float) -> None:
        assert judge(_answered(429, retry_after=told), now=NOW).until == NOW + timedelta(seconds=wait)

    def test_one_that_is_no_number_is_none(self) -> None:
        error = _answered(429, retry_after="Wed, 25 Nov 2026 07:28:00 GMT")
        assert judge(error, now=NOW) == judge(_answered(429), now=NOW)

    @pytest.mark.parametrize(
        "error",
        [
            lambda: _answered(404, content=b'{"error": {"message": "model qwen9 not found"}}'),
            lambda: _answered(404, content=b"model qwen9 not found"),
            # Not read off the wire, and closed: only the error itself says something.
            lambda: _answered(404, stream=httpx.ByteStream(b""), text="model qwen9 not found"),
        ],
        ids=["JSON", "text", "not read"],
    )
    def test_what_was_answered_is_looked_for_in_the_response_then_in_the_error(
        self, error: Callable[[], Exception]
    ) -> None:
        assert judge(error()).reason == "model_not_found"

    def test_a_connection_error_that_is_a_timeout_is_one(self) -> None:
        class APIConnectionError(Exception):
            pass

        class APITimeoutError(APIConnectionError):
            pass

        assert judge(APITimeoutError()).reason == "timeout"
        assert judge(APIConnectionError()).reason == "unreachable"


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("53s", 53.0),
        ("53.18s", 53.18),
        ("397ms", 0.397),
        ("18h24m54.846222292s", 66294.846222292),
        ("18h37m48.87188", 67068.87188),
        ("964.972314ms.", 0.964972314),
        ("", 0.0),
        ("soon", 0.0),
        ("1.2.3s", 4.2),
    ],
)
def test_lengths_of_time_are_read_as_the_service_writes_them(text: str, length: float) -> None:
    assert seconds(text) == pytest.approx(length)


@needs_list
def test_a_key_in_the_body_is_not_in_the_verdict() -> None:
    key = fake_key(1)
    body = json.loads(json.dumps(recorded()["403_consumer_suspended"].body).replace("AIzaXXXX", key))
    assert key not in repr(judge_response(403, body))


@pytest.mark.parametrize(
    ("metadata", "content", "reason"),
    [
        ({"finish_reason": "STOP"}, "an answer", None),
        ({"finish_reason": "stop"}, "an answer of another provider", None),
        ({}, "an answer", None),
        ({"finish_reason": "length"}, "half an ans", "cut"),
        ({"finish_reason": "content_filter"}, "", "blocked"),
        ({"finish_reason": "MAX_TOKENS"}, "half an ans", "cut"),
        ({"finish_reason": "OTHER"}, "half an ans", "cut"),
        ({"finish_reason": "STOP"}, " \n", "empty"),
        ({"finish_reason": "STOP"}, [{"type": "thinking", "thinking": "hm"}], "empty"),
        ({"prompt_feedback": {"block_reason": SimpleNamespace(value="SAFETY")}}, "", "blocked"),
        ({"prompt_feedback": {"block_reason": None}}, "an answer", None),
    ],
)
def test_served_answers_are_judged_by_how_they_end(metadata: dict[str, Any], content: Any, reason: str | None) -> None:
    from langchain_core.messages import AIMessage

    verdict = judge_message(AIMessage(content, response_metadata=metadata))
    assert (verdict.reason if verdict else None) == reason


def test_a_tool_call_alone_is_an_answer() -> None:
    from langchain_core.messages import AIMessage

    call = {"name": "look_up", "args": {}, "id": "1"}
    assert judge_message(AIMessage("", tool_calls=[call], response_metadata={"finish_reason": "STOP"})) is None


def test_a_verdict_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        Verdict(Scope.KEY, "key_invalid").reason = "other"  # type: ignore[misc]
