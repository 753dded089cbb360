"""One entry in memory, ready to be compared with a query exactly: by words (TF-IDF cosine) and by meaning (vectors).

Each comparison is with the nearest phrasing and with the entry as a whole, because customers mix several phrasings.
Knows nothing of probabilities or outcomes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import log1p

import numpy as np
import numpy.typing as npt

from knowledge_base.entries import Entry
from knowledge_base.features import pieces
from knowledge_base.retrieval import Found, Query, Vector
from knowledge_base.text_normalisation import matching_form

Floats = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.int64]

NEAREST_FEW = 3
"""The mean over this many nearest phrasings forgives one odd phrasing."""


@dataclass(frozen=True, kw_only=True)
class Rarity:
    """How much a lexeme tells: ln(1 + entries / entries with it) (Spärck Jones 1972, smoothed)."""

    entries: int
    entries_with: Mapping[str, int]
    _known: dict[str, float] = field(default_factory=dict, repr=False, compare=False)

    def of(self, lexeme: str) -> float:
        """An unknown lexeme counts like one that stands in a single entry."""
        if (rarity := self._known.get(lexeme)) is None:
            rarity = log1p(max(1, self.entries) / max(1, self.entries_with.get(lexeme, 1)))
            self._known[lexeme] = rarity
        return rarity


@dataclass(frozen=True, kw_only=True)
class Weighed:
    """A query weighed by the rarity of its pieces; `numbers` rise, `weights` have length 1."""

    query: Query
    numbers: Numbers
    weights: Floats
    coverage: float
    """Share of the query's weight whose lexemes the base knows at all."""


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
    """A row of knowledge_phrasings; `form` is the text in matching form, `pieces` what that is cut into."""

    id: int
    text: str
    vector: Vector
    form: str
    pieces: Mapping[str, float]

    @classmethod
    def unstored(cls, id_: int, text: str, vector: Vector) -> StoredPhrasing:
        """One that PostgreSQL does not have."""
        form = matching_form(text)
        return cls(id=id_, text=text, vector=vector, form=form, pieces=pieces(form))


class WordRows:
    """Texts as rows of weighed pieces, sorted by piece, so that a query looks up its own few pieces only."""

    def __init__(self, rows: Sequence[tuple[Numbers, Floats]]) -> None:
        numbers = np.concatenate([found for found, _ in rows]) if rows else np.zeros(0, dtype=np.int64)
        order = np.argsort(numbers, kind="stable")
        self._count = len(rows)
        self._numbers = numbers[order]
        self._weights = np.concatenate([w for _, w in rows])[order] if rows else np.zeros(0)
        self._rows = np.repeat(np.arange(len(rows)), [len(found) for found, _ in rows])[order]

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
        self._pieces = [p.pieces for p in phrasings]
        self._vectors = np.stack([p.vector for p in phrasings])
        whole, centre = self._whole_without(None)
        self._words = WordRows([*(weights_of(found, rarity) for found in self._pieces), whole])
        self._meanings = np.vstack([self._vectors, centre])
        self._places = {p.id: n for n, p in enumerate(phrasings)}
        self._last_without: tuple[str | None, EntryIndex | None] = None, None

    @property
    def lexemes(self) -> frozenset[str]:
        """All of its phrasings."""
        return frozenset().union(*self._pieces)

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
        whole, centre = self._whole_without(left_out)
        of_whole, coverage = WordRows([whole]).compared(weighed)
        words = np.append(self._words.cosines(weighed)[kept], of_whole)
        meanings = np.vstack([self._vectors[kept], centre])
        phrasings = [self.phrasings[n] for n in kept]
        found = self._similarity(weighed, phrasings, words, meanings, coverage)
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

    def forgotten(self, rarity: Mapping[str, int], *, without: int | None) -> dict[str, int]:
        """`rarity` as it were if this phrasing, or with None the whole entry, had never been written."""
        texts = [
            (p.id == without or without is None, found)
            for p, found in zip(self.phrasings, self._pieces, strict=True)
        ]
        kept = {piece for is_gone, found in texts if not is_gone for piece in found}
        gone = {piece for is_gone, found in texts if is_gone for piece in found} - kept
        reduced = {lexeme: entries - (lexeme in gone) for lexeme, entries in rarity.items()}
        return {lexeme: entries for lexeme, entries in reduced.items() if entries > 0}

    def _whole_without(self, left_out: int | None) -> tuple[tuple[Numbers, Floats], Vector]:
        """The entry as one text: its pieces, counts damped by the square root, and the mean of its vectors."""
        together: dict[str, float] = {}
        for n, found in enumerate(self._pieces):
            for piece, weight in found.items() if n != left_out else ():
                together[piece] = together.get(piece, 0.0) + weight
        kept = [n for n in range(len(self._pieces)) if n != left_out]
        centre = self._vectors[kept].sum(axis=0)
        centre = (centre / (float(np.linalg.norm(centre)) or 1.0)).astype(np.float32)
        return weights_of({p: w**0.5 for p, w in together.items()}, self._rarity), centre


def weigh(query: Query, found: Found) -> Weighed:
    """The query with the rarity that its lexemes have in the base now."""
    rarity = Rarity(entries=found.versions.entries, entries_with=found.rarity)
    numbers, weights = weights_of(query.pieces, rarity)
    known = np.sort(np.fromiter((_number(p) for p in query.pieces if p in found.rarity), dtype=np.int64))
    order = np.argsort(numbers)
    coverage = float((weights[np.isin(numbers, known)] ** 2).sum())
    return Weighed(query=query, numbers=numbers[order], weights=weights[order], coverage=coverage)


def lexemes_of(texts: Iterable[str]) -> set[str]:
    """All lexemes of texts as customers or editors wrote them."""
    return {piece for text in texts for piece in pieces(matching_form(text))}


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


def weights_of(found: Mapping[str, float], rarity: Rarity) -> tuple[Numbers, Floats]:
    """Numbers and weights of pieces, of length 1 together."""
    numbers = np.fromiter(map(_number, found), dtype=np.int64, count=len(found))
    weights = np.fromiter(found.values(), dtype=np.float64, count=len(found))
    weights *= np.fromiter(map(rarity.of, found), dtype=np.float64, count=len(found))
    return numbers, weights / (float(np.sqrt((weights**2).sum())) or 1.0)


def _number(piece: str) -> int:
    """A piece as a number, so that numpy compares them; two of 64 bits do not meet in a base's few millions."""
    return hash(piece)
