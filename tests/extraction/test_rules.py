"""What the rules find in posts of every form, with no model. All samples are made up."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.extraction.findings import Findings
from agent.extraction.rules import extract
from agent.records import Post


def found(text: str, title: str = "") -> Findings:
    return extract(Post(text=text, title=title))


def quotes(text: str, kind: str = "question", title: str = "") -> list[str]:
    return [text[one.start : one.end] for one in found(text, title).items if one.kind == kind]


ASKED = ["LoRA 的秩怎么选", "KV Cache 为什么省时间", "RAG 怎么评估"]


@pytest.mark.parametrize(
    "marks",
    [
        ("1.", "2.", "3."),
        ("1、", "2、", "3、"),
        ("1）", "2）", "3）"),
        ("(1)", "(2)", "(3)"),
        ("（1）", "（2）", "（3）"),
        ("１．", "２．", "３．"),
        ("1。", "2。", "3。"),
        ("1：", "2：", "3："),
        ("1 ", "2 ", "3 "),
        ("1", "2", "3"),
        ("①", "②", "③"),
        ("❶", "❷", "❸"),
        ("1️⃣", "2️⃣", "3️⃣"),
        ("1⃣️", "2⃣️", "3⃣️"),
        ("一、", "二、", "三、"),
        ("（一）", "（二）", "（三）"),
        ("Q1：", "Q2：", "Q3："),
        ("**Q1**: ", "**Q2**: ", "**Q3**: "),
        ("P1: ", "P2: ", "P3: "),
        ("问题一：", "问题二：", "问题三："),
        ("第一题", "第二题", "第三题"),
        ("【第1题】", "【第2题】", "【第3题】"),
        ("[一R]", "[二R]", "[三R]"),
        ("[清单R]", "[清单R]", "[清单R]"),
        ("a) ", "b) ", "c) "),
        ("- ", "- ", "- "),
        ("* ", "* ", "* "),
        ("- [ ] ", "- [x] ", "- [ ] "),
        ("•", "•", "•"),
        ("●", "●", "●"),
        ("✔", "✔", "✔"),
        ("✅ ", "✅ ", "✅ "),
        ("🔸", "🔸", "🔸"),
        ("💡1. ", "💡2. ", "💡3. "),
        ("> 1. ", "> 2. ", "> 3. "),
        ("　　1、", "　　2、", "　　3、"),
        ("", "", ""),
    ],
    ids=lambda marks: marks[0].strip() or "none",
)
def test_the_mark_of_an_item_stays_outside_its_quote(marks):
    text = "一面\n" + "\n".join(map("".join, zip(marks, ASKED, strict=True)))
    assert quotes(text) == ASKED


def test_numbers_are_told_and_a_missing_one_is_inferred():
    text = "面试题：\n1.什么是注意力?\n2.多头有什么用?\n为什么要除以根号 d?\n4.位置编码有哪些?\n"
    assert [one.number for one in found(text).items] == [1, 2, 3, 4]


def test_several_items_on_one_line_are_parted():
    text = "一面 1、事务的隔离级别 2、索引什么时候失效 3、手撕：合并区间"
    assert quotes(text) == ["事务的隔离级别", "索引什么时候失效", "手撕：合并区间"]


def test_one_numbered_line_is_one_question_whatever_it_holds():
    text = "1、Redis：(1) 为什么快？(2) 怎么持久化？\n2、MQ 怎么保证不丢？（没答好）不会的话说说思路"
    assert quotes(text) == ["Redis：(1) 为什么快？(2) 怎么持久化？", "MQ 怎么保证不丢？（没答好）不会的话说说思路"]


def test_a_line_broken_in_the_middle_is_one_item():
    text = (
        "面试题\n1. 给你一个长度为 n 的数组，里面的数各不相同，\n要求在线性时间里找出第 k 大的数\n2. 快排最坏情况是什么"
    )
    assert quotes(text)[0].endswith("第 k 大的数")


def test_follow_ups_are_questions_and_answers_are_none():
    text = (
        "二面\n"
        "1. 讲讲混合检索\n"
        "答：稀疏和稠密各召回一路，再融合\n"
        "追问：两路分数怎么归一？\n"
        "2. 重排模型怎么选的\n"
        "> 试过三个，最后选了小的\n"
        "   - 追问：延迟多少\n"
    )
    assert quotes(text) == ["讲讲混合检索", "两路分数怎么归一？", "重排模型怎么选的", "延迟多少"]
    assert quotes(text, "method") == []


def test_who_speaks_tells_questions_from_answers():
    text = "面试官：讲讲你做的召回？\n我：双塔，线上用的是向量检索。\n面试官：负样本怎么采的？\n我：批内负采样。"
    assert quotes(text) == ["讲讲你做的召回？", "负样本怎么采的？"]


@pytest.mark.parametrize(
    "heading",
    [
        "八股：",
        "【八股】",
        "## 八股",
        "**八股**",
        "面试题目",
        "📖面试问题：",
        "[彩虹R]常考的题：",
        "技术面（40min）",
        "Redis",
        "手撕环节",
    ],
)
def test_headings_are_no_items_and_what_stands_below_is(heading):
    text = f"秋招面经\n\n{heading}\n- 缓存雪崩\n- 跳表\n"
    assert quotes(text) == ["缓存雪崩", "跳表"]


@pytest.mark.parametrize("heading", ["反问：", "## 反问", "【反问环节】", "我提问：", "Questions I asked:"])
def test_what_the_candidate_asked_is_no_question(heading):
    text = f"一面\n1. 说说 GIL\n\n{heading}\n- 团队有几个人？\n- 主要用什么语言？\n"
    assert quotes(text) == ["说说 GIL"]


def test_rounds_are_told():
    text = "一面（50min）\n1. 自我介绍\n2. 手撕 LRU\n\n二面：\n1. 设计一个短链系统\n\nHR面\n为什么离职\n"
    assert [one.round for one in found(text).items] == ["一面", "一面", "二面", "HR面"]


def test_a_round_that_only_the_title_names_is_told_too():
    (one, *_) = found("1. 说说 epoll\n2. 进程和线程的区别\n", title="某厂后端二面").items
    assert one.round == "二面"


def test_a_line_that_only_speaks_of_a_round_opens_none():
    text = "一面\n1. 说说 MVCC\n2. 什么是回表\n下周三通知二面\n3. 慢查询怎么排查\n"
    assert {one.round for one in found(text).items} == {"一面"}


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("面试官问了我 Redis 为什么快，我说是内存操作。", ["Redis 为什么快"]),
        ("面试官然后问怎么防止过拟合，怎么调学习率，没答好。", ["怎么防止过拟合", "怎么调学习率"]),
        ("面试官很好，让我介绍一下项目里的缓存设计，我讲了十分钟。", ["介绍一下项目里的缓存设计"]),
        ("最后手撕了一道题，面试官问时间复杂度是多少。", ["时间复杂度是多少"]),
        ("一面很快，八股主要考了索引失效的场景。", ["索引失效的场景"]),
        ("二面写了一道题：给一个数组，求最长递增子序列。", ["给一个数组，求最长递增子序列"]),
        ("The interviewer asked me how I would shard the counters. I was lost.", ["how I would shard the counters"]),
    ],
)
def test_running_text_tells_what_was_asked(text, asked):
    assert [one.rstrip("。") for one in quotes(text)] == asked


@pytest.mark.parametrize(
    "text",
    [
        "面试官没有问项目，全程在聊天。",
        "学问很大，问题不大，参考了很多资料。",
        "反问环节问了部门做什么。",
        "有没有面过的姐妹说说一般问什么呀？面试好慌",
        "面完三天了还没消息，是不是凉了？",
        "一面感觉还行，面试官人很好，求二面！",
    ],
)
def test_what_nobody_was_asked_is_no_question(text):
    assert quotes(text) == []


ROUNDS = """# Streaming team, SDE II

