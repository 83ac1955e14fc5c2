"""The ladder of models is read as people write it."""

from __future__ import annotations

import pytest

from agent.errors import UsageError
from agent.ladder import ModelName, default_ladder, ladder


@pytest.mark.parametrize(
    ("text", "provider", "model"),
    [
        ("gemini-2.5-flash", "gemini", "gemini-2.5-flash"),
        ("models/gemini-2.5-flash", "gemini", "gemini-2.5-flash"),
        ("google_genai:gemini-2.5-flash", "gemini", "gemini-2.5-flash"),
        (" ollama:qwen3:8b ", "ollama", "qwen3:8b"),
    ],
)
def test_a_name_tells_its_provider(text, provider, model):
    assert ModelName.parse(text) == ModelName(provider, model)


@pytest.mark.parametrize("text", ["ollama:", ":x", " "])
def test_half_a_name_is_wrong_usage(text):
    with pytest.raises(UsageError, match="no model name"):
        ModelName.parse(text)


def test_rules_are_left_out_being_always_last():
    assert ladder("rules") == ()
    assert [str(name) for name in ladder("rules, a,ollama:b,a")] == ["a", "ollama:b"]


def test_an_empty_ladder_is_wrong_usage():
    with pytest.raises(UsageError, match="empty"):
        ladder([" ", ""])


def test_the_environment_names_the_ladder_where_nobody_else_does(monkeypatch):
    monkeypatch.setenv("MIANJING_MODELS", "a,b")
    assert [str(name) for name in ladder()] == ["a", "b"]
    assert [str(name) for name in ladder("c")] == ["c"]


def test_the_default_ladder_is_of_gemini_models_that_the_client_knows():
    from langchain_google_genai.data._profiles import _PROFILES

    assert set(default_ladder()) <= set(_PROFILES)
