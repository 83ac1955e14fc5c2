"""Text from posts made fit for a place that cannot hold all of it: UTF-8 files, one line, a link. Nothing is made fit that need not be."""

from __future__ import annotations

import re
from urllib.parse import urlsplit


_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_TURNS_DIRECTION = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufffe\uffff]")


def well_formed(text: str) -> str:
    """The text with each lone surrogate replaced by U+FFFD, so that UTF-8 can hold it; offsets stay."""
    return _LONE_SURROGATE.sub("\ufffd", text)


def without_controls(text: str) -> str:
    """Well-formed, and no control character left but tab and line ends."""
    return _CONTROL.sub("", well_formed(text))


def one_line(text: str) -> str:
    """Well-formed, no control character, each run of white space one space, none at the ends."""
    # Some control characters are white space too: those part words, the others stand in them.
    return " ".join(without_controls(" ".join(text.split())).split())


def for_terminal(text: str) -> str:
    """What a terminal shows and never obeys: no escape sequence, nothing that turns the direction or goes back on the line."""
    return _TURNS_DIRECTION.sub("", without_controls(text)).replace("\r", "")


def web_url(url: str | None) -> str | None:
    """The address if it is one that may be made a link, http or https; else null (`javascript:`, a file, no address)."""
    if not url:
        return None
    candidate = one_line(url)
    try:
        parts = urlsplit(candidate)
    except ValueError:
        return None
    return candidate if parts.scheme in ("http", "https") and parts.netloc else None
