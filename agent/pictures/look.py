"""Looks at the pictures that a post names: what can be sent to a model, and what stands in them, which becomes part of the post's text. Fetches no address."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from agent import settings
from agent.pictures import ocr
from agent.pictures.opening import EXTRA, NoPicture, bytes_of, can_open, opened
from agent.pictures.parts import MOST_PARTS, count_of
from agent.records import Picture, Post


if TYPE_CHECKING:
    from PIL.Image import Image


_NOTE = re.compile(r"(?: \+ \d+ pictures?)? \(OCR\)\Z")


@dataclass(frozen=True, slots=True)
class Failure:
    """A picture that could not be read, and why."""

    path: str
    why: str


@dataclass(frozen=True, slots=True)
class Looked:
    """A post with its pictures' text in its own, and those pictures that are none."""

    post: Post
    failures: tuple[Failure, ...] = ()


def is_link(image: str) -> bool:
    """Whether an image is an address. It is never fetched: nothing but the chosen model learns of a post."""
    return "://" in image


def looked_at(post: Post) -> Post:
    """The post after a look at its pictures, where there was none yet."""
    return look(post).post if post.images and not post.pictures and not post.warnings else post


def look(post: Post) -> Looked:
    """The post with what its pictures tell.

    What stands in the pictures follows the text after an empty line, picture by picture; `source` says so. Pictures stay in
    their files: the post keeps their paths and digests. Whatever was left out is told by the post's `warnings`.
    """
    local = [image for image in post.images if not is_link(image)]
    links = len(post.images) - len(local)
    if not local or not can_open():
        return Looked(_with(post, warnings=[*_of_links(links), *_unopened(len(local))]))
    views = [_view(image) for image in local]
    failures = tuple(view for view in views if isinstance(view, Failure))
    seen = [view for view in views if isinstance(view, _View)]
    pictures = _sendable(seen)
    warnings = [
        *_of_links(links),
        *(["could not read " + _counted(len(failures))] if failures else []),
        *_unsent(len(seen) - len(pictures)),
        *([] if ocr.is_installed() or not seen else [_unread(len(seen))]),
    ]
    return Looked(_with(post, [view.text for view in seen if view.text], pictures, warnings), failures)


@dataclass(frozen=True, slots=True)
class _View:
    picture: Picture
    text: str


def _view(path: str) -> _View | Failure:
    try:
        data = bytes_of(Path(path))
        image = opened(data)
        sha256 = hashlib.sha256(data).hexdigest()
        text = _text_in(image, sha256) if ocr.is_installed() else ""
    except NoPicture as none:
        return Failure(path, none.why)
    return _View(Picture(path=path, sha256=sha256, parts=count_of(*image.size)), text)


def _text_in(image: Image, sha256: str) -> str:
    from agent.pictures.memory import Memory

    memory = Memory(settings.home())
    text = memory.text(sha256)
    if text is None:
        text = ocr.text_in(image)
        memory.keep(sha256, text)
    return text


def _sendable(seen: Sequence[_View]) -> list[Picture]:
    """The first pictures, as many as one request can hold."""
    sendable, room = [], MOST_PARTS
    for view in seen:
        room -= view.picture.parts
        if room < 0:
            break
        sendable.append(view.picture)
    return sendable


def _with(
    post: Post, texts: Sequence[str] = (), pictures: Sequence[Picture] = (), warnings: Sequence[str] = ()
) -> Post:
    """A post made anew, for what is cached of the old one is of its old text. Its id stays, unless the pictures are all there is."""
    text = "\n\n".join([post.text, *texts] if post.text else texts)
    return Post(
        text=text,
        id=post.id if post.text or post.title or not texts else "",
        title=post.title,
        source=f"{post.source}{_noted(post, len(texts))}" if post.source and texts else post.source,
        url=post.url,
        tags=post.tags,
        images=post.images,
        pictures=tuple(pictures),
        warnings=tuple(warnings),
    )


def _noted(post: Post, count: int) -> str:
    return f" + {_counted(count)} (OCR)" if post.text else " (OCR)"


def file_of(source: str) -> str:
    """The file that a post's source names, without the note that pictures were read."""
    return _NOTE.sub("", source)


def _of_links(count: int) -> list[str]:
    return [f"{_counted(count)} not read: links are not fetched"] if count else []


def _unopened(count: int) -> list[str]:
    return [f"{_counted(count)} not looked at: {needs(EXTRA)}"] if count else []


def _unsent(count: int) -> list[str]:
    return [f"{_counted(count)} not sent: a request holds {MOST_PARTS} at most"] if count else []


def _unread(count: int) -> str:
    return f"text of {_counted(count)} not read, and what a model finds in them alone is dropped: {needs(ocr.EXTRA)}"


def needs(extra: str) -> str:
    return f"that needs the extra '{extra}': pip install \"mianjing[{extra}]\""


def _counted(count: int) -> str:
    return f"{count} picture{'s' * (count != 1)}"
