"""How much each piece of a text tells in a base: the rarer, the more."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import repeat

import numpy as np

from knowledge_base.features import Floats, Numbers, cut
from knowledge_base.retrieval import Found, Query
from knowledge_base.text_normalisation import matching_form


@dataclass(frozen=True, kw_only=True)
class Rarity:
    """How much a piece tells: ln(1 + entries / entries with it) (Spärck Jones 1972, smoothed)."""

    entries: int
    entries_with: Mapping[int, int]
    """By the piece's number."""

    def of(self, numbers: Numbers) -> Floats:
        """An unknown piece counts like one that stands in a single entry."""
        known = map(self.entries_with.get, numbers.tolist(), repeat(1))
        counts = np.fromiter(known, dtype=np.float64, count=len(numbers))
        return np.asarray(np.log1p(max(1, self.entries) / np.maximum(1, counts)), dtype=np.float64)


@dataclass(frozen=True, kw_only=True)
class Weighed:
    """A query weighed by the rarity of its pieces; `numbers` rise, `weights` have length 1."""

    query: Query
    numbers: Numbers
    weights: Floats
    coverage: float
    """Share of the query's weight whose pieces the base knows at all."""


def weigh(query: Query, found: Found) -> Weighed:
    """The query with the rarity that its pieces have in the base now."""
    rarity = Rarity(entries=found.versions.entries, entries_with=found.rarity)
    numbers = query.cut.numbers
    weights = query.cut.weights * rarity.of(numbers)
    weights /= float(np.sqrt(weights @ weights)) or 1.0
    known = np.fromiter((n in found.rarity for n in numbers.tolist()), dtype=np.bool_, count=len(numbers))
    return Weighed(query=query, numbers=numbers, weights=weights, coverage=float((weights[known] ** 2).sum()))


def lexemes_of(texts: Iterable[str]) -> set[int]:
    """The numbers of all pieces of texts as customers or editors wrote them."""
    return {number for text in texts for number in cut(matching_form(text)).numbers.tolist()}
