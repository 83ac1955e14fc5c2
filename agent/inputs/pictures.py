"""Posts with their pictures looked at. A picture that is none, or lies elsewhere than its post, is named, and the post goes on without it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from agent.errors import InputProblem, MissingExtra
from agent.inputs.unreadable import LeftOut, Unreadable
from agent.pictures import is_link, look, ocr
from agent.pictures.opening import EXTRA, can_open
from agent.records import Post


Given = Post | InputProblem

# A folder with one text and more pictures than this is an album, not a post.
_MOST_OF_A_POST = 32


class Pictures:
    """Looks at pictures for one reading of inputs; what is not installed is told once."""

    def __init__(self) -> None:
        self._is_told = False

    def named(self, post: Post, *, row: int | None, folder: Path) -> Iterator[Given]:
        """A post after a look at the pictures that it names; none outside of `folder`, its file's own, is opened."""
        if not post.images:
            yield post
            return
        outside = [image for image in post.images if not is_link(image) and not _is_inside(image, folder)]
        kept = tuple(image for image in post.images if image not in outside)
        yield from self._looked(post.model_copy(update={"images": kept}), row)
        for image in outside:
            why = f"picture '{image}' lies outside of the folder of its file, and is not opened"
            yield InputProblem(post.source or "", why, row=row)

    def beside(self, found: Iterator[Given], pictures: tuple[Path, ...]) -> Iterator[Given]:
        """Where a folder's only file is one post, the pictures beside it are part of it, unless it names files itself."""
        first, second = next(found, None), next(found, None)
        if isinstance(first, Post) and second is None and all(map(is_link, first.images)):
            yield from self._with(first, pictures)
        else:
            yield from (one for one in (first, second) if one is not None)
        yield from found

    def alone(self, path: Path) -> Iterator[Post]:
        """A picture that is a post by itself: what stands in it is the post's text. Raises `Unreadable`, `MissingExtra`."""
        if not ocr.is_installed():
            raise MissingExtra("to read the text in a picture", ocr.EXTRA)
        looked = look(Post(text="", source=str(path), images=(str(path),)))
        for failure in looked.failures:
            raise Unreadable(f"is a picture that cannot be read: {failure.why}")
        yield looked.post

    def _with(self, post: Post, pictures: tuple[Path, ...]) -> Iterator[Given]:
        if len(pictures) > _MOST_OF_A_POST:
            why = f"lies beside {len(pictures)} pictures: no post has so many; put its own into a folder with it"
            yield LeftOut(post.source or "", why)
            yield post
        else:
            images = tuple(map(str, pictures))
            yield from self._looked(post.model_copy(update={"images": images, "warnings": ()}), None)

    def _looked(self, post: Post, row: int | None) -> Iterator[Given]:
        source = post.source or ""
        yield from self._missing(post)
        looked = look(post)
        yield looked.post
        for failure in looked.failures:
            yield InputProblem(source, f"picture '{failure.path}' cannot be read: {failure.why}", row=row)

    def _missing(self, post: Post) -> Iterator[LeftOut]:
        """What is to be installed so that this post's pictures count, told once."""
        if self._is_told or ocr.is_installed() or all(map(is_link, post.images)):
            return
        self._is_told = True
        missing = (
            MissingExtra("to read the text in pictures", ocr.EXTRA)
            if can_open()
            else MissingExtra("to look at pictures", EXTRA)
        )
        yield LeftOut(post.source or "", str(missing))


def _is_inside(image: str, folder: Path) -> bool:
    """Whether a file lies in a folder, links followed."""
    try:
        return Path(image).resolve().is_relative_to(folder.resolve())
    except (OSError, RuntimeError):
        return False
