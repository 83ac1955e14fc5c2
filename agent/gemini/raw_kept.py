"""`include_raw=True` by the short way: the model is asked, its answer parsed in place. Knows of no keys. Imports LangChain."""

from __future__ import annotations

from typing import Any, Self

from langchain_core.language_models import LanguageModelInput
from langchain_core.messages import BaseMessage
from langchain_core.output_parsers import BaseOutputParser
from langchain_core.outputs import ChatGeneration
from langchain_core.runnables import Runnable, RunnableConfig, RunnableSequence
from langchain_core.runnables.base import RunnableBindingBase
from pydantic import SkipValidation


Said = dict[str, Any]
"""`raw`, the message; `parsed`, what was read of it, or null; `parsing_error`, or null."""


class RawKept(RunnableBindingBase[LanguageModelInput, Said]):  # type: ignore[no-redef]  # as LangChain's own bindings
    """Says the same as LangChain's own runnable for it, which makes eight runs of each call, at a third of a call's CPU.

    Streams are that one's own.
    """

    model: Runnable[LanguageModelInput, Any]
    parser: SkipValidation[BaseOutputParser[Any]]

    @classmethod
    def of(cls, plain: RunnableSequence[Any, Any], own: Runnable[Any, Any]) -> Self:
        """From what LangChain makes without the raw answer, `model | parser`, and with it."""
        return cls(bound=own, model=plain.first, parser=plain.last)

    def invoke(self, input: LanguageModelInput, config: RunnableConfig | None = None, **kwargs: Any) -> Said:  # noqa: A002
        return self._read(self.model.invoke(input, config, **kwargs))

    async def ainvoke(self, input: LanguageModelInput, config: RunnableConfig | None = None, **kwargs: Any) -> Said:  # noqa: A002
        return self._read(await self.model.ainvoke(input, config, **kwargs))

    def _read(self, raw: BaseMessage) -> Said:
        try:
            parsed = self.parser.parse_result([ChatGeneration(message=raw)])
        except Exception as error:  # noqa: BLE001  # whatever it is, it is told
            return {"raw": raw, "parsed": None, "parsing_error": error}
        return {"raw": raw, "parsed": parsed, "parsing_error": None}
