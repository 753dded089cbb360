"""The words of several texts, and of all of them together, ready to be compared with a query (TF-IDF cosine)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from knowledge_base.features import Cut, Floats, Numbers
from knowledge_base.weighing import Rarity, Weighed

Places = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Pieces:
    """The pieces of several texts one after the other, and how many each text has."""

    numbers: Numbers
    weights: npt.NDArray[np.floating]
    """As they were cut."""
    lengths: Places

    @classmethod
    def of(cls, texts: Sequence[Cut]) -> Pieces:
        """One after the other."""
        nothing = Cut(np.zeros(0, dtype=np.int64), np.zeros(0))
        return cls(
            np.concatenate([t.numbers for t in texts] or [nothing.numbers]),
            np.concatenate([t.weights for t in texts] or [nothing.weights]),
            np.asarray([len(t.numbers) for t in texts], dtype=np.int64),
        )

    def only(self, texts: npt.NDArray[np.bool_]) -> Pieces:
        """Of these texts; True for each that stays."""
        kept = texts.repeat(self.lengths)
        return Pieces(self.numbers[kept], self.weights[kept], self.lengths[texts])


class Compared(NamedTuple):
    """A query with the texts of one entry."""

    texts: Floats
    """The cosine of each text."""
    whole: float
    """The cosine of all of them together."""
    coverage: float
    """The share of the query's weight whose pieces stand in any of them."""


@dataclass(frozen=True)
class WordRows:
    """By piece, so that a query looks up its own few pieces only.

    `numbers` are the pieces of all texts, ascending, `whole` their weights in all texts together. Piece n stands in the
    texts `texts[starts[n]:starts[n + 1]]`, in each with the weight at the same place of `weights`.
    """

    numbers: Numbers
    whole: Floats
    starts: Places
    texts: Places
    weights: Floats
    count: int
    """Texts."""

    def compared(self, weighed: Weighed) -> Compared:
        """Texts and query have length 1, so the products are cosines."""
        places = self.numbers.searchsorted(weighed.numbers)
        places[places == len(self.numbers)] = 0
        shared = (self.numbers[places] == weighed.numbers).nonzero()[0] if len(self.numbers) else places[:0]
        here, weights = places[shared], weighed.weights[shared]
        first = self.starts[here]
        counts = self.starts[here + 1] - first
        ends = counts.cumsum()
        at = (first - ends + counts).repeat(counts)
        at += np.arange(len(at))
        products = self.weights[at] * weights.repeat(counts)
        cosines = np.bincount(self.texts[at], products, self.count).astype(np.float64, copy=False)
        return Compared(cosines, float(self.whole[here] @ weights), float(weights @ weights))


def word_rows(entries: Sequence[Pieces], rarity: Rarity) -> list[WordRows]:
    """Of each entry by itself; together they take a fraction of the time."""
    counts = [len(pieces.lengths) for pieces in entries]
    lengths = np.concatenate([pieces.lengths for pieces in entries])
    weights = np.concatenate([pieces.weights for pieces in entries]).astype(np.float64)
    numbers, place = np.unique(np.concatenate([p.numbers for p in entries]), return_inverse=True)
    rarities = rarity.of(numbers)
    text = np.arange(len(lengths)).repeat(lengths)
    in_texts = _of_length_one(weights * rarities[place], text, len(lengths))
    # Sorted by entry and piece: a piece that stands in several texts of an entry stands there several times in a row.
    entry = np.arange(len(entries)).repeat(counts)[text]
    key = entry * max(1, len(numbers)) + place
    order = key.argsort(kind="stable")
    key = key[order]
    first = np.flatnonzero(np.diff(key, prepend=-1))
    entry, place = entry[order][first], place[order][first]
    # All texts as one: counts are damped by the square root.
    whole = np.sqrt(np.add.reduceat(weights[order], first)) if len(first) else np.zeros(0)
    whole = _of_length_one(whole * rarities[place], entry, len(entries))
    pieces_end = np.bincount(entry, minlength=len(entries)).cumsum().tolist()
    first = np.append(first, len(key))
    text, in_texts = text[order], in_texts[order]
    made, start, texts_before = [], 0, 0
    for count, end in zip(counts, pieces_end, strict=True):
        rows = slice(first[start], first[end])
        made.append(
            WordRows(
                numbers[place[start:end]],
                whole[start:end].copy(),  # not a view: that would keep the other entries in memory
                first[start : end + 1] - first[start],
                text[rows] - texts_before,
                in_texts[rows].copy(),
                count,
            )
        )
        start, texts_before = end, texts_before + count
    return made


def _of_length_one(weights: Floats, row: Places, rows: int) -> Floats:
    lengths = np.sqrt(np.bincount(row, weights * weights, rows))
    lengths[lengths == 0] = 1.0
    return np.asarray(weights / lengths[row], dtype=np.float64)
