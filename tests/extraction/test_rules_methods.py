"""Which methods the rules find in reports of interviews, between the questions and the advice. All samples are made up."""

from __future__ import annotations

import pytest

from agent.extraction.rules import extract
from agent.records import Post


def quotes(text: str, kind: str = "method") -> list[str]:
    return [text[one.start : one.end] for one in extract(Post(text=text)).items if one.kind == kind]


ASKED = "一面：\n1. 自我介绍\n2. 限流怎么做的？\n3. 缓存和数据库怎么保持一致？\n"
NAMED = ["令牌桶：允许一小段突发", "漏桶：出口匀速", "滑动窗口：按小格子数"]


@pytest.mark.parametrize(
    "heading",
    [
        "聊到的几种做法：",
        "## 限流方案",
        "【限流算法梳理】",
        "回来恶补的限流手段：",
        "[书R]限流的四种方法",
        "面试官给我讲的限流思路👇",
    ],
)
def test_names_below_a_heading_that_announces_methods_are_methods(heading):
    text = f"{ASKED}\n{heading}\n" + "\n".join(f"- {one}" for one in NAMED)
    assert quotes(text) == NAMED
    assert len(quotes(text, "question")) == 3


def test_things_named_and_said_below_any_heading_of_their_own_are_methods():
    text = f"{ASKED}\n## 面后查了一下 限流\n" + "\n".join(f"{k}. {one}" for k, one in enumerate(NAMED, 1))
    assert quotes(text) == NAMED


@pytest.mark.parametrize("lead", ["参考答案：", "答：", "回来查的完整答案："])
def test_an_answer_by_a_list_of_names_is_of_methods_and_the_question_stays_one(lead):
    text = f"一面\n1. 自我介绍\n2. 限流有哪些做法？\n{lead}\n① 令牌桶\n② 漏桶\n③ 滑动窗口\n3. 说说线程池的参数"
    assert quotes(text) == ["令牌桶", "漏桶", "滑动窗口"]
    assert quotes(text, "question") == ["自我介绍", "限流有哪些做法？", "说说线程池的参数"]


def test_what_the_candidate_said_below_a_question_is_no_method():
    text = "一面\n1. 限流有哪些做法？\n- 我说了令牌桶\n- 追问漏桶和它差在哪\n2. 说说线程池的参数\n3. 反问"
    assert quotes(text) == []


def test_below_headings_of_one_form_the_lists_are_alike():
    text = "面完整理\n🔧 常用的限流做法：\n- 令牌桶\n- 漏桶\n🔧 缓存侧：\n- 延迟双删\n- 订阅日志\n问题：\n1. 限流怎么做？\n2. 缓存击穿怎么办？"
    assert quotes(text) == ["令牌桶", "漏桶", "延迟双删", "订阅日志"]


@pytest.mark.parametrize(
    "row",
    [
        "限流的做法无非就是令牌桶、漏桶和滑动窗口。",
        "顺便记一下限流方案：令牌桶 / 漏桶 / 滑动窗口",
        "限流手段一般就三种：一是令牌桶，允许突发；二是漏桶，出口匀速；三是滑动窗口，数格子。",
    ],
)
def test_a_row_of_names_after_words_that_announce_methods_is_of_methods(row):
    assert quotes(f"{ASKED}\n{row}") == ["令牌桶", "漏桶", "滑动窗口"]


@pytest.mark.parametrize(
    "row",
    [
        "部门有三个：搜索、推荐和广告。",
        "问了限流方案、线程池的参数、索引为什么失效。",
        "限流方案聊了很久，面试官人很好。",
        "我们的方案怎么设计、怎么上线、怎么回滚？",
    ],
)
def test_other_rows_are_of_none(row):
    assert quotes(f"{ASKED}\n{row}") == []


def test_a_long_text_without_a_stop_is_read_once():
    assert quotes("方案：" * 4_000) == []


@pytest.mark.parametrize("heading", ["项目方法论面试题：", "备考方法：", "秋招第七场，某电商后端"])
def test_questions_below_a_heading_with_such_words_stay_questions(heading):
    text = f"面经\n{heading}\n1. 索引什么时候失效？\n2. 线程池参数怎么定？\n3. 讲讲 MVCC"
    assert quotes(text) == []
    assert len(quotes(text, "question")) == 3


def test_numbered_moves_are_methods_and_weeks_are_advice():
    assert quotes("省钱三招\n第一招 语义缓存：相似问题直接回\n第二招 模型路由：简单的走小模型") == [
        "语义缓存：相似问题直接回",
        "模型路由：简单的走小模型",
    ]
    weeks = "后端面试四周计划\n第一周：补基础\n第二周：刷热题一百道\n第三周：做一个能跑的项目"
    assert quotes(weeks, "advice") == ["补基础", "刷热题一百道", "做一个能跑的项目"]


def test_a_closing_line_behind_the_list_is_no_answer():
    text = f"{ASKED}\n手撕不要闷头写，先把思路说出来。投递别集中在一周。"
    assert quotes(text, "advice") == ["手撕不要闷头写，先把思路说出来", "投递别集中在一周"]


def test_a_post_that_asks_is_no_advert_whatever_else_it_speaks_of():
    text = "建议薪资等对方先开口\n高频题\n1. 需求优先级怎么排？\n2. 什么是 MVP？\n3. 用户画像怎么落地？\n4. 内推要注意什么？"
    assert len(quotes(text, "question")) >= 3


@pytest.mark.parametrize(
    "told",
    ["第一个问题是缓存击穿怎么办，顺着问索引为什么失效。", "先问缓存击穿怎么办；索引为什么失效；然后约了二面。"],
)
def test_what_was_asked_one_after_the_other_in_prose_is_told_apart(told):
    assert quotes(f"二面，面试官很温和。{told}", "question") == ["缓存击穿怎么办", "索引为什么失效"]


@pytest.mark.parametrize(
    "told", ["最后我问了一下技术栈。", "评论区好多人问，那就整理一下吧。", "面试官先问清楚了口径。"]
)
def test_what_others_asked_is_no_question(told):
    assert quotes(f"一面\n1. 自我介绍\n2. 索引什么时候失效？\n\n{told}", "question") == [
        "自我介绍",
        "索引什么时候失效？",
    ]
