"""The words by which people ask, advise and tell. Each predicate looks at one line or clause and knows nothing of its neighbours."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache, wraps


_KEPT, _LONGEST_KEPT = 256, 200


def _remembered(predicate: Callable[[str], bool]) -> Callable[[str], bool]:
    """Many ask the same of the same line, one after the other. Long lines are not held on to."""
    known = lru_cache(_KEPT)(predicate)

    @wraps(predicate)
    def ask(words: str) -> bool:
        return known(words) if len(words) <= _LONGEST_KEPT else predicate(words)

    return ask


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns), re.IGNORECASE)


_ASKING = _any(
    r"[?？]|什么|怎么|怎样|如何|为何|为啥|啥|哪[些个几种里一]|几[种个]|多少|区别|差异|原理|是否|能否|能不能|有没有|会不会|是不是|吗(?=[，,。；;（(]|$)|咋",
    r"手撕|手写|手搓|介绍|讲[讲一下述解]|说[说一下明]|谈谈|聊聊|解释|描述|阐述|简述|分析一?下|列举|举例|对比|询问|探讨|讨论|概述|实现(?!了)|设计[一个]|优缺点|流程|机制|底层|场景题|算法题|自我介绍",
    r"\b(?:how|what|why|when|which|explain|describe|difference|compare|design|implement|tell me|walk me|walk through|find|detect|given|write|print|reverse|merge)\b",
)
_FIRM = _any(
    r"[?？]\s{0,9}(?:[（(【\[].{0,300})?$",
    r"^[*“\"「『‘'_]{0,4}(?:请|你)?(?:什么是|怎么|怎样|如何|为何|为什么|哪些|是否|能否|能不能|有没有|手撕|手写|介绍|讲[一讲下述解]|说[一说下]|谈|聊聊|解释|描述|阐述|简述|请你|请问|请简|请举|请描|请说|请介|了解|知道|列举)",
    r"(?:区别|原理|是什么|是啥|有哪些|有什么|(?:[做干用是意问说看到])什么|需要注意什么|多少|为什么|怎么办|怎么[^，。]{1,8}|如何[^，。]{1,8}|吗|呢|介绍一?下|讲一?下|说一?下|讲讲|说说)(?:\s{0,9}[（(【].{0,300})?[。.]?$",
    r"^[*“\"「『‘'_]{0,4}(?:how|what|why|when|which|explain|describe|compare|design|implement|tell me|walk me|walk through|write|find|given|discuss|define)\b",
)
_TASK = _any(
    r"^(?:手撕|算法题?|代码题?|编程题?|sql题?|场景题?|智力题|概率题|力扣|leetcode|lc|hot ?100|[追提]问|设计题|手写)[\s\d一二三]*[:：.、， ]\s*\S",
    r"^[^\W\da-z_]{1,6}题目\s?[:：]\s*\S",
    r"^(?:最后一题|第.题|压轴题?|(?:算术|计算|估算|情景|情境|开放|压力|逻辑|英文|思考|口算|白板|笔试|数学|案例|推理|设计|测试|编程)题?|(?:live )?coding|case(?: study)?|group (?:exercise|discussion)|白板)[^：:，。]{0,4}[:：]\s*\S",
    r"^题目\s*[:：]\s*\S",
)
_TELLING = _any(
    r"^(?:说说|说一下|讲讲|聊聊)(?:我|那场|这次)|^(?:这个?问题|这题|知道是|没见过)|不(?:太|是很)理解|说不上来",
    r"^我(?!们|国)|(?<![给让问])我(?!们|所|[的在]?(?:简历|项目|实习)|熟悉|了解)[^？?]{0,12}(?:了|说|答|写|觉得|感觉|没|是|从|用|想|也|真)|感觉|面试官(?:很|人|还|挺|都|没|说|也|不|问完|看|提|比较|全程|态度|一|直接|非常|是)",
    r"[答写做过聊](?:了|[得的](?=很|还|不|一般|挺|比较|也|都|太|差|好)|出来|上来|完)|(?<!有)没(?:答|写|做|准备|想|有?手撕|有?反问|考|撕|有?问|有?八股|有?算法|什么|了)",
    r"凉了|挂了(?!怎么|如何|会|咋|呢|就)|挂掉|秒挂|秒了|感谢|攒人品|许愿|好难|难绷|太菜|太难|不难|简单吧|人很好|约了|约[一二三四终hH]|(?:等|收到|还?没|hr|电话|邮件|短信)[^，。]{0,3}通知|通知(?:我|了|[一二三四]面|面试|结果|说)|投递(?:了|的|时间|岗位|渠道|后)|时间线|已约|等结果|(?:面试|流程|就|直接|这轮|[一二三]面)[^，。]{0,2}(?:结束|终止)|结束(?:了|面试|后|$)|^结束|\boc\b|哈哈|呜呜|汗流浃背|加油|希望|祝|全程|(?:总体|整体)(?:来说|感觉|上|难度|比较|还|氛围|面|考察)|^总体|(?:面试|整体|总体)体验|体验(?:感|很|不|还|极|良|挺|太|非常|拉满)|无(?:手撕|算法|八股|自我介绍|反问|笔试)",
    r"(?<![\w.])\d{1,2}[.月/]\d{1,2}(?:日|号)?(?![\d.])",
    r"因为|所以又|不会[。.]?$|分享(?=一下|给|下|我|面经|个|自己|经验|[~～！!]|$)|来分享|整理了|关注(?=我|不迷路|一下|[~～！!]|$)|收藏|评论区|点赞|(?:持续|保持|待|会|等|再|来|不定期|有空|后续)更新|更新(?:中|啦|[:：]|$)|^更新|如图|见图|图[一二三四1-9]|持续|私信|时长|[\d一二两三四五半几个]\s?(?:分钟|小时|mins?\b)|没有(?:手撕|代码|八股|算法|问|反问|写|做|场景)",
    r"^(?:需要|有时候?|可以)(?![^。]*[?？])",
    r"^(?:分别)?(?:说|讲|介绍|回答|提)了|^(?:答|回答|a)\s*[:：]|^(?:然后|最后|后来|不过|但是?|还好|本来|果然|其实|应该|可能|大概|大约|基本|主要|总之|以上|上来|一上来|整个|这[次场家]|今天|昨天|刚|第一次|前面|后面|剩下|随便)",
    r"\bi (?:was|had|did|got|think|said|felt|could|couldn)|\bthe interviewer (?:was|is)\b",
)
_DO_NOT = r"(?<![特个级性区类分差识辨告话错])别(?![人的名处扭离墅致样称])"
_ADVISING = _any(
    r"建议(?!是)|尽可能(?!少的|多的)|尽早|尽快|切勿|需要(?=多|加强|频繁|非常|把|熟|理解|突出|强调|平衡)|最重要的是|关键[是在]|首先要|记住(?!了)|你得|学会|养成|(?<!不)一定[要得]|务必|(?<!要)不要|千万|切记|切忌|(?<![只不没还])记得(?!这|那|不|很|比较|关注|点赞|收藏)|尽量|最好(?!的)|请自觉|强烈推荐|(?<!不)推荐(?=大家|先|看|刷|用|去|读|学|准备)|不必|不妨|(?<![觉值难])得(?:好好|多[看刷练准学]|会)",
    rf"{_DO_NOT}|不用(?=担心|太|怕|慌|紧张|死|买|带|写得|追求)|没(?:太大|什么|有|太)?必要|有必要",
    r"(?<![最更许很太读])多(?=看|刷|练|准备|背|了解|总结|积累|面[几些]|投|问|思考|复习|学|读|写|做|关注|沟通|精通|花)|(?<!能)提前(?=[^，。]{0,4}分钟|准备|了解|看|背|复习|梳理|想|练|写|去|把|熟)",
    r"(?<![重主想快不只首必将次])要(?=趁早|尽早|准备|注意|会|讲|能|学会|有|突出|掌握|熟|了解|记|复习|看|多|把|结合|贴|完整|清|梳理|抓住|重视|提前|好好|敢|自信|保持|主动|想清楚|更|做的|和|无|吃透|稳|对|非常|很|学|刷|练|背|懂|知道)",
    r"^注意(?!力)|(?:请|要|需要|特别|值得)注意|重点(?=看|准备|复习|关注|还是)|熟[记悉读](?=于心|于胸|一下|自己)|(?:要|尽量|注意|以)避免(?!、)|优先(?=准备|看|投|复习)|必(?:备(?!的|书|技能)|看|刷|背|须)|不如(?=把|先|多|直接)",
    r"应该(?=要|多|先|注重|把|能|注意|重视)|可以(?=先|试|多[看刷练准]|提前|准备|看看|去|抓住|主动|重点|适当|使用|带|直接|参考)|(?<!已经)准备好(?!的)|练好|打牢|夯实|吃透|很?重要|更看重|很看重|更关注|更注重|喜欢问|加分(?!了|挺|不)|大家(?=一定|可以|都?要|好好|多)",
    r"至少(?=[^，。]{0,8}(?:[遍套篇]|[记想留]|知道|准备|要|把))|先(?:把|问清|给|拿|跟|想好|确认|讲清|说清|背)[^，。]{1,16}再|自己(?:动手)?(?:写|推|压|画|敲|跑|实现|搭)[一两几]?[遍下]|老实说(?![，不没])|直接说不会|控制在[^，。]{1,8}(?:内|左右)|越早越好|每天固定|每次[^，。]{1,6}(?:完|后)(?:就|都|当天)|有空(?:多|就)|有时间(?:就|可以|的话)|(?:都|必|容易|几乎必)(?:会)?被问|很?容易考|几乎必问|会让你解释|讲清(?:楚)?(?:来龙去脉|前因后果|取舍)|说得?清楚?(?:来龙去脉|前因后果|边界)|得能(?!不)|预留|留(?:点|出|够)[^，。]{0,4}时间|照着讲|背下来|备一份|过一遍|列(?:张|成|一张)表|整理成(?:表|一页|一张)|比[^，。]{1,12}(?:有用|管用)|回复率|主动把|保持联系|不用纠结|不用(?:背|刷|记|追|会)",
    r"早(?=准备|投|点)|抓紧|首推|要先(?=讲|说|想|把|看|弄)|宁可|(?<!我)还是要|还得(?=懂|会|多|有|学|看|练|准备)|还?要(?=好好|做好|做到|见多识广|照着|简洁|准确|清晰|很清楚|完全|想好|拿高分|敢|有心理)|要早(?=刷|点|做|投|准备)|不(?:鼓励|宜|能(?=太|只|乱|拖|慌|急|有|说谎|不懂|轻))|别再|要求你|不一定要|出声(?=算|想|说)|留意|(?:照着|跟着)[^，。]{0,12}(?:刷|学|练|看|走|核)|抄下来|(?<!我)如有必要|即可[。.]?$|就可以了|平时(?:多|也可以|可以)|可以(?=问问|早点|深入|准备|尝试|加入|按照|避免|预设|对自己|稍后)|大概率(?=要|会)|放宽|多问(?!题|了)|刷刷|直接上手|^先(?=说|自己|讲清|把|问清|弄清|通读|刷|确认|想|列|搞)(?!.*了)|拖泥带水|遵循|(?<![很复更新])及时(?=把|沟通|复盘|总结|调整|记录|跟进|向|问)|够了|够用|就够|就好|就行(?:了)?[。.]?$|划重点|反复[看练背]|心态(?=很|要|最|放|一定|稳)|面试前(?=准备|看|复习|最好)|拿来练手|练练?手|海投|放平|稳住|大胆|不会的?(?:就|直接|可以)直?说|实事求是|如实|查漏补缺|打好基础|重中之重|必[问考]|多多|(?:面试官|公司|大厂|hr|更|很|非常|比较)[^，。]{0,6}(?:看重|注重|侧重)|趁早|坚持(?=刷|投|就|下去|每)|主动(?=问|说|沟通|引导|提|和|跟)",
)
_VERBS = (
    r"(?:ask|be|know|practi[cs]e|prepare|review|revise|study|focus|start|talk|clarify|define|discuss|expect|avoid|don['’]?t|do not|do|make|try|use|read|learn|remember|think|take|relax|go|stay|have|keep|write|explain|understand|cover"
    r"|consider|address|emphasi[sz]e|bring|build|get|give|show|mention|polish|brush|solve|work|aim|treat|never|communicate|identify|state|test|mock|rehearse|apply|plan|spend|memori[sz]e|draw|say|set|pick|list|check|look|put|run|call"
    r"|research|finali[sz]e|stick|break|master|own|present|sleep|submit|tell|listen|follow|highlight|tailor|walk|connect|balance|invest|schedule|skip|warm|breathe|note|track|join|begin|choose|refresh|familiari[sz]e|suggested|recommended|explore|trust|improve|watch|turn off|sit|stop|videotape|reference|target|seek|leverage|respond|dress|arrive|smile|engage|demonstrate|anticipate|gather|reach out|network|pause|slow down|attend|prioriti[sz]e|introduce|assume|double[- ]check|reflect|ensure|feel free|analy[sz]e|quantify|drill|grind)"
)
_ADVISING_ENGLISH = _any(
    rf"^(?:please |always |also,? |again,? |additionally,? |then |just |and |but |so |for [^:]{{1,40}}: |(?:firstly|first|secondly|second|third|lastly|finally|most importantly|if possible|in general),? |(?:if|when|before|after|during|while|in|for|at|once|instead of) [^,.]{{2,80}}, (?:please |always )?)?{_VERBS}(?![\w?？:’-])",
    r"\b(?:you(?:['’]ll| will)? (?:should|must|need to|have to|want to)|make sure|be sure|try to|remember to|i(?:['’]d| would)? (?:strongly |highly )?(?:suggest|recommend|advise)|recommended|be ready|be prepared|important to|don['’]t forget|please do"
    r"|my advice|key is to|helps to|better to|worth (?:it|the|a|reading|doing|practi)|(?:is|are) (?:the )?key to|things i(?:['’]d| would) do differently|be mindful|goes? a long way|the best way to|is a must|are a must|it is (?:appropriate|important|essential|crucial|best|better|fine|okay|good) to|matters? (?:almost )?(?:as much|more)|you(?:['’]ll| will) (?:then )?be asked|we (?:also )?recommend|your \w+(?: \w+)? (?:should|must)|(?<!i )(?<!they )should (?:be|have|also|always|never|know)|(?<!i )do not|(?<!i )don['’]t|it['’]s (?:fine|okay|ok|good|best|better|important|crucial) to)\b",
)
_STATEMENT = re.compile(r"[。；;]|\.\s+[A-Z]")
_RECALLING_ENGLISH = re.compile(
    r"\b(?:i|we|they|he|she) (?:was|were|did|had|got|tried|faced|made|felt|couldn|didn|don|thought|wish|asked|gave|said|told|solved|panicked)",
    re.IGNORECASE,
)
_WONDERING = re.compile(
    r"什么(?!的)|怎么|怎样|咋|啥(?!的)|哪[些个种里一]|有没有|如何|哪些|为什么|为何|是否|能否|多少|[？?]|吗$"
)
_URGING = re.compile(
    rf"{_DO_NOT}|建议|一定[要得]|务必|记得|[要得](?:讲|想|搞|弄|说)(?:清|明白)|最好(?!的)|不要|千万|提前|准备"
)
_SUPPOSING = re.compile(
    r"收藏|关注(?=我|一下|$)|点赞|评论|私信|估计|应该是|几个?小时|没有?提前|没准备|提前[^，]{0,6}了|感觉是|当时|之前没|那天|已经|我(?:现在|之后|后面|打算|准备|还要|也要)"
)
_RECOUNTING = re.compile(r"我(?!们)[^，。]{0,10}(?:了|没)|一开始|当时|上次|那天|之前没")
_COMMANDING = re.compile(
    r"^(?:深入|掌握|梳理|熟悉|复习|了解|练习|刷|整理|背|回顾|展示|保持|积累|总结|学会|学习|准备|突出|结合|遵循|先|表达|用|把|对|多|少|别|不要|提前|主动|针对|根据|优先|尽量|明确|强调|避免|注意|重视|提炼|熟练|理解|打好|提升|锻炼|模拟|反复|控制|调整|放平|稳住|好好|认真|坚持|每天|定期|简历|遇到)"
)
_CHATTING = _any(
    r"有没有[^？?，。]{0,14}(?:知道|大佬|uu|姐妹|兄弟|朋友|宝子|同学|人(?:知|了|面)|小伙伴|佬)|求(?:助|问|推荐|大佬|解|捞|好运)|大家|你们都?(?:觉得|遇到过|有没有)|蹲|有人|各位|请问佬|大佬|帮我|兄弟|姐妹|家人们|宝子|uu|友友|怎么办呀|咋整|推不推荐|值不值得|该不该|要不要(?:去|来|接)"
    r"|还有(?:没有)?(?:机会|戏|希望)|是不是(?:凉|挂)|有戏吗|还能|正常吗|会挂|多久(?:出|能)|快来|来喽|什么情况啊|什么行情|怎么样啊|欢迎|真的吗",
)
_NAMED = re.compile(
    r"^[^，。？?！：:]{1,24}[:：]\s*\S|^[ -9;-~]{1,30}:\s*\S|^[^，。？?！]{1,24}[（(][^）)]{2,60}[）)]$|^\*\*[^*，。？?！：:]{1,40}\*\*\s?(?:[—–-]|[（(][^）)]{2,60}[）)]\s?[:：])|^[^，。？?！：:]{1,24}\s?(?:——|\s[—–-]\s)\s?\S"
)
_FACT = re.compile(
    r"^(?:面试)?(?:岗位|部门|公司|职位|base|地点|时间|日期|形式|方式|时长|结果|薪资|bg|背景|学历|投递|来源|作者|链接|城市|状态|内推码?|github|提示|难度|评价|薪酬|工作年限|年限|轮次|面试轮次|面试风格|风格|面试官|流程|语言|平台|面试平台|会议|工作地点|岗位名称|部门业务|业务|技术栈|(?:typical )?duration|marking(?: scheme)?|date|location|platform|company|role|position|mode|status|result|verdict|ctc|compensation|level|difficulty)\s*[:：]"
    r"|^(?:base|坐标)(?!\s*[:：])\s?[^，。\s]|^[^，。？?：:\n]{2,24}(?:暑期实习|日常实习|寒假实习|[秋春校社]招|提前批)$"
    r"|^[-—\s]{0,8}图(?:片)?\s?\d{1,2}[-—\s]{0,8}$|^(?:interview|(?:interview )?questions?(?: ?\[?\d{1,2}\]?)?|(?:online|technical|hr|f2f|phone|final|written|coding|onsite) (?:round|interview|test|screen)s?|(?:first|second|third|last) round)$|^(?:备忘录|删除|更多|返回|关注|分享|全文|展开|收起|编辑于.{0,20}|发布于.{0,20}|说点什么.{0,3}|说点.{0,6}|完成|取消|搜索|评论|[!！\s]{0,6}[2345]G\s.{0,6})$|部门$|^[\W\d_]*$|^https?://\S*$",
    re.IGNORECASE,
)
_PROGRESS = re.compile(
    r"\w{1,12}\s?[-—–]+\s?(?:已?(?:意向|等待|offer|oc\b|挂|泡|感谢信|流程|转正)|有[^，。]{0,8}offer|(?:hr|[一二三四终])面(?:已?完成|[挂过中]|通过|$))",
    re.IGNORECASE,
)
"""How far somebody got with a company: `某某 - 等待二面`."""
_SKIPPED = re.compile(
    r"^(?:.{0,6}还有(?:啥|什么|没有)?想?问|[（(](?:想|记|忘|其|后|还|大概|可能|应该|没)[^（()）]{0,30}[)）]$|反问|我?问了?(?:一下)?面试官|无$|没有$|略$|暂无|忘了|不记得|记不清|等等$|结束$|待补充|未完待续|时间差不多|(?:例如|比如|示例|输入|输出|例子)[:：]?$|其[他它](?:忘|不记|想不))"
)
_SAID_TO_ASK = re.compile(
    r"比如|被问|问及|问了|问我|问的|又?问到|考了|让我|让自己|考察了|就是问|\basked\b|^问(?![^：:，。]{1,8}[:：]\s*\S{4})"
)
_REVERSE = re.compile(r"^反问")
_ANSWER = re.compile(
    r"^(?:答案?|回答|思路|解法|解析|要点|考点|关键点|提示|我?答|参考答案|我的回答|我|A|a|Answer|answer|ans)\s*(?:\*\*)?\s*[:：]|^(?:答案?是?|回答)[：:，, ]|^答"
)
_NOTE = re.compile(
    r"[（(][^（()）\n]{0,120}(?:[)）]|$)|(?:->|→|=>|——).*$|\s{1,4}(?:答[:：]|没答|不会|没写|答得|讲了).*$"
)
_INTRODUCTION = re.compile(r"^(?:首先|先|开始|上来)?(?:英文|简单|简短的?|中英文?)?自我介绍[^，。？?]{0,8}$")


@_remembered
def asks(words: str) -> bool:
    """Whether it has a word or sign of asking anywhere."""
    return _ASKING.search(words) is not None


def wonders(words: str) -> bool:
    """Whether it has a word that only questions have: `如何`, `为什么`, `?`."""
    return _WONDERING.search(words) is not None


@_remembered
def asks_firmly(words: str) -> bool:
    """Whether it is built as a question or a task to do."""
    return _FIRM.search(words) is not None or is_task(words)


def asks_outright(words: str) -> bool:
    """Whether it is built as a question, or has a word that only questions have."""
    return wonders(words) or asks_firmly(words)


def states(words: str) -> bool:
    """Whether a sentence ends within it, or it has a semicolon, as neither names nor short questions have."""
    return _STATEMENT.search(words) is not None


def is_task(words: str) -> bool:
    """Whether it begins with the name of a kind of task: `手撕：…`, `算法题 …`."""
    return _TASK.match(words) is not None


@_remembered
def tells(words: str) -> bool:
    """Whether it tells how it went: what the candidate felt, said or got. Notes in parentheses do not count."""
    return _TELLING.search(without_notes(words)) is not None


def without_notes(words: str) -> str:
    """The words outside parentheses."""
    return _NOTE.sub("", words)


@_remembered
def advises(words: str) -> bool:
    """Whether it tells the reader what to do, avoid or expect."""
    if is_english(words):
        return " " in words and _ADVISING_ENGLISH.search(words) is not None and not _RECALLING_ENGLISH.search(words)
    if _WONDERING.search(words):
        return _URGING.search(words) is not None
    return _ADVISING.search(words) is not None and _SUPPOSING.search(words) is None


def urges(words: str) -> bool:
    """Whether it advises with a word that no answer to a question has: `建议`, `一定要`."""
    return _URGING.search(words) is not None or chats(words)


def commands(words: str) -> bool:
    """Whether it begins with a verb, as items of advice do; told apart from a task only by what stands above it."""
    return _COMMANDING.match(words) is not None or (is_english(words) and _ADVISING_ENGLISH.search(words) is not None)


@_remembered
def is_english(words: str) -> bool:
    return sum(map(str.isascii, words)) > 0.8 * len(words)


def is_short(words: str) -> bool:
    """Whether it is no longer than an item mostly is; English says as much in more letters."""
    return len(words) <= (150 if is_english(words) else 60)


def chats(words: str) -> bool:
    """Whether it asks the readers of the post, not a candidate."""
    return _CHATTING.search(words) is not None


@_remembered
def answers(words: str) -> bool:
    """Whether it says that it is an answer."""
    return _ANSWER.match(words) is not None


def says_asked(words: str) -> bool:
    """Whether it tells that somebody asked, as running text does."""
    return _SAID_TO_ASK.search(words) is not None


def recounts(words: str) -> bool:
    """Whether it tells what the candidate did then, which advice does not."""
    return _RECOUNTING.search(words) is not None


@_remembered
def is_skipped(words: str) -> bool:
    """Whether it names a part of an interview in which the candidate asks, a fact about the interview, or nothing at all."""
    plain = words.replace("**", "")
    return any(pattern.match(plain) is not None for pattern in (_SKIPPED, _FACT, _PROGRESS))


@_remembered
def is_named(words: str) -> bool:
    """Whether it names a thing and says what it is: `缓存：Redis`, `全量微调（Full Fine-tuning）`."""
    return _NAMED.match(words) is not None


def is_reverse(words: str) -> bool:
    """Whether it opens the part in which the candidate asks."""
    return _REVERSE.match(words) is not None


@_remembered
def is_introduction(words: str) -> bool:
    """Whether it is the first task of most interviews."""
    return _INTRODUCTION.match(words) is not None
