"""Records or a question bank as one HTML file: template, style, script and data in one, with nothing to load from anywhere."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from agent.errors import MissingExtra
from agent.language import Language, spoken
from agent.outputs.bank import Bank
from agent.outputs.report.island import as_island
from agent.outputs.report.shelf import island_of
from agent.records import Record


if TYPE_CHECKING:
    from jinja2 import Template

_HERE = Path(__file__).parent


def write_report(
    records: Iterable[Record], stream: TextIO, *, lang: Language | None = None, bank: Bank | None = None
) -> None:
    """Write the report of records: overview, posts, question bank, practice.

    A record that knows its post's text shows it, with the items in their place; any other shows its items alone.
    `bank` may know more posts than the records; it is built from the records where it is not given. The page begins in `lang`,
    else in the language that is spoken, and has a switch.

    Raises:
        MissingExtra: jinja2 is not installed; before the first record is taken.

    """
    lang = lang or spoken()
    template, style, script = _template(), _read("page.css"), _read("page.js")
    catalogues = json.loads(_read("words.json"))
    stream.writelines(
        template.generate(
            lang=lang,
            words=catalogues[lang],
            style=style,
            script=script,
            style_hash=_hash(style),
            script_hash=_hash(script),
            catalogues=as_island(catalogues),
            data=island_of(records, bank).to_json(),
        )
    )


def write_bank_report(bank: Bank, stream: TextIO, *, lang: Language | None = None) -> None:
    """Write the report of a bank alone; its posts show the questions that the bank has of them.

    Raises:
        MissingExtra: jinja2 is not installed.

    """
    write_report((), stream, lang=lang, bank=bank)


def _template() -> Template:
    try:
        from jinja2 import Environment, FileSystemLoader, StrictUndefined
    except ImportError:
        raise MissingExtra("the report (.html)", "html") from None
    environment = Environment(
        loader=FileSystemLoader(_HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.get_template("page.html")


def _read(name: str) -> str:
    return (_HERE / name).read_text(encoding="utf-8")


def _hash(inline: str) -> str:
    """What the page's security policy knows an inline script or style by."""
    return "sha256-" + base64.b64encode(hashlib.sha256(inline.encode()).digest()).decode()
