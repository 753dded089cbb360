"""Fuses the two halves: candidates in one order by a weighted sum of their similarities, and what tells how sure that is.

The weights are learned (knowledge_base/calibrating.py). The features do not depend on the size of the base.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from knowledge_base.entry_index import EntryIndex, Similarity
from knowledge_base.features import Floats
from knowledge_base.outside import Nearness
from knowledge_base.weighing import Weighed

SIMILARITIES = ("words", "words_whole", "meaning", "meaning_few", "meaning_whole")
"""The summands of a score, by their names in Similarity."""

FEATURES = (
    "score",
    "margin",
    "certainty",
    "words",
    "words_margin",
    "words_whole_margin",
    "meaning",
    "meaning_margin",
    "meaning_few_margin",
    "meaning_whole_margin",
    "halves_agree",
    "coverage",
    "coverage_of_entry",
    "score_x_coverage",
    "outside_words",
    "outside_meaning",
    "outside_meaning_few",
    "beyond_outside_words",
    "beyond_outside_meaning",
    "length",
    "is_short",
    "is_latin",
)
"""What the probabilities are computed from: that the first candidate answers, and that one of OPTIONS does."""

OPTIONS = 3
"""Candidates of an outcome: as many as buttons of an ask-back."""

TOPIC = 0.45
"""Of the score of a message that leans on the entry before, the part of its words with the topic before them."""
RELATED = 0.06
"""Added to such a score where an editor has named the entry as related to the one before."""


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


def rank(found: Sequence[Similarity], weights: Floats) -> list[Ranked]:
    """Best first; a phrasing word for word comes before everything, and before it one that is the message as a whole."""
    ranked = [Ranked(similarity=s, score=float(as_row(s) @ weights)) for s in found]
    return sorted(
        ranked,
        key=lambda r: (
            not r.similarity.is_said,
            not r.similarity.is_verbatim,
            -r.score,
            r.similarity.entry,
        ),
    )


def rank_after(
    alone: Sequence[Similarity], with_topic: Sequence[Similarity], related: frozenset[str], weights: Floats
) -> list[Ranked]:
    """Best first for a message that leans on the entry before: the same candidates compared with its words alone, and
    with the topic before them («花呗» after «退款多久到账»). Entries in `related` are nearer by RELATED."""
    topical = {s.entry: float(as_row(s) @ weights) for s in with_topic}
    ranked = [
        Ranked(
            similarity=s,
            score=(1 - TOPIC) * float(as_row(s) @ weights)
            + TOPIC * topical[s.entry]
            + (RELATED if s.entry in related else 0.0),
        )
        for s in alone
    ]
    return sorted(ranked, key=lambda r: (-r.score, r.similarity.entry))


def features_of(ranked: Sequence[Ranked], weighed: Weighed, outside: Nearness, sharpness: float) -> Floats:
    """FEATURES of one query; `ranked` must not be empty. `sharpness` turns differences of scores into odds."""
    top, best = ranked[0].similarity, ranked[0].score
    others = [r.similarity for r in ranked[1:]]
    second = max((r.score for r in ranked[1:]), default=0.0)
    words = max((s.words for s in others), default=0.0)
    meaning = max((s.meaning for s in others), default=0.0)
    length = _length(weighed.query.form)
    return np.asarray(
        [
            best,
            (best - second) / (abs(best) + 1e-9),
            _log_odds(ranked, sharpness),
            top.words,
            top.words - words,
            top.words_whole - max((s.words_whole for s in others), default=0.0),
            top.meaning,
            top.meaning - meaning,
            top.meaning_few - max((s.meaning_few for s in others), default=0.0),
            top.meaning_whole - max((s.meaning_whole for s in others), default=0.0),
            float(top.words >= words and top.meaning >= meaning),
            weighed.coverage,
            top.coverage,
            best * weighed.coverage,
            outside.words,
            outside.meaning,
            outside.meaning_few,
            top.words - outside.words,
            top.meaning - outside.meaning,
            np.log1p(length) / 4,
            float(length < 3),
            float(weighed.query.form.isascii()),
        ]
    )


def shares(ranked: Sequence[Ranked], top: float, among: float, sharpness: float) -> list[float]:
    """Probabilities of the first OPTIONS candidates: `top` for the first; the others share what is left of `among` by a
    softmax of their scores, none of them more than the first."""
    if not ranked:
        return []
    weights = np.exp(sharpness * np.asarray([r.score - ranked[0].score for r in ranked[1:OPTIONS]]))
    left = max(0.0, among - top)
    return [top, *(min(top, left * float(w / (weights.sum() or 1.0))) for w in weights)]


def _log_odds(ranked: Sequence[Ranked], sharpness: float) -> float:
    """Of the first candidate against all others together, were one of them right; between −5 and 5."""
    others = np.exp(sharpness * (np.asarray([r.score for r in ranked[1:]]) - ranked[0].score)).sum()
    return float(np.clip(-np.log(float(others) + 1e-9), -5, 5))


def _length(form: str) -> int:
    return sum(1 if word.isascii() else len(word) for word in form.split())
