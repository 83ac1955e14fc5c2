"""What a question is about, by the words of a small table."""

from __future__ import annotations

import tomllib

import pytest

from agent.extraction.topics import Taxonomy, topic_of
from agent.extraction.words import Words
from agent.resources import data_file


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("LoRA 的秩怎么选", "微调"),
        ("什么是RAG？切块怎么切", "RAG"),
        ("MCP 和 function calling 有什么不同", "Agent"),
        ("手撕 LRU", "手撕代码"),
        ("合并 k 个有序链表", "数据结构与算法"),
        ("聚簇索引和回表", "数据库"),
        ("redis 的持久化", "缓存"),
        ("TCP 为什么要三次握手", "网络"),
        ("进程和线程的区别", "操作系统"),
        ("ConcurrentHashMap 怎么保证线程安全", "Java"),
        ("goroutine 泄漏", "Go"),
        ("虚函数表放在哪", "C++"),
        ("闭包是什么", "前端"),
        ("梯度消失怎么办", "深度学习"),
        ("GBDT 和 XGBoost", "机器学习"),
        ("KV cache 占多少显存", "大模型基础"),
        ("Design a rate limiter", "系统设计"),
        ("自我介绍", "HR/行为"),
        ("讲一件开心的事", None),
        ("", None),
    ],
)
def test_a_question_has_the_topic_that_its_words_tell(text, topic):
    assert topic_of(text) == topic


def test_the_most_words_decide_and_then_the_order():
    taxonomy = Taxonomy({"fruit": ["apple", "pear"], "tools": ["saw", "hammer"]})
    assert taxonomy.topic_of("a saw, a hammer and an apple") == "tools"
    assert taxonomy.topic_of("a saw and a pear") == "fruit"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Google goes", []),
        ("Go 语言", ["go"]),
        ("用go写", ["go"]),
        ("GO", ["go"]),
        ("go2", []),
        ("B+树和B树", ["b+树", "b树"]),
        ("İgo Go", ["go", "go"]),
    ],
)
def test_latin_words_stand_alone_and_chinese_ones_anywhere(text, words):
    hits = list(Words(["Go", "B+树", "B树"]).hits(text))
    assert [hit.word for hit in hits] == words
    assert all(text[hit.start : hit.end].lower() == hit.word for hit in hits)


def test_no_word_of_the_shipped_table_stands_for_two_topics():
    topics = tomllib.loads(data_file("topics.toml").read_text(encoding="utf-8"))["topics"]
    words = [word.lower() for told in topics.values() for word in told]
    assert len(words) == len(set(words))
