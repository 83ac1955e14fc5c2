"""Records as a piece of HTML for notebooks: a post's text with its items highlighted, or the items listed where the text is not at hand.

Everything from the post is escaped; there is no script, no style sheet, nothing to load. It is told in the language that is spoken.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from html import escape

from agent.language import t, words
from agent.outputs.harmless import web_url, without_controls
from agent.outputs.rows import kinds_of, told_context, told_maker
from agent.outputs.spans import Piece, pieces_of
from agent.records import Item, Kind, Question, Record


# Translucent, with the page's own text colour: readable in light and dark notebooks.
_COLOURS: dict[Kind, str] = {"question": "66,133,244", "method": "52,168,83", "advice": "251,188,4"}
_HEADINGS = words(question="Questions", method="Methods", advice="Advice")
_TOLD = words(
    question="question",
    method="method",
    advice="advice",
    exact="verbatim",
    normalized="but for spaces and punctuation",
    fuzzy="reworded by the model",
)

_MOST_SHOWN = 20
"""Records of a list that are shown: a page with thousands of posts in it would not scroll."""
_LONGEST_NAME = 60


def records_html(records: Sequence[Record]) -> str:
    """An HTML fragment that shows a list of records: each folded to a line, the first open."""
    counts = Counter[Kind]()
    for record in records:
        counts.update({kind: len(items) for kind, items in kinds_of(record)})
    totals = " ".join(_counted(kind, count) for kind, count in counts.items() if count)
    shown = "".join(_folded(record, is_open=at == 0) for at, record in enumerate(records[:_MOST_SHOWN]))
    hidden = len(records) - _MOST_SHOWN
    rest = _small(t("… {hidden:,} more: take a slice, or to_frame()", hidden=hidden)) if hidden > 0 else ""
    posts = t("1 post") if len(records) == 1 else t("{count:,} posts", count=len(records))
    return f"<div><div><strong>{posts}</strong> {totals}</div>{shown}{rest}</div>"


def record_html(record: Record) -> str:
    """An HTML fragment that shows one record."""
    return (
        '<div style="border:1px solid rgba(128,128,128,.4);border-radius:6px;padding:.8em 1em;margin:.4em 0;max-width:60em">'
        + "".join(_parts(record))
        + "</div>"
    )


def _folded(record: Record, *, is_open: bool) -> str:
    lines = (line.strip("#>* \t") for line in (record.text or "").splitlines())  # without the marks of Markdown
    name = record.post.title or next(filter(None, lines), record.post.id)
    summary = f'<summary style="cursor:pointer">{_shown(name[:_LONGEST_NAME])} {_legend(record)}</summary>'
    return f"<details{' open' * is_open}>{summary}{record_html(record)}</details>"


def _parts(record: Record) -> Iterator[str]:
    yield f"<div><strong>{_title(record)}</strong></div>"
    yield _small(_facts(record))
    if record.summary:
        yield f"<p><em>{_shown(record.summary)}</em></p>"
    yield _small(_legend(record))
    if record.text is not None:
        text = "".join(map(_piece, pieces_of(record, record.text)))
        yield f'<div style="white-space:pre-wrap;line-height:1.7;max-height:32em;overflow:auto">{text}</div>'
    else:
        yield from _lists(record)


def _title(record: Record) -> str:
    title = _shown(record.post.title or record.post.id)
    address = web_url(record.post.url)
    return f'<a href="{_shown(address)}" rel="noopener noreferrer">{title}</a>' if address else title


def _facts(record: Record) -> str:
    made = (record.post.source, *map(t, told_maker(record)))
    return " · ".join(_shown(part) for part in (*told_context(record), *made) if part)


def _legend(record: Record) -> str:
    return " ".join(_counted(kind, len(items)) for kind, items in kinds_of(record) if items)


def _counted(kind: Kind, count: int) -> str:
    return _mark(kind, f"{t(_HEADINGS[kind])} {count:,}")


def _piece(piece: Piece) -> str:
    text, mark = _shown(piece.text), piece.mark
    return _mark(mark.kind, text, title=_told(mark.kind, mark.item)) if mark else text


def _lists(record: Record) -> Iterator[str]:
    for kind, items in kinds_of(record):
        if items:
            listed = "".join(f"<li>{_mark(kind, _shown(item.text), title=_told(kind, item))}</li>" for item in items)
            tag = "ol" if kind == "question" else "ul"
            yield f"<div>{t(_HEADINGS[kind])}</div><{tag}>{listed}</{tag}>"


def _told(kind: Kind, item: Item) -> str:
    about = (item.topic, item.round) if isinstance(item, Question) else ()
    reworded = item.text if item.text != item.quote else None
    return " · ".join(part for part in (t(_TOLD[kind]), t(_TOLD[item.grounding]), *about, reworded) if part)


def _mark(kind: Kind, inner: str, *, title: str = "") -> str:
    hover = f' title="{_shown(title)}"' if title else ""
    style = f"background:rgba({_COLOURS[kind]},.28);color:inherit;border-radius:3px;padding:0 .15em"
    return f'<mark style="{style}"{hover}>{inner}</mark>'


def _small(inner: str) -> str:
    return f'<div style="font-size:.85em;opacity:.75;margin:.2em 0">{inner}</div>'


def _shown(text: str) -> str:
    return escape(without_controls(text))
