"""The chain of one rung, `prompt | model | settle`, and the ladder that joins rungs by `with_fallbacks`. Imports LangChain."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, TypeVar

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage
from langchain_core.runnables import (
    Runnable,
    RunnableConfig,
    RunnableLambda,
    RunnableParallel,
    RunnablePassthrough,
)

from agent.errors import RungUnavailable
from agent.extraction import prompt as prompts
from agent.extraction.answer import Answer, Reading, by_content, read
from agent.extraction.ask import Answered, Ask
from agent.extraction.check import Settled, settle
from agent.extraction.models import sees_pictures, speaks_json_schema
from agent.extraction.result import record_by_rules, record_of_answer
from agent.extraction.showing import blocks
from agent.gemini.allowance import Allowance
from agent.gemini.ceiling import most_it_costs
from agent.gemini.errors import judge, judge_message
from agent.gemini.reasons import explain
from agent.ladder import ModelName
from agent.pictures import looked_at
from agent.prices import Usage, price
from agent.records import Attempt, Post, Record


# What is in flight is back in about so long.
_A_MOMENT = timedelta(seconds=1)

In = TypeVar("In")
Out = TypeVar("Out")
Ladder = Runnable[Ask, Answered]


def ladder(
    rungs: Sequence[tuple[ModelName, BaseChatModel]], prompt: prompts.Prompt, allowance: Allowance | None = None
) -> Ladder:
    """All rungs as one runnable, without the rules. A rung that cannot serve hands on; a bug comes out as it is."""
    return _joined([Rung(name, model, prompt, allowance).as_runnable() for name, model in rungs])


def extraction_runnable(
    rungs: Sequence[tuple[ModelName, BaseChatModel]], prompt: prompts.Prompt, allowance: Allowance | None = None
) -> Runnable[Any, Record]:
    """The ladder closed by the rules, which cannot fail: text or `Post` in, `Record` out."""
    by_models = [Rung(name, model, prompt, allowance).as_runnable() | pure(_by_model) for name, model in rungs]
    return (pure(_ask_for) | _joined([*by_models, pure(_by_rules)])).with_config(run_name="mianjing")


def _joined(rungs: Sequence[Runnable[Ask, Out]]) -> Runnable[Ask, Out]:
    first, *others = rungs
    return first.with_fallbacks(others, exceptions_to_handle=(RungUnavailable,)) if others else first


def _ask_for(given: str | Post) -> Ask:
    return Ask.of(looked_at(given) if isinstance(given, Post) else Post(text=given))


def _by_model(answered: Answered) -> Record:
    return record_of_answer(answered, 0, answered.ask.trail.spent)


def _by_rules(ask: Ask) -> Record:
    return record_by_rules(ask.posts[0], ask.seen[0], ask.trail.spent)


class Rung:
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
        self.name, self.prompt, self._model = name, prompt, model
        self._allowance, self._price_of = allowance or Allowance(), price_of
        self._sees = sees_pictures(name, model)
        self._is_plain = not speaks_json_schema(name)
        self._chain = self._chain_of(self._plain() if self._is_plain else self._structured())

    def as_runnable(self) -> Runnable[Ask, Answered]:
        return RunnableLambda(self._invoke, self._ainvoke, name=str(self.name))

    def _invoke(self, ask: Ask, config: RunnableConfig) -> Answered:
        try:
            return self._chain.invoke(self._open(ask), config)
        except RungUnavailable as error:
            if self._is_mended(ask, error):
                return self._invoke(ask, config)
            raise

    async def _ainvoke(self, ask: Ask, config: RunnableConfig) -> Answered:
        try:
            return await self._chain.ainvoke(self._open(ask), config)
        except RungUnavailable as error:
            if self._is_mended(ask, error):
                return await self._ainvoke(ask, config)
            raise

    def _is_mended(self, ask: Ask, error: RungUnavailable) -> bool:
        """Note why it could not serve; a model that finds the schema too complex is from now on asked in the prompt alone."""
        if error.reason == "schema_too_complex" and not self._is_plain:
            self._chain, self._is_plain = self._chain_of(self._plain()), True
            ask.trail.spent.add(error.attempts)
            return True
        ask.trail.note(error)
        return False

    def _chain_of(self, said: Runnable[Any, dict[str, Any]]) -> Runnable[Ask, Answered]:
        said = RunnableLambda(self._messages, self._amessages) | said
        return RunnableParallel(ask=RunnablePassthrough(), said=said) | pure(self._settle)

    def _open(self, ask: Ask) -> Ask:
        """The ask without the posts that this model has refused already."""
        left = ask.without_refused_by(str(self.name))
        if not left.posts:
            raise RungUnavailable(str(self.name), "refused_before", detail="it refused these posts before")
        return left

    def _messages(self, ask: Ask) -> list[BaseMessage]:
        shown = blocks(ask.posts) if self._shows_pictures(ask) else prompts.lay_out(ask.posts)
        return [SystemMessage(self.prompt.text), HumanMessage(shown)]

    async def _amessages(self, ask: Ask) -> list[BaseMessage]:
        """Pictures take a while to make ready, and are not to hold up the loop."""
        return await asyncio.to_thread(self._messages, ask) if self._shows_pictures(ask) else self._messages(ask)

    def _shows_pictures(self, ask: Ask) -> bool:
        return self._sees and any(post.pictures for post in ask.posts)

    def _structured(self) -> Runnable[Any, dict[str, Any]]:
        structured: Runnable[Any, Any] = self._model.with_structured_output(
            Answer, method="json_schema", include_raw=True
        )
        return structured if self.name.is_gemini else self._guarded(structured)

    def _plain(self) -> Runnable[Any, dict[str, Any]]:
        plain = self._model | pure(_unparsed)
        return plain if self.name.is_gemini else self._guarded(plain)

    def _guarded(self, structured: Runnable[Any, Any]) -> Runnable[Any, dict[str, Any]]:
        """Another provider's errors, judged like Gemini's as far as they tell."""

        def call(messages: list[BaseMessage], config: RunnableConfig) -> Any:
            worst = self._take(messages)
            try:
                said = structured.invoke(messages, config)
            except Exception as error:  # noqa: BLE001  # of a client we know nothing of
                raise self._unavailable(error, worst) from None
            return self._paid(said, worst)

        async def acall(messages: list[BaseMessage], config: RunnableConfig) -> Any:
            worst = self._take(messages)
            try:
                said = await structured.ainvoke(messages, config)
            except Exception as error:  # noqa: BLE001  # of a client we know nothing of
                raise self._unavailable(error, worst) from None
            return self._paid(said, worst)

        return RunnableLambda(call, acall)

    def _take(self, messages: list[BaseMessage]) -> Decimal | None:
        """Whether the allowance has room for it; returns what is held back. Raises `RungUnavailable`."""
        worst = Decimal(0) if self._allowance.budget is None else self._most_it_costs(messages)
        if refusal := self._allowance.take(worst):
            until = datetime.now(UTC) + _A_MOMENT if refusal == "busy" else None
            raise RungUnavailable(str(self.name), refusal, until=until, detail=explain(refusal))
        return worst

    def _most_it_costs(self, messages: list[BaseMessage]) -> Decimal | None:
        longest = getattr(self._model, "max_tokens", None) or (self._model.profile or {}).get("max_output_tokens")
        schema = {} if self._is_plain else Answer.model_json_schema()
        return most_it_costs(self.name, messages, output_tokens=longest, settings=schema)

    def _paid(self, said: dict[str, Any], worst: Decimal | None) -> dict[str, Any]:
        used = Usage.of(said["raw"].usage_metadata)
        self._allowance.pay(worst, price(self.name, used) if used else None)
        return said

    def _unavailable(self, error: Exception, worst: Decimal | None) -> RungUnavailable:
        verdict = judge(error)
        self._allowance.fail(verdict.reason, worst)
        attempt = Attempt(model=str(self.name), outcome=verdict.reason)
        detail = f"{explain(verdict.reason)}: {verdict.message}" if verdict.message else explain(verdict.reason)
        return RungUnavailable(str(self.name), verdict.reason, until=verdict.until, attempts=[attempt], detail=detail)

    def _settle(self, state: Mapping[str, Any]) -> Answered:
        ask: Ask = state["ask"]
        raw: AIMessage = state["said"]["raw"]
        ids = prompts.short_ids(len(ask.posts))
        reading = read(str(raw.text), state["said"].get("parsed"), ids)
        reading = by_content(reading, {short: post.text for short, post in zip(ids, ask.posts, strict=True)})
        if used := Usage.of(raw.usage_metadata):
            ask.trail.spent.add(**asdict(used), cost=self._price_of(self.name, used))
        verdict = judge_message(raw)
        failure = verdict.reason if verdict and verdict.reason != "cut" else None
        settled = {} if failure else self._check(ask, reading, ids)
        if not settled:
            failure = failure or ("cut" if verdict else "malformed")
        attempts = (*_attempts(raw), Attempt(model=str(self.name), key=_key(raw), outcome=failure or "ok"))
        if failure and len(ask.posts) == 1 and (ask.final or failure == "blocked"):
            ask.trail.refuse(ask.posts[0], str(self.name), failure)
            raise RungUnavailable(str(self.name), failure, attempts=attempts)
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


def pure(function: Callable[[In], Out]) -> Runnable[In, Out]:
    """A function that neither waits nor calls: run in place, where LangChain would send it to a thread."""

    async def same(value: In) -> Out:
        return function(value)

    return RunnableLambda(function, same)


def _unparsed(message: AIMessage) -> dict[str, Any]:
    return {"raw": message, "parsed": None}


def _attempts(raw: AIMessage) -> tuple[Attempt, ...]:
    return tuple(Attempt.model_validate(one) for one in _ours(raw).get("attempts", ()))


def _key(raw: AIMessage) -> str | None:
    return _ours(raw).get("key")


def _ours(raw: AIMessage) -> Mapping[str, Any]:
    ours: Mapping[str, Any] = raw.response_metadata.get("mianjing", {})
    return ours
