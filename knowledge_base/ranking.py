"""Fuses the two halves: candidates in one order by a weighted sum of their similarities, and what tells how sure that is.

The weights are learned (knowledge_base/calibrating.py). The features do not depend on the size of the base.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from knowledge_base.entry_index import EntryIndex, Floats, Similarity, Weighed

SIMILARITIES = ("words", "words_whole", "meaning", "meaning_few", "meaning_whole")
"""The summands of a score, by their names in Similarity."""

FEATURES = (
    "score",
    "margin",
    "certainty",
    "words",
    "words_margin",
    "meaning",
    "meaning_margin",
    "halves_agree",
    "coverage",
    "score_x_coverage",
    "length",
    "is_short",
    "is_latin",
)
"""What the probability of the first candidate is computed from."""


@dataclass(frozen=True, kw_only=True)
class Ranked:
    """A candidate with its score, about 0 to 1."""

    similarity: Similarity
    score: float


def similarities(
    indexes: Iterable[EntryIndex], weighed: Weighed, *, without: int | None = None
) -> list[Similarity]:
    """Each candidate compared exactly with the query."""
    return [index.compare(weighed, without=without) for index in indexes]


def as_row(similarity: Similarity) -> Floats:
    """SIMILARITIES as an array."""
    return np.asarray([getattr(similarity, name) for name in SIMILARITIES])


def rank(
    found: Sequence[Similarity],
    weights: Floats,
    *,
    followed: frozenset[str] = frozenset(),
    bonus: float = 0.0,
) -> list[Ranked]:
    """Best first; a phrasing word for word comes before everything. Entries in `followed` get `bonus`."""
    ranked = [
        Ranked(similarity=s, score=float(as_row(s) @ weights) + (bonus if s.entry in followed else 0.0))
        for s in found
    ]
    return sorted(ranked, key=lambda r: (not r.similarity.is_verbatim, -r.score, r.similarity.entry))


def features_of(ranked: Sequence[Ranked], weighed: Weighed, sharpness: float) -> Floats:
    """FEATURES of one query; `ranked` must not be empty. `sharpness` turns differences of scores into odds."""
    top, others = ranked[0], ranked[1:]
    second = max((r.score for r in others), default=0.0)
    words = max((r.similarity.words for r in others), default=0.0)
    meaning = max((r.similarity.meaning for r in others), default=0.0)
    length = _length(weighed.query.form)
    best_words = top.similarity.words >= words
    best_meaning = top.similarity.meaning >= meaning
    return np.asarray(
        [
            top.score,
            (top.score - second) / (abs(top.score) + 1e-9),
            _log_odds(ranked, sharpness),
            top.similarity.words,
            top.similarity.words - words,
            top.similarity.meaning,
            top.similarity.meaning - meaning,
            float(best_words and best_meaning),
            weighed.coverage,
            top.score * weighed.coverage,
            np.log1p(length) / 4,
            float(length < 3),
            float(weighed.query.form.isascii()),
        ]
    )


def shares(ranked: Sequence[Ranked], top: float, sharpness: float) -> list[float]:
    """Probabilities of the candidates: `top` for the first, the rest of it shared by a softmax of the scores."""
    if not ranked:
        return []
    weights = np.exp(sharpness * (np.asarray([r.score for r in ranked]) - ranked[0].score))
    rest = float(weights[1:].sum()) or 1.0
    return [top, *(min(top, (1 - top) * float(w) / max(rest, 1.0)) for w in weights[1:])]


def _log_odds(ranked: Sequence[Ranked], sharpness: float) -> float:
    """Of the first candidate against all others together, were one of them right; between −5 and 5."""
    others = np.exp(sharpness * (np.asarray([r.score for r in ranked[1:]]) - ranked[0].score)).sum()
    return float(np.clip(-np.log(float(others) + 1e-9), -5, 5))


def _length(form: str) -> int:
    return sum(1 if word.isascii() else len(word) for word in form.split())
