"""The names that headings have: what kind of items each announces, and which round of an interview it opens."""

from __future__ import annotations

import re
from typing import Literal

from agent.extraction.words import lower
from agent.records import Kind


Holds = Literal["question", "advice", "method", "answer", "reverse", "advert", "tale"]
"""What stands below a heading: a kind of item, or what holds no items (answers, what the candidate asked, adverts, how it went)."""

# The patterns are of words in lower case: one that ignores case is searched twice as slowly.
_KINDS: dict[Holds, re.Pattern[str]] = {
    "reverse": re.compile(
        r"反问|我的?提问|我问(?!题)|反向提问|问面试官|提问环节|结束环节|questions? (?:i|to) ask|questions for (?:the )?interviewer|互动|询问"
    ),
    "advert": re.compile(
        r"岗位职责|任职|岗位要求|职位描述|职位要求|工作职责|工作内容$|福利|薪资|工作地点|responsibilit|requirements|qualifications"
    ),
    "answer": re.compile(
        r"^答案?(?![辩题卷])|参考答案|参考回答|解析$|我的回答|示例(?![问题])|举个例子|^answers?\b|^solution|^要求$|^输[入出]|^(?:答题|解题|回答)(?:思路|要点|框架|模板)$|^(?:思路|要点|解答|题解|标准答案|pseudocode|my (?:approach|answer|solution|response)|expected answers?)(?:$|\s?[（(:：])"
    ),
    "advice": re.compile(
        r"建议(?!收藏|码住|保存|关注)|^写?给[^，。]{1,8}的话|体会|感悟|提醒|提个醒|踩坑|复习(?!题)|小贴士|\btips?\b|注意|心得|攻略|技巧|how to (?:practi[cs]e|approach|answer|study|ace|succeed|stand out)|怎么(?:准备|用|刷|练|学|复习)|如何准备|准备(?!了)|(?<!分类)总结|反思|复盘|教训|takeaway|advice|how to prepare|lessons|recommend|不该做|该怎么|怎么说"
        r"|学习路径|学习路线|备考|避坑|what i (?:would|learned)|preparation|\bprep(?: phases?|$)|insights|suggest|经验(?:总结|分享)|血泪|备战|加分项|秘籍|秘诀|总的来说|必杀技|mistakes|pitfalls|to avoid|what to expect|do's|don'ts"
    ),
    "tale": re.compile(
        r"感受|体验|点评|功能(?:特性|介绍|列表|概览|亮点)?$|(?:产品|项目|主要)特性|观点|^(?:key |main )?features$|快速开始|getting started|^installation|^usage$|^license|结果|进度|战况|时间线|timeline|背景|总体|整体|感觉|结语|写在|碎碎念|最后|概述|情况|overview|context|outcome|面评|后续|what happened|why it|highlights|痛点|挑战|难点"
        r"|实验|互动|形式|面试时间|面试公司|面试岗位|结论|接下来|计划|todo|structure|stages|went wrong|next actions|原因分析|verdict|result|compensation|background|timeline|location|\byoe\b|考察重点|考察方向|倾向|问题[:：]?$(?<!面试问题)(?<!的问题)(?<!他问题)(?<!它问题)(?<!关问题)(?<!术问题)(?<!问的问题)(?<!面问题)"
    ),
    "question": re.compile(
        r"题|问|八股|手撕|手写|算法|代码|编程|coding|\bsql\b|场景|智力|项目|实习经|技术面|面试内容|面经|考点|考察|questions?|problems?|prompts?|\bround|follow.?up"
        r"|试讲|答辩|结构化|无领导|群面|小组讨论|口语|专业课|英语问答|英文问答|\bcase\b|\bfit\b|\bscreen|面试流程|面试过程|面试记录|自我介绍|topics|案例|面试$|面$|基础"
    ),
    "method": re.compile(
        r"方法|方式|策略|步骤|[两三四五六七八几]\s?(?:条路|大类|个流派|种)$|做法|打法|流派|方向|方案|技术栈|特点|关键|优化|(?<!第)[二三四五六两几](?:[步招]|个?阶段)|类型|框架|工具|全家桶|架构|思路|手段|路线|手段|招数|板斧|法宝|模板|套路|核心(?!功能|观点|竞争|问题|价值|业务)|创新|methods?\b|approach|technique|strateg|ways to"
    ),
}
"""In the order in which they are tried."""
_ROUND = re.compile(
    r"(?:[一二三四五六七八初复终]|第[一二三四五六]|加|交叉|主管|技术|业务|电话|hr(?:bp)?|vp|cto|[1-6]|team\s?leader|leader)\s?面(?!试官|试公司|经|板|对|向|积|前|值|团)|笔试|店面|hr轮|第[一二三四五六1-6]轮"
    r"|\b(?:phone (?:screen|interview)|on-?site|round[\s–—-]{0,3}\d|\d(?:st|nd|rd|th) round|(?:first|second|third|fourth|final) round|vo\d?|oa|bq|hm round|hiring manager|recruiter (?:call|screen))\b"
)
_SIGN_OF_ROUND = re.compile(r"面|轮|笔试|phone|on-?site|round|vo|oa|bq|hiring|recruiter")
"""What every name of a round has in it: most lines have none of that, which is quickly seen."""
_NOT_A_ROUND = re.compile(
    r"被问|问及|通知|还没|约[了面]|过了|挂|结束|投递|进了|等|没有|之后|之前|完|感谢|已|面试官|offer|隔|没过|准备|应该|[，。！；]|攒|希望|求|一般|吗"
)
_COLUMN = re.compile(
    r"(?:[^\W\da-z]{1,4})?(?:题目?|问题|考题|考点|(?:考察|面试|考查)内容|提问|追问)(?:内容|描述|原文)?|(?:the )?(?:interview )?(?:questions?|problems?)(?: asked)?"
)
_LEADS: dict[Kind, re.Pattern[str]] = {
    "question": re.compile(r"(?:面试|真|考|试|笔试)题目?|问题|面试内容|问了|被问|questions?\b|asked"),
    "advice": re.compile(
        r"坑|^(?:写?给)[^，。]{1,8}的话|^写给|体会|真心话|实话|观察$|过来人|小贴士|建议(?!收藏|码住|保存|关注)|忠告|掏心窝|心得|注意(?:事项|点)?[:：⚠️！!]*$|提醒|避雷|\btips?\b|\badvice\b|\bdo(?:es|s)?(?: (?:and|&) don['’]?ts?)?[:：]?$|\bdon['’]?ts?[:：]?$|lessons|takeaways?|碎碎念|做对了|经验"
    ),
    "method": re.compile(
        r"工具|神器|资源|素材|书单|书籍|资料|app\b|软件|网站|办法|方法|(?<![秋春校社])招(?!聘|人|生|新)|[几四五六七八三两]步|步骤|手段|方案|套路|模板|板斧|法宝|招数|妙招|公式|怎么(?:准备|练|学|复习|用)|如何(?:准备|练|学习|复习)|策略|技巧"
        r"|\btools?\b|resources?|books?|\bsteps (?:to|for|i)\b|techniques?|methods?|strateg(?:y|ies)|approach|how i (?:prepared|practi[cs]ed|studied)|what (?:i used|helped)|ways to"
    ),
}
"""What a line right above a list says that it lists; a question of the interview is told by its own words."""
_PLAINLY_METHODS = re.compile(
    r"(?:方法|工具|手段|步骤|套路|模板|办法|招数|法宝|板斧|[两三四五六七八几]\s?[步招])[：:!！]*$|\b(?:techniques|methods|tools|steps)\b"
)
_METHODS = re.compile(
    r"方法|方案|做法|手段|策略|技巧|办法|思路|范式|变体|套路|手法|打法|方式|汇总|梳理|关键词|笔记|一览|速查|盘点|小结|解法|家族|处理$|查(?:了|的)?资料|招数|恶补|补课|讲评|这几[样个]|几个角度|我[^，。：:]{0,6}(?:给了|准备的|轮着用|常用|的常规|的武器)|几[种招]|[\d两三四五六七八九十]\s?[种招]"
    r"|\b(?:techniques?|options|algorithms|strateg(?:y|ies)|patterns?|optimi[sz]ations?|approaches|ways? (?:to|of)|tricks|tactics|things i (?:leaned|relied|used|tried)|what (?:helped|worked))\b"
)
"""What a heading has that announces methods, where it says nothing of questions."""
_ASKING = re.compile(r"[追被]问|问题|问(?:了|到)?(?:的|得|过)")
_NO_METHODS = re.compile(
    r"题|八股|手撕|代码|面经|考[点察]|高频|[一二三四]面|questions?|problems?|topics|asked|原因|区别|职责|面试(?!官)|准备|复习|备考|备战|学习(?:路|计划|方法|资料)|避坑|interview (?:experience|process|rounds?|loop)|prepar|study"
)
_ASKED_OF = re.compile(r"题|问(?!题)|八股|手撕|算法|面经|考点|[一二三四]面|questions?|asked")
_STAGE = re.compile(
    r"^(?:(?:java|c\+\+|go|python|js|前端|后端|计算机|数据|技术|项目|常规|开放|其[他它])?(?:基础|八股文?|知识)|八股文?|手撕(?:代码|算法|题)?|算法题?|代码题?|编程题?|场景题?|智力题?|sql题?|项目(?:拷打|相关|深挖|部分)?|实习(?:拷打|相关)?"
    r"|问题|面试题目?|面试问题|面经|反问|我(?:的?提|反)?问的?|提问|tips?|建议|总结|心得|感受|面试感受|体验|coding|system design|behaviou?ral|bq|问答|其[他它](?:问题)?|综合|hr|行为问题|开放题|业务|注意点|经验|试讲|答辩|结构化(?:面试)?|无领导(?:小组讨论)?|群面|小组讨论|抽题|即兴|英[语文](?:口语|问答)|口语|专业课|专业问题|综合面|\bcase(?: interview| study)?|fit|individual|group (?:exercise|discussion)|technical(?: screen)?|dsa)(?:环节|部分|相关|问题|题目|暴击|考验)?$"
)
_EXAMPLE = re.compile(
    r"(?:(?:sample |test )?(?:examples?|inputs?|outputs?|constraints?|explanations?|test cases?|notes?)|样例|示例|约束|(?:数据|样例)?(?:范围|说明|输入|输出))(?: ?\d)?$"
)
_CLAUSE_ENDS = re.compile("[，,。；;！!？?]")
_SUBJECT = re.compile(
    r"^(?:计网|计算机网络|操作系统|数据库|数据结构|网络|框架|中间件|java|jvm|juc|mysql|redis|spring|springboot|spring ?cloud|mq|kafka|c\+\+|python|linux|os|go|golang|并发|多线程|集合|设计模式|系统设计|分布式|微服务|前端|后端|vue|react|css|js|javascript|html|git|docker|rag|agent|llm|大模型|深度学习|机器学习)(?:部分|相关|问题|题目|基础)?$"
)


