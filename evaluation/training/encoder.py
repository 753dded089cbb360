"""Trains the sentence encoder: `python -m evaluation.training.encoder --data ../shared/data`.

Reads the public pairs, learns, writes the folder and prints dev figures beside BM25 and TF-IDF. Needs the extra
`encoders` (torch); the program that uses the encoder does not.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from evaluation.training.encoder_data import (
    Corpus,
    HeldOut,
    Licence,
    TrainingSet,
    hold_out,
    read_corpus,
    training_set,
)
from evaluation.training.encoder_figures import by_bm25, by_cosine, by_tfidf, dev_sets, figures
from evaluation.training.encoder_files import write_encoder
from evaluation.training.encoder_tokens import Vocabulary, learn_vocabulary
from knowledge_base.encoder import SHIPPED
from knowledge_base.static_encoder import StaticEncoder

if TYPE_CHECKING:
    from evaluation.training.encoder_model import Recipe


def main(arguments: Sequence[str]) -> int:
    """Exit codes: 0 done, 1 the data or torch is missing, 2 usage."""
    parser = argparse.ArgumentParser(prog="python -m evaluation.training.encoder", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the folder with positive_pairs.jsonl.gz")
    parser.add_argument(
        "--licence", choices=["all", "clear"], default="all", help="which rows are learned from"
    )
    parser.add_argument("--out", type=Path, default=SHIPPED, help="where the encoder's folder is written")
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
    _make(options.data, options.out, options.licence, recipe)
    return 0


def _make(data: Path, out: Path, licence: Licence, recipe: Recipe) -> None:
    began = time.monotonic()
    say(began, f"reading {data}")
    corpus = read_corpus(data)
    held_out = hold_out(corpus)
    learned = training_set(corpus, held_out.texts, licence)
    vocabulary = learn_vocabulary([corpus.texts[n] for n in learned.texts], recipe.pieces, recipe.words)
    say(began, f"{len(learned.texts):,} texts, {len(vocabulary.learned):,} tokens")
    rows = _learned_rows(corpus, learned, vocabulary, recipe, began)
    write_encoder(
        out, vocabulary, rows, {"licence": licence, "recipe": asdict(recipe), "learned_from": learned.sizes}
    )
    say(began, f"written to {out}")
    _print_figures(corpus, held_out, StaticEncoder.load(out))
    say(began, "done")


def _learned_rows(
    corpus: Corpus, learned: TrainingSet, vocabulary: Vocabulary, recipe: Recipe, began: float
) -> npt.NDArray[np.float32]:
    from evaluation.training.encoder_model import Trainer, fix_seeds, lists_of

    fix_seeds(recipe.seed)
    trainer = Trainer(recipe, lists_of(vocabulary, corpus.texts), vocabulary, learned)

    def told(epoch: int, loss: float, seconds: float) -> None:
        say(began, f"epoch {epoch} of {recipe.epochs}: loss {loss:.3f}, {seconds:.0f} s")

    trainer.train(told)
    return trainer.rows


def _print_figures(corpus: Corpus, held_out: HeldOut, encoder: StaticEncoder) -> None:
    sets = dev_sets(corpus, held_out)
    rows = {
        "encoder": figures(sets, by_cosine(encoder.encode)),
        "encoder, library's path": figures(sets, by_cosine(encoder.encode_forms)),
        "BM25": figures(sets, by_bm25),
        "TF-IDF, character 1–3-grams": figures(sets, by_tfidf),
    }
    width = max(map(len, sets))
    for name in sets:
        print(f"{name:{width}}  " + "  ".join(f"{row[name]:.3f}" for row in rows.values()))
    print("columns: " + ", ".join(rows))
    print(json.dumps(rows, ensure_ascii=False))


def say(began: float, text: str) -> None:
    """A line of progress."""
    print(f"[{time.monotonic() - began:4.0f} s] {text}", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
