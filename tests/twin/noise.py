"""A bad model: wraps an oracle that reads posts and spoils what it says, the same way for the same seed."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.twin.asked import Answer, Asked, ShownPost
from tests.twin.oracle import KINDS, Labelled, PostAnswer, answer_posts


_INVENTED = (
    "请谈谈你对量子纠错码的理解",
    "Explain how a bloom filter degrades when it is over-filled",
    "建议提前三个月申请签证",
    "贝叶斯超参搜索",
    "如何证明停机问题不可判定？",
    "Always bring a printed portfolio of your paintings",
)
_TO_FULL_WIDTH = str.maketrans(
    {
        **{chr(code): chr(code + 0xFEE0) for code in range(0x30, 0x7B)},
        ",": "，",
        "?": "？",
        "(": "（",
        ")": "）",
        ":": "：",
    }
)
_TO_HALF_WIDTH = str.maketrans("，。？！：；（）、", ",.?!:;(),")
_TRANSLATED = ("What is it and how does it work?", "Please introduce it in detail.", "这个东西的原理是什么")


@dataclass(slots=True)
class Noisy:
    """Each figure is a share: of items, but for `invent`, which is of posts. A post asked again is spoiled anew.

    `drop`: left out. `reword`: a few characters changed. `invent`: one to three items that no post holds.
    `double`: told twice. `misfile`: a question under methods, or advice among questions. `numbered`: the quote with
    a number in front. `width`: other widths and punctuation. `translate`: the quote in other words altogether.
    """

    inner: Labelled
    seed: int = 0
    drop: float = 0.15
    reword: float = 0.2
    invent: float = 0.3
    double: float = 0.1
    misfile: float = 0.1
    numbered: float = 0.1
    width: float = 0.1
    translate: float = 0.0
    done: Counter[str] = field(default_factory=Counter, init=False)
    """How often each of these was done."""
    _asked: Counter[int] = field(default_factory=Counter, init=False)

    def __call__(self, asked: Asked) -> Answer | str | Mapping[str, Any]:
        return answer_posts(asked, self.read)

    def read(self, shown: ShownPost) -> PostAnswer:
        text = hash(shown.text)
        self._asked[text] += 1
        chance = random.Random(f"{self.seed} {self._asked[text]} {shown.text}")
        told: PostAnswer = {kind: [] for kind in KINDS}
        for kind, items in self.inner.read(shown).items():
            for item in items:
                if not self._happens("drop", chance):
                    self._tell(told, kind, item, chance)
        if self._happens("invent", chance):
            for _ in range(chance.randint(1, 3)):
                items = told[chance.choice(KINDS)]
                items.insert(chance.randint(0, len(items)), {"quote": chance.choice(_INVENTED)})
        return told

    def _tell(self, told: PostAnswer, kind: str, item: dict[str, Any], chance: random.Random) -> None:
        quote = item["quote"]
        for name, edit in _EDITS.items():
            if self._happens(name, chance):
                quote = edit(quote, chance)
        if self._happens("misfile", chance):
            kind = "questions" if kind == "advice" else "methods" if kind == "questions" else "advice"
        spoiled = {**item, "quote": quote}
        told[kind] += [spoiled, dict(spoiled)] if self._happens("double", chance) else [spoiled]

    def _happens(self, name: str, chance: random.Random) -> bool:
        share: float = getattr(self, name)
        happens = chance.random() < share
        self.done[name] += happens
        return happens


def _reword(quote: str, chance: random.Random) -> str:
    """One character in twelve, and one at least, is left out, doubled or replaced."""
    letters = list(quote)
    for _ in range(max(1, len(letters) // 12)):
        place = chance.randrange(len(letters))
        letters[place] = chance.choice(("", letters[place] * 2, "的", "了"))
    return "".join(letters) or quote


def _width(quote: str, chance: random.Random) -> str:
    return quote.translate(chance.choice((_TO_FULL_WIDTH, _TO_HALF_WIDTH)))


_EDITS: Mapping[str, Callable[[str, random.Random], str]] = {
    "reword": _reword,
    "width": _width,
    "translate": lambda _, chance: chance.choice(_TRANSLATED),
    "numbered": lambda quote, chance: f"{chance.randint(1, 20)}{chance.choice(('. ', '、', ') ', '．'))}{quote}",
}
