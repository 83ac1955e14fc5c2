"""What the rules find in articles, notes and dialogues, and what they leave. All samples are made up."""

from __future__ import annotations

import pytest

from agent.extraction.rules import extract
from agent.extraction.rules.telling import ClauseJudge
from agent.records import Post


def quotes(text: str, kind: str = "question") -> list[str]:
    return [text[one.start : one.end] for one in extract(Post(text=text)).items if one.kind == kind]


@pytest.mark.parametrize(
    "text",
    [
        "---\ntitle: 面试总结\ntags: [笔记]\ndraft: true\n---\n\n今年面试的一些想法。\n",
        "# 模拟面试平台\n\n## 核心功能\n- **录音回放** - 逐句对照\n- **能力雷达** - 面试官视角的评分\n",
        "面试进度\n\n某云 - 等待二面\n某快 - 意向书\n某团 - HR面已完成\n某滴 - 有实习offer，走直通车\n",
        (
            "1. Met the recruiter over coffee and spoke of my plans for a long while. It was pleasant.\n"
            "2. Had an interview with the team lead, who walked through the roadmap of the product. I mostly listened.\n"
        ),
    ],
    ids=["front matter", "product", "progress", "narrative"],
)
def test_posts_that_tell_of_no_questions_give_none(text):
    assert quotes(text) == []


def test_a_list_below_a_line_that_speaks_of_steps_is_of_methods():
    text = "## System Design\n\n面试里很容易漏掉要求，可以按下面的步骤回答。\n\n1. Discuss the load\n2. Write down the calls\n3. Draw the parts\n"
    assert quotes(text, "method") == ["Discuss the load", "Write down the calls", "Draw the parts"]
    assert quotes(text) == []


@pytest.mark.parametrize(
    ("text", "methods"),
    [
        ("秋招复盘\n\n我的准备方法：\n1. 每天口述两题\n2. 录音回听\n", ["每天口述两题", "录音回听"]),
        ("降本三板斧\n① 前缀缓存\n② 量化\n③ 蒸馏\n", ["前缀缓存", "量化", "蒸馏"]),
        (
            "微调方式对比\n全量微调：效果好\nLoRA：省显存\nP-Tuning：只训练提示\n",
            ["全量微调：效果好", "LoRA：省显存", "P-Tuning：只训练提示"],
        ),
        (
            "面经\n\n总结一下可以说的点：\n• 混合检索\n• 重排\n• 查询改写\n",
            ["混合检索", "重排", "查询改写"],
        ),
        (
            "Onsite\n\n## What helped me\n- Reading the book twice\n- Two mock incidents\n",
            ["Reading the book twice", "Two mock incidents"],
        ),
    ],
)
def test_what_a_heading_plainly_calls_methods_is_methods(text, methods):
    assert quotes(text, "method") == methods


def test_the_parts_of_a_story_are_methods():
    text = "面试里讲项目\n- 情境：团队当时缺人\n- 任务：两周上线\n- 行动：先砍需求\n- 意义：敢于取舍\n"
    assert len(quotes(text, "method")) == 4


def test_headings_that_name_techniques_are_methods_where_nothing_is_reported():
    text = "## 混合检索（Hybrid Search）\n两路召回再融合。\n\n## 重排（Rerank）\n用小模型精排。\n"
    assert quotes(text, "method") == ["混合检索（Hybrid Search）", "重排（Rerank）"]


def test_bold_names_with_a_gloss_are_methods_where_nothing_is_reported():
    text = "### Prompting\n- **Zero-shot** — give no example\n- **Few-shot** — give a handful of them\n"
    assert len(quotes(text, "method")) == 2


def test_the_header_of_a_table_is_no_item_and_a_column_that_asks_holds_questions():
    methods = "### 降低延迟的方法\n\n| 方法 | 场景 |\n| --- | --- |\n| 缓存前缀 | 长提示词 |\n| 量化 | 小显存 |\n"
    assert quotes(methods, "method") == ["缓存前缀", "量化"]
    asked = (
        "面试题\n\n| 编号 | 问题 | 掌握 |\n|---|---|---|\n| 1 | 越权漏洞怎么发现 | 熟 |\n"
        "| 2 | 证书固定的原理 | 熟 |\n| 3 | 流量镜像，常用几种方式 | 生 |\n| 4 | 内网渗透的处置步骤 | 生 |\n"
    )
    assert quotes(asked) == ["越权漏洞怎么发现", "证书固定的原理", "流量镜像，常用几种方式", "内网渗透的处置步骤"]


def test_a_column_headed_as_one_of_questions_holds_them_whatever_its_cells_say():
    text = "高频速查，按近八场统计\n\n| 模块 | 考点 | 次数 |\n| --- | --- | --- |\n| 结构 | 旋转编码外推 | 6 |\n| 训练 | 梯度分片 | 7 |\n"
    assert quotes(text) == ["旋转编码外推", "梯度分片"]
    assert quotes(text.replace("考点", "特征")) == []


