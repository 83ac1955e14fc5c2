"""What is sent to another provider is bounded like what goes to Gemini, and what its client says in an error is not lost."""

from __future__ import annotations

from decimal import Decimal
from types import SimpleNamespace

import pytest
from langchain_core.language_models.fake_chat_models import FakeListChatModel

from agent.errors import RungUnavailable
from agent.extraction.broken_off import message_in
from agent.extraction.sending import Guard
from agent.gemini.allowance import Allowance
from agent.ladder import ModelName


def guard(allowance: Allowance) -> Guard:
    return Guard(ModelName("ollama", "qwen3"), FakeListChatModel(responses=["{}"]), allowance)


def test_no_more_requests_go_to_another_provider_than_are_allowed() -> None:
    allowance = Allowance(1)
    one = guard(allowance)
    one.take([])
    with pytest.raises(RungUnavailable) as raised:
        one.take([])
    assert (raised.value.model, raised.value.reason, raised.value.until) == ("ollama:qwen3", "max_requests", None)
    assert allowance.sent == 1


def test_with_a_budget_nothing_goes_of_which_nobody_knows_what_it_costs() -> None:
    with pytest.raises(RungUnavailable) as raised:
        guard(Allowance(budget=Decimal(1))).take([])
    assert raised.value.reason == "budget"


def test_what_failed_is_counted_as_sent_and_told_with_its_reason() -> None:
    allowance = Allowance(5)
    one = guard(allowance)
    told = one.judged(ConnectionRefusedError(), one.take([]))
    assert (told.reason, allowance.failed) == ("unreachable", {"unreachable": 1})
    assert [attempt.outcome for attempt in told.attempts] == ["unreachable"]


class CutShort(Exception):
    """As a client raises it whose answer broke off."""

    def __init__(self, **completion: object) -> None:
        self.completion = SimpleNamespace(**completion)


def test_a_broken_off_answer_comes_with_the_tokens_that_it_took() -> None:
    choice = SimpleNamespace(message=SimpleNamespace(content='{"posts": ['))
    usage = SimpleNamespace(prompt_tokens=7, completion_tokens=5, total_tokens=12)
    message = message_in(CutShort(choices=[choice], model="m", usage=usage))
    assert message is not None
    assert message.text == '{"posts": ['
    assert message.usage_metadata == {"input_tokens": 7, "output_tokens": 5, "total_tokens": 12}
    untold = message_in(CutShort(choices=[choice], model="m", usage=None))
    assert untold is not None
    assert untold.usage_metadata is None


@pytest.mark.parametrize("error", [ValueError("a bug"), CutShort(choices=[]), CutShort()])
def test_an_error_without_an_answer_holds_none(error: Exception) -> None:
    assert message_in(error) is None
