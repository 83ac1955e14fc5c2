"""The question bank: how often, where, when; the same in any order, at once or joined; a post counts once."""

from __future__ import annotations

import io
import json
import random
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.errors import UsageError
from agent.outputs.bank import Bank, build
from agent.outputs.bank_exports import BANK_FORMATS, export_bank, write_bank
from agent.records import Record
from tests.outputs.samples import NASTY_LINES, asked, nasty_record, plain_record


EARLY, LATE = "2026-11-01T08:00:00Z", "2026-11-24T08:00:00Z"


def written(bank: Bank, name: str) -> str:
    stream = io.StringIO()
    write_bank(bank, stream, name)
    return stream.getvalue()


def test_an_entry_tells_how_often_where_and_when() -> None:
    bank = build(
        [
            asked("LoRA是什么", "手撕快排", post="b", at=LATE, company="LoRA", round="二面", topic="微调"),
            asked("什么是 LoRA？", post="c", at=LATE, company="什么", round="一面", topic="大模型"),
            asked("LoRA是什么", post="a", at=EARLY, company="LoRA", round="一面", topic="微调"),
        ]
    )
    lora, sort = bank.entries
    assert (lora.text, lora.count, lora.variants) == ("LoRA是什么", 3, ["什么是 LoRA？"])
    assert (lora.topic, lora.topics, lora.companies, lora.rounds) == (
        "微调",
        ["微调", "大模型"],
        ["LoRA", "什么"],
        ["一面", "二面"],
    )
    assert (lora.first_seen, lora.last_seen) == (EARLY, LATE)
    assert [(post.id, post.url, post.quote, post.start, post.end) for post in lora.posts] == [
        ("a", "https://example.com/a", "LoRA是什么", 0, 7),
        ("b", "https://example.com/b", "LoRA是什么", 0, 7),
        ("c", "https://example.com/c", "什么是 LoRA？", 0, 9),
    ]
    assert (sort.text, sort.count, bank.posts) == ("手撕快排", 1, 3)


def test_the_frequent_come_first_then_by_text_and_topics_the_same_way() -> None:
    bank = build(
        [asked("丙", "乙", "甲", post="a", topic="x"), asked("丙", post="b", topic="y"), asked("丁", post="c")]
    )
    assert [entry.text for entry in bank.entries] == ["丙", "丁", "乙", "甲"]
    assert [(topic, [entry.text for entry in entries]) for topic, entries in bank.by_topic()] == [
        ("x", ["丙", "乙", "甲"]),
        (None, ["丁"]),
    ]


def test_a_post_counts_once_and_its_newest_record_speaks() -> None:
    old, new = asked("什么是索引", "旧问题", at=EARLY), asked("什么是索引", "新问题", at=LATE)
    reposted = new.model_copy(update={"post": new.post.model_copy(update={"id": "again"})})
    for records in ([old, new, new], [new, reposted, old]):
        bank = build(records)
        assert {entry.text: entry.count for entry in bank.entries} == {"什么是索引": 1, "新问题": 1}
        assert bank.posts == 1


def test_a_question_asked_twice_in_a_post_counts_twice() -> None:
    assert build([asked("什么是索引", "索引是什么")]).entries[0].count == 2


QUESTIONS = [
    "什么是 LoRA",
    "LoRA是什么？",
    "MySQL索引",
    "介绍MySQL的索引",
    "手撕快排",
    "有什么区别？",
    "半个 \ud83d",
    "=1+1",
]
RECORDS = st.builds(
    asked,
    st.sampled_from(QUESTIONS),
    st.sampled_from(QUESTIONS),
    post=st.sampled_from("abc"),
    at=st.sampled_from([EARLY, LATE]),
    company=st.sampled_from([None, "M"]),
    topic=st.sampled_from([None, "数据库", "微调"]),
)


@settings(deadline=None)
@given(st.lists(RECORDS, max_size=6), st.data())
def test_the_same_bank_in_any_order_and_joined_bit_by_bit(records: list[Record], data: st.DataObject) -> None:
    whole = build(records)
    assert build(data.draw(st.permutations(records))) == whole
    cut = data.draw(st.integers(0, len(records)))
    before = Bank.from_json(build(records[:cut]).to_json())
    assert build(records[cut:], into=before) == whole


def test_ids_stay_as_the_bank_grows() -> None:
    first = build([asked("什么是 LoRA", "手撕快排", at=EARLY)])
    more = build((asked("LoRA是什么？", post=str(index), at=LATE) for index in range(5)), into=first)
    assert more.entries[0].text == "LoRA是什么？"
    assert {entry.id for entry in first.entries} == {entry.id for entry in more.entries}


def test_markdown_reads_well() -> None:
    bank = build(
        [
            asked("什么是 LoRA", post="a", company="什么是", round="一面", topic="微调"),
            asked("LoRA是什么？", "手撕快排", post="b"),
        ]
    )
    assert written(bank, "md") == (
        "# Question bank\n\n2 questions from 2 posts\n\n"
        "## 微调 (1)\n\n"
        "1. LoRA是什么？ — asked 2× · 什么是 · 一面\n"
        "   - = 什么是 LoRA\n"
        "   - [帖子 a](<https://example.com/a>)\n"
        "   - [帖子 b](<https://example.com/b>)\n\n"
        "## No topic (1)\n\n"
        "1. 手撕快排 — asked 1×\n"
        "   - [帖子 b](<https://example.com/b>)\n"
    )


def test_json_can_be_read_back() -> None:
    bank = build([plain_record(), nasty_record()])
    assert Bank.from_json(written(bank, "json")) == bank
    assert json.loads(written(bank, "json"))["schema_version"] == "1"


@pytest.mark.parametrize("name", BANK_FORMATS)
def test_the_worst_post_stops_no_format_and_loses_no_question(tmp_path: Path, name: str) -> None:
    bank = build([nasty_record(), plain_record()])
    export_bank(bank, tmp_path / f"bank{BANK_FORMATS[name].endings[0]}")
    assert sum(entry.count for entry in bank.entries) == len(NASTY_LINES) + 2


def test_an_unknown_format_names_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"\.apkg"):
        export_bank(Bank(), tmp_path / "bank.csv")
    with pytest.raises(UsageError, match="not text"):
        write_bank(Bank(), io.StringIO(), "xlsx")


@pytest.mark.slow
def test_ten_thousand_records_in_a_minute() -> None:
    chance = random.Random(7)
    syllables = [chr(code) for code in range(0x4E00, 0x4E00 + 900)]
    topics = ["".join(chance.choices(syllables, k=chance.randint(4, 24))) for _ in range(60_000)]
    shapes = ["什么是{}", "{}的原理", "讲讲{}", "{}和{}的区别", "为什么要用{}？", "{}怎么优化"]

    def questions() -> list[str]:
        return [chance.choice(shapes).format(*chance.choices(topics, k=2)) for _ in range(10)]

    records = [asked(*questions(), post=str(index)) for index in range(10_000)]
    began = time.process_time()
    bank = build(records)
    assert time.process_time() - began < 60
    assert sum(entry.count for entry in bank.entries) == 100_000
    assert bank.entries[0].count > 1
