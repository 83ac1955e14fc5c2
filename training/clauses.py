"""Trains the judge of clauses on labelled posts: `python -m training.clauses GOLD.jsonl… -o data/clauses.json` (extra `[train]`).

As `training.judge` does for lines: first cross-validated by posts, then all are learned. It learns what the rules take running text for
as one clue among many, so a change of those asks for a new training.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from agent.evaluation import Gold, evaluate, of_kind
from agent.extraction.findings import Finding
from agent.extraction.result import record_by_rules
from agent.extraction.rules import extract
from agent.extraction.rules.clauses import READ, clauses_of
from agent.extraction.rules.lines import Line
from agent.extraction.rules.sections import Section
from agent.extraction.rules.subject import Subject
from agent.extraction.rules.telling import AFTER, FEWEST, STATES, ClauseJudge, clues_in, states_of
from agent.extraction.rules.weights import Learned, packed
from training.judge import FOLDS, fold_of, post_of, read, write


_FEW = 3
"""Clues of fewer clauses are not learned."""
_SPARSE, _SMOOTH, _ROUNDS = 0.5, 1.0, 150
"""How much weights are punished, by their size and by its square (crfsuite's `c1`, `c2`), and for how long they are fitted."""
_SCALE, _SLIGHT = 100, 8
"""Weights are whole hundredths; those of a clue that differ by less are left out."""
_DOUBT = 1.5
"""How much less advice weighs of which the rules know nothing: labellers differ most in that, and false advice is worse than none."""
_TRUST = 0.8
"""How much more the rules' word weighs than was learned: they were written with some of the posts, and know them too well."""
_UNSEEN = -5.0
"""The weight of one state behind another where no example has it."""


@dataclass(frozen=True, slots=True)
class Example:
    """A line of running text: the clues of its clauses, and what they are."""

    post: str
    clues: list[list[str]]
    states: list[str]


class Recorder(ClauseJudge):
    """Leaves what the rules found, and keeps what a judge would be shown."""

    def __init__(self, gold: Gold) -> None:
        super().__init__({})
        self.gold, self.examples = gold, list[Example]()

    def told(
        self, line: Line, section: Section, subject: Subject, found: Sequence[Finding], *, below: bool
    ) -> Sequence[Finding]:
        clauses = clauses_of(line.words)
        if len(clauses) < FEWEST:
            return found
        labels = [(label, kind) for kind in ("question", "advice") for label in of_kind(self.gold, kind)]
        places = sorted((label.start - line.start, label.end - line.start, kind) for label, kind in labels)
        spans = [(kind, start, end) for start, end, kind in places]
        clues = list(clues_in(clauses, line, section, subject, found, below=below))
        self.examples.append(Example(self.gold.id, clues, states_of(clauses, spans)))
        return found


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m training.clauses", description=__doc__)
    parser.add_argument(
        "gold", nargs="+", type=Path, help="labelled posts, a JSON object a line; a file given twice counts twice"
    )
    parser.add_argument(
        "-o", "--output", type=Path, help="where the weights go; without it they are only cross-validated"
    )
    given = parser.parse_args(arguments)
    posts = [gold for file in given.gold for gold in read(file)]
    examples = [example for gold in posts for example in examples_of(gold)]
    states = Counter(state for one in examples for state in one.states)
    sys.stdout.write(f"{len(posts)} posts, {len(examples)} lines of running text: {dict(states)}\n")
    sys.stdout.writelines(
        f"{told}\n" for told in cross_validated([*{gold.id: gold for gold in posts}.values()], examples)
    )
    if given.output:
        write(given.output, trained(examples))


def examples_of(gold: Gold) -> list[Example]:
    recorder = Recorder(gold)
    extract(post_of(gold), clauses=recorder)
    return recorder.examples


def cross_validated(posts: Sequence[Gold], examples: Sequence[Example]) -> Iterator[str]:
    """What is found without a judge of clauses, and with one that was trained on the other posts."""
    judges = [ClauseJudge(trained([one for one in examples if fold_of(one.post) != fold])) for fold in range(FOLDS)]
    for name, given in (("without", [ClauseJudge({})] * FOLDS), ("with", judges)):
        records = {
            gold.id: record_by_rules(post_of(gold), extract(post_of(gold), clauses=given[fold_of(gold.id)]))
            for gold in posts
        }
        rows = evaluate(posts, records).rows()
        yield f"{name} the judge of clauses: " + ", ".join(f"{one.kind} {one.f1:.3f}" for one in rows)


def trained(examples: Sequence[Example]) -> Learned:
    """The weights of clues, one for each of `STATES`, and of `AFTER` with a state: of what follows it."""
    clues, behind = _fitted(examples)
    told: defaultdict[str, list[float]] = defaultdict(lambda: [0.0] * len(STATES))
    for (clue, state), weight in clues.items():
        told[clue][STATES.index(state)] = weight
    for (before, state), weight in behind.items():
        told[AFTER + before][STATES.index(state)] = weight
    seen = {pair for one in examples for pair in pairwise(one.states)}
    for before in STATES:
        told[AFTER + before] = [
            each if (before, state) in seen else _UNSEEN
            for each, state in zip(told[AFTER + before], STATES, strict=True)
        ]
    for place, state in enumerate(STATES):
        told[READ + state][place] += _TRUST
        if not state.startswith("advice"):
            told[READ + state][STATES.index("advice")] -= _DOUBT
    whole = {clue: [round(_SCALE * each) for each in weights] for clue, weights in told.items()}
    return {clue: packed(each) for clue, each in whole.items() if max(each) - min(each) >= _SLIGHT}


Fitted = Mapping[tuple[str, str], float]


def _fitted(examples: Sequence[Example]) -> tuple[Fitted, Fitted]:
    """The weights of clues with a state, and of a state with the one behind it, each where an example has them."""
    import pycrfsuite

    names = list({clue: None for one in examples for clues in one.clues for clue in clues})
    number = {name: str(place) for place, name in enumerate(names)}
    trainer = pycrfsuite.Trainer(algorithm="lbfgs", verbose=False)
    trainer.set_params({"c1": _SPARSE, "c2": _SMOOTH, "max_iterations": _ROUNDS, "feature.minfreq": _FEW})
    for one in examples:
        trainer.append([[number[clue] for clue in clues] for clues in one.clues], one.states)
    with tempfile.TemporaryDirectory() as folder:
        file = str(Path(folder) / "model")
        trainer.train(file)
        tagger = pycrfsuite.Tagger()
        tagger.open(file)
        model = tagger.info()
        tagger.close()
    return {
        (names[int(place)], state): each for (place, state), each in model.state_features.items()
    }, model.transitions


if __name__ == "__main__":
    main()
