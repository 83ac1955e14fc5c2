"""The words by which people ask, advise and tell. Each predicate looks at one line or sentence and knows nothing of its neighbours."""

from __future__ import annotations

import re


_ASKING = re.compile(
    r"[?？]|什么|怎么|怎样|如何|为何|为啥|啥|哪[些个几种里一]|几种|多少|区别|原理|是否|能否|能不能|有没有|会不会|是不是|吗(?=[，,。；;（(]|$)|咋"
    r"|手撕|手写|手搓|介绍|讲[讲一下述解]|说[说一下明]|谈谈|聊聊|解释|描述|阐述|简述|分析一?下|列举|举例|对比|实现(?!了)|设计[一个]|优缺点|流程|机制|场景题|算法题|自我介绍"
    r"|\b(?:how|what|why|when|which|explain|describe|difference|compare|design|implement|tell me|walk me|walk through)\b",
    re.IGNORECASE,
)
_FIRM = re.compile(
    r"[?？]\s*(?:[（(【\[].*)?$|^(?:什么|怎么|怎样|如何|为何|为什么|哪些|是否|能否|能不能|有没有|手撕|手写|介绍|讲|说一|说说|谈|聊聊|解释|描述|阐述|简述|请)"
    r"|(?:区别|原理|是什么|有哪些|怎么[^，。]{0,8}|为什么)(?:\s*[（(【].*)?[。.]?$"
    r"|^(?:how|what|why|when|which|explain|describe|compare|design|implement|tell me|walk me|walk through|write|find|given|discuss|define)\b",
    re.IGNORECASE,
)
_TELLING = re.compile(
    r"我(?!们(?:应该|需要)|所)[^？?]{0,12}(?:了|说|答|写|觉得|感觉|没|是|从|用)|感觉|面试官(?:很|人|还|挺|都|没|说|也|不|问完|看|提|比较|全程|态度)|[答写做过](?:了|得|的还|出来|上来)|没(?:答|写|做|准备|想|有手撕|手撕|反问|考|撕)"
    r"|凉了|挂了|挂掉|秒挂|秒了|感谢|攒人品|许愿|好难|难绷|太菜|太难|好人|人很好|约了|通知|投递|时间线|已约|等结果|等通知|结束|跳过|哈哈|呜呜|汗流浃背|加油|希望|祝|全程|总体|整体|体验|无手撕|无算法|没手撕|无八股|无自我介绍"
    r"|因为|所以又|不会[。.]?$|^(?:答|回答|a)\s*[:：]|^(?:然后|最后|后来|不过|但是?|还好|本来|果然|其实|应该|可能|大概|大约|基本|主要|总之|以上|上来|一上来)"
)
_ADVISING = re.compile(
    r"建议|一定要|一定得|务必|不要|千万|切记|切忌|记得|尽量|最好(?!的)|推荐(?!系统|算法|场景|召回|搜)|别(?=再|太|光|怕|慌|想|被|轻|浪|死|一上来|急|放弃|灰心|焦虑|紧张|只|把|去|背|忘|说)|不必|不用(?=担心|太|怕|慌|紧张|死)|多(?=看|刷|练|准备|背|了解|总结|积累|面|投|问|思考|复习|学|读|写|做|关注|沟通)"
    r"|提前(?=准备|了解|看|背|复习|梳理|想|练|写|去|把|熟)|需要(?=准备|注意|掌握|了解|重视|会|重点)|要(?=准备|注意|会|讲清|讲|能|学会|有|突出|掌握|熟|了解|记|复习|看|多|把|结合|贴|完整|清楚|梳理|抓住|重视|提前|好好|敢|自信|保持|主动|想清楚)|注意(?!力|到|机制)|重点(?=看|准备|复习|关注|考察|是|还是)|熟[记悉读](?=于心|一下|自己)"
    r"|避免(?!.*[?？])|优先(?=准备|看|投|复习)|必[备看刷会背须]|应该(?=要|多|先|注重|把|能|注意)|可以(?=先|试|多|提前|准备|看看|去|抓住|主动|用|重点|适当)|不妨|心态|准备好|练好|打牢|夯实|吃透|重要|更看重|很看重|更关注|更注重|喜欢问|加分|大家(?=一定|可以|要|都?要|好好)|早(?=准备|投|点)|抓紧|赶紧|冲(?=鸭|吧)|够了|够用"
)
_ADVISING_ENGLISH = re.compile(
    r"^(?:please\s+|always\s+|also\s+|then\s+|just\s+|and\s+)?(?:ask|be|know|practi[cs]e|prepare|review|study|focus|start|talk|clarify|define|discuss|expect|avoid|don['’]?t|do not|make sure|try|use|read|learn|remember|think"
    r"|take|relax|go|stay|have|keep|write|explain|understand|cover|consider|address|emphasi[sz]e|bring|build|get|give|show|mention|polish|brush|solve|work|aim|treat|never|communicate|identify|state|test|walk|mock|rehearse|apply|plan|spend|memori[sz]e|suggested|recommended|tip)\b"
    r"|\b(?:should|must|make sure|be sure|i(?:'d| would) (?:suggest|recommend)|recommend(?:ed)?|be ready|be prepared|important to|don['’]t forget|worth)\b",
    re.IGNORECASE,
)
_SKIPPED = re.compile(r"^(?:反问|无|没有|略|暂无|忘了|不记得|记不清|其他(?:忘|不记)|等等|结束|待补充|未完待续)(?:环节|阶段|时间|问题|部分)?[了：:。.…]*")
_ANSWER = re.compile(r"^(?:答案?|回答|我?答|参考答案|我的回答|我|A|a|Answer|answer|ans)\s*[:：]|^(?:答案?是?|回答)[：:，, ]")


def asks(words: str) -> bool:
    """Whether it has a word or sign of asking anywhere."""
    return _ASKING.search(words) is not None


def asks_firmly(words: str) -> bool:
    """Whether it is built as a question or a task to do."""
    return _FIRM.search(words) is not None


def tells(words: str) -> bool:
    """Whether it tells how it went: what the candidate felt, said or got."""
    return _TELLING.search(words.lower()) is not None


def advises(words: str) -> bool:
    """Whether it tells the reader what to do, avoid or expect."""
    return _ADVISING.search(words) is not None or _ADVISING_ENGLISH.search(words) is not None


def answers(words: str) -> bool:
    """Whether it says that it is an answer."""
    return _ANSWER.match(words) is not None


def is_skipped(words: str) -> bool:
    """Whether it names a part of an interview in which the candidate asks, or nothing at all."""
    return _SKIPPED.match(words) is not None
