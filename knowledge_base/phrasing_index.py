"""An index over phrasings in memory: TF-IDF cosine of each phrasing, and of each entry as a whole.

Knows nothing of probabilities or outcomes. Leaving phrasings out is cheap, which calibration needs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from knowledge_base.features import pieces

Floats = npt.NDArray[np.float64]

ENTRY_SHARE = 0.6
"""Share of the whole entry's similarity in an entry's score; the rest is its nearest phrasing's."""


@dataclass(frozen=True, kw_only=True)
class Scores:
    """Similarity of one query with every entry and phrasing, 0 to 1."""

    entries: Floats
    nearest: npt.NDArray[np.int64]
    phrasings: Floats
    coverage: float
    """Share of the query's weight whose pieces the index knows at all."""


class PhrasingIndex:
    """Phrasings in matching form, each owned by an entry (by number)."""

    def __init__(self, forms: Sequence[str], owners: Sequence[int], entry_count: int) -> None:
        self.owners = np.asarray(owners, dtype=np.int64)
        self._entry_count = entry_count
        self._pieces = [pieces(form) for form in forms]
        entry_pieces: list[dict[str, float]] = [{} for _ in range(entry_count)]
        for owner, found in zip(owners, self._pieces, strict=True):
            for piece, weight in found.items():
                entry_pieces[owner][piece] = entry_pieces[owner].get(piece, 0.0) + weight
        self._idf = _rarity(entry_pieces)
        self._unknown_idf = float(np.log(1 + entry_count))
        self._phrasing_lists = _postings(self._pieces, self._idf)
        damped = [{piece: weight**0.5 for piece, weight in found.items()} for found in entry_pieces]
        self._entry_lists = _postings(damped, self._idf)
        self._starts = np.flatnonzero(np.r_[True, np.diff(self.owners) > 0])
        assert bool(np.all(np.diff(self.owners) >= 0)), "phrasings must stand in the order of their entries"

    def score(self, form: str, *, left_out: Iterable[int] = ()) -> Scores:
        """Scores for a text in matching form. Phrasings in `left_out` are not looked at."""
        query = {p: w * self._idf.get(p, self._unknown_idf) for p, w in pieces(form).items()}
        norm = float(np.sqrt(sum(w * w for w in query.values()))) or 1.0
        phrasings = _cosines(query, norm, self._phrasing_lists, len(self._pieces))
        wholes = _cosines(query, norm, self._entry_lists, self._entry_count)
        for n in left_out:
            phrasings[n] = 0.0
        nearest = self._nearest(phrasings)
        known = sum(w * w for p, w in query.items() if p in self._idf)
        entries = (1 - ENTRY_SHARE) * phrasings[nearest] + ENTRY_SHARE * wholes
        return Scores(entries=entries, nearest=nearest, phrasings=phrasings, coverage=known / (norm * norm))

    def _nearest(self, phrasings: Floats) -> npt.NDArray[np.int64]:
        best = np.maximum.reduceat(phrasings, self._starts)
        hits = phrasings >= best[self.owners]
        positions = np.where(hits, np.arange(len(phrasings)), len(phrasings))
        return np.minimum.reduceat(positions, self._starts).astype(np.int64)


def _rarity(documents: Sequence[Mapping[str, float]]) -> dict[str, float]:
    counts: dict[str, int] = {}
    for found in documents:
        for piece in found:
            counts[piece] = counts.get(piece, 0) + 1
    return {piece: float(np.log(1 + len(documents) / count)) for piece, count in counts.items()}


Postings = Mapping[str, tuple[npt.NDArray[np.int64], Floats]]


def _postings(documents: Sequence[Mapping[str, float]], idf: Mapping[str, float]) -> Postings:
    lists: dict[str, tuple[list[int], list[float]]] = {}
    for n, found in enumerate(documents):
        weights = {piece: weight * idf[piece] for piece, weight in found.items()}
        norm = sum(w * w for w in weights.values()) ** 0.5 or 1.0
        for piece, weight in weights.items():
            ids, values = lists.setdefault(piece, ([], []))
            ids.append(n)
            values.append(weight / norm)
    return {p: (np.asarray(ids, dtype=np.int64), np.asarray(values)) for p, (ids, values) in lists.items()}


def _cosines(query: Mapping[str, float], norm: float, postings: Postings, size: int) -> Floats:
    scores = np.zeros(size)
    for piece, weight in query.items():
        if piece in postings:
            ids, values = postings[piece]
            scores[ids] += (weight / norm) * values
    return scores
