"""Our own rows of what means the same, for the encoder, and Mandarin sentences made Cantonese with their words.

The public data has hardly any Cantonese with its English, and shop and everyday words only as its sentences happen
to hold them.
"""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import combinations
from pathlib import Path

import yaml

from knowledge_base.text_normalisation import simplified
from knowledge_base.trade_words import WORDS

HERE = Path(__file__).parent
CANTONESE = HERE / "cantonese_words.txt"
SHOP = HERE / "shop_words.txt"
SENTENCES = HERE / "shop_sentences.txt"
EVERYDAY = HERE / "everyday_words.txt"
QUESTIONS = HERE / "service_questions.txt"
DEV = HERE.parent / "encoder_dev"
PUT_IN = 0.8
"""The share of words that are made Cantonese: a speaker uses both."""


def own_pairs() -> Iterator[tuple[str, str, str]]:
    """(a, b, source): any two of a row of our files and of the trade words."""
    rows = {
        "own: Cantonese words": rows_of(CANTONESE),
        "own: shop words": rows_of(SHOP),
        "own: shop sentences": rows_of(SENTENCES),
        "own: everyday words": rows_of(EVERYDAY),
        "own: service questions": rows_of(QUESTIONS),
        "own: trade words": [
            [str(word) for words in languages.values() for word in words]
            for languages in yaml.safe_load(WORDS.read_text(encoding="utf-8")).values()
        ],
    }
    for source, groups in rows.items():
        for group in groups:
            yield from ((a, b, source) for a, b in combinations(group, 2))


def as_cantonese(mandarin: Iterable[str], seed: int = 5) -> Iterator[str]:
    """Each sentence in 简体 with Cantonese words put in; a sentence without a known word stays as it is."""
    chosen = random.Random(seed)
    cantonese: dict[str, list[str]] = defaultdict(list)
    for spoken, written, _ in rows_of(CANTONESE):
        if spoken != written:
            cantonese[written].append(simplified(spoken))
    word = re.compile("|".join(re.escape(w) for w in sorted(cantonese, key=len, reverse=True)))

    def put_in(found: re.Match[str]) -> str:
        return chosen.choice(cantonese[found.group()]) if chosen.random() < PUT_IN else found.group()

    yield from (word.sub(put_in, simplified(sentence)) for sentence in mandarin)


def own_dev_texts() -> list[str]:
    """Every text of evaluation/encoder_dev, all of them kept out of training."""
    return [text for path in sorted(DEV.glob("*.txt")) for row in rows_of(path) for text in row]


def rows_of(path: Path) -> list[list[str]]:
    """The rows of one of our files: texts between bars; a line that begins with # is a comment."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return [line.split(" | ") for line in lines if not line.startswith("#")]
