"""Loads prompts from `prompts/` and lays posts out for a model: the fixed part first, each post in a fence that it cannot close."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import yaml

from agent.records import Post
from agent.resources import prompt_file


# What opens or closes a fence, however it is spaced or cased. `<` becomes its full-width form, which grounding
# folds back, so that a quote of it keeps its place.
_FENCE = re.compile(r"<(?=\s*+(?:/\s*+)?(?:post|title))", re.IGNORECASE)
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Prompt:
    """One version of one prompt: what stays the same for every request."""

    name: str
    version: int
    text: str

    @property
    def label(self) -> str:
        """`name@version#hash`, as the provenance keeps it: the hash tells an edited file from the one that shipped."""
        return f"{self.name}@{self.version}#{hashlib.sha256(self.text.encode()).hexdigest()[:8]}"


@lru_cache
def load_prompt(name: str) -> Prompt:
    """The prompt of `prompts/{name}.md`: YAML front matter with name and version, then the text."""
    raw = prompt_file(name).read_text(encoding="utf-8")
    _, head, text = raw.split("---\n", 2)
    meta = yaml.safe_load(head)
    return Prompt(name=meta["name"], version=meta["version"], text=text.strip())


def short_ids(count: int) -> tuple[str, ...]:
    """The ids that posts go by inside one request: `p1`, `p2`, and so on."""
    return tuple(f"p{n}" for n in range(1, count + 1))


def defused(text: str) -> str:
    """A text that cannot open or close a fence, nor break UTF-8; character by character as long as before."""
    return _LONE_SURROGATE.sub("\ufffd", _FENCE.sub("＜", text))


def lay_out(posts: Sequence[Post]) -> str:
    """The last user turn: every post in its fence, its title before it where it has one."""
    return "\n\n".join(fences(posts))


def fences(posts: Sequence[Post]) -> list[str]:
    """Every post in its fence."""
    return [_fenced(short, post) for short, post in zip(short_ids(len(posts)), posts, strict=True)]


def _fenced(short: str, post: Post) -> str:
    title = " ".join(post.title.split())
    head = f'<title of="{short}">{defused(title)}</title>\n' if title else ""
    return f'{head}<post id="{short}">\n{defused(post.text)}\n</post>'
