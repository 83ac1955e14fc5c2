"""Takes the pictures of the README anew, of what the command, the report and the notebook really show: `.venv/bin/python docs/pictures.py`.

Needs the extras `html` and `dev`, nbconvert, and Debian's chromium, chromium-driver and fonts-noto-cjk.
"""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from html import unescape
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import nbconvert
import nbformat
from nbclient import NotebookClient
from PIL import Image
from rich._export_format import CONSOLE_SVG_FORMAT
from rich.cells import cell_len
from rich.console import Console
from rich.style import Style
from rich.text import Text
from selenium import webdriver


ROOT = Path(__file__).parents[1]
PICTURES = ROOT / "docs/pictures"
SHOWN = ("extract", "data/posts/01-finetuning.txt", "--offline")
_COLUMNS = 76
_FONTS = 'ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", "PingFang SC", "Microsoft YaHei", "Noto Sans Mono CJK SC", monospace'
_SHARP = 2
_CELL = 12.2
"""How wide Rich draws a cell."""
_WIDE = re.compile(r"[\u2e80-\u9fff\uff00-\uff60]+")
_PIECE = re.compile(r'textLength="[^"]*"([^>]*>)([^<]*)')


def main() -> None:
    PICTURES.mkdir(exist_ok=True)
    (PICTURES / "terminal.svg").write_text(terminal(), encoding="utf-8")
    with tempfile.TemporaryDirectory() as folder, browser() as chromium:
        page = Path(folder) / "report.html"
        subprocess.run(
            [_command(), "extract", "data/posts", "--offline", "--quiet", "-o", page],
            cwd=ROOT,
            env=_environment("zh"),
            check=True,
        )
        shoot(chromium, page, "report.png", way="#/posts/1", act="document.querySelector('.text mark').focus()")
        shoot(
            chromium,
            page,
            "practice.png",
            way="#/practice?topic=RAG",
            act="document.querySelector('[data-move=reveal]').click()",
        )
        book = Path(folder) / "notebook.html"
        book.write_text(notebook(), encoding="utf-8")
        shoot(
            chromium,
            book,
            "notebook.png",
            size=(1000, 745),
            act="document.querySelectorAll('.jp-Cell')[3].scrollIntoView()",
        )


def terminal() -> str:
    """What the command shows on a terminal, as SVG: the very letters, in whatever font the reader has."""
    console = Console(record=True, width=_COLUMNS, file=StringIO())
    console.print(Text.assemble(("$ ", "dim"), f"mianjing {' '.join(SHOWN)}"))
    shown = Text.from_ansi(_on_a_terminal([_command(), *SHOWN]).rstrip())
    for wide in _WIDE.finditer(shown.plain):
        shown.stylize(
            Style(meta={"wide": True}), *wide.span()
        )  # drawn apart, so that no letter is moved by another's width
    console.print(shown)
    form = re.sub(r"@font-face \{\{.*?\}\}\s*", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL).replace(
        "Fira Code, monospace", _FONTS
    )
    drawn = console.export_svg(title="mianjing", code_format=form, unique_id="terminal")
    return _PIECE.sub(_as_wide_as_its_cells, drawn)


def _as_wide_as_its_cells(piece: re.Match[str]) -> str:
    """Rich takes every letter for one cell wide; Chinese ones are two."""
    size = ' style="font-size:23px"' if _WIDE.match(piece[2]) else ""
    return f'textLength="{_CELL * cell_len(unescape(piece[2])):.1f}"{size}{piece[1]}{piece[2]}'


def _on_a_terminal(command: list[str]) -> str:
    ours, theirs = pty.openpty()
    with subprocess.Popen(command, cwd=ROOT, stdout=theirs, stderr=subprocess.DEVNULL, env=_environment("en")):
        os.close(theirs)
        with os.fdopen(ours, "rb") as seen:
            return b"".join(_until_hung_up(seen.read1)).decode().replace("\r\n", "\n")


def _until_hung_up(read: Callable[[], bytes]) -> Iterator[bytes]:
    """A terminal whose other end is closed gives an error on Linux, not an end."""
    try:
        while piece := read():
            yield piece
    except OSError:
        return


def notebook() -> str:
    """The shipped notebook, run and shown as HTML."""
    book = nbformat.read(ROOT / "notebooks/explore.ipynb", as_version=4)
    os.environ.update(_environment("zh"))
    NotebookClient(book, kernel_name="python3", resources={"metadata": {"path": str(ROOT / "notebooks")}}).execute()
    html, _ = nbconvert.HTMLExporter().from_notebook_node(book)
    return str(html)


@contextmanager
def browser() -> Iterator[Any]:
    options = webdriver.ChromeOptions()
    options.binary_location = "/usr/bin/chromium"
    for argument in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--hide-scrollbars"):
        options.add_argument(argument)
    chromium = webdriver.Chrome(options=options, service=webdriver.ChromeService("/usr/bin/chromedriver"))
    try:
        yield chromium
    finally:
        chromium.quit()


def shoot(
    chromium: Any, page: Path, name: str, *, way: str = "", act: str = "", size: tuple[int, int] = (1100, 680)
) -> None:
    """A page as it looks in the light, after a way into it and an act there, in few colours."""
    width, height = size
    metrics = {"width": width, "height": height, "deviceScaleFactor": _SHARP, "mobile": False}
    chromium.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    light = {"features": [{"name": "prefers-color-scheme", "value": "light"}]}
    chromium.execute_cdp_cmd("Emulation.setEmulatedMedia", light)
    chromium.get(page.as_uri() + way)
    chromium.execute_script(act)
    image = Image.open(BytesIO(chromium.get_screenshot_as_png())).convert("RGB")
    image.quantize(64, dither=Image.Dither.NONE).save(PICTURES / name, optimize=True)


def _command() -> str:
    """The one that is installed beside this Python."""
    return str(Path(sys.executable).with_name("mianjing"))


def _environment(language: str) -> dict[str, str]:
    return {**os.environ, "MIANJING_LANG": language, "TERM": "xterm-256color", "COLUMNS": str(_COLUMNS)}


if __name__ == "__main__":
    main()
