"""Puts the oracle's answer into the API's words: thoughts, limits, cached tokens, and what a fault makes of it."""

from __future__ import annotations

import hashlib
import json
import random
from dataclasses import dataclass, field, replace

from tests.twin.answers import Wording, prompt_tokens, word
from tests.twin.asked import Asked, Oracle, as_answer
from tests.twin.checks import thinking_budget
from tests.twin.faults import SAYS, Fault, spoil
from tests.twin.models import Model


_LEAST_CACHED = 1024


@dataclass(slots=True)
class Speaker:
    """Says what `oracle` thinks. `thoughts`: tokens thought first, where thinking is not switched off."""

    oracle: Oracle
    thoughts: int = 0
    implicit_cache: bool = False
    chance: random.Random = field(default_factory=random.Random)
    _heads: set[tuple[str, str, str]] = field(default_factory=set)

    def say(self, asked: Asked, model: Model, tokens: int, fault: Fault | None) -> Wording:
        """The answer to a request of so many input tokens, spoiled by the fault where it is one of `SAYS`."""
        config = asked.body.get("generationConfig") or {}
        limit = min(config.get("maxOutputTokens") or model.output_limit, model.output_limit)
        answer = as_answer(self.oracle(asked))
        if self.thoughts and thinking_budget(config) != 0:
            answer = replace(answer, thoughts=self.thoughts)
        if fault and fault.kind in SAYS:
            answer = spoil(fault.kind, answer, limit, self.chance)
        return word(
            answer,
            prompt=tokens,
            cached=self._cached(asked) if self.implicit_cache else 0,
            limit=limit,
            version=model.answers_as,
            response_id=f"twin{self.chance.getrandbits(48):012x}",
        )

    def _cached(self, asked: Asked) -> int:
        """The tokens of the system instruction, where an earlier request of this project to the model had the same."""
        system = asked.body.get("systemInstruction") or {}
        place = (asked.project, asked.model, hashlib.sha256(json.dumps(system).encode()).hexdigest())
        known, tokens = place in self._heads, prompt_tokens({"systemInstruction": system})
        self._heads.add(place)
        return tokens if known and tokens >= _LEAST_CACHED else 0
