"""Where to cut a line for a terminal: wide characters count two cells, Chinese breaks between characters, words and closing punctuation stay whole."""

from __future__ import annotations

import re
from collections.abc import Iterator


# What is not torn: a run of narrow characters, or one other with its marks, with closing punctuation behind it; then the spaces.
_CLOSING = "、。，．！？；：）】》」』”’…!?,.;:)\\]"
_JOINED = "\u0300-\u036f\u200d\ufe0e\ufe0f\U0001f3fb-\U0001f3ff"
_PIECE = re.compile(rf"(?:[!-~\u00a1-\u024f]+|\S[{_JOINED}]*)[{_CLOSING}]* *")


def line_ends(text: str, width: int) -> Iterator[int]:
    """Where each line ends, none of them wider than `width` cells; none for an empty text. The text is one line, as `one_line` makes it."""
    from rich.cells import cell_len

    end = used = 0
    for piece in _pieces(text, width):
        cells = cell_len(piece)
        if used and used + cells - (len(piece) - len(piece.rstrip())) > width:
            yield end
            used = 0
        end, used = end + len(piece), used + cells
    if text:
        yield end


def _pieces(text: str, width: int) -> Iterator[str]:
    from rich.cells import cell_len, chop_cells

    for match in _PIECE.finditer(text):
        piece = match.group()
        if cell_len(piece.rstrip()) <= width:
            yield piece
        else:
            yield from chop_cells(piece, width)