## Round 1: Coding

1. Given a stream of numbers, keep the median.
2. Merge overlapping intervals.

## Round 2 - System design

I was asked to design a metrics pipeline. It went fine.

### Behavioral
- Tell me about a time you missed a deadline.
- Why us?

## Tips

- Clarify the scale before you draw.
- Don't skip the behavioral round.
"""


def test_english_posts_are_read_alike():
    assert quotes(ROUNDS) == [
        "Given a stream of numbers, keep the median.",
        "Merge overlapping intervals.",
        "design a metrics pipeline",
        "Tell me about a time you missed a deadline.",
        "Why us?",
    ]
    assert quotes(ROUNDS, "advice") == ["Clarify the scale before you draw.", "Don't skip the behavioral round."]


def test_an_answer_beside_an_english_question_is_advice_of_its_own():
    text = "* What should I do the night before? Sleep early. Do not study."
    assert quotes(text, "advice") == ["Sleep early.", "Do not study."]


@pytest.mark.parametrize(
    "text",
    [
        "RAG 的几种召回方式\n✓多路召回\n✓查询改写（Query Rewriting）\n✓假设文档（HyDE）\n",
        "推理加速的常见方法\n1、多路召回\n2、查询改写（Query Rewriting）\n3、假设文档（HyDE）\n",
        "### 优化方向\n\n1. 多路召回\n2. 查询改写（Query Rewriting）\n3. 假设文档（HyDE）\n",
    ],
)
def test_techniques_that_a_post_lists_are_methods(text):
    assert quotes(text, "method") == ["多路召回", "查询改写（Query Rewriting）", "假设文档（HyDE）"]
    assert quotes(text) == []


def test_named_things_in_a_post_that_teaches_are_methods():
    text = "整理了一版，建议收藏\n🔹量化：显存减半\n🔹投机采样：小模型起草，大模型验证\n🔹算子融合：少读写几次显存\n"
    assert quotes(text, "method") == ["量化：显存减半", "投机采样：小模型起草，大模型验证", "算子融合：少读写几次显存"]


def test_questions_below_a_heading_of_methods_stay_questions():
    text = "优化方法\n1. 为什么要量化？\n2. 怎么选校准集？\n3. 什么是投机采样？\n"
    assert len(quotes(text)) == 3
    assert quotes(text, "method") == []


@pytest.mark.parametrize(
    ("text", "advised"),
    [
        ("面完说两句，项目一定要自己做过，别背网上的。", ["项目一定要自己做过，别背网上的"]),
        ("面完三场，说两句：建议早点投。八股不要死背！", ["面完三场，说两句：建议早点投", "八股不要死背"]),
        ("八股不要死背，要结合项目讲。", ["八股不要死背，要结合项目讲"]),
        ("如果时间不够，建议先刷热题。", ["如果时间不够，建议先刷热题"]),
        ("心态最重要，被拒很正常。", ["心态最重要"]),
        ("Result: rejected. Make sure you practice graphs. I cried.", ["Make sure you practice graphs."]),
        ("Tip: mock interviews with friends", ["mock interviews with friends"]),
    ],
)
def test_advice_in_running_text(text, advised):
    said = [one.rstrip("！。") for one in quotes(text, "advice")]
    assert len(said) == len(advised)
    assert all(
        one in whole or whole in one for one, whole in zip((one.rstrip(".") for one in said), advised, strict=True)
    )


def test_advice_in_lists_below_its_heading():
    text = "💡经验总结：\n• 简历控制在一页\n• 项目里的数字要说得出来源\n• 先投小公司练手\n"
    assert quotes(text, "advice") == ["简历控制在一页", "项目里的数字要说得出来源", "先投小公司练手"]


def test_ordinals_in_words_list_advice():
    text = "几点心得\n第一，八股要理解着背。\n第二，项目一定要跑通。\n第三，别拖到最后才投。"
    assert len(quotes(text, "advice")) == 3


@pytest.mark.parametrize(
    "text",
    [
        "【急招】后端工程师 base 上海\n岗位职责：\n1、负责服务端开发\n任职要求：\n1、熟悉 MySQL、Redis\n福利：六险一金，弹性打卡\n",
        "我们组招人啦！内推直达\n1. 熟悉大模型\n2. 有 Agent 经验优先\n薪资面议，投递私信我",
        "",
        "　\n\n \t",
        "今天天气真好，去公园走了走[哇R]",
        "#面试[话题]# #大模型[话题]#",
        "https://example.org/a?b=c",
    ],
)
def test_posts_with_nothing_to_extract_give_nothing(text):
    assert found(text).items == ()


def test_hashtags_are_tags_and_no_items():
    text = "一面\n1. 什么是 MoE？#大模型[话题]# #校招[话题]#\n#AI应用 #agent #AI应用\n"
    assert found(text).tags == ("大模型", "校招", "AI应用", "agent")
    assert quotes(text) == ["什么是 MoE？"]


def test_the_apps_share_text_is_no_content():
    text = "一面\n1. 说说 CAS\n2. 什么是 ABA\n12 小明发布了一篇小红书笔记，快来看吧！ 😆 http://xhslink.com/abc，复制本条信息，打开【小红书】App查看精彩内容！"
    assert quotes(text) == ["说说 CAS", "什么是 ABA"]


def test_html_and_tables_are_read_through():
    text = "### 一面<br/>\n&emsp;&emsp;1.讲讲 Raft<br/>2.脑裂怎么办\n\n| 轮次 | 问题 |\n| --- | --- |\n| 二面 | 怎么做容灾？ |\n"
    assert quotes(text) == ["讲讲 Raft", "脑裂怎么办", "怎么做容灾？"]


def test_code_between_fences_holds_no_items():
    text = "一面\n1. 手写单例\n```java\n// 1. 为什么要 volatile？\n```\n2. 说说双检锁\n"
    assert quotes(text) == ["手写单例", "说说双检锁"]


def test_a_homophone_is_resolved_in_the_text_alone():
    text = "手撕\n1. 栗抠 45 跳跃游戏\n2. 合并区间\n"
    first, second = found(text).items
    assert (first.text, text[first.start : first.end]) == ("LeetCode 45 跳跃游戏", "栗抠 45 跳跃游戏")
    assert second.text is None


def test_questions_have_topics():
    text = "一面\n1. LoRA 的秩怎么选\n2. MySQL 索引失效\n3. 讲一件开心的事\n"
    assert [one.topic for one in found(text).items] == ["微调", "数据库", None]


@pytest.mark.parametrize(
    ("text", "title", "company", "role", "outcome"),
    [
        ("📍面试公司：美团\n👜面试岗位：后端开发\n结果：二面挂\n1. 自我介绍", "", "美团", "后端开发", "二面挂"),
        ("公司：某银行——金融科技部\n岗位：某银行——数据开发\n", "", "某银行", "数据开发", None),
        (
            "Company: Acme\nRole: Data Scientist\nVerdict: Selected\n1. Explain p-values",
            "",
            "Acme",
            "Data Scientist",
            "Selected",
        ),
        ("快手一面凉经\n1. 说说 GC", "", "快手", None, "凉经"),
        ("面了一家做支付的公司，问了 TCP 三次握手。", "", None, None, None),
        ("淘宝和京东的首页有什么区别", "", None, None, None),
        ("面试官问我怎么设计百度网盘，许愿能拿到offer", "", None, None, None),
        ("今天面的是百度，问了缓存", "百度Java后端一面", "百度", None, None),
    ],
)
def test_the_context_is_what_the_post_says(text, title, company, role, outcome):
    seen = found(text, title)
    said = [place and text[place.start : place.end] for place in (seen.company, seen.role, seen.outcome)]
    assert said == [company, role, outcome]


def test_what_is_sure_is_numbered_or_asks():
    text = "一面\n1. 说说锁升级\n2. 什么是偏向锁\n聊了聊 JVM 的原理\n"
    assert [one.sure for one in found(text).items[:2]] == [True, True]


@pytest.mark.parametrize(
    ("post", "methods", "questions", "advised"),
    [
        ("01-finetuning.txt", 3, 5, 1),
        ("02-rag-rounds.txt", 0, 10, 2),
        ("03-prose.txt", 0, 4, 0),
        ("04-english.md", 0, 5, 2),
        ("05-advice.txt", 0, 0, 5),
        ("06-methods.txt", 5, 0, 0),
        ("07-ad.txt", 0, 0, 0),
    ],
)
def test_the_shipped_posts_come_out_as_a_reader_sorts_them(post, methods, questions, advised):
    text = (Path(__file__).parents[2] / "data/posts" / post).read_text(encoding="utf-8")
    assert [len(quotes(text, kind)) for kind in ("method", "question", "advice")] == [methods, questions, advised]


def test_names_of_techniques_below_a_heading_are_methods_beside_a_list_of_questions():
    text = "背熟再去面试\n[清单R]检索增强常见的套路\n✓查询改写\n✓重排序\n✓混合检索\n[彩虹R]高频题：\n1.RAG 怎么评估？\n2.向量库怎么选？\n"
    assert quotes(text, "method") == ["查询改写", "重排序", "混合检索"]
    assert len(quotes(text, "question")) == 2


def test_clauses_parted_by_blanks_alone_are_told_apart() -> None:
    text = "昨天面完某厂推荐组 上来先讲项目 问我召回为什么用多路 然后问每一路的配额怎么定 我说按点击率 又问新物品怎么冷启动 最后手撕了二分 希望能过"
    assert quotes(text) == ["召回为什么用多路", "每一路的配额怎么定", "新物品怎么冷启动"]


def test_questions_of_like_length_without_marks_are_not_taken_for_one_wrapped_text() -> None:
    asked = [
        "会员续费率下降了两个点，怎么拆",
        "如果只是安卓端的问题，下一步看什么",
        "续费率和留存率你怎么定义口径",
        "实验样本量怎么算",
        "实验结果不显著但是要上线，怎么办",
        "窗口函数里三种排名的区别",
    ]
    assert quotes("某厂数据分析一面\n\n" + "\n".join(asked)) == asked
