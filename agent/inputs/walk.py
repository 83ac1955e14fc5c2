"""Which files a folder holds, in a stable order: by name, each folder's files before its folders, no folder twice. Nothing is opened."""

from __future__ import annotations

import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from agent.inputs.lists import PICTURES
from agent.inputs.unreadable import Unreadable


# What lies in such folders and is never meant as a post: what systems leave behind, other media, and what SQLite keeps beside a database.
_PASSED_OVER_NAMES = ("thumbs.db", "desktop.ini", "__pycache__", "__macosx")
_PASSED_OVER_BEGINNINGS = (".", "~$")
_PASSED_OVER_ENDINGS = (
    *(
        ".mp4",
        ".mov",
        ".avi",
        ".mkv",
        ".webm",
        ".m4a",
        ".mp3",
        ".wav",
        ".gif",
        ".heic",
        ".bmp",
        ".svg",
        ".avif",
        ".livp",
    ),
    *("-wal", "-shm", "-journal"),
)


@dataclass(frozen=True, slots=True)
class Found:
    """A file; `pictures` are those of its folder, where it is the only file beside them. Pictures alone are files each."""

    path: Path
    pictures: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True)
class Stuck:
    """A folder or link that gives no file, and why."""

    path: Path
    why: Unreadable


def nothing(_: Path) -> bool:
    """No file is left out."""
    return False


def files_in(folder: Path, leave_out: Callable[[Path], bool] = nothing) -> Iterator[Found | Stuck]:
    """The files of a folder and of all folders in it, but for those to `leave_out`. Links are followed, but no folder is entered twice."""
    entered: set[tuple[int, int]] = set()
    waiting = [folder]
    while waiting:
        current = waiting.pop()
        try:
            identity = current.stat()
            if (identity.st_dev, identity.st_ino) in entered:
                continue
            entered.add((identity.st_dev, identity.st_ino))
            paths = sorted(path for path in current.iterdir() if not _is_passed_over(path.name) and not leave_out(path))
        except OSError as error:
            yield Stuck(current, Unreadable(reason(error)))
            continue
        folder_at = {path: is_folder(path) for path in paths}
        folders = [path for path in paths if folder_at[path]]
        yield from _files_of([path for path in paths if not folder_at[path]])
        waiting.extend(reversed(folders))


def is_folder(path: Path) -> bool:
    """Whether there is a folder, or a link to one; false also where that cannot be known."""
    try:
        return stat.S_ISDIR(path.stat().st_mode)
    except OSError:
        return False


def check_regular(path: Path) -> None:
    """Raises `Unreadable` for what would block or never end: a pipe, a device, a socket. Raises `OSError` where there is nothing."""
    mode = path.stat().st_mode
    if stat.S_ISREG(mode):
        return
    if stat.S_ISFIFO(mode):
        raise Unreadable("is a named pipe, not a file: to read what a program writes, pipe it in and give '-'")
    raise Unreadable("is a device or socket, not a file")


def reason(error: OSError) -> str:
    """What the system says, in lower case, without the path."""
    if isinstance(error, FileNotFoundError):
        return "there is no such file or folder"
    said = error.strerror or str(error)
    return f"cannot be read: {said[:1].lower()}{said[1:]}"


def _is_passed_over(name: str) -> bool:
    lowered = name.lower()
    return (
        lowered in _PASSED_OVER_NAMES
        or lowered.startswith(_PASSED_OVER_BEGINNINGS)
        or lowered.endswith(_PASSED_OVER_ENDINGS)
    )


def _files_of(files: list[Path]) -> Iterator[Found]:
    pictures = tuple(path for path in files if path.suffix.lower() in PICTURES)
    others = [path for path in files if path.suffix.lower() not in PICTURES]
    names = {path.name for path in others}
    if "info.json" in names and "detail.txt" in names:  # Spider_XHS writes each note twice
        others = [path for path in others if path.name != "detail.txt"]
    for path in others or pictures:
        yield Found(path, pictures if len(others) == 1 else ())
