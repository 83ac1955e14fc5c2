"""A post too long for one answer is asked for in parts; its record is one, and loses and doubles nothing."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable

import pytest
from langchain_core.runnables import RunnableLambda

from agent import Extractor
from agent.errors import RungUnavailable
from agent.extraction.ask import Answered, Ask
from agent.extraction.check import settle
from agent.extraction.result import record_by_rules
from agent.extraction.rules import extract
from agent.extraction.said import PostAnswer, RawItem
from agent.pipeline.engine import Engine
from agent.pipeline.jobs import Job
from agent.pipeline.parts import parts_of, record_of_parts
from agent.pipeline.room import ROOM, answer_tokens
from agent.pipeline.store import Store
from agent.records import Attempt, Context, Item, Post, Provenance, Record
from tests.twin import fake_key
from tests.twin.client import row


FILLER = "那天的天气很好，窗户开着，楼下的树影落在桌上，水杯放在一边，走廊里偶尔有人走过，一切都很安静。"


def question(n: int) -> str:
    return f"第{n}题：什么情况下你会选择方案{n}，而不是另一种做法？请结合项目说明。"


def long_post(count: int, chars: int, name: str = "long") -> Post:
    """So many numbered questions in sections of thirty, with prose between, of so many characters."""
    lines: list[str] = []
    for n in range(count):
        if n % 30 == 0:
            lines.append(f"\n{'一二三四五六七八九十'[n // 30]}面\n")
        lines.append(f"{n % 30 + 1}. {question(n)}")
    prose = (chars - sum(map(len, lines))) // count
    text = "\n".join(line if not line[0].isdigit() else f"{line}\n{(FILLER * 9)[:prose]}" for line in lines)
    return Post(text=text, id=name)


class Model:
    """Tells all numbered lines of what it is shown, unless it is to refuse that."""

    def __init__(self, refuses: Callable[[Post], str | None] = lambda _: None, name: str = "m") -> None:
        self.shown: list[Post] = []
        self._refuses, self._name = refuses, name

    def ladder(self):
        async def answer(ask: Ask) -> Answered:
            self.shown += ask.posts
            ask.trail.spent.add([Attempt(model=self._name, outcome="ok")], input_tokens=10, output_tokens=7)
            for post in ask.posts:
                if reason := self._refuses(post):
                    error = RungUnavailable(self._name, reason)
                    if reason == "blocked":
                        ask.trail.refuse(post, self._name, reason)
                    ask.trail.note(error)
                    raise error
            settled = {n: settle(post, said(post), ask.seen[n]) for n, post in enumerate(ask.posts)}
            return Answered(self._name, "m-001", "extract@1", ask, settled, None)

        return RunnableLambda(lambda _: None, answer)


def said(post: Post) -> PostAnswer:
    lines = (line.partition(". ")[2] for line in post.text.splitlines() if line[:1].isdigit())
    return PostAnswer(tuple(RawItem("question", line) for line in lines if line), summary="问答")


def run(model: Model, posts: list[Post], **more) -> tuple[list[Record], Engine]:
    engine = Engine(model.ladder(), **{"store": None, "requests_left": lambda: 1e9, **more})

    async def all_of_it():
        return [one async for one in engine.run(posts)]

    return asyncio.run(all_of_it()), engine


def assert_is_whole(record: Record, post: Post, count: int) -> None:
    """All its questions, once, in their places."""
    assert Counter(one.quote for one in record.questions) == Counter(question(n) for n in range(count))
    assert all(post.text[one.start : one.end] == one.quote for one in record.questions)
    assert [one.start for one in record.questions] == sorted(one.start for one in record.questions)
    assert record.post.id == post.id
    assert record.post.chars == len(post.text)


@pytest.fixture(scope="module")
def sixty():
    return long_post(300, 60_000)


def test_each_part_has_room_in_an_answer_and_they_share_some_lines(sixty):
    pieces = Job(sixty).pieces()
    assert len(pieces) >= 4
    assert all(answer_tokens(piece.seen) <= ROOM and len(piece.post.text) <= ROOM for piece in pieces)
    shared = [one.part.window.fresh - one.part.window.start for one in pieces[1:]]
    assert all(0 < chars <= 300 for chars in shared)
    # What the rules see stands in one part alone, and knows the heading above it.
    whole = [(one.text, one.kind, one.number, one.round) for one in Job(sixty).seen.items]
    assert [(one.text, one.kind, one.number, one.round) for piece in pieces for one in piece.seen.items] == whole
    assert len({told for *_, told in whole}) > 5


def test_a_post_of_common_length_is_no_parts():
    job = Job(long_post(30, 6_000))
    assert job.pieces() == [job]


def test_a_long_posts_record_is_one_and_tells_each_item_once(sixty):
    model = Model()
    (record,), engine = run(model, [sixty])
    assert len(model.shown) == len(Job(sixty).pieces())
    assert_is_whole(record, sixty, 300)
    assert record.provenance.origin == "model"
    assert record.provenance.model == "m"
    assert record.provenance.input_tokens == engine.tally.input_tokens == 10 * len(model.shown)
    assert (engine.tally.taken, engine.tally.records, engine.tally.by_model) == (1, 1, {"m": 1})


def test_parts_go_into_packs_with_other_posts_and_order_stays(sixty):
    posts = [Post(text="1. 什么是 LoRA？", id="a"), sixty, Post(text="1. 什么是 RAG？", id="b")]
    records, _ = run(Model(), posts, pack=3)
    assert [one.post.id for one in records] == ["a", "long", "b"]
    assert_is_whole(records[1], sixty, 300)


def test_a_part_that_models_refuse_is_filled_by_rules_and_the_rest_is_the_models(sixty, tmp_path):
    def refuses(post: Post) -> str | None:
        return "blocked" if question(150) in post.text else None

    with Store(tmp_path) as store:
        (record,), engine = run(Model(refuses), [sixty], store=store, pack=1)
        assert_is_whole(record, sixty, 300)
        assert record.provenance.origin == "model+rules"
        assert record.provenance.model == "m"
        assert any("blocked" in warning and "part" in warning for warning in record.provenance.warnings)
        assert engine.tally.unserved == 0
        again = Model(refuses)
        (second,), _ = run(again, [sixty], store=store, pack=1)
        assert_is_whole(second, sixty, 300)


def test_a_part_that_no_model_could_serve_is_all_that_the_next_run_asks_for(sixty, tmp_path):
    out = Model(lambda post: "quota_day" if question(299) in post.text else None)
    with Store(tmp_path) as store:
        (first,), engine = run(out, [sixty], store=store, pack=1, concurrency=1)
        assert first.provenance.origin == "model+rules"
        assert engine.tally.unserved == 1
        model = Model()
        (second,), engine = run(model, [sixty], store=store, pack=1)
        assert len(model.shown) == 1
        assert second.provenance.origin == "model"
        assert_is_whole(second, sixty, 300)
        assert engine.tally.unserved == 0
        nobody = Model()
        (third,), engine = run(nobody, [sixty], store=store)
        assert (len(nobody.shown), engine.tally.resumed) == (0, 1)
        assert third.questions == second.questions


def test_where_no_model_serves_a_long_posts_record_is_the_rules(sixty):
    (record,), engine = run(Model(lambda _: "quota_day"), [sixty])
    (by_rules,) = Extractor(offline=True).stream([sixty])
    assert record.provenance.origin == "rules"
    assert record.questions == by_rules.questions
    assert (engine.tally.by_rules, engine.tally.unserved) == (1, 1)


def test_a_long_post_that_repeats_itself_and_comes_twice_is_asked_for_once():
    page = long_post(40, 16_000).text
    post = Post(text=(page + "\n\n") * 4, id="a")
    model = Model()
    records, engine = run(model, [post, post.model_copy(update={"id": "b"})])
    assert [one.post.id for one in records] == ["a", "b"]
    assert records[0].questions == records[1].questions
    assert all(post.text[one.start : one.end] == one.quote for one in records[0].questions)
    assert len(records[0].questions) == 160
    assert len({shown.digest for shown in model.shown}) == len(model.shown)
    assert engine.tally.doubles == 1


def test_through_the_service_a_long_post_comes_out_whole_though_one_answer_would_be_cut(twin, sixty):
    labelled = row(sixty.text, questions=[question(n) for n in range(300)])
    texts = {labelled["text"]: labelled["questions"]}

    def oracle(asked):
        return {
            "posts": [
                {
                    "id": shown.id,
                    "methods": [],
                    "advice": [],
                    # So wordy that one answer about all would be far beyond the limit.
                    "questions": [
                        {"quote": one["quote"], "text": one["quote"] * 5}
                        for one in texts[sixty.text]
                        if one["quote"] in shown.text
                    ],
                }
                for shown in asked.posts
            ]
        }

    service = twin(projects={"p": [fake_key(1)]}, oracle=oracle)
    with Extractor(models=["gemini-2.5-flash"], keys=[fake_key(1)], base_url=service.url) as extractor:
        record = extractor.extract(sixty)
        asked = len(service.generated)
        assert extractor.extract(sixty).questions == record.questions
    assert len(service.generated) == asked
    assert service.wasted.total() == 0
    assert_is_whole(record, sixty, 300)
    assert record.provenance.origin == "model"


def test_what_a_part_tells_of_the_whole_interview_stands_in_its_place_and_the_first_one_counts(sixty):
    seen = extract(sixty)
    first, *_, last = parts = parts_of(sixty, lambda: seen)

    def told(part, **quotes: str) -> Context:
        places = {name: (part.post.text.index(quote), quote) for name, quote in quotes.items()}
        return Context(**{name: Item(text=q, quote=q, start=at, end=at + len(q)) for name, (at, q) in places.items()})

    contexts = {id(first): told(first, company=question(1)), id(last): told(last, company="十面", role=question(299))}
    by_model = Provenance(at="2026-11-24T08:00:00Z", origin="model", model="m")
    records = [
        record_by_rules(part.post, part.seen(seen)).model_copy(
            update={"context": contexts.get(id(part), Context()), "provenance": by_model}
        )
        for part in parts
    ]
    context = record_of_parts(sixty, seen, list(zip(parts, records, strict=True))).context
    assert (context.company.quote, context.role.quote, context.outcome) == (question(1), question(299), None)
    assert all(sixty.text[one.start : one.end] == one.quote for one in (context.company, context.role))