def test_what_the_candidate_says_they_asked_is_no_question_of_the_post():
    text = "某云 一面\n\n算法\n1. 讲讲归并排序\n\n我问的\n- 组里现在人力怎么分配？\n- 转正比例？\n"
    assert quotes(text) == ["讲讲归并排序"]


def test_points_that_a_test_examined_are_told_apart():
    text = "某行 笔试回忆\n\n第二部分选择题，考到的点有：二叉树的遍历、子网划分、死锁的条件\n"
    alone = extract(Post(text=text), clauses=ClauseJudge({})).items
    assert [text[one.start : one.end] for one in alone] == ["二叉树的遍历", "子网划分", "死锁的条件"]


def test_numbers_within_a_line_may_leave_one_out_or_repeat_one():
    text = "二面记录 1.讲讲分页注意力 2.吞吐差在哪 4.猜错了怎么回退 4.掉点怎么查 5.手写归一化\n"
    assert quotes(text) == ["讲讲分页注意力", "吞吐差在哪", "猜错了怎么回退", "掉点怎么查", "手写归一化"]


def test_many_parts_of_a_line_that_ask_make_it_a_list_whatever_stands_beside_them():
    asked = ["因果森林怎么调", "红包发多了怎么看出来", "混淆怎么处理", "权重炸了怎么办", "乘子多久更新一次"]
    text = f"增长算法一面 / 地铁上打的凑合看吧 / {' / '.join(asked)} / 体验还行 / 面试官一直在嗯\n"
    assert [words for words in quotes(text) if words in asked] == asked


def test_a_remark_behind_the_last_item_of_a_line_is_no_part_of_it():
    text = "电面：1.介绍做过的管道 2.行情有缺失怎么补 3.连续涨停的股票怎么查 估计没戏，当练手了\n"
    assert quotes(text) == ["介绍做过的管道", "行情有缺失怎么补", "连续涨停的股票怎么查"]


def test_a_dialogue_tells_what_was_asked():
    text = (
        '我进门坐下，老师就开始问我。\n\nDr. Wu:"Where did you grow up?"\n\nM:"By the sea."\n\n'
        'Dr. Wu:"Do you play chess?"\n\nM(笑):"Badly."\n\nDr. Wu:"That is fine."\n'
    )
    assert quotes(text) == ["Where did you grow up?", "Do you play chess?"]


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("一面，面试官问了缓存怎么预热、热点怎么发现。", ["缓存怎么预热", "热点怎么发现"]),
        ("二面被问及限流算法的原理、降级策略怎么定。", ["限流算法的原理", "降级策略怎么定"]),
        ("三面聊得久，被问了Redis、MySQL的区别。", ["Redis、MySQL的区别"]),
        ("面试官接着提问：“你为什么离开上家公司？”“三年后想做什么？”", ["你为什么离开上家公司？", "三年后想做什么？"]),
        ("面试官给了两道题，第一题是求两个有序链表的交集。", ["求两个有序链表的交集"]),
        (
            "She asked what my salary was and whether I was free in June.",
            ["what my salary was", "whether I was free in June"],
        ),
        (
            "They asked a DSA question. There were also questions about how I plan my week.",
            ["how I plan my week"],
        ),
        ("接着面试官让我画一下系统的架构图，问数据库挂了怎么办。", ["画一下系统的架构图", "数据库挂了怎么办"]),
        (
            "They had me pitch a feature for solo travelers, then asked how I would price it.",
            ["pitch a feature for solo travelers", "how I would price it"],
        ),
        ("我在面试里反问：“组里怎么分工的？”", []),
    ],
)
def test_running_text_tells_each_question_apart(text, asked):
    assert [one.rstrip("。.") for one in quotes(text)] == asked


@pytest.mark.parametrize(
    ("line", "asked"),
    [
        (
            "某游戏 策划：讲讲你最近玩的手游 / 数值膨胀怎么控制 / 写一段对话",
            ["讲讲你最近玩的手游", "数值膨胀怎么控制", "写一段对话"],
        ),
        (
            "描述你的家乡 ; 交传和同传更擅长哪个 ; 视译一段新闻",
            ["描述你的家乡", "交传和同传更擅长哪个", "视译一段新闻"],
        ),
        (
            "怎么让更多人来发笔记？怎么让男生也用起来？一年能卖出多少支口红？举一个你常用的软件并说明为什么常用？",
            [
                "怎么让更多人来发笔记？",
                "怎么让男生也用起来？",
                "一年能卖出多少支口红？",
                "举一个你常用的软件并说明为什么常用？",
            ],
        ),
        ("关于RAG / Agent / 自训练模型的看法？", ["关于RAG / Agent / 自训练模型的看法？"]),
    ],
)
def test_a_line_may_list_several_questions(line, asked):
    assert quotes(f"面经\n一面\n{line}\n") == asked


