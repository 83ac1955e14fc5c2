"""Chinese or English: by option, else by locale; the catalogue is complete, and nothing in it is stale."""

from __future__ import annotations

import re

import pytest

from agent.cli.lang_option import language_first
from agent.language import Catalogue, by_locale, catalogue, read_po
from tests.cli.command import mianjing
from tests.cli.sentences import sentences


POST = "一面：\n1. 什么是 LoRA？\n"
_FIELD = re.compile(r"\{(\w*)[^}]*\}")


def test_the_catalogue_holds_every_sentence_that_people_are_told():
    missing = sorted(sentences() - set(catalogue().sentences))
    assert not missing, "add to agent/zh.po:\n" + "\n".join(f'msgid "{one}"\nmsgstr ""\n' for one in missing)


def test_nothing_in_the_catalogue_is_stale():
    assert sorted(set(catalogue().sentences) - sentences()) == []


def test_every_translation_is_there_and_fills_in_what_the_english_does():
    for english, chinese in catalogue().sentences.items():
        assert chinese, english
        wanted = _FIELD.findall(english)
        blanks = [str(place) for place in range(wanted.count(""))]
        assert sorted(_FIELD.findall(chinese)) == sorted(blanks or wanted), english


def test_a_catalogue_is_read_over_several_lines():
    text = 'msgid ""\nmsgstr "head"\n\n# a word\nmsgid "one "\n"two"\nmsgstr "一"\n"\\n二"\n\nmsgid "x"\nmsgstr "y"\n'
    assert dict(read_po(text)) == {"one two": "一\n二", "x": "y"}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("cannot read a.txt: it is gone", "读不了 a.txt（没了）"),
        ("holds comments, no posts", "里面是评论"),
        ("nothing known", "nothing known"),
        ("cannot read a.txt", "cannot read a.txt"),
    ],
)
def test_a_sentence_put_together_elsewhere_is_known_by_what_stands_between_its_values(text, told):
    known = Catalogue(
        {
            "cannot read {}: {}": "读不了 {0}（{1}）",
            "holds {}, no posts": "里面是{0}",
            "comments": "评论",
            "it is gone": "没了",
        }
    )
    assert known.translated(text) == told


@pytest.mark.parametrize(
    ("environment", "lang"),
    [
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"MIANJING_LANG": "en", "LANG": "zh_CN.UTF-8"}, "en"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "en_US.UTF-8"}, "en"),
        ({"LC_MESSAGES": "zh_TW", "LANG": "C"}, "zh"),
        ({"LC_ALL": "", "LANG": "C.UTF-8"}, "en"),
        ({}, "en"),
    ],
)
def test_the_locale_decides_where_nobody_else_does(environment, lang):
    assert by_locale(environment) == lang


@pytest.mark.parametrize(
    ("given", "read"),
    [
        (["quota", "--json", "--lang", "zh"], ["--lang", "zh", "quota", "--json"]),
        (["keys", "--lang=zh", "list"], ["--lang=zh", "keys", "list"]),
        (["extract", "--", "--lang", "zh"], ["extract", "--", "--lang", "zh"]),
        (["quota", "--lang"], ["--lang", "quota"]),
        ([], []),
    ],
)
def test_the_option_stands_anywhere_among_the_arguments(given, read):
    assert language_first(given) == read


@pytest.mark.parametrize("line", [("keys", "list", "--lang", "zh"), ("--lang", "zh", "quota"), ("models", "--lang=zh")])
def test_every_command_speaks_the_language_it_is_told(line):
    assert "没有设置密钥" in mianjing(*line).err


def test_the_command_speaks_chinese_where_the_locale_does(tmp_path):
    (tmp_path / "empty.txt").write_bytes(b"")
    (tmp_path / "post.txt").write_text(POST, encoding="utf-8")
    said = mianjing("extract", tmp_path, "--offline", LC_ALL="zh_CN.UTF-8")
    assert "完成 1 篇: 1 篇由规则" in said.err
    assert "empty.txt: 帖子没有文字" in said.err


def test_an_option_goes_before_the_locale():
    english = mianjing("extract", "-", "--offline", "--lang", "en", stdin=POST, LC_ALL="zh_CN.UTF-8")
    assert "1 post done" in english.err
    chinese = mianjing("--lang", "zh", "keys", "list")
    assert "没有设置密钥" in chinese.err


def test_errors_of_every_room_are_told_in_chinese():
    said = mianjing("extract", "-", "-o", "x.docx", "--lang", "zh", stdin=POST)
    assert said.status == 2
    assert "看不出格式" in said.err


def test_a_report_is_in_the_language_of_the_person(tmp_path):
    for lang, attribute in (("zh", 'lang="zh'), ("en", 'lang="en')):
        file = tmp_path / f"{lang}.html"
        assert mianjing("extract", "-", "--offline", "-o", file, "--lang", lang, stdin=POST).status == 0
        assert attribute in file.read_text(encoding="utf-8")
