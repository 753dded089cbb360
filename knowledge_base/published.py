"""What is published, kept in memory as long as it holds: entries ready to be compared, the policy, the calibration.

Whoever reads the database brings the versions along; what is older than they say is read anew before it is used.
"""

from __future__ import annotations

import asyncio
import json
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
from psycopg import AsyncConnection
from psycopg.rows import tuple_row

from knowledge_base import calibration
from knowledge_base.calibration import UNFITTED, Calibration
from knowledge_base.entries import Entry
from knowledge_base.entry_index import EntryIndex, Phrasings, indexed, with_centre
from knowledge_base.items import entry_from_json, figure_from_json
from knowledge_base.policy import Policy
from knowledge_base.retrieval import LIMITS, Found, Limits, Query, Versions, retrieve
from knowledge_base.weighing import Rarity
from knowledge_base.word_rows import Pieces

MOST_ENTRIES = 5_000
"""Entries kept in memory, the least recently used go first; each of their phrasings takes about 2 kB."""
MOST_READY = 3_000
"""A base of up to so many entries is read before anybody asks."""
READ_TOGETHER = 32
HALFVEC_HEAD = 4
"""Bytes before the numbers of a halfvec in PostgreSQL's binary format."""
HALF_BYTES = 2
PORTION = 5_000
LEAST_NUMBER = -(2**63)
MOST_PIECES = 1_000_000
"""Pieces whose rarity is kept in memory; one takes about 100 bytes."""

VERSIONS = """
select version, search_version, entries,
       (select coalesce(max(id), 0) from knowledge_calibrations where encoder = %s) from knowledge_base
"""
FOUND_BY = "select distinct entry from knowledge_phrasings"
CHANGED = "select id from knowledge_items where kind = 'entry' and base_version > %s"
ENTRIES = """
select i.id, i.published::text, p.ids, p.texts, p.forms, p.lengths, p.numbers, p.weights, p.vectors
from knowledge_items i cross join lateral (
    select array_agg(id) as ids, array_agg(text) as texts, array_agg(form) as forms,
           array_agg(octet_length(pieces) / 8) as lengths, string_agg(pieces, '') as numbers, string_agg(weights, '') as weights,
           string_agg(coalesce(substr(halfvec_send(embedding), %(head)s), %(nothing)s), '')
               filter (where (select starts_with(encoder, %(encoder)s) from knowledge_base)) as vectors
    from (select id, text, form, pieces, weights, embedding from knowledge_phrasings where entry = i.id order by id) in_order
) p
where i.kind = 'entry' and i.published is not null and i.id = any(%(ids)s) and p.ids is not null
"""
"""The vectors of another encoder must not be compared with ours. A text in which the encoder knows nothing has none, which
takes none from the others of its entry."""
LEXEMES = "select number, entries from knowledge_lexemes where number = any(%s)"
RARITIES = "select number, entries from knowledge_lexemes where number > %s order by number limit %s"
FIGURES = "select id, published from knowledge_items where kind = 'figure' and published is not null order by position"


