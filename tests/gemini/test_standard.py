"""The pool passes LangChain's own standard unit tests for chat models."""

from __future__ import annotations

from langchain_core.language_models import BaseChatModel
from langchain_tests.unit_tests import ChatModelUnitTests

from agent.gemini.chat import ChatGeminiPool
from tests.twin import fake_key


class TestStandard(ChatModelUnitTests):
    @property
    def chat_model_class(self) -> type[BaseChatModel]:
        return ChatGeminiPool

    @property
    def chat_model_params(self) -> dict[str, object]:
        return {"model": "gemini-2.5-flash", "keys": [fake_key(1)]}

    @property
    def init_from_env_params(self) -> tuple[dict[str, str], dict[str, object], dict[str, object]]:
        return {"GEMINI_API_KEY": fake_key(1)}, {"model": "gemini-2.5-flash"}, {"model": "gemini-2.5-flash"}
