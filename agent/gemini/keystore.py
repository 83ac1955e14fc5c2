"""Where keys come from: given, the environment, or the one file that `mianjing keys add` writes, readable by its owner alone."""

from __future__ import annotations

import json
import logging
import os
import re
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from pydantic import SecretStr

from agent.errors import StateError, UsageError
from agent.gemini.scrub import mask


log = logging.getLogger(__name__)

ENVIRONMENT = ("GEMINI_API_KEYS", "GEMINI_API_KEY", "GOOGLE_API_KEY")
GIVEN, STORED = "keys=", "keys.json"
Keys = str | Sequence[str | SecretStr]


@dataclass(frozen=True, slots=True)
class Key:
    """One key, the name of its project where the user gave one, and where it comes from."""

    secret: SecretStr
    project: str | None
    source: str

    @property
    def tail(self) -> str:
        """How it is named to people: `…A1b2`."""
        return mask(self.secret.get_secret_value())


def read_keys(given: Keys | None, home: Path) -> list[Key]:
    """The keys of the first source that holds any: those given, the environment's, the stored ones. May be none."""
    sources: Iterator[tuple[str, Iterable[str]]] = (
        (name, _split(text)) for name, text in ((name, os.environ.get(name, "")) for name in ENVIRONMENT)
    )
    if given is not None and (found := list(_parsed(_plain(given), GIVEN))):
        return found
    for name, pieces in sources:
        if found := list(_parsed(pieces, name)):
            return found
    return stored_keys(home)


def sealed(given: Keys | None) -> list[SecretStr] | None:
    """What a caller gives, out of sight from then on."""
    return None if given is None else [SecretStr(one) for one in _plain(given)]


def stored_keys(home: Path) -> list[Key]:
    """What `mianjing keys add` stored. Raises `StateError` where the file is there and cannot be read."""
    path = home / STORED
    try:
        text = path.read_text(encoding="utf-8")
        entries = json.loads(text)["keys"]
        return [Key(SecretStr(entry["key"]), entry.get("project"), STORED) for entry in entries]
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        raise StateError(f"{path}: {error.strerror}; it should be a file that you can read") from None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise StateError(
            f"{path} is not what `mianjing keys add` writes; move it away and add the keys again"
        ) from None


def store_keys(home: Path, keys: Iterable[Key]) -> None:
    """Write the file anew: whole or not at all, and never for other eyes, not even for a moment."""
    entries = [{"key": key.secret.get_secret_value(), "project": key.project} for key in keys]
    try:
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
        # mkstemp makes the file for its owner alone.
        handle, name = tempfile.mkstemp(dir=home, prefix=".keys-")
    except OSError as error:
        raise StateError(f"{home}: {error.strerror}; set MIANJING_HOME to a folder you can write to") from None
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump({"keys": entries}, file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(home / STORED)
    except OSError as error:
        with suppress(OSError):
            Path(name).unlink()
        raise StateError(f"{home / STORED}: {error.strerror}; nothing was changed") from None


def parse_key(text: str) -> Key:
    """One key as a person types it, `KEY` or `name=KEY`. Raises `UsageError`, without the key, where it can be none."""
    project, equals, key = text.strip().strip("'\"").rpartition("=")
    key = key.strip()
    if not re.fullmatch(r"[!-~]+", key):
        raise UsageError("that is no key: a key is one word of letters, digits, '-', '_' and '.'; copy it once more")
    return Key(SecretStr(key), project.strip() or None if equals else None, STORED)


def _parsed(pieces: Iterable[str], source: str) -> Iterator[Key]:
    """The keys among them, each once; what can be none is left out with a warning."""
    seen: set[str] = set()
    for place, piece in enumerate(pieces, start=1):
        if not piece.strip():
            continue
        try:
            key = parse_key(piece)
        except UsageError as error:
            log.warning("%s, place %d: %s", source, place, error)
            continue
        secret = key.secret.get_secret_value()
        if secret not in seen:
            seen.add(secret)
            yield Key(key.secret, key.project, source)


def _split(text: str) -> list[str]:
    return re.split(r"[,\n]", text)


def _plain(given: Keys) -> list[str]:
    if isinstance(given, str):
        return _split(given)
    return [one.get_secret_value() if isinstance(one, SecretStr) else one for one in given]
