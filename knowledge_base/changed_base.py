"""The published base with changes in place that nobody has published: drafts, and entries taken away. Writes nothing.

PostgreSQL finds candidates among what is published; the changed entries stand among them with their new phrasings,
and words are as rare as they would be. The calibration stays the published one until a publish fits another.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from psycopg import AsyncConnection
from psycopg.rows import tuple_row

from knowledge_base.calibration import Calibration
from knowledge_base.encoder import Encoder
from knowledge_base.entries import Entry
from knowledge_base.entry_index import EntryIndex, Phrasings, indexed
from knowledge_base.indexing import phrasings_of
from knowledge_base.policy import Figure, Policy
from knowledge_base.published import LEXEMES, PublishedBase
from knowledge_base.retrieval import Found, Query
from knowledge_base.text_normalisation import matching_form
from knowledge_base.weighing import Rarity, lexemes_of


@dataclass(frozen=True, kw_only=True)
class Changes:
    """Entries in place of the published ones or beside them, ids taken away, figures in place of the published ones."""

    entries: Mapping[str, Entry] = field(default_factory=dict)
    removed: frozenset[str] = frozenset()
    figures: Mapping[str, Figure] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.entries or self.removed or self.figures)


class ChangedBase:
    """A `Base` of live.py; `more` and `fewer` count entries with a lexeme that come and go."""

    def __init__(
        self, base: PublishedBase, changes: Changes, indexes: Mapping[str, EntryIndex], gone: _Gone
    ) -> None:
        self._base = base
        self._changes = changes
        self._indexes = indexes
        self._gone = gone
        self._difference = Counter(lexeme for index in indexes.values() for lexeme in index.lexemes)
        self._difference.subtract(gone.lexemes)

    @property
    def indexes(self) -> Mapping[str, EntryIndex]:
        """The changed entries by id."""
        return self._indexes

    @property
    def version(self) -> int:
        """The published base's."""
        return self._base.version

    @property
    def policy(self) -> Policy:
        """With the changed figures."""
        figures = {**self._base.policy.figures, **self._changes.figures}
        return Policy(revision=self._base.policy.revision, figures=figures)

    @property
    def calibration(self) -> Calibration:
        """The published base's."""
        return self._base.calibration

    async def find(self, conn: AsyncConnection[Any], query: Query, *, without: Sequence[int] = ()) -> Found:
        """As live.py's Base says; every changed entry is a candidate."""
        return self.changed(await self._base.find(conn, query, without=without), query)

    def changed(self, found: Found, query: Query) -> Found:
        """What the published base found, as it would be with the changes."""
        rarity = {
            lexeme: entries
            for lexeme in query.cut.numbers.tolist()
            if (entries := found.rarity.get(lexeme, 0) + self._difference.get(lexeme, 0)) > 0
        }
        entries = found.versions.entries + len(self._indexes) - self._gone.entries
        return replace(
            found,
            versions=replace(found.versions, entries=entries),
            rarity=rarity,
            by_words=self._kept(found.by_words),
            by_meaning=(*self._indexes, *self._kept(found.by_meaning)),
            candidates=(*self._indexes, *self._kept(found.candidates)),
        )

    async def refresh(self, conn: AsyncConnection[Any]) -> None:
        """As live.py's Base says."""
        await self._base.refresh(conn)

    async def entries(self, conn: AsyncConnection[Any], ids: Iterable[str]) -> Mapping[str, EntryIndex]:
        """As live.py's Base says."""
        wanted = list(dict.fromkeys(ids))
        published = await self._base.entries(conn, self._kept(wanted))
        return {**published, **{id_: self._indexes[id_] for id_ in wanted if id_ in self._indexes}}

    def _kept(self, ids: Sequence[str]) -> tuple[str, ...]:
        return tuple(id_ for id_ in ids if id_ not in self._indexes and id_ not in self._changes.removed)


@dataclass(frozen=True, kw_only=True)
class _Gone:
    """Published entries that the changes replace or take away, and in how many of them a lexeme stands."""

    entries: int
    lexemes: Counter[int]


async def changed_base(
    conn: AsyncConnection[Any], base: PublishedBase, encoder: Encoder, changes: Changes
) -> ChangedBase:
    """`base` with `changes`; an entry without title and phrasings is not found by any question."""
    await base.refresh(conn)
    before = await base.entries(conn, [*changes.entries, *changes.removed])
    gone = _Gone(entries=len(before), lexemes=Counter(x for index in before.values() for x in index.lexemes))
    texts = {id_: [p.text for p in phrasings_of(entry)] for id_, entry in changes.entries.items()}
    texts = {id_: found for id_, found in texts.items() if found}
    lexemes = {id_: lexemes_of(found) for id_, found in texts.items()}
    come = Counter(lexeme for found in lexemes.values() for lexeme in found)
    async with conn.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(LEXEMES, (list(come),))
        known: dict[int, int] = dict(await cursor.fetchall())
    rarity = Rarity(
        entries=base.versions.entries + len(texts) - gone.entries,
        entries_with={lexeme: known.get(lexeme, 0) + n - gone.lexemes[lexeme] for lexeme, n in come.items()},
    )
    indexes = await asyncio.to_thread(_indexes, changes.entries, texts, encoder, rarity)
    return ChangedBase(base, changes, indexes, gone)


def _indexes(
    entries: Mapping[str, Entry], texts: Mapping[str, Sequence[str]], encoder: Encoder, rarity: Rarity
) -> dict[str, EntryIndex]:
    """Of entries that PostgreSQL does not know; all texts are encoded together. Ids of phrasings are below 0."""
    written = [text for found in texts.values() for text in found]
    if not written:
        return {}
    vectors = encoder.encode([matching_form(text) for text in written])
    unstored: dict[str, tuple[Phrasings, Callable[[], Entry]]] = {}
    start = 0
    for id_, found in texts.items():
        end = start + len(found)
        phrasings = Phrasings.unstored(range(-1 - start, -1 - end, -1), found, vectors[start:end])
        unstored[id_] = phrasings, partial(entries.__getitem__, id_)
        start = end
    return indexed(unstored, rarity)
