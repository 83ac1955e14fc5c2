"""What goes wrong, by name: on the wire, in the status, or in what the model says; and a seeded plan of it."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from tests.twin import bodies
from tests.twin.asked import Answer, Asked
from tests.twin.http import Reply


STATUS: Mapping[str, str] = {
    "429": "429_bare_resource_exhausted",
    "500": "500_internal",
    "503": "503_overloaded",
    "504": "504_deadline",
}
"""Short names of plain error answers."""

WIRE = ("html", "drop", "cut_body", "hang", "drip", "redirect", "malformed", "garbage")
"""A proxy's HTML page; the connection dropped before the head or in the body; silence; a slow body; a 307 to
another host; a JSON body that breaks off; bytes that are no text."""

SAYS = (
    "max_tokens",
    "only_thoughts",
    "loop",
    "empty",
    "no_candidate",
    "recitation",
    "safety",
    "blocked",
    "prose",
    "fenced",
    "other_ids",
    "wrong_types",
)
"""A 200 whose answer is cut, looping, empty, refused, or not what was asked for."""

EVERY_KIND = (*STATUS, *WIRE, *SAYS)

_NOT_COUNTED = {"429", "html", "redirect"}


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: a name of `STATUS`, `WIRE` or `SAYS`, or of a published body.

    `counted` is whether the service counts the request (None: as the service does); `seconds` bounds a hang,
    or is how long a drip takes.
    """

    kind: str
    counted: bool | None = None
    seconds: float | None = None

    def __post_init__(self) -> None:
        if self.kind not in STATUS and self.kind not in WIRE and self.kind not in SAYS and not bodies.known(self.kind):
            raise bodies.NotRecorded(self.kind)

    @property
    def has_body(self) -> bool:
        """Whether it is an answer with a body of its own, published or built; most are errors, some are a 200."""
        return self.kind in STATUS or bodies.known(self.kind)

    @property
    def body_name(self) -> str:
        return STATUS.get(self.kind, self.kind)

    @property
    def is_of_key(self) -> bool:
        """Whether it is said of a key (or place) whatever is asked for."""
        return self.has_body and self.body_name[:3] in {"400", "401", "403"}

    @property
    def is_answer(self) -> bool:
        """Whether the service itself thinks that it has served."""
        return self.kind in SAYS or self.body_name.startswith("200")

    def is_counted(self) -> bool:
        """5xx, time-outs and broken answers are; a 4xx, and what never reached the service, is not."""
        if self.counted is not None:
            return self.counted
        return self.kind not in _NOT_COUNTED and not self.body_name.startswith("4")


FaultSource = Callable[[Asked], "Fault | str | None"]


def as_fault(fault: Fault | str | None) -> Fault | None:
    return Fault(fault) if isinstance(fault, str) else fault


class FaultPlan:
    """A share of all requests fails, in one of the kinds. What befalls a request is decided by the seed, by what it asks
    for and how often that was asked for before: in whatever order requests come, each post meets the same."""

    def __init__(self, rate: float, kinds: Sequence[Fault | str] = EVERY_KIND, *, seed: int = 0) -> None:
        self._rate, self._seed = rate, seed
        self._kinds = [as_fault(kind) for kind in kinds]
        self._before: Counter[str] = Counter()

    def __call__(self, asked: Asked) -> Fault | None:
        self._before[asked.user_text] += 1
        chance = random.Random(f"{self._seed} {self._before[asked.user_text]} {asked.user_text}")
        return chance.choice(self._kinds) if chance.random() < self._rate else None


def on_the_wire(fault: Fault, reply: Reply, elsewhere: str, chance: random.Random) -> Reply:
    """The reply with a fault of `WIRE` on it."""
    whole = reply.body or b"".join(reply.chunks)
    match fault.kind:
        case "html":
            page = b"<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>"
            return Reply(502, page, "text/html")
        case "redirect":
            return Reply(307, headers={"Location": elsewhere})
        case "drop":
            return replace(reply, wire="drop")
        case "hang":
            return replace(reply, wire="hang", wire_seconds=fault.seconds)
        case "drip":
            return replace(reply, wire="drip", wire_seconds=fault.seconds)
        case "cut_body":
            return replace(reply, wire="cut")
        case "malformed":
            return replace(reply, body=whole[: len(whole) * 2 // 3], chunks=())
        case _:
            return replace(reply, body=chance.randbytes(200), chunks=())


def spoil(kind: str, answer: Answer, limit: int, chance: random.Random) -> Answer:
    """The answer with a fault of `SAYS` in it; `limit` is in output tokens."""
    return _SPOILERS[kind](answer, limit, chance)


def _max_tokens(answer: Answer, _: int, chance: random.Random) -> Answer:
    return replace(answer, text=answer.text[: int(len(answer.text) * chance.uniform(0.3, 0.9))], finish="MAX_TOKENS")


def _loop(answer: Answer, limit: int, chance: random.Random) -> Answer:
    """The end of the answer over and over until the limit cuts it."""
    at = int(len(answer.text) * chance.uniform(0.3, 0.7))
    piece = answer.text[max(0, at - 60) : at] or "and so on, "
    return replace(answer, text=answer.text[:at] + piece * (limit * 4 // len(piece) + 1))


def _prose(answer: Answer, _: int, chance: random.Random) -> Answer:
    return replace(answer, text="这篇帖子主要讲了一次面试的经历，我整理如下：候选人被问到了几个问题，整体难度适中。")


def _fenced(answer: Answer, _: int, chance: random.Random) -> Answer:
    return replace(answer, text=f"Here is the JSON you asked for:\n```json\n{answer.text}\n```\nLet me know!")


def _other_ids(answer: Answer, _: int, chance: random.Random) -> Answer:
    return _edited(answer, lambda post: {**post, "id": f"post-{chance.randrange(1000, 9999)}"})


def _wrong_types(answer: Answer, _: int, chance: random.Random) -> Answer:
    def edit(post: dict[str, Any]) -> dict[str, Any]:
        return {
            "id": post.get("id"),
            "methods": None,
            "questions": [item.get("quote") for item in post.get("questions", ())],
            "advice": {str(n): item for n, item in enumerate(post.get("advice", ()))},
        }

    return _edited(answer, edit)


def _edited(answer: Answer, edit: Callable[[dict[str, Any]], dict[str, Any]]) -> Answer:
    try:
        value = json.loads(answer.text)
        posts = [edit(post) for post in value["posts"]]
    except (ValueError, KeyError, TypeError):
        return answer
    return replace(answer, text=json.dumps({**value, "posts": posts}, ensure_ascii=False))


_SPOILERS: Mapping[str, Callable[[Answer, int, random.Random], Answer]] = {
    "max_tokens": _max_tokens,
    "only_thoughts": lambda answer, limit, _: Answer(finish="MAX_TOKENS", thoughts=limit),
    "loop": _loop,
    "empty": lambda *_: Answer(),
    "no_candidate": lambda *_: Answer(finish=None),
    "recitation": lambda *_: Answer(finish="RECITATION"),
    "safety": lambda *_: Answer(finish="SAFETY"),
    "blocked": lambda *_: Answer(block="PROHIBITED_CONTENT"),
    "prose": _prose,
    "fenced": _fenced,
    "other_ids": _other_ids,
    "wrong_types": _wrong_types,
}
