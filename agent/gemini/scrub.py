"""Masks keys in any text that passes to people: what looks like a key, and keys given by name."""

from __future__ import annotations

import re
from collections.abc import Iterable


# `AIza` and 35 characters, or the newer `AQ.` and some fifty. Shorter pieces are masked too: a cut key is still a secret.
_LOOKS_LIKE_A_KEY = re.compile(r"AIza[A-Za-z0-9_-]{4,}|AQ\.[A-Za-z0-9_.-]{7,}[A-Za-z0-9_-]")


def mask(key: str) -> str:
    """How a key is named to people: `…A1b2`. One too short to hide the rest is not shown at all."""
    return f"…{key[-4:]}" if len(key) >= 12 else "…"


def scrub(text: str, keys: Iterable[str] = ()) -> str:
    """The text with every key masked: those given, and all that look like one."""
    for key in keys:
        if key:
            text = text.replace(key, mask(key))
    return _LOOKS_LIKE_A_KEY.sub(lambda match: mask(match.group()), text)
