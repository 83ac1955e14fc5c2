"""Keys that look real and are none, put together at run time so that no file holds one."""

from __future__ import annotations

import base64
import hashlib
from typing import Literal


def fake_key(n: int, kind: Literal["AIza", "AQ"] = "AIza") -> str:
    """The n-th test key: `AIza` and 35 characters, or the newer `AQ.` and 50; the same n gives the same key."""
    digest = hashlib.sha512(f"test key {n} {kind}".encode()).digest()
    letters = base64.urlsafe_b64encode(digest).decode().rstrip("=")
    return f"AIza{letters[:35]}" if kind == "AIza" else f"AQ.{letters[:50]}"
