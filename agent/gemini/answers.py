"""Judges an answer that was served but is none: blocked, recited, cut off, empty. Reads the message alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from agent.gemini.verdict import Scope, Verdict


if TYPE_CHECKING:
    from langchain_core.messages import AIMessage

_REASONS = {
    "SAFETY": "blocked",
    "BLOCKLIST": "blocked",
    "PROHIBITED_CONTENT": "blocked",
    "SPII": "blocked",
    "IMAGE_SAFETY": "blocked",
    "LANGUAGE": "blocked",
    "RECITATION": "recitation",
    "MAX_TOKENS": "cut",
    "MALFORMED_FUNCTION_CALL": "malformed",
    "UNEXPECTED_TOOL_CALL": "malformed",
    # As other providers say it.
    "CONTENT_FILTER": "blocked",
    "LENGTH": "cut",
}


def judge_message(message: AIMessage) -> Verdict | None:
    """The verdict on a served answer; null where it is a good one. Always of the content: no key is at fault."""
    said = message.response_metadata
    finish = str(said.get("finish_reason") or said.get("done_reason") or "").upper()
    reason = _REASONS.get(finish)
    if reason is None and _block_reason(said):
        reason = "blocked"
    if reason is None and not (str(message.text).strip() or message.tool_calls):
        reason = "empty"
    if reason is None and finish == "OTHER":
        reason = "cut"
    return Verdict(Scope.POST, reason, counted=True, message=finish or _block_reason(said)) if reason else None


def _block_reason(said: Mapping[str, Any]) -> str:
    feedback = said.get("prompt_feedback")
    if not isinstance(feedback, Mapping):
        return ""
    reason = feedback.get("block_reason")
    return str(getattr(reason, "value", reason) or "")
