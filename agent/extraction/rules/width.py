"""Gives Chinese text the punctuation of Chinese text, character by character, so that the other rules know one form of it."""

from __future__ import annotations

import re


_HAN = "\u3400-\u9fff"
# A number's comma and the full stop after a Latin word are left: only what touches a Chinese character is Chinese.
_NARROW = re.compile(rf"(?<=[{_HAN}])[,?!:;(]|[,?!;)](?=[{_HAN}])|(?<=[{_HAN}）)”\"])\.(?=[{_HAN}\s]|$)")
_WIDE = str.maketrans(",?!:;().", "，？！：；（）。")


def widened(text: str) -> str:
    """The text, as long as before, with `，？！：；（）。` for the ASCII marks that stand beside a Chinese character."""
    return _NARROW.sub(lambda found: found[0].translate(_WIDE), text)
