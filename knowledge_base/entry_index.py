"""One entry in memory, ready to be compared with a query exactly: by words (TF-IDF cosine) and by meaning (vectors).

Each comparison is with the nearest phrasing and with the entry as a whole, because customers mix several phrasings.
Knows nothing of probabilities or outcomes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from knowledge_base.entries import Entry
from knowledge_base.features import cut
from knowledge_base.retrieval import Vector
from knowledge_base.text_normalisation import matching_form
from knowledge_base.weighing import Rarity, Weighed
from knowledge_base.word_rows import Pieces, WordRows, word_rows

NEAREST_FEW = 3
"""The mean over this many nearest phrasings forgives one odd phrasing."""


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
    """Word for word a phrasing, small talk and lead-in aside."""
    is_said: bool
    """Word for word a phrasing, whole: somebody has written down just this."""


@dataclass(frozen=True)
class Phrasings:
    """Of one entry, a column for each thing that is known of them; all of the same length."""

    ids: Sequence[int]
    texts: Sequence[str]
    forms: Sequence[str]
    """Texts in matching form."""
    pieces: Pieces
    vectors: Vector
    """A row for each, and a last one for all together: their mean, of length 1."""

    @classmethod
    def unstored(cls, ids: Sequence[int], texts: Sequence[str], vectors: Vector) -> Phrasings:
        """Such as PostgreSQL does not have."""
        forms = [matching_form(text) for text in texts]
        return cls(ids, texts, forms, Pieces.of([cut(form) for form in forms]), with_centre(vectors))

    def only(self, kept: npt.NDArray[np.bool_]) -> Phrasings:
        """Some of them; True for each that stays."""
        places = kept.nonzero()[0].tolist()
        return Phrasings(
            [self.ids[n] for n in places],
            [self.texts[n] for n in places],
            [self.forms[n] for n in places],
            self.pieces.only(kept),
            with_centre(self.vectors[:-1][kept]),
        )


class EntryIndex:
    """Nothing that can be seen of it changes after construction."""

    def __init__(
        self, id_: str, phrasings: Phrasings, words: WordRows, rarity: Rarity, read: Callable[[], Entry]
    ) -> None:
        self.id = id_
        self.phrasings = phrasings
        self._words = words
        self._forms = frozenset(phrasings.forms)
        self._rarity = rarity
        self._read = read

    @cached_property
    def entry(self) -> Entry:
        """Read when it is asked for: of most candidates nobody sees more than how near they are."""
        return self._read()

    @property
    def lexemes(self) -> frozenset[int]:
        """The pieces of all of its phrasings, by number."""
        return frozenset(self._words.numbers.tolist())

    def without(self, form: str) -> EntryIndex | None:
        """As it were without the phrasings of this matching form; None where nothing is left."""
        if form not in self._forms:
            return self
        return self._only([own != form for own in self.phrasings.forms])

    def _without_phrasing(self, id_: int) -> EntryIndex | None:
        return self._only([own != id_ for own in self.phrasings.ids])

    def _only(self, kept: Sequence[bool]) -> EntryIndex | None:
        if not any(kept):
            return None
        phrasings = self.phrasings.only(np.asarray(kept))
        [words] = word_rows([phrasings.pieces], self._rarity)
        return EntryIndex(self.id, phrasings, words, self._rarity, lambda: self.entry)

    def compare(self, weighed: Weighed, *, without: int | None = None) -> Similarity:
        """`without`: the id of a phrasing that is not looked at (calibration)."""
        if without is not None and without in self.phrasings.ids:
            other = self._without_phrasing(without)
            found = _nothing(self.id) if other is None else other.compare(weighed)
            return replace(found, is_verbatim=False, is_said=False)
        words = self._words.compared(weighed)
        meaning = self.phrasings.vectors @ weighed.query.vector
        of_meaning = meaning[:-1]
        few = sorted(of_meaning.tolist())[-NEAREST_FEW:]
        return Similarity(
            entry=self.id,
            words=float(words.texts.max()),
            words_whole=words.whole,
            meaning=few[-1],
            meaning_few=sum(few) / len(few),
            meaning_whole=float(meaning[-1]),
            coverage=words.coverage,
            phrasing=self.phrasings.texts[int((words.texts + of_meaning).argmax())],
            is_verbatim=weighed.query.form in self._forms or weighed.query.said in self._forms,
            is_said=weighed.query.said in self._forms,
        )

    def forgotten(self, rarity: Mapping[int, int], *, without: int | None) -> dict[int, int]:
        """`rarity` as it were if this phrasing, or with None the whole entry, had never been written."""
        kept = None if without is None else self._without_phrasing(without)
        gone = self.lexemes - (frozenset() if kept is None else kept.lexemes)
        reduced = {number: entries - (number in gone) for number, entries in rarity.items()}
        return {number: entries for number, entries in reduced.items() if entries > 0}


def indexed(
    entries: Mapping[str, tuple[Phrasings, Callable[[], Entry]]], rarity: Rarity
) -> dict[str, EntryIndex]:
    """Entries by id, each with its phrasings (at least one) and what reads it. A tenth of a millisecond an entry."""
    if not entries:
        return {}
    words = word_rows([phrasings.pieces for phrasings, _ in entries.values()], rarity)
    return {
        id_: EntryIndex(id_, phrasings, rows, rarity, read)
        for (id_, (phrasings, read)), rows in zip(entries.items(), words, strict=True)
    }


def with_centre(vectors: npt.NDArray[np.floating]) -> Vector:
    """The rows, and below them their mean, of length 1."""
    rows = np.empty((len(vectors) + 1, vectors.shape[1]), dtype=np.float32)
    rows[:-1] = vectors
    centre = rows[:-1].sum(axis=0)
    rows[-1] = centre / (float(np.sqrt(centre @ centre)) or 1.0)
    return rows


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
        is_said=False,
    )
