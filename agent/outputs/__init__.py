"""Records to people: files, tables, notes, a question bank, the view in a notebook and on a terminal. Knows of no models."""

from agent.outputs.exports import FORMATS, export, format_for, write
from agent.outputs.frame import to_frame


__all__ = ["FORMATS", "export", "format_for", "to_frame", "write"]
