"""Quotas of the twin are counted, refused and given back as GEMINI.md says of the service's."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from langchain_google_genai.chat_models import (
    GoogleAPIError,
    GoogleRateLimitError,
)

from tests.twin import (
    Quota,
    VirtualClock,
    fake_key,
    next_pacific_midnight,
)
from tests.twin.client import FLASH, Twins, chat, failure, retry_seconds, violations


class TestQuotas:
    def test_a_day_of_the_free_tier_ends_with_a_lying_delay(self, twin: Twins) -> None:
        clock = VirtualClock(datetime(2026, 11, 24, 18, tzinfo=UTC))
        served = twin(clock=clock, quotas={FLASH: Quota(rpd=2)})
        model = chat(served)
        model.invoke("1")
        model.invoke("2")
        details = failure(model, GoogleRateLimitError)
        assert violations(details) == [
            {
                "quotaMetric": "generativelanguage.googleapis.com/generate_content_free_tier_requests",
                "quotaId": "GenerateRequestsPerDayPerProjectPerModel-FreeTier",
                "quotaDimensions": {"location": "global", "model": FLASH},
                "quotaValue": "2",
            }
        ]
        assert retry_seconds(details) < 60
        clock.advance(120)
        failure(model, GoogleRateLimitError)
        clock.advance((next_pacific_midnight(clock()) - clock()).total_seconds())
        model.invoke("a new day")
        assert served.outcomes == {"ok": 3, "quota_day": 2}
        assert served.wasted == {"quota_day": 2}
        assert served.used("p1", FLASH) == 1
        assert served.used_ever == {("p1", FLASH): 3}

    def test_a_day_of_the_paid_tier_tells_the_truth(self, twin: Twins) -> None:
        clock = VirtualClock()
        model = chat(twin(clock=clock, quotas=Quota(rpd=1, tier="paid")))
        model.invoke("1")
        details = failure(model, GoogleRateLimitError)
        assert violations(details)[0]["quotaId"] == "GenerateRequestsPerDayPerProjectPerModel"
        assert retry_seconds(details) == (next_pacific_midnight(clock()) - clock()).total_seconds() == 14 * 3600
        assert "Please retry in 14h0m0.000000000s." in details["error"]["message"]

    @pytest.mark.parametrize(
        ("quota", "quota_id"),
        [
            (Quota(rpm=1), "GenerateRequestsPerMinutePerProjectPerModel-FreeTier"),
            (Quota(tpm=60), "GenerateContentInputTokensPerModelPerMinute-FreeTier"),
            (Quota(tpm=60, tier="paid_2"), "GenerateContentPaidTierInputTokensPerModelPerMinute-PaidTier2"),
        ],
        ids=["requests", "tokens", "tokens of a paid tier"],
    )
    def test_a_minute_is_honest(self, twin: Twins, quota: Quota, quota_id: str) -> None:
        clock = VirtualClock()
        model = chat(twin(clock=clock, quotas=quota))
        model.invoke("word " * 40)
        clock.advance(20.5)
        with pytest.raises(GoogleRateLimitError) as raised:
            model.invoke("word " * 40)
        details = raised.value.__cause__.details
        assert [one["quotaId"] for one in violations(details)] == [quota_id]
        assert retry_seconds(details) == 39
        assert "Please retry in 39.500000000s." in details["error"]["message"]
        clock.advance(39.5)
        model.invoke("word " * 40)

    def test_several_limits_are_told_at_once(self, twin: Twins) -> None:
        model = chat(twin(quotas=Quota(rpd=1, rpm=1, tpd=5, tpm=5)))
        model.invoke("hi")
        with pytest.raises(GoogleRateLimitError) as raised:
            model.invoke("word " * 40)
        told = {one["quotaId"].split("Per", 1)[1] for one in violations(raised.value.__cause__.details)}
        assert len(told) == 4

    def test_the_limit_0_has_no_value_and_never_returns(self, twin: Twins) -> None:
        clock = VirtualClock()
        served = twin(clock=clock, quotas={FLASH: Quota(rpd=0)})
        details = failure(chat(served), GoogleRateLimitError)
        assert len(violations(details)) == 3
        assert not any("quotaValue" in one for one in violations(details))
        assert "limit: 0" in details["error"]["message"]
        clock.advance(days=2)
        failure(chat(served), GoogleRateLimitError)
        assert served.outcomes == {"limit_0": 2}

    def test_quota_is_of_the_project_and_the_bucket(self, twin: Twins) -> None:
        one, two, three = map(fake_key, range(1, 4))
        served = twin(projects={"a": [one, two], "b": [three]}, quotas=Quota(rpd=1))
        chat(served, "gemini-flash-latest", key=one).invoke("x")
        details = failure(chat(served, "gemini-3.8-flash", key=two), GoogleRateLimitError)
        assert violations(details)[0]["quotaDimensions"]["model"] == "gemini-3.8-flash"
        chat(served, "gemini-3.8-flash", key=three).invoke("x")
        chat(served, "gemini-3.1-pro-preview", key=two).invoke("x")
        assert served.used_ever == {
            ("a", "gemini-3.8-flash"): 1,
            ("b", "gemini-3.8-flash"): 1,
            ("a", "gemini-3.1-pro"): 1,
        }

    @pytest.mark.parametrize(("counts", "used"), [(True, 2), (False, 1)])
    def test_a_503_uses_quota_up_and_a_429_does_not(self, twin: Twins, counts: bool, used: int) -> None:
        served = twin(counts_failures=counts)
        served.script[1], served.script[2] = "503", "429"
        model = chat(served)
        with pytest.raises(GoogleAPIError):
            model.invoke("x")
        failure(model, GoogleRateLimitError)
        model.invoke("x")
        assert served.used("p1", FLASH) == used

    def test_the_day_follows_the_zone_when_it_changes_its_clock(self) -> None:
        before = datetime(2026, 11, 1, 7, 30, tzinfo=UTC)  # half past midnight in Los Angeles, on a day of 25 hours
        assert next_pacific_midnight(before) == datetime(2026, 11, 2, 8, tzinfo=UTC)