def is_example(name: str) -> bool:
    """Whether it only says that a case, a limit or an explanation of a task follows."""
    return _EXAMPLE.match(lower(name)) is not None


def holds(name: str) -> Holds | None:
    """What a heading of that name announces."""
    lowered = lower(name)
    return next((kind for kind, pattern in _KINDS.items() if pattern.search(lowered)), None)


def round_of(name: str) -> str | None:
    """The round that a short line names: `一面`, `HR面`, `Round 2`, `phone screen`; None where it only tells of one."""
    lowered = lower(name) if len(name) <= 40 else ""
    if not _SIGN_OF_ROUND.search(lowered) or _NOT_A_ROUND.search(name):
        return None
    found = _ROUND.search(lowered)
    return name[found.start() : found.end()] if found else None


def last_clause(name: str) -> str:
    """The words behind the last mark of a name, which say what it announces: `面完补课，几种限流的做法`."""
    return _CLAUSE_ENDS.split(name)[-1]


def leads_to(words: str) -> Kind | None:
    """What kind of items a line says are listed right below it: `我踩过的 5 个坑`, `常用工具：`; None where they may be questions."""
    if len(words) > 60:
        return None
    lowered = lower(words)
    kind = next((kind for kind, pattern in _LEADS.items() if pattern.search(lowered)), None)
    return kind if kind == "question" or not _ASKED_OF.search(lowered) else None


