"""The judge decides doubtful lines by weights, leaves alone what the rules are certain of, and knows only clues that lines can give."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from agent import Post
from agent.extraction.rules import clues, extract
from agent.extraction.rules.learned import KINDS
from agent.extraction.rules.page import Listed, Page
from agent.extraction.rules.weights import Learned, packed, shipped
from benchmarks.posts import posts


TEXT = """某云 一面
1. 讲讲索引的原理？
2. 缓存
3. 手撕：合并区间
面试官很和气
"""
AGAINST_ALL = packed((-9_000, -9_000, -9_000))


def quotes(text: str, learned: Learned | None = None) -> list[tuple[str, str]]:
    return [(one.kind, text[one.start : one.end]) for one in extract(Post(text=text), learned=learned).items]


def test_what_the_rules_are_certain_of_no_weights_overrule():
    assert quotes(TEXT, {"": AGAINST_ALL}) == [("question", "讲讲索引的原理？"), ("question", "手撕：合并区间")]


def test_doubtful_lines_are_what_most_weight_speaks_for():
    doubtful = ["缓存", "面试官很和气"]
    for kind, weights in zip(KINDS, [(9_000, 0, 0), (0, 9_000, 0), (0, 0, 9_000)], strict=True):
        told = quotes(TEXT, {"": packed(weights)})
        assert [(kind, words) for words in doubtful] == [one for one in told if one[1] in doubtful]


def test_without_weights_the_rules_word_stands_and_clues_of_no_weight_change_nothing():
    assert quotes(TEXT, {}) == quotes(TEXT, {"firm": 0, "": 0, "no such clue": packed((9_000, 0, 0))} | _as_the_rules())


def _as_the_rules() -> dict[str, int]:
    return {f"read {kind}": packed(one == kind for one in KINDS) for kind in KINDS}


def test_one_weight_turns_one_clue():
    assert ("advice", "缓存") in quotes(TEXT, _as_the_rules() | {"L^缓存": packed((0, 0, 9))})


_OF_MANY_FORMS = """# 一面
算法题：合并区间
多看，多练，多问，多想。别急！
当时我没答出来
有大佬知道结果吗

1. 说说队列
2. 反问
3. 答案是先排序
Tell me about yourself
掌握索引
① 缓存 ② 队列 ③ 锁
> 引用
"""


def test_every_shipped_clue_but_runs_of_characters_is_one_that_lines_give():
    read = [*(Post(text=one.text, id=one.id) for one in posts(300)), Post(text=_OF_MANY_FORMS)]
    heads = {name.split()[0] for post in read for name in _clues(post) if name and not name[:1].isupper()}
    known = {name.split()[0] for name in shipped("learned") if name and not name[:1].isupper()}
    assert known
    assert known <= heads


def _clues(post: Post) -> set[str]:
    page = Page.of(post)
    told = {*clues.of_page(page)}
    for section in page.sections:
        listed = Listed.of(section, page.subject)
        told |= {*clues.of_section(listed, page)}
        told |= {name for place in range(len(listed.readings)) for name in clues.of_line(listed, place, page)}
    return told


@given(st.text(max_size=300), st.tuples(*[st.integers(-50, 50)] * 3))
def test_whatever_the_weights_items_stand_in_the_post_each_once_of_its_kind(text, weights):
    items = extract(Post(text=text), learned={"": packed(weights)}).items
    assert all(0 <= one.start < one.end <= len(text) for one in items)
    assert len({(one.kind, one.start) for one in items}) == len(items)
