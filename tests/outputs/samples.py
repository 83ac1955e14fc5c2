"""Records for the tests of the outputs: a plain one, and one whose post does its worst."""

from __future__ import annotations

from typing import Any

from agent.records import Context, Item, PostInfo, Provenance, Question, Record, text_digest


AT = "2026-11-24T08:00:00Z"
MADE = Provenance(at=AT, model="gemini-2.5-flash-lite", origin="model", warnings=["1 item dropped"])

PLAIN_TEXT = """云图科技 大模型算法一面
1. 什么是 LoRA？和全量微调比有什么优缺点
2. 手撕：两数之和
学到的：参数高效微调 (PEFT)
建议：先把项目讲清楚。"""

NASTY_LINES = (
    '=HYPERLINK("http://evil.example","点我")',
    "+1+cmd|' /C calc'!A0",
    "-2+3",
    "@SUM(A1:A9)",
    "\t=1+1",
    "＝1+1",
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "[点我](javascript:alert(1)) ![图](http://evil.example/a.png)",
    "| a | b |\r\n|---|---|",
    "# 标题 **粗** `码` ~~删~~ $x$ &lt;",
    "[bold red]rich[/bold red] \x1b[31m红\x1b[0m \x1b]0;title\x07 \x9b31m",
    "半个表情 \ud83d 和 \udc00",
    "控制 \x00\x01\x08\x0b\x7f\x85\u2028 字符 \ufffe",
    "{{Answer}} [sound:a.mp3] [latex]\\write18[/latex] \x1f 分隔",
    "{{ 7*7 }} {% raw %}",
    "方向 \u202eevil\u202c 完",
    "很长" * 20_000,
)
NASTY_TEXT = "\n".join(NASTY_LINES)


def item(post_text: str, quote: str, kind: type[Item] = Item, **more: Any) -> Any:
    start = post_text.index(quote)
    return kind(**{"text": quote, "quote": quote, "start": start, "end": start + len(quote), **more})


def plain_record(**post: Any) -> Record:
    text = PLAIN_TEXT
    about = {
        "id": "p1",
        "title": "云图一面",
        "source": "posts/p1.txt",
        "url": "https://example.com/p1",
        "tags": ["面经"],
    } | post
    return Record(
        post=PostInfo(chars=len(text), **{"sha256": text_digest(text)} | about),
        summary="一次一面。",
        context=Context(company=item(text, "云图科技"), role=item(text, "大模型算法")),
        questions=[
            item(text, "什么是 LoRA？和全量微调比有什么优缺点", Question, number=1, topic="微调", round="一面"),
            item(text, "手撕：两数之和", Question, number=2),
        ],
        methods=[item(text, "参数高效微调 (PEFT)", text="参数高效微调", grounding="fuzzy")],
        advice=[item(text, "先把项目讲清楚。")],
        provenance=MADE,
    )


def nasty_record() -> Record:
    text = NASTY_TEXT
    found = [item(text, line) for line in NASTY_LINES]
    asked = [Question(**one.model_dump(), topic="=1+1", round="<b>一面</b>") for one in found]
    return Record(
        post=PostInfo(
            id="=cmd|' /C calc'!A0",
            title="<script>alert('题')</script> [x](javascript:alert(1)) \ud800",
            source="@posts/\x1b[31mp.txt",
            url="javascript:alert(document.cookie)",
            tags=["=1", "a b"],
            chars=len(text),
            sha256=text_digest(text),
        ),
        summary="<img src=x onerror=alert(1)> =1+1",
        context=Context(company=found[0], role=found[6], outcome=found[12]),
        questions=asked,
        methods=found,
        advice=found,
        provenance=MADE.model_copy(update={"warnings": ["<script>alert(2)</script>\x1b[2J"]}),
    )


def asked(*questions: str, post: str = "p", at: str = AT, company: str | None = None, **more: Any) -> Record:
    """A record of a post that holds just these questions, a line each."""
    text = "\n".join(questions)
    starts = [sum(len(before) + 1 for before in questions[:index]) for index in range(len(questions))]
    found = [
        Question(text=question, quote=question, start=start, end=start + len(question), **more)
        for question, start in zip(questions, starts, strict=True)
    ]
    where = Item(text=company, quote=company, start=0, end=len(company)) if company else None
    return Record(
        post=PostInfo(
            id=post, title=f"帖子 {post}", url=f"https://example.com/{post}", chars=len(text), sha256=text_digest(post)
        ),
        context=Context(company=where),
        questions=found,
        provenance=Provenance(at=at, origin="rules"),
    )
