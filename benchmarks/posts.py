"""Made-up posts with their labels, the same for the same number, so that any machine can measure without a corpus."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache


_COMPANIES = ("云杉科技", "青鸟智能", "北极星数据", "沧海软件", "若水网络", "千帆实验室")
_ROUNDS = ("一面", "二面", "三面", "HR面")
_THINGS = (
    *(
        "LoRA",
        "RAG 的召回",
        "KV cache",
        "注意力机制",
        "混合检索",
        "Agent 的记忆",
        "向量数据库",
        "提示词注入",
        "MoE 路由",
        "PPO",
    ),
    *(
        "DPO",
        "位置编码",
        "Tokenizer",
        "梯度检查点",
        "流水线并行",
        "量化感知训练",
        "投机采样",
        "长上下文",
        "幻觉检测",
        "工具调用",
    ),
    *(
        "重排模型",
        "分块策略",
        "知识图谱",
        "多轮对话",
        "意图识别",
        "数据去重",
        "灰度发布",
        "限流",
        "缓存一致性",
        "消息队列",
    ),
)
_PLACES = ("", "推荐场景下", "客服机器人里", "线上", "第一段实习中", "上家公司", "离线训练时", "低显存环境下")
_ASKS = (
    "{}{}的原理是什么？和常见做法有什么区别？",
    "{}怎么评估{}？指标掉了怎么排查？",
    "{}为什么要用{}，不用行不行",
    "说说{}你做过的{}，遇到过什么坑？",
    "{}{}的时间和显存开销怎么算",
    "{}把{}去掉会怎样？做过消融吗？",
    "手撕：{}{}的简化实现",
    "{}如果{}要支持十倍流量，你会怎么改？",
)
_METHODS = (
    "全量微调",
    "增量预训练",
    "查询改写（Query Rewrite）",
    "重排序 Rerank",
    "量化（INT8 / INT4）",
    "蒸馏",
    "投机解码",
)
_ADVICE = (
    "一定要先把自己的项目讲清楚",
    "别背八股，面试官听得出来",
    "建议提前准备两个失败的例子",
    "不会就直说，不要硬编",
)


@dataclass(frozen=True, slots=True)
class LabelledPost:
    """A post, and for each kind the quotes that a good model tells."""

    number: int
    text: str
    quotes: Mapping[str, Sequence[str]]

    @property
    def id(self) -> str:
        return f"b{self.number}"


@lru_cache(maxsize=4096)
def post(number: int) -> LabelledPost:
    """The post of that number: about 350 characters, its number on the first line."""
    chance = random.Random(number)
    asks = chance.sample(_ASKS, chance.randint(5, 8))
    questions = [ask.format(chance.choice(_PLACES), chance.choice(_THINGS)) for ask in asks]
    methods = chance.sample(_METHODS, 3)
    advice = chance.sample(_ADVICE, 2)
    lines = [
        f"第{number}篇：{chance.choice(_COMPANIES)} 大模型应用 {chance.choice(_ROUNDS)}",
        "面了一个小时，整体氛围不错，记一下问到的题。",
        *(f"{k}. {question}" for k, question in enumerate(questions, 1)),
        "聊到的几种做法：",
        *(f"✅ {method}" for method in methods),
        *(f"{one}！" for one in advice),
        "#面经# #大模型面试#",
    ]
    return LabelledPost(number, "\n".join(lines), {"methods": methods, "questions": questions, "advice": advice})


def posts(count: int, *, start: int = 1) -> list[LabelledPost]:
    return [post(number) for number in range(start, start + count)]
