"""The report as a file: what an HTML parser and a JSON parser find in it, whatever the posts hold."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import re
import sys
import tomllib
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

import agent.outputs.report
from agent.errors import MissingExtra
from agent.outputs.bank import Bank, build
from agent.outputs.bank_exports import export_bank
from agent.outputs.report import write_bank_report, write_report
from agent.records import Grounding, Item, Kind, Origin, PostInfo, Provenance, Record, text_digest
from agent.resources import data_file
from tests.outputs.samples import AT, NASTY_LINES, NASTY_TEXT, PLAIN_TEXT, asked, nasty_record, plain_record


PACKAGE = Path(agent.outputs.report.__file__).parent
WORDS: dict[str, dict[str, str]] = json.loads((PACKAGE / "words.json").read_text(encoding="utf-8"))
KINDS: tuple[str, ...] = get_args(Kind)


class Page(HTMLParser):
    """A written report, parsed."""

    def __init__(self, *records: Record, bank: Bank | None = None, **options: Any) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.inside: dict[str, str] = {}
        self._within = ""
        stream = io.StringIO()
        write_report(records, stream, bank=bank, **options)
        self.source = stream.getvalue()
        self.feed(self.source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        self._within = dict(attrs).get("id") or tag

    def handle_endtag(self, tag: str) -> None:
        self._within = ""

    def handle_data(self, data: str) -> None:
        self.inside[self._within] = self.inside.get(self._within, "") + data

    @property
    def data(self) -> Any:
        return json.loads(self.inside["data"])


def utf16_slice(text: str, start: int, end: int) -> str:
    """What `text.slice(start, end)` is in JavaScript."""
    return text.encode("utf-16-le", "surrogatepass")[2 * start : 2 * end].decode("utf-16-le", "surrogatepass")


def utf16(text: str) -> str:
    """A text as JavaScript sees it: two surrogates in a row are one character there."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")


def record_with(text: str, start: int, end: int) -> Record:
    return Record(
        post=PostInfo(id="p", chars=len(text), sha256=text_digest(text)),
        methods=[Item(text=text[start:end], quote=text[start:end], start=start, end=end)],
        provenance=Provenance(at=AT, origin="rules"),
    ).with_text(text)


def test_a_post_with_its_text_shows_items_by_their_place_in_it() -> None:
    (post,) = Page(plain_record().with_text(PLAIN_TEXT)).data["posts"]
    assert post["text"] == PLAIN_TEXT
    assert [item["kind"] for item in post["items"]] == ["question", "question", "method", "advice"]
    assert not any("quote" in item for item in post["items"])
    assert post["text"][post["items"][1]["start"] : post["items"][1]["end"]] == "手撕：两数之和"
    assert post["items"][2]["text"] == "参数高效微调"


def test_a_post_without_its_text_shows_its_items_quotes() -> None:
    (post,) = Page(plain_record()).data["posts"]
    assert "text" not in post
    assert [item["quote"] for item in post["items"]][1:3] == ["手撕：两数之和", "参数高效微调 (PEFT)"]


