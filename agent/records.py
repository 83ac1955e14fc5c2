"""What goes in (`Post`) and what comes out (`Record`): the one schema, and nothing about how either is made."""

from __future__ import annotations

import hashlib
import json
import re
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self, SupportsIndex, overload

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, model_validator


if TYPE_CHECKING:
    import pandas as pd

SCHEMA_VERSION: Literal["1"] = "1"

Grounding = Literal["exact", "normalized", "fuzzy"]
Origin = Literal["model", "rules", "model+rules"]
Kind = Literal["method", "question", "advice"]

# json.dumps leaves these as they are, but readers take some for line ends, terminals obey others (0x9b, the turns of direction),
# and UTF-8 cannot hold a lone surrogate.
_UNSAFE_IN_JSON_LINES = re.compile("[\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
# What Unicode has drawn as nothing at all, though Python calls it printable: fillers, variation selectors, the empty braille cell.
_DRAWN_AS_NOTHING = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)


def text_digest(text: str) -> str:
    """SHA-256 of a text as hexadecimal digits; lone surrogates count as they stand."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _is_seen(char: str) -> bool:
    return char.isprintable() and not char.isspace() and not _DRAWN_AS_NOTHING.match(char)


def dump_json(value: Any, *, indent: int | None = None) -> str:
    r"""JSON that any reader gets back unchanged: no line end but `\n`, no lone surrogate left bare."""
    dumped = json.dumps(value, ensure_ascii=False, indent=indent)
    return _UNSAFE_IN_JSON_LINES.sub(lambda match: f"\\u{ord(match.group()):04x}", dumped)


def _nothing() -> list[Any]:
    """Not `list` itself: to learn how that is called pydantic loads a tokenizer, a hundredth of a start."""
    return []


class Picture(BaseModel):
    """A picture that was looked at. Its bytes stay in its file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    path: str
    sha256: str
    """Of the file's bytes."""
    parts: int = 1
    """How many images it is sent as: a long one is cut."""


class Post(BaseModel):
    """One post to read. `text` is kept exactly as given: every offset counts its code points."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    text: str
    id: str = ""
    title: str = ""
    source: str | None = None
    url: str | None = None
    tags: tuple[str, ...] = ()
    images: tuple[str, ...] = ()
    """Its pictures as they were named: paths, and addresses, which are never fetched."""
    pictures: tuple[Picture, ...] = ()
    """Those of them that were looked at: they go to the model along with the text."""
    warnings: tuple[str, ...] = ()
    """What of it could not be read; its record tells that."""

    @model_validator(mode="before")
    @classmethod
    def _name_the_nameless(cls, data: Any) -> Any:
        if isinstance(data, dict) and not data.get("id"):
            content = f"{data.get('title') or ''}\n{data.get('text') or ''}"
            return {**data, "id": f"post-{text_digest(content)[:12]}"}
        return data

    @cached_property
    def sha256(self) -> str:
        return text_digest(self.text)

    @cached_property
    def digest(self) -> str:
        """What makes two posts the same: all that a model would be sent of them."""
        return text_digest(json.dumps([self.text, self.title, [picture.sha256 for picture in self.pictures]]))

    @property
    def is_blank(self) -> bool:
        """Whether there is nothing to read: no text but white space and invisible characters."""
        return not any(map(_is_seen, self.text))


class Item(BaseModel):
    """Something found in a post. `post.text[start:end] == quote`, always."""

    model_config = ConfigDict(extra="forbid")

    text: str
    quote: str
    start: int
    end: int
    grounding: Grounding = "exact"


class Question(Item):
    """An item that an interviewer asked, or that a reader should be able to answer."""

    number: int | None = None
    topic: str | None = None
    round: str | None = None


class Context(BaseModel):
    """Where the post says it: which company, for which role, with what outcome."""

    model_config = ConfigDict(extra="forbid")

    company: Item | None = None
    role: Item | None = None
    outcome: Item | None = None


class Attempt(BaseModel):
    """One request to one model, or the reason why none was sent."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    model: str
    key: str | None = None
    """The key's last four characters behind an ellipsis, `…A1b2`; null where no key was used."""
    outcome: str
    """`ok`, or why it failed: `quota_day`, `quota_minute`, `model_not_found`, `key_invalid`, `overloaded`…"""


class Provenance(BaseModel):
    """How a record came to be. Unknown numbers are null, never 0."""

    model_config = ConfigDict(extra="forbid")

    model: str | None = None
    model_version: str | None = None
    at: str
    prompt: str | None = None
    origin: Origin
    packed_with: int = 0
    input_tokens: int | None = None
    output_tokens: int | None = None
    cost_usd: float | None = None
    """This post's share of the request, in US dollars at list price; a free tier pays nothing."""
    attempts: list[Attempt] = Field(default_factory=_nothing)
    warnings: list[str] = Field(default_factory=_nothing)


class PostInfo(BaseModel):
    """What a record tells of its post. The text itself stays outside; `sha256` is of the text."""

    model_config = ConfigDict(extra="forbid")

    id: str
    title: str = ""
    source: str | None = None
    url: str | None = None
    tags: list[str] = Field(default_factory=_nothing)
    chars: int
    sha256: str


class Record(BaseModel):
    """One post's result."""

    model_config = ConfigDict(extra="forbid")

    schema_version: Annotated[Literal["1"], Field(description="the version of this schema")] = SCHEMA_VERSION
    post: PostInfo
    summary: str | None = None
    context: Context = Field(default_factory=Context)
    methods: list[Item] = Field(default_factory=_nothing)
    questions: list[Question] = Field(default_factory=_nothing)
    advice: list[Item] = Field(default_factory=_nothing)
    provenance: Provenance

    _text: str | None = PrivateAttr(default=None)

    @property
    def text(self) -> str | None:
        """The post's text where this record still has it at hand; not part of the JSON."""
        return self._text

    def with_text(self, text: str) -> Self:
        """Itself, knowing its post's text, for views that show spans in their place."""
        self._text = text
        return self

    def to_json(self, *, indent: int | None = None) -> str:
        return dump_json(self.model_dump(mode="json"), indent=indent)

    @classmethod
    def from_json(cls, line: str | bytes) -> Self:
        return cls.model_validate(json.loads(line))

    def to_frame(self) -> pd.DataFrame:
        """A pandas data frame, one row an item. Raises `UsageError` where pandas is not installed."""
        from agent.outputs.frame import to_frame

        return to_frame([self])

    def _repr_html_(self) -> str:
        from agent.outputs.view import record_html

        return record_html(self)


class Records(list[Record]):
    """A list of records that shows itself in a notebook; a slice of it is one too."""

    @overload
    def __getitem__(self, index: SupportsIndex) -> Record: ...
    @overload
    def __getitem__(self, index: slice) -> Records: ...
    def __getitem__(self, index: SupportsIndex | slice) -> Record | Records:
        return Records(super().__getitem__(index)) if isinstance(index, slice) else super().__getitem__(index)

    def to_frame(self) -> pd.DataFrame:
        """A pandas data frame, one row an item. Raises `UsageError` where pandas is not installed."""
        from agent.outputs.frame import to_frame

        return to_frame(self)

    def _repr_html_(self) -> str:
        from agent.outputs.view import records_html

        return records_html(self)
