"""YAML, in the shapes of JSON. Every scalar is read as the string that stands there, so that ids and titles stay what they are."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from agent.inputs.encodings import decode
from agent.inputs.rows import Rows
from agent.inputs.shapes import rows_in
from agent.inputs.unreadable import Unreadable
from agent.inputs.whole import read_whole


# YAML is parsed some fifty times slower than JSON.
_LARGEST = 64


def yaml_rows(path: Path, encoding: str | None) -> Rows:
    """The rows of each document in the file."""
    empty = True
    for document in parsed_yaml(decode(read_whole(path, megabytes=_LARGEST), encoding)):
        if document is not None:
            empty = False
            yield from rows_in(document)
    if empty:
        raise Unreadable("is empty")


def parsed_yaml(text: str) -> Iterator[Any]:
    """The documents of a text. Raises `Unreadable` with the place where it is broken."""
    import yaml

    try:
        yield from yaml.load_all(text, _loader())
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = f" at line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        raise Unreadable(f"is no valid YAML{place}: {error.problem or error.context}") from None
    except yaml.YAMLError as error:
        raise Unreadable(f"is no valid YAML: {' '.join(str(error).split())}") from None
    except RecursionError:
        raise Unreadable("is YAML nested too deeply to be a post") from None


@cache
def _loader() -> Any:
    """A loader of strings, lists, mappings and null, and nothing else.

    Merge keys (`<<`) stay plain keys: merged into one another they grow without bound.
    """
    import yaml

    base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    known = {f"tag:yaml.org,2002:{name}" for name in ("null", "str", "seq", "map")} | {None}
    constructors = {tag: make for tag, make in base.yaml_constructors.items() if tag in known}
    resolvers = {
        first: [(tag, pattern) for tag, pattern in pairs if tag in known]
        for first, pairs in base.yaml_implicit_resolvers.items()
    }
    return type("StringLoader", (base,), {"yaml_constructors": constructors, "yaml_implicit_resolvers": resolvers})
