"""Dev figures of an encoder and, on the same texts in the same run, of what needs no training: BM25 and TF-IDF.

The sets are held out by text (see encoder_data) or written for this (evaluation/encoder_dev). All texts are given
as they were written.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import spearmanr
from sklearn.feature_extraction.text import TfidfVectorizer

from evaluation.training.encoder_data import Corpus, HeldOut
from evaluation.training.encoder_own import DEV, rows_of

Scores = npt.NDArray[np.float64]
Scorer = Callable[[Sequence[str], Sequence[str]], Scores]
"""Queries and documents → how well each document fits each query, (queries, documents)."""


@dataclass(frozen=True, kw_only=True)
class Similarity:
    """Pairs with 1 for the same meaning and 0 for another; the figure is Spearman's correlation."""

    a: Sequence[str]
    b: Sequence[str]
    same: Sequence[int]

    def figure(self, score: Scorer) -> float:
        """Of the scores of the pairs with what they are."""
        step = 500  # bounds the matrix of which only the diagonal counts
        scores = np.concatenate(
            [np.diag(score(self.a[i : i + step], self.b[i : i + step])) for i in range(0, len(self.a), step)]
        )
        return float(spearmanr(scores, self.same).statistic) if np.ptp(scores) else 0.0


@dataclass(frozen=True, kw_only=True)
class Retrieval:
    """Queries whose answers stand among documents; the figure is how often the right one comes first."""

    queries: Sequence[str]
    documents: Sequence[str]
    right: Sequence[int]

    def figure(self, score: Scorer) -> float:
        """Ties count as wrong unless the right document is the first of them."""
        return float(np.mean(score(self.queries, self.documents).argmax(axis=1) == np.array(self.right)))


DevSets = Mapping[str, Similarity | Retrieval]


def dev_sets(
    corpus: Corpus, held_out: HeldOut, *, ours_alone: bool = False
) -> dict[str, Similarity | Retrieval]:
    """The held-out pairs as sets of written texts, and our own sets."""
    written = corpus.as_written
    ours = own_sets([written[p.a] for p in held_out.retrieval.get("tatoeba", ())])
    if ours_alone:
        return ours
    sets: dict[str, Similarity | Retrieval] = {}
    for name, pairs in held_out.similarity.items():
        sets[f"{name} Spearman"] = Similarity(
            a=[written[p.a] for p in pairs],
            b=[written[p.b] for p in pairs],
            same=[int(p.same) for p in pairs],
        )
    for name, pairs in held_out.retrieval.items():
        # tatoeba's pairs are English–Chinese, movie's Chinese–Cantonese; the second side asks for the first.
        a, b = [written[p.a] for p in pairs], [written[p.b] for p in pairs]
        sets[f"{name} top-1 of {len(pairs):,}"] = Retrieval(queries=b, documents=a, right=range(len(pairs)))
    return sets | ours


def own_sets(held_out_english: Sequence[str]) -> dict[str, Similarity | Retrieval]:
    """The sets of evaluation/encoder_dev; `held_out_english` fills the Cantonese one up to 1,000 sentences."""
    asked = rows_of(DEV / "english_faq.txt")
    cantonese = rows_of(DEV / "cantonese.txt")
    faq = [row[0] for row in asked]
    english = [row[1] for row in cantonese]
    documents = [*english, *(text for text in held_out_english if text not in english)][:1000]
    return {
        "English FAQ, usual words": Retrieval(
            queries=[row[1] for row in asked], documents=faq, right=range(len(faq))
        ),
        "English FAQ, other words": Retrieval(
            queries=[text for row in asked for text in row[2:]],
            documents=faq,
            right=[number for number, row in enumerate(asked) for _ in row[2:]],
        ),
        "Cantonese→English": Retrieval(
            queries=[row[0] for row in cantonese], documents=documents, right=range(len(cantonese))
        ),
    }


def figures(sets: DevSets, score: Scorer) -> dict[str, float]:
    """Each set's figure, three digits."""
    return {name: round(one.figure(score), 3) for name, one in sets.items()}


def by_cosine(encode: Callable[[Sequence[str]], npt.NDArray[np.float32]]) -> Scorer:
    """An encoder's scores."""
    return lambda queries, documents: np.asarray(encode(queries) @ encode(documents).T, np.float64)


def shortened(
    encode: Callable[[Sequence[str]], npt.NDArray[np.float32]], learned_from: Sequence[str], size: int
) -> Callable[[Sequence[str]], npt.NDArray[np.float32]]:
    """Vectors of `size` numbers: the encoder's along the directions in which most of these texts differ (PCA)."""
    seen = encode(learned_from[:: max(1, len(learned_from) // 20_000)])
    directions = np.linalg.eigh(seen.T @ seen)[1][:, ::-1][:, :size]

    def shorter(texts: Sequence[str]) -> npt.NDArray[np.float32]:
        vectors = encode(texts) @ directions
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        return np.asarray(np.divide(vectors, lengths, out=vectors, where=lengths > 0), np.float32)

    return shorter


def by_tfidf(queries: Sequence[str], documents: Sequence[str]) -> Scores:
    """Cosines of TF-IDF over character 1- to 3-grams of these texts."""
    vectorizer = TfidfVectorizer(analyzer="char", ngram_range=(1, 3), sublinear_tf=True)
    vectorizer.fit([*queries, *documents])
    return np.asarray((vectorizer.transform(queries) @ vectorizer.transform(documents).T).toarray())


def by_bm25(queries: Sequence[str], documents: Sequence[str], k1: float = 1.2, b: float = 0.75) -> Scores:
    """BM25 (Robertson and Zaragoza 2009), tokens = Chinese characters and English words."""
    counts = [Counter(_tokens(text)) for text in documents]
    lengths = np.array([sum(c.values()) for c in counts], float)
    frequency = Counter(token for c in counts for token in c)
    places: dict[str, list[tuple[int, int]]] = {}
    for number, count in enumerate(counts):
        for token, times in count.items():
            places.setdefault(token, []).append((number, times))
    scores = np.zeros((len(queries), len(documents)))
    norm = k1 * (1 - b + b * lengths / max(lengths.mean(), 1e-9))
    for row, query in enumerate(queries):
        for token in set(_tokens(query)) & places.keys():
            idf = math.log(1 + (len(documents) - frequency[token] + 0.5) / (frequency[token] + 0.5))
            for number, times in places[token]:
                scores[row, number] += idf * times * (k1 + 1) / (times + norm[number])
    return scores


def _tokens(text: str) -> list[str]:
    return re.findall(r"[\u3400-\u9fff]|[a-z0-9]+", text.lower())
