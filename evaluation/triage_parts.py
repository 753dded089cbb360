"""What each part of triage's classifier is worth, by cross-validation over the training messages alone.

`python -m evaluation.triage_parts` prints the model card's table; near-duplicates share a fold, the held-out set is not
read. `--layer FOLDER` puts another public layer in place of the shipped one (one of clear licence, say).
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from evaluation.triage_figures import macro_f1
from routing import triage_public, triage_training
from routing.triage_decision import HEADS, choose
from routing.triage_examples import Example, all_examples, calm_examples
from routing.triage_near_duplicates import groups
from routing.triage_solver import LABELS, Floats, Labels, Rows, head_parts, solve
from service.tagging import shipped_encoder

HOME: Final = Path(__file__).resolve().parent.parent
FOLDS: Final = 3
SEED: Final = 3
FALSE_ALARMS: Final = 0.03
WATCHED: Final = {"sentiment": "angry", "urgency": "critical", "level": "major"}

Keeps = Callable[[str], bool]


@dataclass(frozen=True, kw_only=True)
class Part:
    """A variant of the classifier: which features it sees, and what lies beside them."""

    name: str
    keeps: Keeps
    layer: bool = False
    vector: bool = False
    calm: bool = True


def _kinds(*kinds: str, pairs: bool = True) -> Keeps:
    return lambda name: name[0] in kinds and (pairs or name[0] != "k" or "+" not in name)


PARTS: Final = (
    Part(name="characters and words", keeps=_kinds("c", "w", "p")),
    Part(name="… how it begins and ends", keeps=_kinds("c", "w", "p", "b", "e")),
    Part(name="… marks", keeps=_kinds("c", "w", "p", "b", "e", "m")),
    Part(name="… concepts", keeps=_kinds("c", "w", "p", "b", "e", "m", "k", pairs=False)),
    Part(name="… pairs of concepts", keeps=_kinds("c", "w", "p", "b", "e", "m", "k")),
    Part(name="… public layer", keeps=_kinds("c", "w", "p", "b", "e", "m", "k"), layer=True),
    Part(name="… sentence vector: what ships", keeps=lambda _: True, layer=True, vector=True),
    Part(name="what ships, without calm examples", keeps=lambda _: True, layer=True, vector=True, calm=False),
)


@dataclass(frozen=True, kw_only=True)
class Material:
    """Everything that all variants share: messages as rows, their labels, weights and folds."""

    rows: Rows
    names: list[str]
    labels: Labels
    worth: Floats
    fold: npt.NDArray[np.int64]
    labelled: int
    signs: int
    """Columns of the public layer, before those of the sentence vector."""


def material() -> Material:
    """The repository's messages as the classifier sees them."""
    examples, calm = all_examples(HOME), calm_examples(HOME)
    everything: Sequence[Example] = [*examples, *calm]
    counted = triage_training.count(everything)
    index, idf = triage_training.vocabulary(counted)
    vectors = shipped_encoder().encode([example.text for example in everything])
    calm_weight = triage_training.CALM_WEIGHT
    together = np.array(groups([example.text for example in everything]))
    of_group = np.random.default_rng(SEED).integers(FOLDS, size=len(everything))
    return Material(
        rows=triage_training.rows_of(counted, index, idf, vectors),
        names=list(index),
        labels=np.array([example.labels for example in everything]),
        worth=np.array([1.0] * len(examples) + [calm_weight] * len(calm), dtype=np.float32),
        fold=of_group[together],
        labelled=len(examples),
        signs=len(triage_public.shipped().tasks),
    )


def figures_of(part: Part, given: Material) -> dict[str, float]:
    """Macro-F1 of each head, and the recall of its gravest label where 3 in 100 others are called so."""
    columns = np.array([i for i, name in enumerate(given.names) if part.keeps(name)])
    dense = [i for i in range(given.rows.dense.shape[1]) if (part.layer if i < given.signs else part.vector)]
    rows = Rows(sparse=given.rows.sparse[:, columns], dense=given.rows.dense[:, dense])
    scores = np.zeros((len(given.labels), LABELS), np.float32)
    learnt_from = np.arange(len(given.labels)) < given.labelled
    for number in range(FOLDS):
        rest = (given.fold != number) & (learnt_from | part.calm)
        weights = solve(
            rows.take(rest),
            given.labels[rest],
            given.worth[rest],
            triage_training.STRENGTH,
            triage_training.STEPS,
        )
        held_back = given.fold == number
        scores[held_back] = rows.take(held_back).scores(weights)
    return dict(_figures(scores[: given.labelled], given.labels[: given.labelled]))


def _figures(scores: Floats, labels: Labels) -> Iterator[tuple[str, float]]:
    for position, (part, (head, names)) in enumerate(zip(head_parts(scores), HEADS.items(), strict=True)):
        true = labels[:, position]
        chances = _probabilities(part.astype(np.float64), true)
        got = [choose(head, values).label for values in chances.tolist()]
        yield f"{head} F1", macro_f1([names[i] for i in true], got, names)
        grave = names.index(WATCHED[head])
        enough = np.quantile(chances[true != grave, grave], 1 - FALSE_ALARMS)
        yield f"{WATCHED[head]} recall", float((chances[true == grave, grave] > enough).mean())


def _probabilities(scores: npt.NDArray[np.float64], labels: Labels) -> npt.NDArray[np.float64]:
    factor, *shifts = triage_training.calibrate(scores, labels)
    powers = np.exp(scores * factor + np.array(shifts))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def as_line(name: str, figures: Mapping[str, float]) -> str:
    """A row of the table."""
    return f"| {name} | " + " | ".join(f"{value:.3f}" for value in figures.values()) + " |"


def main() -> None:
    """Prints the table as Markdown, a row as soon as it is known."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--layer", type=Path, help="folder of another public layer")
    parser.add_argument("--only", help="the one variant to try, by its name's beginning")
    given = parser.parse_args()
    if given.layer:
        other = triage_public.load(given.layer)
        triage_public.shipped = lambda: other  # type: ignore[assignment]
    found = material()
    print(f"{found.labelled} messages, {FOLDS} folds; recalls at {FALSE_ALARMS:.0%} false alarms")
    parts = [part for part in PARTS if not given.only or part.name.startswith(given.only)]
    for number, part in enumerate(parts):
        figures = figures_of(part, found)
        if number == 0:
            print("| seen | " + " | ".join(figures) + " |\n|---|" + "---:|" * len(figures))
        print(as_line(part.name, figures), flush=True)


if __name__ == "__main__":
    main()