@given(st.text(alphabet=st.sampled_from("面a \n🎉𠮷\ud83d\udc00\u2028"), min_size=1, max_size=30), st.data())
def test_places_are_those_of_javascript_strings(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    (post,) = Page(record_with(text, start, end)).data["posts"]
    (item,) = post["items"]
    assert post["text"] == utf16(text)
    assert utf16_slice(text, item["start"], item["end"]) == utf16(text[start:end])


def test_the_worst_post_adds_nothing_to_the_page_but_data() -> None:
    worst, none = Page(nasty_record().with_text(NASTY_TEXT)), Page()
    assert worst.tags == none.tags
    assert worst.attributes == none.attributes
    assert len(worst.data["posts"][0]["items"]) == 3 * len(NASTY_LINES)
    assert "url" not in worst.data["posts"][0]


def test_the_file_holds_no_markup_of_a_post_and_is_well_formed_utf_8() -> None:
    page = Page(nasty_record().with_text(NASTY_TEXT), nasty_record())
    page.source.encode("utf-8")
    assert not re.search("[<>&\u2028\u2029\x00-\x1f\x7f\x85]", page.inside["data"])


@pytest.mark.parametrize("element", ["style", "script"])
def test_the_policy_lets_run_what_is_inline_and_nothing_else(element: str) -> None:
    page = Page(plain_record())
    (policy,) = [value for name, value in page.attributes if name == "content" and value and "default-src" in value]
    digest = base64.b64encode(hashlib.sha256(page.inside[element].encode()).digest()).decode()
    assert "default-src 'none'" in policy
    assert f"{element}-src 'sha256-{digest}'" in policy


def test_nothing_is_loaded_from_anywhere() -> None:
    page = Page(plain_record())
    assert [value for name, value in page.attributes if name in {"src", "srcset", "action", "background"}] == []
    assert {value.split("/")[0] for name, value in page.attributes if name == "href" and value} == {
        "#",
        "#main",
        "data:,",
    }
    assert not re.search(
        r"@import|url\(|fetch\(|XMLHttpRequest|innerHTML", page.inside["style"] + page.inside["script"]
    )


def test_the_bank_knows_the_way_to_every_place_where_a_question_was_asked() -> None:
    data = Page(
        plain_record(), asked("HNSW 的原理", "手撕：两数之和", post="p2"), asked("手撕：两数之和", post="p3")
    ).data
    entry = data["entries"][0]
    assert len(entry["places"]) == 3
    quotes = [data["posts"][post]["items"][item]["quote"] for post, item in entry["places"]]
    assert set(quotes) == {"手撕：两数之和"}


def test_two_records_of_one_text_are_each_a_post() -> None:
    data = Page(plain_record(id="a"), plain_record(id="b")).data
    assert [post["id"] for post in data["posts"]] == ["a", "b"]
    assert {len(entry["places"]) for entry in data["entries"]} == {1}


def test_a_bank_alone_shows_its_posts_with_their_questions() -> None:
    stream = io.StringIO()
    write_bank_report(build([plain_record(), asked("HNSW 的原理", post="p2", company="HNSW")]), stream)
    data = json.loads(re.findall(r'id="data">(.*?)</script>', stream.getvalue())[0])
    assert {post["id"]: len(post["items"]) for post in data["posts"]} == {"p1": 2, "p2": 1}
    assert not any("origin" in post for post in data["posts"])
    assert all(data["posts"][post]["items"][item] for entry in data["entries"] for post, item in entry["places"])


def test_a_bank_may_know_more_posts_than_the_records_and_other_items() -> None:
    elsewhere, changed = asked("什么是 MVCC", post="old"), plain_record()
    bank = build([elsewhere, changed])
    changed.questions = changed.questions[:1]
    data = Page(changed, bank=bank).data
    assert [post["id"] for post in data["posts"]] == ["p1", "old"]
    assert sorted(tuple(entry["places"][0]) for entry in data["entries"] if entry["places"][0][1] is not None) == [
        (0, 0),
        (1, 0),
    ]
    assert [0, None] in [entry["places"][0] for entry in data["entries"]]


def test_a_company_and_a_round_go_by_one_name_and_the_posts_own_words_stay() -> None:
    post = Page(asked("什么是 LoRA", company="ByteDance", round="First round")).data["posts"][0]
    assert (post["company"], post["items"][0]["round"]) == ("字节跳动", "一面")
    assert post["items"][0]["quote"] == "什么是 LoRA"


def test_a_bank_is_exported_as_a_page(tmp_path: Path) -> None:
    export_bank(build([asked("什么是 LoRA")]), tmp_path / "bank.html")
    assert (tmp_path / "bank.html").read_text(encoding="utf-8").startswith("<!doctype html>")


@pytest.mark.parametrize(("spoken", "lang"), [("zh_CN.UTF-8", "zh-CN"), ("en_US.UTF-8", "en")])
def test_a_page_begins_in_the_language_that_is_spoken(monkeypatch: pytest.MonkeyPatch, spoken: str, lang: str) -> None:
    monkeypatch.setenv("LC_ALL", spoken)
    assert f'<html lang="{lang}">' in Page().source


def test_no_records_are_a_page_too() -> None:
    assert Page().data == {}


@pytest.mark.parametrize(("lang", "spoken"), [("zh", "题库"), ("en", "Bank")])
def test_the_page_begins_in_the_language_asked_for_and_has_both(lang: str, spoken: str) -> None:
    page = Page(lang=lang)
    assert f'data-word="bank">{spoken}<' in page.source
    assert json.loads(page.inside["words"]) == WORDS


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_what_is_written_is_said_in_the_words_of_the_language(lang: str) -> None:
    source = Page(lang=lang).source
    written = dict(re.findall(r'data-word="(\w+)"[^>]*>([^<]+)<', source))
    assert written == {key: WORDS[lang][key] for key in written}
    labelled = dict(re.findall(r'aria-label="([^"]+)"[^>]* data-word-label="(\w+)"', source))
    assert labelled == {WORDS[lang][key]: key for key in labelled.values()}


def test_both_catalogues_say_the_same_with_the_same_places_to_fill() -> None:
    def places(lang: str) -> dict[str, list[str]]:
        return {key: sorted(re.findall(r"\{\w+\}", text)) for key, text in WORDS[lang].items()}

    assert places("en") == places("zh")


def test_no_word_is_left_unused() -> None:
    """That none is missing shows in the browser, where a missing one is an error."""
    page = "".join((PACKAGE / name).read_text(encoding="utf-8") for name in ("page.html", "page.js"))
    spoken = {*get_args(Kind), *get_args(Grounding), *get_args(Origin)}
    named = {key for key in WORDS["en"] if f'"{key.removeprefix("sort_")}"' in page}
    rounds = {
        f"round.{name}" for name in tomllib.loads(data_file("aliases.toml").read_text(encoding="utf-8"))["rounds"]
    }
    assert set(WORDS["en"]) - named == {*(spoken - named), *rounds}


PAIRS = [
    *((ink, paper) for ink in ("ink", "muted", "accent") for paper in ("paper", "sheet")),
    *((f"{kind}-ink", kind) for kind in KINDS),
    *(("ink", kind) for kind in (*KINDS, "hit")),
]


@pytest.mark.parametrize("theme", [":root {", ':root[data-theme="dark"] {'])
@pytest.mark.parametrize(("ink", "paper"), PAIRS)
def test_text_stands_out_from_what_is_behind_it(theme: str, ink: str, paper: str) -> None:
    """The contrast that WCAG asks for at level AA."""
    block = (PACKAGE / "page.css").read_text(encoding="utf-8").split(theme, 1)[1].split("}", 1)[0]
    colours = dict(re.findall(r"--([\w-]+): (#\w+);", block))
    darker, lighter = sorted((luminance(colours[ink]), luminance(colours[paper])))
    assert (lighter + 0.05) / (darker + 0.05) >= 4.5


def luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(2 * digit for digit in colour[1:])
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_a_missing_jinja_is_told_before_any_record_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    def never() -> Iterator[Record]:
        raise AssertionError("a record was taken")
        yield

    monkeypatch.setitem(sys.modules, "jinja2", None)
    with pytest.raises(MissingExtra, match=r"mianjing\[html\]"):
        write_report(never(), io.StringIO())


def test_a_question_keeps_its_number_topic_and_round() -> None:
    (post,) = Page(plain_record()).data["posts"]
    assert {key: post["items"][0][key] for key in ("number", "topic", "round")} == {
        "number": 1,
        "topic": "微调",
        "round": "一面",
    }