@pytest.mark.parametrize(
    ("marks", "left"),
    [
        (("*Question – 1:* ", "*Question – 2:* "), ""),
        (("#1 ", "#2 "), ""),
        (("» ", "» "), ""),
        (("1. ", "2. "), " [link](https://example.org/a?b=(c)#d)"),
    ],
    ids=lambda part: str(part)[:24],
)
def test_marks_and_links_around_an_item_stay_outside(marks, left):
    asked = ["Explain consistent hashing.", "How do you shard a table?"]
    text = "Round 1\n" + "".join(f"{mark}{words}{left}\n" for mark, words in zip(marks, asked, strict=True))
    assert quotes(text) == asked


def test_bare_lines_above_follow_ups_are_questions_too():
    text = "二面\n\n为什么不自己写一把锁\n→ 追问：续期的间隔是多少\n→ 再追问：主从切换怎么办\n\n事务在哪些场景会失效\n→ 追问：从代理的角度讲\n"
    assert quotes(text) == [
        "为什么不自己写一把锁",
        "续期的间隔是多少",
        "主从切换怎么办",
        "事务在哪些场景会失效",
        "从代理的角度讲",
    ]


@pytest.mark.parametrize("heads", [("试讲", "答辩"), ("结构化", "英语口语"), ("无领导", "专业课")])
def test_parts_of_an_interview_head_bare_questions(heads):
    first, second = heads
    text = f"教师岗面试\n\n一、{first}\n这节课的难点怎么突破\n二、{second}\n学生指出你读错字怎么办\n"
    assert quotes(text) == ["这节课的难点怎么突破", "学生指出你读错字怎么办"]


def test_a_heading_over_numbered_questions_is_none_and_one_over_its_answer_is():
    text = (
        "# 某司一面\n\n### 1. 面试官的问题\n1. 为什么选这个框架？\n2. 线程有几种状态？\n\n"
        "### 2. 可重入锁，以及各自的用法\n\n**答题思路**：\n- 互斥 → 同一时刻一个\n- 公平 → 先来先得\n"
    )
    assert quotes(text) == ["为什么选这个框架？", "线程有几种状态？", "可重入锁，以及各自的用法"]


def test_a_statement_goes_on_over_its_lines():
    text = "Online test, round 1\nQ1. Given:\nN points on a plane.\nReturn the widest gap.\n\nQ2. You have:\nA list of orders.\nReturn the cheapest.\n"
    assert [one.count("\n") for one in quotes(text)] == [2, 2]


def test_bullets_that_only_head_deeper_ones_are_no_items():
    text = "Round 1\n- Java questions\n  - What is a thread pool?\n  - Explain records.\n- Technical questions\n  - Why Kafka?\n"
    assert quotes(text) == ["What is a thread pool?", "Explain records.", "Why Kafka?"]


def test_english_lines_wrapped_by_a_picture_are_joined():
    text = "Got the onsite loop\nQ1. Explain how you would handle\nretries of a webhook\nQ2. Add paging to the list\nendpoint of the old service\n"
    assert [one.count("\n") for one in quotes(text)] == [1, 1]


@pytest.mark.parametrize(
    ("text", "advised"),
    [
        ("面试里遇到不懂的，宁可承认，也不能乱说。", "宁可承认，也不能乱说"),
        ("備考建議：面試前一定要把專案講熟。", "面試前一定要把專案講熟"),
        ("刷题首推剑指。", "刷题首推剑指"),
        ("Clearing the hidden cases is the key to this round.", "Clearing the hidden cases is the key to this round."),
        (
            "Also, try to read the panel's papers before the interview.",
            "Also, try to read the panel's papers before the interview.",
        ),
    ],
)
def test_advice_without_the_usual_words(text, advised):
    assert any(advised.rstrip(".") in one or one in advised for one in quotes(text, "advice"))


def test_lines_below_a_heading_of_advice_are_advice_whatever_their_words():
    text = "给学弟的话：\n一、八股要讲给别人听。\n二、项目挖到第三层为止。\n三、投递分三批。\n"
    assert len(quotes(text, "advice")) == 3


def test_whether_to_do_something_is_no_advice():
    assert quotes("面试里的讨论题：夜市要不要放开。", "advice") == []


def test_a_statement_in_a_list_is_not_sure():
    text = "一面\n1. 说说锁升级\n2. 工程角度：讲了选型的原因。我熟悉它，团队也熟悉，便于运维。\n3. 什么是偏向锁\n"
    sure = {text[one.start : one.end]: one.sure for one in extract(Post(text=text)).items}
    assert sure["说说锁升级"]
    assert sure["什么是偏向锁"]
    assert not sure.get("工程角度：讲了选型的原因。我熟悉它，团队也熟悉，便于运维。", False)


def test_techniques_above_a_list_of_frequent_questions_are_methods():
    text = "召回提效的三种做法\n✓重排（Rerank）\n✓混合检索（Hybrid Search）\n✓查询改写\n\n召回方向高频题：\n1.重排放在哪一步?\n2.混合检索怎么加权?\n"
    assert quotes(text, "method") == ["重排（Rerank）", "混合检索（Hybrid Search）", "查询改写"]
    assert quotes(text) == ["重排放在哪一步?", "混合检索怎么加权?"]
