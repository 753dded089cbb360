"""What the sentence encoder learns from: pairs of texts of ../shared/data in matching form, and our own.

Texts are numbered; a text stands once, however often it occurs. Held-out pairs are taken out by text: neither
side of one occurs anywhere in what is trained on. Nothing of the data is written anywhere.
"""

from __future__ import annotations

import gzip
import itertools
import json
import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from evaluation.training.encoder_own import as_cantonese, own_dev_texts, own_pairs
from knowledge_base.text_normalisation import matching_form

Licence = Literal["all", "clear"]
CLEAR = frozenset({"tatoeba", "ecom_ui", "drcd", "cmrc2018", "ud", "paws_x_zh"})
INTENT_SETS = ("support_en_bitext", "intent_en_banking77", "intent_en_clinc150")
"""All of a clear licence: texts of one intent mean nearly the same thing."""
OWN, LABELLED = "own: ", "labelled: "
"""What sources of our own, and of labelled pairs, begin with."""


@dataclass(frozen=True, kw_only=True)
class Pair:
    """Two texts, by number, that mean the same (`same`) or only look alike."""

    a: int
    b: int
    source: str
    same: bool = True

    @property
    def clear(self) -> bool:
        """Its licence permits commercial use, or it is ours."""
        return self.source.startswith(OWN) or self.source.removeprefix(LABELLED) in CLEAR


@dataclass(kw_only=True)
class Corpus:
    """Texts in matching form, as they were first written, and what is known about them."""

    texts: list[str] = field(default_factory=list)
    as_written: list[str] = field(default_factory=list)
    pairs: list[Pair] = field(default_factory=list)
    intents: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    _numbers: dict[str, int] = field(default_factory=dict)

    def number(self, text: str) -> int:
        """The number of a text, given to it when it is new."""
        form = matching_form(text)
        number = self._numbers.setdefault(form, len(self.texts))
        if number == len(self.texts):
            self.texts.append(form)
            self.as_written.append(text)
        return number

    def add(self, a: str, b: str, source: str, same: bool = True) -> None:
        """One pair, unless both sides come to the same text."""
        pair = Pair(a=self.number(a), b=self.number(b), source=source, same=same)
        if pair.a != pair.b:
            self.pairs.append(pair)


def read_corpus(folder: Path) -> Corpus:
    """Every pair and intent, whatever its licence."""
    corpus = Corpus()
    for row in _rows(folder, "positive_pairs"):
        corpus.add(row["a"], row["b"], row["src"])
    for row in _rows(folder, "labelled_pairs_zh"):
        corpus.add(row["s1"], row["s2"], f"{LABELLED}{row['src']}", bool(row["label"]))
    for name in INTENT_SETS:
        for row in _rows(folder, name):
            corpus.intents[f"{name}:{row['intent']}"].append(corpus.number(row["text"]))
    _add_our_own(corpus)
    return corpus


def _add_our_own(corpus: Corpus) -> None:
    """Rows of words, and the translations of English sentences made Cantonese."""
    for a, b, source in own_pairs():
        corpus.add(a, b, source)
    translated = [pair for pair in corpus.pairs if pair.source == "tatoeba"]
    spoken = as_cantonese(corpus.as_written[pair.b] for pair in translated)
    for pair, sentence in zip(translated, spoken, strict=True):
        corpus.add(corpus.as_written[pair.a], sentence, f"{OWN}tatoeba made Cantonese")


def _rows(folder: Path, name: str) -> Iterator[dict[str, Any]]:
    with gzip.open(folder / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


@dataclass(frozen=True, kw_only=True)
class HeldOut:
    """Pairs for the dev figures, by the name of the set that they imitate."""

    similarity: dict[str, Sequence[Pair]]
    retrieval: dict[str, Sequence[Pair]]
    own: frozenset[int] = frozenset()

    @property
    def texts(self) -> frozenset[int]:
        """Numbers of all texts that may not be trained on."""
        sets = (*self.similarity.values(), *self.retrieval.values())
        return self.own | {number for pairs in sets for pair in pairs for number in (pair.a, pair.b)}


def hold_out(corpus: Corpus, seed: int = 7) -> HeldOut:
    """1,500 labelled pairs each of three sets, and 1,000 pairs each of two with every text in one pair only."""
    labelled = {name: _shuffled(corpus, f"{LABELLED}{name}", seed) for name in SIMILARITY_SETS}
    paired = {name: _each_text_once(_shuffled(corpus, name, seed)) for name in RETRIEVAL_SETS}
    return HeldOut(
        similarity={name: pairs[:1500] for name, pairs in labelled.items() if pairs},
        retrieval={name: pairs[:1000] for name, pairs in paired.items() if pairs},
        own=frozenset(map(corpus.number, own_dev_texts())),
    )


SIMILARITY_SETS = ("lcqmc", "bq_corpus", "afqmc")
RETRIEVAL_SETS = ("tatoeba", "movie")


def _shuffled(corpus: Corpus, source: str, seed: int) -> list[Pair]:
    pairs = [pair for pair in corpus.pairs if pair.source == source]
    random.Random(seed).shuffle(pairs)
    return pairs


def _each_text_once(pairs: Iterable[Pair]) -> list[Pair]:
    seen: set[int] = set()
    chosen = []
    for pair in pairs:
        if pair.a not in seen and pair.b not in seen:
            seen |= {pair.a, pair.b}
            chosen.append(pair)
    return chosen


@dataclass(frozen=True, kw_only=True)
class TrainingSet:
    """What is learned from: same-meaning pairs by source, all labelled pairs, texts by intent."""

    same: dict[str, list[Pair]]
    labelled: list[Pair]
    intents: dict[str, list[int]]

    @property
    def texts(self) -> list[int]:
        """Numbers of all texts in it, in order."""
        pairs = itertools.chain(*self.same.values(), self.labelled)
        return sorted({n for p in pairs for n in (p.a, p.b)}.union(*self.intents.values()))

    @property
    def sizes(self) -> dict[str, int]:
        """How many pairs or texts each source gives."""
        sizes = Counter({source: len(pairs) for source, pairs in self.same.items()})
        sizes.update(pair.source for pair in self.labelled)
        for name, numbers in self.intents.items():
            sizes[name.split(":")[0]] += len(numbers)
        return dict(sorted(sizes.items()))


def training_set(corpus: Corpus, without: frozenset[int], licence: Licence = "all") -> TrainingSet:
    """What the licence allows, without the pairs that touch a text of `without`; a pair of two sets stands once."""
    free = [p for p in corpus.pairs if p.a not in without and p.b not in without]
    allowed = [p for p in free if licence == "all" or p.clear]
    same: dict[str, list[Pair]] = defaultdict(list)
    seen: set[tuple[int, int]] = set()
    for pair in allowed:
        key = (min(pair.a, pair.b), max(pair.a, pair.b))
        if pair.same and key not in seen:
            seen.add(key)
            same[pair.source.removeprefix(LABELLED)].append(pair)
    intents = {name: sorted(set(numbers) - without) for name, numbers in corpus.intents.items()}
    return TrainingSet(
        same=dict(same),
        labelled=[p for p in allowed if p.source.startswith(LABELLED)],
        intents={name: numbers for name, numbers in intents.items() if len(numbers) > 1},
    )
