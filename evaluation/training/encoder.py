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
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from evaluation.training.encoder_data import (
    Corpus,
    HeldOut,
    hold_out,
    read_corpus,
    training_set,
)
from evaluation.training.encoder_figures import by_bm25, by_cosine, by_tfidf, dev_sets, figures
from evaluation.training.encoder_files import write_encoder
from evaluation.training.encoder_tokens import UNKNOWN, Vocabulary, build_tokenizer, learn_vocabulary
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
    parser.add_argument("--epochs", type=int, help="instead of the recipe's")
    options = parser.parse_args(arguments)
    try:
        from evaluation.training.encoder_model import Recipe
    except ImportError:
        print("torch is needed: pip install -c constraints.txt -e '.[encoders]'", file=sys.stderr)
        return 1
    if not (options.data / "positive_pairs.jsonl.gz").exists():
        print(f"{options.data} holds no positive_pairs.jsonl.gz", file=sys.stderr)
        return 1
    recipe = replace(Recipe(), **({"epochs": options.epochs} if options.epochs else {}))
    began = time.monotonic()
    say(began, f"reading {options.data}")
    corpus = read_corpus(options.data, options.licence)
    held_out = hold_out(corpus)
    vocabulary = _vocabulary(corpus, held_out, recipe.pieces)
    say(began, f"{len(corpus.texts):,} texts, {len(vocabulary.learned):,} tokens")
    rows = _learned_rows(corpus, held_out, vocabulary, recipe, began)
    about = {
        "licence": options.licence,
        "recipe": asdict(recipe),
        "pairs": dict(sorted(corpus.sources.items())),
    }
    write_encoder(options.out, vocabulary, rows, about)
    say(began, f"written to {options.out}")
    _print_figures(corpus, held_out, StaticEncoder.load(options.out))
    say(began, "done")
    return 0


def _vocabulary(corpus: Corpus, held_out: HeldOut, pieces: int) -> Vocabulary:
    unseen = held_out.texts
    return learn_vocabulary((t for n, t in enumerate(corpus.texts) if n not in unseen), pieces)


def _learned_rows(
    corpus: Corpus, held_out: HeldOut, vocabulary: Vocabulary, recipe: Recipe, began: float
) -> npt.NDArray[np.float32]:
    from evaluation.training.encoder_model import TokenLists, Trainer, fix_seeds

    fix_seeds(recipe.seed)
    tokenizer = build_tokenizer(vocabulary, other_spellings=False)
    unknown = vocabulary.learned.index(UNKNOWN)
    encodings = tokenizer.encode_batch(corpus.texts, add_special_tokens=False)
    tokens = TokenLists([[t for t in e.ids if t != unknown] for e in encodings])
    data = training_set(corpus, held_out.texts)
    trainer = Trainer(recipe, tokens, len(vocabulary.learned), data)

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
