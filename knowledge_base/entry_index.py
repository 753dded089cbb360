"""One entry in memory, ready to be compared with a query exactly: by words (TF-IDF cosine) and by meaning (vectors).

Each comparison is with the nearest phrasing and with the entry as a whole, because customers mix several phrasings.
Knows nothing of probabilities or outcomes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import repeat

import numpy as np
import numpy.typing as npt

from knowledge_base.entries import Entry
from knowledge_base.features import Cut, Floats, Numbers, cut
from knowledge_base.retrieval import Found, Query, Vector
from knowledge_base.text_normalisation import matching_form

NEAREST_FEW = 3
"""The mean over this many nearest phrasings forgives one odd phrasing."""


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


@dataclass(frozen=True, kw_only=True)
class Similarity:
    """Of one query with one entry, each 0 to 1 (meaning: −1 to 1); `phrasing` is the nearest one."""

    entry: str
    words: float
    words_whole: float
    meaning: float
    meaning_few: float
    meaning_whole: float
    coverage: float
    """Share of the query's weight that the entry's words hold."""
    phrasing: str
    is_verbatim: bool


@dataclass(frozen=True, kw_only=True)
class StoredPhrasing:
    """A row of knowledge_phrasings; `form` is the text in matching form, `cut` what that is cut into."""

    id: int
    text: str
    vector: Vector
    form: str
    cut: Cut

    @classmethod
    def unstored(cls, id_: int, text: str, vector: Vector) -> StoredPhrasing:
        """One that PostgreSQL does not have."""
        form = matching_form(text)
        return cls(id=id_, text=text, vector=vector, form=form, cut=cut(form))


@dataclass(frozen=True)
class Pieces:
    """The pieces of several texts one after the other: number, weight and the text's place of each."""

    numbers: Numbers
    weights: Floats
    rows: npt.NDArray[np.int64]
    count: int
    """Texts."""

    @classmethod
    def of(cls, texts: Sequence[Cut]) -> Pieces:
        """Weights as they were cut."""
        nothing = Cut(np.zeros(0, dtype=np.int64), np.zeros(0))
        return cls(
            np.concatenate([t.numbers for t in texts] or [nothing.numbers]),
            np.concatenate([t.weights for t in texts] or [nothing.weights]).astype(np.float64),
            np.repeat(np.arange(len(texts)), [len(t.numbers) for t in texts]),
            len(texts),
        )

    def weighed(self, rarity: Floats) -> Pieces:
        """By the rarity of each piece, every text of length 1."""
        weights = self.weights * rarity
        lengths = np.sqrt(np.bincount(self.rows, weights * weights, self.count))
        lengths[lengths == 0] = 1.0
        return replace(self, weights=weights / lengths[self.rows])

    def followed_by(self, other: Pieces) -> Pieces:
        """With the other's texts after these."""
        return Pieces(
            np.concatenate([self.numbers, other.numbers]),
            np.concatenate([self.weights, other.weights]),
            np.concatenate([self.rows, other.rows + self.count]),
            self.count + other.count,
        )

    def without(self, row: int) -> Pieces:
        """That text with no pieces."""
        kept = self.rows != row
        return Pieces(self.numbers[kept], self.weights[kept], self.rows[kept], self.count)


class WordRows:
    """Weighed pieces of texts, sorted by piece, so that a query looks up its own few pieces only."""

    def __init__(self, pieces: Pieces) -> None:
        order = np.argsort(pieces.numbers, kind="stable")
        self._count = pieces.count
        self._numbers = pieces.numbers[order]
        self._weights = pieces.weights[order]
        self._rows = pieces.rows[order]

    def compared(self, weighed: Weighed) -> tuple[Floats, float]:
        """The cosine of each row with the query, and the share of the query's weight whose pieces stand in any row."""
        first = self._numbers.searchsorted(weighed.numbers, "left")
        counts = self._numbers.searchsorted(weighed.numbers, "right") - first
        here = counts.nonzero()[0]
        first, counts, weights = first[here], counts[here], weighed.weights[here]
        ends = counts.cumsum()
        places = (first - ends + counts).repeat(counts)
        places += np.arange(len(places))
        products = self._weights[places] * weights.repeat(counts)
        cosines = np.bincount(self._rows[places], products, self._count)
        return np.asarray(cosines, dtype=np.float64), float(weights @ weights)

    def cosines(self, weighed: Weighed) -> Floats:
        """Of each row with the query."""
        return self.compared(weighed)[0]


