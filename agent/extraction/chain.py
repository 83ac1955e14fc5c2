"""The chain of one rung, `prompt | model | settle`, and the ladder that joins rungs by `with_fallbacks`. Imports LangChain."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from decimal import Decimal
from typing import Any, TypeVar

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage
from langchain_core.runnables import Runnable, RunnableConfig, RunnableLambda

from agent.errors import RungUnavailable
from agent.extraction import prompt as prompts
from agent.extraction.answer import Answer, Reading, assigned_by_quotes, read_answer
from agent.extraction.ask import Answered, Ask
from agent.extraction.check import Settled, settle
from agent.extraction.models import LONGEST_CALL, sees_pictures, speaks_json_schema
from agent.extraction.result import record_by_rules, record_of_answer
from agent.extraction.sending import Guard, Sending
from agent.extraction.showing import content_blocks
from agent.gemini.allowance import Allowance
from agent.gemini.errors import judge_message
from agent.ladder import ModelName
from agent.pictures import looked_at
from agent.prices import Usage, price
from agent.records import Attempt, Post, Record


Out = TypeVar("Out")
Ladder = Runnable[Ask, Answered]


def ladder(
    rungs: Sequence[tuple[ModelName, BaseChatModel]], prompt: prompts.Prompt, allowance: Allowance | None = None
) -> Ladder:
    """All rungs as one runnable, without the rules. A rung that cannot serve hands on; a bug comes out as it is."""
    return _joined([Rung(name, model, prompt, allowance) for name, model in rungs])


def extraction_runnable(
    rungs: Sequence[tuple[ModelName, BaseChatModel]], prompt: prompts.Prompt, allowance: Allowance | None = None
) -> Runnable[Any, Record]:
    """The ladder closed by the rules, which cannot fail: text or `Post` in, `Record` out."""
    by_models = [Adapted(Rung(name, model, prompt, allowance), after=_by_model) for name, model in rungs]
    closed = _joined([*by_models, RunnableLambda(_by_rules)])
    return Adapted(closed.with_config(run_name="mianjing"), before=_ask_for)


def _joined(rungs: Sequence[Runnable[Ask, Out]]) -> Runnable[Ask, Out]:
    first, *others = rungs
    return first.with_fallbacks(others, exceptions_to_handle=(RungUnavailable,)) if others else first


def _ask_for(given: str | Post) -> Ask:
    return Ask.of(looked_at(given) if isinstance(given, Post) else Post(text=given))


def _by_model(answered: Answered) -> Record:
    return record_of_answer(answered, 0, answered.ask.trail.spent)


def _by_rules(ask: Ask) -> Record:
    return record_by_rules(ask.posts[0], ask.seen[0], ask.trail.spent)


def _same(value: Any) -> Any:
    return value


class Adapted(Runnable[Any, Out]):
    """A runnable between two plain functions. Of each step of a pipe LangChain makes a run and a task: more than these cost."""

    def __init__(
        self,
        runnable: Runnable[Any, Any],
        *,
        before: Callable[[Any], Any] = _same,
        after: Callable[[Any], Out] = _same,
    ) -> None:
        self.name = runnable.get_name()
        self._runnable, self._before, self._after = runnable, before, after

    def invoke(self, given: Any, config: RunnableConfig | None = None, **kwargs: Any) -> Out:  # type: ignore[override]
        return self._after(self._runnable.invoke(self._before(given), config, **kwargs))

    async def ainvoke(self, given: Any, config: RunnableConfig | None = None, **kwargs: Any) -> Out:  # type: ignore[override]
        return self._after(await self._runnable.ainvoke(self._before(given), config, **kwargs))


class Rung(Runnable[Ask, Answered]):
    """One model's way of answering an `Ask`. Raises `RungUnavailable`, having noted on the ask's trail why it could not serve."""

    def __init__(
        self,
        name: ModelName,
        model: BaseChatModel,
        prompt: prompts.Prompt,
        allowance: Allowance | None = None,
        price_of: Callable[[ModelName, Usage], Decimal | None] = price,
    ) -> None:
        """`allowance` bounds and counts the requests to another provider; those to Gemini are the key manager's to count."""
        self.name, self.prompt, self._model_name = str(name), prompt, name
        self._model, self._price_of = model, price_of
        self._sees = sees_pictures(name, model)
        self._guard = None if name.is_gemini else Guard(name, model, allowance or Allowance())
        self._longest = None if name.is_gemini else LONGEST_CALL
        self._said: Runnable[Any, Any] = model
        if speaks_json_schema(name):
            self._said = model.with_structured_output(Answer, method="json_schema", include_raw=True)

    def invoke(self, ask: Ask, config: RunnableConfig | None = None, **kwargs: Any) -> Answered:  # type: ignore[override]
        sending = self._sending(ask)
        while not sending.is_over:
            messages = self._messages(sending.ask)
            with sending.of(messages):
                sending.said = self._said.invoke(messages, config, **kwargs)
        return self._settle(sending.ask, *sending.came())

    async def ainvoke(self, ask: Ask, config: RunnableConfig | None = None, **kwargs: Any) -> Answered:  # type: ignore[override]
        sending = self._sending(ask)
        while not sending.is_over:
            messages = await self._amessages(sending.ask)
            with sending.of(messages):
                async with asyncio.timeout(self._longest):
                    sending.said = await self._said.ainvoke(messages, config, **kwargs)
        return self._settle(sending.ask, *sending.came())

    def _sending(self, ask: Ask) -> Sending:
        """Of the ask without the posts that this model has refused already."""
        left = ask.without_refused_by(str(self.name))
        if not left.posts:
            raise left.trail.note(
                RungUnavailable(str(self.name), "refused_before", detail="it refused these posts before")
            )
        return Sending(left, self._guard, self._mends)

    def _mends(self, error: RungUnavailable) -> bool:
        """A model that finds the schema too complex is from now on asked in the prompt alone."""
        if error.reason != "schema_too_complex" or self._said is self._model:
            return False
        self._said = self._model
        return True

    def _messages(self, ask: Ask) -> list[BaseMessage]:
        shown = content_blocks(ask.posts) if self._shows_pictures(ask) else prompts.lay_out(ask.posts)
        return [SystemMessage(self.prompt.text), HumanMessage(shown)]

    async def _amessages(self, ask: Ask) -> list[BaseMessage]:
        """Pictures take a while to make ready, and are not to hold up the loop."""
        return await asyncio.to_thread(self._messages, ask) if self._shows_pictures(ask) else self._messages(ask)

    def _shows_pictures(self, ask: Ask) -> bool:
        return self._sees and any(post.pictures for post in ask.posts)

    def _settle(self, ask: Ask, raw: AIMessage, parsed: Answer | None) -> Answered:
        ids = prompts.short_ids(len(ask.posts))
        reading = read_answer(str(raw.text), parsed, ids)
        reading = assigned_by_quotes(reading, {short: post.text for short, post in zip(ids, ask.posts, strict=True)})
        if used := Usage.of(raw.usage_metadata):
            ask.trail.spent.add(**asdict(used), cost=self._price_of(self._model_name, used))
        verdict = judge_message(raw)
        failure = verdict.reason if verdict and verdict.reason != "cut" else None
        settled = {} if failure else self._check(ask, reading, ids)
        if not settled:
            failure = failure or ("cut" if verdict else "malformed")
        attempts = (*_attempts(raw), Attempt(model=str(self.name), key=_key(raw), outcome=failure or "ok"))
        if failure and len(ask.posts) == 1 and (ask.is_last_try or failure == "blocked"):
            ask.trail.refuse(ask.posts[0], str(self.name), failure)
            raise ask.trail.note(RungUnavailable(str(self.name), failure, attempts=attempts))
        ask.trail.spent.add(attempts)
        return Answered(
            model=str(self.name),
            model_version=raw.response_metadata.get("model_name"),
            prompt=self.prompt.label,
            ask=ask,
            settled=settled,
            failure=failure,
        )

    def _check(self, ask: Ask, reading: Reading, ids: Sequence[str]) -> dict[int, Settled]:
        settled = {
            place: settle(ask.posts[place], reading.posts[short], ask.seen[place])
            for place, short in enumerate(ids)
            if short in reading.posts
        }
        return {place: replace(one, warnings=(*reading.warnings, *one.warnings)) for place, one in settled.items()}


def _attempts(raw: AIMessage) -> tuple[Attempt, ...]:
    return tuple(Attempt.model_validate(one) for one in _ours(raw).get("attempts", ()))


def _key(raw: AIMessage) -> str | None:
    return _ours(raw).get("key")


def _ours(raw: AIMessage) -> Mapping[str, Any]:
    ours: Mapping[str, Any] = raw.response_metadata.get("mianjing", {})
    return ours