def announces_methods(name: str) -> bool:
    """Whether the words of a heading speak of ways to do something, and not of what was asked or of how to prepare."""
    lowered = lower(name)
    return _METHODS.search(lowered) is not None and not (speaks_of_asking(name) or _ASKING.search(lowered))


def speaks_of_asking(name: str) -> bool:
    """Whether the words of a heading speak of interviews, of what is asked in them or of preparing for them."""
    return _NO_METHODS.search(lower(name)) is not None


def is_of_methods(name: str) -> bool:
    """Whether it says so plainly that methods follow that its other words do not matter: `准备方法`, `拆解四步`."""
    return leads_to(name) == "method" and _PLAINLY_METHODS.search(lower(name)) is not None


def is_stage(name: str) -> bool:
    """Whether it names a part of an interview and nothing else: `八股`, `手撕环节`, `反问`."""
    return _STAGE.match(lower(name)) is not None


def is_subject(name: str) -> bool:
    """Whether it names a subject that is asked about and nothing else: `计网`, `Redis 相关`."""
    return _SUBJECT.match(lower(name)) is not None


def heads_questions(name: str) -> bool:
    """Whether a column of that name holds questions: `考点`, `面试题目`."""
    return _COLUMN.fullmatch(lower(name)) is not None


def size(name: str) -> float:
    """The length of a name in Chinese characters; Latin letters say less each."""
    return sum([0.4 if char < "\u1100" else 1 for char in name])


def fits(name: str, limit: int) -> bool:
    """Whether a name is of no more than so many Chinese characters, by its size."""
    return len(name) <= limit or size(name) <= limit
