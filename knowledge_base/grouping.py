"""Questions that mean the same thing, grouped by their vectors: average-linkage clustering with a cosine threshold.

Many questions come in rounds: the first few thousand are clustered each with each, the others join a group whose mean
cosine with them reaches the threshold, which is the rule of average linkage too; what is left is the next round.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from knowledge_base.encoder import Encoder
from knowledge_base.trade_words import all_words

NEARNESS = 0.37
"""Mean cosine between two groups from which on they are one; chosen on the dev half of evaluation/gaps_groups.yml."""
ROUND = 3_000
"""Questions that are compared each with each: 9 million pairs, a second or two."""

Vectors = npt.NDArray[np.float32]
Labels = npt.NDArray[np.int64]


def common_to_all(encoder: Encoder) -> Vectors:
    """The mean vector of questions to a shop, as the words of the trade tell its direction.

    They, and not a base's phrasings, so that it is the same for an empty base and for one that speaks of one thing.
    """
    if encoder.hash not in _COMMON:
        mean = encoder.encode(all_words()).mean(axis=0)
        _COMMON[encoder.hash] = np.asarray(
            mean * (_MEAN_LENGTH / (float(np.linalg.norm(mean)) or 1.0)), np.float32
        )
    return _COMMON[encoder.hash]


_COMMON: dict[str, Vectors] = {}
"""By the hash of the encoder: a process has one or two."""
_MEAN_LENGTH = 0.46
"""Of the mean vector of the demo shop's phrasings; the mean of lone words is shorter."""


def centred(vectors: Vectors, common: Vectors) -> Vectors:
    """Without what all questions to a shop have in common (`common_to_all`), at unit length again.

    Static encoders put every short text near that, which hides what tells texts apart (Mu and Viswanath 2018).
    """
    known = vectors.any(axis=1, keepdims=True)
    told = np.where(known, vectors - common, 0)
    lengths = np.linalg.norm(told, axis=1, keepdims=True)
    return np.asarray(np.divide(told, lengths, out=np.zeros_like(told), where=lengths > 0), np.float32)


def group(vectors: Vectors, *, nearness: float = NEARNESS) -> Labels:
    """A group's number for each row of (n, dimensions) vectors of unit length; rows of zeros stand alone.

    Numbers rise in the order in which groups first appear. Deterministic; earlier rows weigh more where there are
    more than ROUND of them.
    """
    labels = np.full(len(vectors), -1, np.int64)
    left = np.arange(len(vectors))
    used = 0
    while len(left):
        now, later = left[:ROUND], left[ROUND:]
        found = _clustered(vectors[now], nearness)
        labels[now] = found + used
        means = _means(vectors[now], found)
        used += len(means)
        left = later[~_joined(vectors, later, means, labels, nearness, used - len(means))]
    _, first, numbers = np.unique(labels, return_index=True, return_inverse=True)
    return np.asarray(np.argsort(np.argsort(first))[numbers], np.int64)


def _clustered(vectors: Vectors, nearness: float) -> Labels:
    if len(vectors) == 1:
        return np.zeros(1, np.int64)
    from sklearn.cluster import AgglomerativeClustering

    distances = np.clip(1 - vectors @ vectors.T, 0, 2)
    np.fill_diagonal(distances, 0)
    clustering = AgglomerativeClustering(
        n_clusters=None, metric="precomputed", linkage="average", distance_threshold=1 - nearness
    )
    return np.asarray(clustering.fit_predict(distances), np.int64)


def _means(vectors: Vectors, labels: Labels) -> Vectors:
    """Of each group; not brought to unit length, so that a product with one is a mean of cosines."""
    sums = np.zeros((int(labels.max()) + 1, vectors.shape[1]), np.float32)
    np.add.at(sums, labels, vectors)
    return np.asarray(sums / np.bincount(labels)[:, None], np.float32)


def _joined(
    vectors: Vectors, later: Labels, means: Vectors, labels: Labels, nearness: float, first: int
) -> npt.NDArray[np.bool_]:
    """Gives rows of `later` that are near a group its number; which they were."""
    joined = np.zeros(len(later), np.bool_)
    for start in range(0, len(later), ROUND):
        rows = later[start : start + ROUND]
        cosines = vectors[rows] @ means.T
        best = cosines.argmax(axis=1)
        near = cosines[np.arange(len(rows)), best] >= nearness
        labels[rows[near]] = best[near] + first
        joined[start : start + ROUND] = near
    return joined