class PublishedBase:
    """One per process and encoder. Reads only."""

    def __init__(self, encoder: str, dimensions: int) -> None:
        self._encoder = encoder
        self._dimensions = dimensions
        self._versions = Versions(version=-1, search_version=-1, entries=0, calibration=-1)
        self._entries: OrderedDict[str, EntryIndex] = OrderedDict()
        self._rarity: dict[int, int] = {}
        self._reads_all_rarities = False
        self._has_all_rarities = False
        self._policy = Policy(revision=0, figures={})
        self._calibration: Calibration = UNFITTED
        self._refreshing = asyncio.Lock()

    async def read_versions(self, conn: AsyncConnection[Any]) -> Versions:
        """The base's versions at this moment."""
        async with conn.cursor(row_factory=tuple_row) as cursor:
            await cursor.execute(VERSIONS, (self._encoder,))
            row = await cursor.fetchone()
        assert row is not None, "migration 0002 inserts the row"
        return Versions(version=row[0], search_version=row[1], entries=row[2], calibration=row[3])

    async def bring_up_to(self, conn: AsyncConnection[Any], versions: Versions) -> None:
        """Forget what is older than `versions`."""
        async with self._refreshing:
            known = self._versions
            if versions.version < known.version:
                return  # read before a publish that another task has noticed meanwhile
            if versions.calibration != known.calibration:
                self._calibration = await calibration.read_newest(conn, self._encoder)
            if versions.version != known.version:
                await self._forget_changed(conn, versions)
                self._policy = await _read_policy(conn, versions.version)
            self._versions = versions

    async def find(
        self,
        conn: AsyncConnection[Any],
        query: Query,
        *,
        without: Sequence[int] = (),
        limits: Limits = LIMITS,
    ) -> Found:
        """Candidates for a query; what is kept here is as new as they are. `without`: phrasings that are not looked at."""
        found = await retrieve(conn, query, encoder=self._encoder, without=without, limits=limits)
        await self.bring_up_to(conn, found.versions)
        return found

    async def refresh(self, conn: AsyncConnection[Any]) -> None:
        """Forget what is older than the database."""
        await self.bring_up_to(conn, await self.read_versions(conn))

    @property
    def versions(self) -> Versions:
        """Those that were brought last."""
        return self._versions

    @property
    def version(self) -> int:
        """The base's version that was brought last; −1 before."""
        return self._versions.version

    @property
    def policy(self) -> Policy:
        """The table of the versions that were brought last; its revision is the base's version."""
        return self._policy

    @property
    def calibration(self) -> Calibration:
        """The newest of this encoder."""
        return self._calibration

    @property
    def has_all_rarities(self) -> bool:
        """Whether read_rarities came to the end since phrasings last changed."""
        return self._has_all_rarities

    async def entries(self, conn: AsyncConnection[Any], ids: Iterable[str]) -> Mapping[str, EntryIndex]:
        """Published entries by id; unknown ids are missing."""
        wanted = list(dict.fromkeys(ids))
        if not self._entries.keys() >= set(wanted):
            async with (
                self._refreshing
            ):  # who notices a publish waits, and then forgets what was read before it
                self._entries |= await self._read(conn, [id_ for id_ in wanted if id_ not in self._entries])
        found = {id_: self._entries[id_] for id_ in wanted if id_ in self._entries}
        for id_ in found:
            self._entries.move_to_end(id_)
        while len(self._entries) > MOST_ENTRIES:
            self._entries.popitem(last=False)
        return found

    async def not_in_memory(self, conn: AsyncConnection[Any]) -> list[str]:
        """Entries of a small base that the next search would have to read; of a large one none are told."""
        await self.refresh(conn)
        if self._versions.entries > MOST_READY:
            return []
        async with conn.cursor(row_factory=tuple_row) as cursor:
            await cursor.execute(FOUND_BY)
            return [id_ for (id_,) in await cursor.fetchall() if id_ not in self._entries]

    async def read_rarities(self, conn: AsyncConnection[Any], after: int) -> int | None:
        """The next portion of all rarities, of pieces whose numbers are above `after`; the last number, None at the end."""
        async with self._refreshing, conn.cursor(row_factory=tuple_row) as cursor:
            await cursor.execute(RARITIES, (after, PORTION))
            rows = await cursor.fetchall()
            self._rarity.update(rows)
            self._reads_all_rarities |= after == LEAST_NUMBER  # false again when a publish comes in between
            self._has_all_rarities = self._reads_all_rarities and len(rows) < PORTION
        return rows[-1][0] if len(rows) == PORTION and len(self._rarity) < MOST_PIECES else None

    async def _forget_changed(self, conn: AsyncConnection[Any], versions: Versions) -> None:
        if versions.search_version != self._versions.search_version:
            self._entries.clear()  # with the phrasings the rarity of words has changed
            self._forget_rarities()
            return
        async with conn.cursor(row_factory=tuple_row) as cursor:
            await cursor.execute(CHANGED, (self._versions.version,))
            for (id_,) in await cursor.fetchall():
                self._entries.pop(id_, None)

    async def _read(self, conn: AsyncConnection[Any], ids: list[str]) -> dict[str, EntryIndex]:
        nothing = bytes(self._dimensions * HALF_BYTES)
        parameters = {"ids": ids, "encoder": self._encoder, "head": HALFVEC_HEAD + 1, "nothing": nothing}
        async with conn.cursor(row_factory=tuple_row, binary=True) as cursor:
            await cursor.execute(ENTRIES, parameters)
            rows = await cursor.fetchall()
        stored = _stored(rows, self._dimensions)
        if stored and not self._has_all_rarities:
            pieces = [phrasings.pieces.numbers for phrasings, _ in stored.values()]
            await self._read_rarities_of(conn, np.unique(np.concatenate(pieces)).tolist())
        rarity = Rarity(entries=self._versions.entries, entries_with=self._rarity)
        return await asyncio.to_thread(indexed, stored, rarity)

    async def _read_rarities_of(self, conn: AsyncConnection[Any], pieces: Iterable[int]) -> None:
        """Most of an entry's are read with earlier ones."""
        if len(self._rarity) > MOST_PIECES:
            self._forget_rarities()
        unknown = [piece for piece in pieces if piece not in self._rarity]
        if unknown:
            async with conn.cursor(row_factory=tuple_row) as cursor:
                await cursor.execute(LEXEMES, (unknown,))
                self._rarity.update(await cursor.fetchall())

    def _forget_rarities(self) -> None:
        self._rarity = {}  # not cleared: entries that are being compared hold on to the old ones
        self._reads_all_rarities = self._has_all_rarities = False


def _stored(
    rows: Iterable[Sequence[Any]], dimensions: int
) -> dict[str, tuple[Phrasings, Callable[[], Entry]]]:
    """Rows of ENTRIES by id."""
    found: dict[str, tuple[Phrasings, Callable[[], Entry]]] = {}
    for id_, content, ids, texts, forms, lengths, numbers, weights, vectors in rows:
        pieces = Pieces(np.frombuffer(numbers, "<i8"), np.frombuffer(weights, "<f4"), np.asarray(lengths))
        is_ours = vectors is not None and len(vectors) == HALF_BYTES * dimensions * len(ids)
        meanings = np.frombuffer(vectors, ">f2") if is_ours else np.zeros(dimensions * len(ids))
        rows_of_meaning = with_centre(meanings.reshape(len(ids), dimensions))
        found[id_] = Phrasings(ids, texts, forms, pieces, rows_of_meaning), partial(_entry, id_, content)
    return found


def _entry(id_: str, content: str) -> Entry:
    return entry_from_json(id_, json.loads(content))


async def _read_policy(conn: AsyncConnection[Any], version: int) -> Policy:
    async with conn.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(FIGURES)
        rows = await cursor.fetchall()
    return Policy(revision=version, figures={name: figure_from_json(name, content) for name, content in rows})
