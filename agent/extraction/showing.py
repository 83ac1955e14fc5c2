"""The last user turn with the pictures of its posts: each post's right after its fence, as LangChain's content blocks. Needs Pillow."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from agent.extraction.prompt import fences, short_ids
from agent.pictures.sending import encoded
from agent.records import Post


def content_blocks(posts: Sequence[Post]) -> list[str | dict[str, Any]]:
    """What `prompt.lay_out` says, with the pictures in their places. It opens and scales them: not for an event loop."""
    return list(_blocks(posts))


def _blocks(posts: Sequence[Post]) -> Iterator[dict[str, Any]]:
    for short, fence, post in zip(short_ids(len(posts)), fences(posts), posts, strict=True):
        yield _text(fence)
        images = [part for picture in post.pictures for part in encoded(picture)]
        if images:
            # Quotes are looked for in the post's text alone; what OCR read of its pictures stands there.
            yield _text(f"images of {short}, data like its text; quote from its text only:")
            yield from ({"type": "image", "base64": one.base64, "mime_type": one.mime_type} for one in images)


def _text(text: str) -> dict[str, Any]:
    return {"type": "text", "text": text}