class EntryIndex:
    """Nothing that can be seen of it changes after construction."""

    def __init__(self, entry: Entry, phrasings: Sequence[StoredPhrasing], rarity: Rarity) -> None:
        self.entry = entry
        self.phrasings = tuple(phrasings)
        self._forms = frozenset(p.form for p in phrasings)
        self._rarity = rarity
        self._pieces = Pieces.of([p.cut for p in phrasings])
        self._vectors = np.stack([p.vector for p in phrasings])
        numbers, places = np.unique(self._pieces.numbers, return_inverse=True)
        rarities = rarity.of(numbers)
        rows = self._pieces.weighed(rarities[places])
        whole = _together(self._pieces, numbers, places).weighed(rarities)
        self._words = WordRows(rows.followed_by(whole))
        self._meanings = np.vstack([self._vectors, _centre(self._vectors)])
        self._places = {p.id: n for n, p in enumerate(phrasings)}
        self._last_without: tuple[str | None, EntryIndex | None] = None, None

    @property
    def lexemes(self) -> frozenset[int]:
        """The pieces of all of its phrasings, by number."""
        return frozenset(self._pieces.numbers.tolist())

    def without(self, form: str) -> EntryIndex | None:
        """As it were without the phrasings of this matching form; None where nothing is left."""
        kept = [p for p in self.phrasings if p.form != form]
        if len(kept) == len(self.phrasings):
            return self
        if self._last_without[0] != form:  # the same is asked for several times in turn
            self._last_without = form, EntryIndex(self.entry, kept, self._rarity) if kept else None
        return self._last_without[1]

    def compare(self, weighed: Weighed, *, without: int | None = None) -> Similarity:
        """`without`: the id of a phrasing that is not looked at (calibration)."""
        left_out = None if without is None else self._places.get(without)
        if left_out is not None:
            return self._compare_without(left_out, weighed)
        words, coverage = self._words.compared(weighed)
        return self._similarity(weighed, self.phrasings, words, self._meanings, coverage)

    def _compare_without(self, left_out: int, weighed: Weighed) -> Similarity:
        kept = [n for n in range(len(self.phrasings)) if n != left_out]
        if not kept:
            return _nothing(self.entry.id)
        others = self._pieces.without(left_out)
        numbers, places = np.unique(others.numbers, return_inverse=True)
        together = _together(others, numbers, places).weighed(self._rarity.of(numbers))
        whole, coverage = WordRows(together).compared(weighed)
        words = np.append(self._words.cosines(weighed)[kept], whole)
        vectors = self._vectors[kept]
        phrasings = [self.phrasings[n] for n in kept]
        found = self._similarity(weighed, phrasings, words, np.vstack([vectors, _centre(vectors)]), coverage)
        return replace(found, is_verbatim=False)

    def _similarity(
        self,
        weighed: Weighed,
        phrasings: Sequence[StoredPhrasing],
        words: Floats,
        meanings: Vector,
        coverage: float,
    ) -> Similarity:
        """`words` and `meanings`: a row for each phrasing, and a last one for the entry as a whole."""
        meaning = meanings @ weighed.query.vector
        of_words, of_meaning = words[:-1], meaning[:-1]
        few = np.sort(of_meaning)[-NEAREST_FEW:]
        return Similarity(
            entry=self.entry.id,
            words=float(of_words.max()),
            words_whole=float(words[-1]),
            meaning=float(of_meaning.max()),
            meaning_few=float(few.sum()) / len(few),
            meaning_whole=float(meaning[-1]),
            coverage=coverage,
            phrasing=phrasings[int((of_words + of_meaning).argmax())].text,
            is_verbatim=weighed.query.form in self._forms,
        )

    def forgotten(self, rarity: Mapping[int, int], *, without: int | None) -> dict[int, int]:
        """`rarity` as it were if this phrasing, or with None the whole entry, had never been written."""
        gone = self.lexemes
        if without is not None:
            row = self._places.get(without)
            kept = self._pieces if row is None else self._pieces.without(row)
            gone -= frozenset(kept.numbers.tolist())
        reduced = {number: entries - (number in gone) for number, entries in rarity.items()}
        return {number: entries for number, entries in reduced.items() if entries > 0}


def _together(pieces: Pieces, numbers: Numbers, places: npt.NDArray[np.int64]) -> Pieces:
    """All texts as one, counts damped by the square root; `numbers` once each, and which of them each piece is."""
    weights = np.sqrt(np.bincount(places, pieces.weights, len(numbers)))
    return Pieces(numbers, weights, np.zeros(len(numbers), dtype=np.int64), 1)


def _centre(vectors: Vector) -> Vector:
    """The mean, of length 1."""
    centre = vectors.sum(axis=0)
    return np.asarray(centre / (float(np.linalg.norm(centre)) or 1.0), dtype=np.float32)


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


def _nothing(entry: str) -> Similarity:
    return Similarity(
        entry=entry,
        words=0,
        words_whole=0,
        meaning=0,
        meaning_few=0,
        meaning_whole=0,
        coverage=0,
        phrasing="",
        is_verbatim=False,
    )
