"""One entry in memory, ready to be compared with a query exactly: by words (TF-IDF cosine) and by meaning (vectors).

Each comparison is with the nearest phrasing and with the entry as a whole, because customers mix several phrasings.
Knows nothing of probabilities or outcomes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
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

    def cosines(self, weighed: Weighed) -> Floats:
        """Of each row with the query."""
        places, of_query = self._matches(weighed)
        products = self._weights[places] * weighed.weights[of_query]
        return np.asarray(np.bincount(self._rows[places], products, self._count), dtype=np.float64)

    def covered(self, weighed: Weighed) -> float:
        """Share of the query's weight whose pieces stand in any row."""
        _, of_query = self._matches(weighed)
        return float((weighed.weights[np.unique(of_query)] ** 2).sum())

    def _matches(self, weighed: Weighed) -> tuple[Numbers, Numbers]:
        """Places here, and in the query, that hold the same piece."""
        first = np.searchsorted(self._numbers, weighed.numbers, "left")
        counts = np.searchsorted(self._numbers, weighed.numbers, "right") - first
        of_query = np.repeat(np.arange(len(counts)), counts)
        before = np.repeat(first - np.cumsum(counts) + counts, counts)
        return before + np.arange(len(of_query)), of_query


class EntryIndex:
    """Nothing that can be seen of it changes after construction."""

    def __init__(self, entry: Entry, phrasings: Sequence[StoredPhrasing], rarity: Rarity) -> None:
        self.entry = entry
        self.phrasings = tuple(phrasings)
        self._forms = [p.form for p in phrasings]
        self._rarity = rarity
        self._pieces = [p.pieces for p in phrasings]
        self._vectors = np.stack([p.vector for p in phrasings])
        rows = [weights_of(found, rarity) for found in self._pieces]
        self._words = WordRows(rows)
        self._whole = self._whole_without(None)
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
        left_out = next((n for n, p in enumerate(self.phrasings) if p.id == without), None)
        words = self._words.cosines(weighed)
        meaning = self._vectors @ weighed.query.vector
        whole, centre = self._whole if left_out is None else self._whole_without(left_out)
        kept = np.arange(len(self._forms)) != (-1 if left_out is None else left_out)
        if not kept.any():
            return _nothing(self.entry.id)
        words, meaning = words[kept], meaning[kept]
        texts = [p.text for p, is_kept in zip(self.phrasings, kept, strict=True) if is_kept]
        few = np.sort(meaning)[-NEAREST_FEW:]
        return Similarity(
            entry=self.entry.id,
            words=float(words.max()),
            words_whole=float(whole.cosines(weighed)[0]),
            meaning=float(meaning.max()),
            meaning_few=float(few.mean()),
            meaning_whole=float(centre @ weighed.query.vector),
            coverage=whole.covered(weighed),
            phrasing=texts[int((words + meaning).argmax())],
            is_verbatim=left_out is None and weighed.query.form in self._forms,
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

    def _whole_without(self, left_out: int | None) -> tuple[WordRows, Vector]:
        """The entry as one text, counts damped by the square root, and the mean of its vectors."""
        together: dict[str, float] = {}
        for n, found in enumerate(self._pieces):
            for piece, weight in found.items() if n != left_out else ():
                together[piece] = together.get(piece, 0.0) + weight
        whole = WordRows([weights_of({p: w**0.5 for p, w in together.items()}, self._rarity)])
        kept = [n for n in range(len(self._forms)) if n != left_out]
        centre = self._vectors[kept].sum(axis=0)
        return whole, (centre / (float(np.linalg.norm(centre)) or 1.0)).astype(np.float32)


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
