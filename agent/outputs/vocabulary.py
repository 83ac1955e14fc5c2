"""The words of interview questions that the bank forgets, and those that mean the same. Tables only; `wording` applies them."""

from __future__ import annotations


# A facet is what is asked of a subject. Its letter is upper case: the text it is put in has none.
FACETS = {
    "A": "避免 防止 预防",
    "B": "优点 好处 优势 益处",
    "C": "缺点 劣势 坏处 弊端",
    "D": "区别 差异 差别 不同点 不同之处 有何不同 有什么不同 有啥不同 有哪些不同 哪里不同 异同点 异同 对比 相比 比较",
    "F": "作用 用途 用处 有什么用 有啥用 是干什么的 是做什么的 是干嘛的 是用来做什么的 用来做什么 用来干什么",
    "G": "过程 流程 步骤",
    "J": "解决方案 解决办法 解决方法 解决措施 解决思路 解决 处理方案 处理办法 处理 应对",
    "K": "设计方案 设计",
    "M": "实现方式 实现方案 实现方法 实现",
    "O": "优化方案 优化方法 优化思路 优化手段 优化 调优",
    "P": "底层实现原理 底层实现机制 底层工作原理 底层原理 底层实现 实现原理 实现机制 工作原理 工作机制 运行原理 内部原理 底层机制 底层 原理",
    "Q": "什么是 什么叫做 什么叫 啥是 指的是什么 是什么意思 是什么 是啥",
    "R": "特性 特点 特征",
    "S": "使用场景 应用场景 适用场景 场景下使用 场景下用 什么时候使用 什么时候用 什么时候 何时 什么情况下 哪些情况下 什么情况 哪些情况 "
    "什么场景下 哪些场景下 什么场景 哪些场景 场景",
    "T": "分类 种类 类型",
    "V": "优缺点 优点和缺点 优点缺点 优势和劣势 优劣势 优劣 利弊",
    "W": "为什么 为啥 为何 原因",
    "Z": "保证 确保 保障",
}
ENGLISH_FACETS = {
    "difference": "D",
    "differences": "D",
    "differ": "D",
    "different": "D",
    "compare": "D",
    "why": "W",
    "when": "S",
}

# Words not to be taken apart: something below is a part of each.
WHOLE = (
    "设计模式 策略模式 场景题 自我介绍 对象 对称 对齐 对抗 对应 中间件 中断 中心 中序 中缀 中位 中台 中文 中国 在线 存在 现在 在途 实现类 "
    "时间 空间 中间 期间 区间 间隔 间隙 瞬间 处理器 预处理 后处理 批处理 流处理 比较器 类型转换 数据类型 存储过程 面向过程 "
    "有序 有界 有效 有环 有限 所有 拥有 持有 私有 就绪 请求 申请 目的 会话 交互 优化器 特征工程 知识 那么 其他 "
    "和平 饱和 总和 求和 之和 和为 和谐 普及 涉及 都市 成都 来源 未来 原来 过去 去重 去除 去掉 了结 地址 地图 地理 本地 落地 目的地 "
    "得到 获得 得分 是非 哈希 哈夫曼 哈工大 就业 所在 内在 里程 公里 这样 简单工厂"
)

DROPPED = (
    "请问 请你 请您 请 麻烦 能不能 能否 可不可以 可否 是不是 是否 有没有 会不会 你们 您们 你 您 咱们 "
    "说说看 说说 说一说 说一下 说下 讲讲 讲一讲 讲一下 讲下 聊聊 聊一聊 聊一下 聊下 谈谈 谈一谈 谈一下 谈下 介绍一下 介绍下 介绍 "
    "解释一下 解释下 解释 解读 描述一下 描述下 描述 阐述一下 阐述 简述 概述 论述 列举一下 列举 说明一下 说明 讲述 叙述 问了 问到 谈到 "
    "了解过 了解 知道 知不知道 听说过 理解 认识 如何 是什么样的 是什么样 怎么样 怎样 怎么 咋 什么样的 什么样 什么意思 什么 啥 "
    "哪些 哪几种 哪几个 哪几类 哪种 几种 几个 几类 一下 一个 一些 一种 这个 这些 那个 那些 这种 这 那 该 它们 它 之间 间 "
    "里面 里边 里 当中 其中 中的 中 在 对于 关于 对 其 进行 具体 详细 简单 大致 大概 一般 通常 常见 常用 主要 完整 整个 分别 各自 相关 "
    "机制 方式 关键字 的 地 得 了 吗 呢 吧 啊 呀 嘛 么 哦 哈 是 有 都 就 呗 来 去 能够 可以"
)
SYNONYMS = {
    "使用": "用",
    "采用": "用",
    "选用": "选",
    "选择": "选",
    "通讯": "通信",
    "那么": "",
    "vs": "D,",
    "versus": "D,",
}
CLAUSE_ENDS = "和 与 跟 以及 及 还有 并且 , ; . 、 / ? ! : 。 + \\ |"

# Only where the whole question is English: `in` and `for` are terms in a Chinese one.
ENGLISH_DROPPED = (
    "a an the is are was be of in on for to do does did you your can could would will please explain describe tell me us about "
    "between what which there have has by some any give"
)
ENGLISH_CLAUSE_ENDS = "and or"
