"""Records as one web page that needs nothing else: posts with their items by kind, a search, light and dark. No network, no foreign markup."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TextIO

from agent.errors import MissingExtra
from agent.outputs.harmless import web_url, without_controls
from agent.outputs.rows import kinds_of, told_context
from agent.records import Record


_TEMPLATES = Path(__file__).parent / "templates"


def write_html(records: Iterable[Record], stream: TextIO) -> None:
    """Write the page a post at a time.

    Raises:
        MissingExtra: jinja2 is not installed.

    """
    try:
        from jinja2 import Environment, FileSystemLoader, StrictUndefined
    except ImportError:
        raise MissingExtra("the page (.html)", "html") from None
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(kinds_of=kinds_of, told_context=told_context, web_url=web_url)
    stream.writelines(environment.get_template("page.html").generate(records=records))


def _shown(value: object) -> object:
    return without_controls(value) if isinstance(value, str) else value
