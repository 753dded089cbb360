"""Trains the sentence encoder: `python -m evaluation.training.encoder --data ../shared/data`.

Reads the public pairs, learns, writes a folder and prints dev figures beside BM25 and TF-IDF. Needs the extra
`encoders` (torch); the program that uses the encoder does not.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from evaluation.training.encoder_data import (
    Corpus,
    Licence,
    TrainingSet,
    hold_out,
    read_corpus,
    training_set,
)
from evaluation.training.encoder_figures import (
    DevSets,
    Scorer,
    by_bm25,
    by_cosine,
    by_tfidf,
    dev_sets,
    figures,
    shortened,
)
from evaluation.training.encoder_files import write_encoder
from evaluation.training.encoder_tokens import Vocabulary, learn_vocabulary
from knowledge_base.static_encoder import StaticEncoder
from knowledge_base.text_normalisation import matching_form

if TYPE_CHECKING:
    from evaluation.training.encoder_model import Recipe, Trainer

Vectors = npt.NDArray[np.float32]


def main(arguments: Sequence[str]) -> int:
    """Exit codes: 0 done, 1 the data or torch is missing, 2 usage."""
    parser = argparse.ArgumentParser(prog="python -m evaluation.training.encoder", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the folder with positive_pairs.jsonl.gz")
    parser.add_argument(
        "--licence", choices=["all", "clear"], default="all", help="which rows are learned from"
    )
    parser.add_argument(
        "--out", type=Path, help="where the encoder's folder is written; without, figures alone"
    )
    parser.add_argument(
        "--with-held-out",
        action="store_true",
        help="learn from the held-out public pairs too, when the recipe is settled; figures of our own sets alone",
    )
    parser.add_argument(
        "--set", nargs="*", default=[], metavar="NAME=VALUE", help="another recipe: words=0 …"
    )
    options = parser.parse_args(arguments)
    try:
        from evaluation.training.encoder_model import changed_recipe
    except ImportError:
        print("torch is needed: pip install -c constraints.txt -e '.[encoders]'", file=sys.stderr)
        return 1
    try:
        recipe = changed_recipe(options.set)
    except ValueError as error:
        parser.error(str(error))
    if not (options.data / "positive_pairs.jsonl.gz").exists():
        print(f"{options.data} holds no positive_pairs.jsonl.gz", file=sys.stderr)
        return 1
    _make(Run(options.data, options.out, options.licence, options.with_held_out), recipe)
    return 0


@dataclass(frozen=True)
class Run:
    """What one run reads and writes; `out` is None where only figures are wanted."""

    data: Path
    out: Path | None
    licence: Licence
    with_held_out: bool


def _make(run: Run, recipe: Recipe) -> None:
    began = time.monotonic()
    say(began, f"reading {run.data}")
    corpus = read_corpus(run.data)
    held_out = hold_out(corpus)
    learned = training_set(corpus, held_out.own if run.with_held_out else held_out.texts, run.licence)
    vocabulary = learn_vocabulary(
        [corpus.texts[n] for n in learned.texts],
        recipe.pieces,
        recipe.words,
        stems=recipe.stems,
        phrases=recipe.phrases,
    )
    say(began, f"{len(learned.texts):,} texts, {len(vocabulary.learned):,} tokens")
    trainer = _trained(corpus, learned, vocabulary, recipe, began)
    sets = dev_sets(corpus, held_out, ours_alone=run.with_held_out)
    if recipe.mixer:  # what the folder's form has no place for
        print_figures(sets, {"encoder": by_cosine(_whole(trainer))})
    else:
        about = {
            "licence": run.licence,
            "with_held_out": run.with_held_out,
            "recipe": asdict(recipe),
            "learned_from": learned.sizes,
        }
        encoder = _written(run, vocabulary, trainer.rows, about)
        print_figures(sets, _scorers(encoder, trainer, [corpus.as_written[n] for n in learned.texts]))
    say(began, "done")


def _trained(
    corpus: Corpus, learned: TrainingSet, vocabulary: Vocabulary, recipe: Recipe, began: float
) -> Trainer:
    from evaluation.training.encoder_batches import lists_of
    from evaluation.training.encoder_model import Trainer, fix_seeds

    fix_seeds(recipe.seed)
    trainer = Trainer(recipe, lists_of(vocabulary, corpus.texts), vocabulary, learned)

    def told(epoch: int, loss: float, seconds: float) -> None:
        say(began, f"epoch {epoch} of {recipe.epochs}: loss {loss:.3f}, {seconds:.0f} s")

    trainer.train(told)
    return trainer


def _written(run: Run, vocabulary: Vocabulary, rows: Vectors, about: Mapping[str, Any]) -> StaticEncoder:
    """The encoder as it is read again."""
    with TemporaryDirectory() as passing:
        folder = run.out or Path(passing)
        write_encoder(folder, vocabulary, rows, about)
        return StaticEncoder.load(folder)


def _scorers(encoder: StaticEncoder, trainer: Trainer, texts: Sequence[str]) -> dict[str, Scorer]:
    """The encoder, what it loses by its form and by being made shorter, and what needs no training."""
    return {
        "encoder": by_cosine(encoder.encode),
        "library's path": by_cosine(encoder.encode_forms),
        "4 bytes a number": by_cosine(_whole(trainer)),
        "128 numbers": by_cosine(shortened(encoder.encode, texts, 128)),
        "64 numbers": by_cosine(shortened(encoder.encode, texts, 64)),
        "BM25": by_bm25,
        "TF-IDF, character 1–3-grams": by_tfidf,
    }


def _whole(trainer: Trainer) -> Callable[[Sequence[str]], Vectors]:
    return lambda texts: trainer.encode_forms([matching_form(text) for text in texts])


def print_figures(sets: DevSets, scorers: Mapping[str, Scorer]) -> None:
    """A line a set, a column a scorer; then the same as JSON."""
    columns = {name: figures(sets, scorer) for name, scorer in scorers.items()}
    width = max(map(len, sets))
    for name in sets:
        print(f"{name:{width}}  " + "  ".join(f"{column[name]:.3f}" for column in columns.values()))
    print("columns: " + ", ".join(columns))
    print(json.dumps(columns, ensure_ascii=False))


def say(began: float, text: str) -> None:
    """A line of progress."""
    print(f"[{time.monotonic() - began:4.0f} s] {text}", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
