"""Trains the judge of the rules on labelled posts: `python -m training.judge GOLD.jsonl… -o data/learned.json` (extra `[train]`).

Labelled posts are rows as `mianjing eval` takes them. First the posts are cross-validated, by posts and not by lines: what
is printed is what the rules find in posts that the judge has not seen, without it and with it. Then all of them are learned.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from agent.errors import MianjingError
from agent.evaluation import Gold, evaluate, is_same_item, of_kind, read_gold
from agent.extraction.result import record_by_rules
from agent.extraction.rules import clues, extract
from agent.extraction.rules.learned import KINDS
from agent.extraction.rules.page import Page
from agent.extraction.rules.weights import Learned, packed
from agent.inputs.results import json_rows
from agent.records import Post


FOLDS = 6
_STRENGTH, _PIECE = 0.12, 0.4
"""How little is punished in training (sklearn's `C`), and how much less a run of characters counts than a clue of another kind."""
_RARE = 5
"""Runs of characters in fewer lines are not learned."""
_SCALE, _SLIGHT = 100, 5
"""Weights are whole hundredths; those that are all slighter are left out."""


@dataclass(frozen=True, slots=True)
class Example:
    """One line of a labelled post: its clues, and what it is, "none" for no item."""

    post: str
    clues: frozenset[str]
    kind: str


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m training.judge", description=__doc__)
    parser.add_argument(
        "gold", nargs="+", type=Path, help="labelled posts, a JSON object a line; a file given twice counts twice"
    )
    parser.add_argument(
        "-o", "--output", type=Path, help="where the weights go; without it they are only cross-validated"
    )
    given = parser.parse_args(arguments)
    posts = [gold for file in given.gold for gold in read(file)]
    examples = [example for gold in posts for example in examples_of(gold)]
    kinds = Counter(one.kind for one in examples)
    sys.stdout.write(f"{len(posts)} posts, {len(examples)} lines: {dict(kinds)}\n")
    sys.stdout.writelines(
        f"{told}\n" for told in cross_validated([*{gold.id: gold for gold in posts}.values()], examples)
    )
    if given.output:
        write(given.output, trained(examples))


def read(file: Path) -> list[Gold]:
    try:
        return [read_gold(row, str(file), number=number) for number, row in json_rows(file)]
    except MianjingError as problem:
        sys.exit(str(problem))


def examples_of(gold: Gold) -> Iterator[Example]:
    """The lines of a post, but for those that may be an item or not."""
    page = Page.of(post_of(gold))
    of_page = frozenset(("", *clues.of_page(page)))
    for listed in page.listed() if not page.subject.advert else ():
        if listed.section.holds == "advert":
            continue
        of_section = frozenset(clues.of_section(listed, page))
        for place, reading in enumerate(listed.readings):
            if kind := labelled(gold, reading.line.start, reading.line.end):
                yield Example(gold.id, of_page | of_section | {*clues.of_line(listed, place, page)}, kind)


def post_of(gold: Gold) -> Post:
    return Post(text=gold.text, id=gold.id, title=gold.title or "")


def labelled(gold: Gold, start: int, end: int) -> str | None:
    """The kind of the item that stands there, "none" for none; null where labellers may differ."""
    there = [(kind, label) for kind in KINDS for label in of_kind(gold, kind) if is_same_item(label, start, end)]
    required = next((kind for kind, label in there if not label.optional), None)
    return required or (None if there else "none")


def cross_validated(posts: Sequence[Gold], examples: Sequence[Example]) -> Iterator[str]:
    """What the rules find alone, and with a judge that was trained on the other posts."""
    judges = [trained([one for one in examples if fold_of(one.post) != fold]) for fold in range(FOLDS)]
    alone = {gold.id: record_by_rules(post_of(gold), extract(post_of(gold), learned={})) for gold in posts}
    judged = {
        gold.id: record_by_rules(post_of(gold), extract(post_of(gold), learned=judges[fold_of(gold.id)]))
        for gold in posts
    }
    for name, records in (("the rules alone", alone), ("with the judge", judged)):
        rows = evaluate(posts, records).rows()
        yield f"{name}: " + ", ".join(f"{one.kind} {one.f1:.3f}" for one in rows)


def fold_of(post: str) -> int:
    return hashlib.sha256(post.encode()).digest()[0] % FOLDS


def trained(examples: Sequence[Example]) -> Learned:
    """The weights of clues, of each of `KINDS` relative to no item; that of "" has the intercept in it."""
    from sklearn.feature_extraction import DictVectorizer
    from sklearn.linear_model import LogisticRegression

    if missing := {*KINDS} - {one.kind for one in examples}:
        sys.exit(f"No line is labelled as {' or '.join(sorted(missing))}: give posts with labels of every kind.")
    often = Counter(clue for one in examples for clue in one.clues)
    rows = [
        {clue: _PIECE if is_piece(clue) else 1.0 for clue in one.clues if often[clue] >= _RARE or not is_piece(clue)}
        for one in examples
    ]
    vectors = DictVectorizer()
    model = LogisticRegression(C=_STRENGTH, max_iter=1000)
    model.fit(vectors.fit_transform(rows), [one.kind for one in examples])
    place = {kind: row for row, kind in enumerate(model.classes_)}
    columns = zip(vectors.get_feature_names_out(), model.coef_.T, strict=True)
    told = {clue: each * (_PIECE if is_piece(clue) else 1.0) for clue, each in columns}
    told[""] = told[""] + model.intercept_
    relative = {
        clue: [round(_SCALE * (each[place[kind]] - each[place["none"]])) for kind in KINDS]
        for clue, each in told.items()
    }
    return {clue: packed(each) for clue, each in relative.items() if max(map(abs, each)) >= _SLIGHT}


def is_piece(clue: str) -> bool:
    return clue[:1].isupper()


def write(file: Path, learned: Learned) -> None:
    """One clue a line, so that a new training shows what has changed."""
    rows = (f"{json.dumps(clue, ensure_ascii=False)}:{each}" for clue, each in sorted(learned.items()))
    file.write_text("{\n" + ",\n".join(rows) + "\n}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
