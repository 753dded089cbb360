"""Entries that stand in each other's way: near-duplicate phrasings, and questions of the one that lead to the other.

Compares the phrasings of the published base with each other; a big base is compared in part, which the result says.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from pgvector import HalfVector
from psycopg import AsyncConnection
from psycopg.rows import tuple_row
from psycopg_pool import AsyncConnectionPool

from knowledge_base.features import pieces
from knowledge_base.grouping import Vectors
from knowledge_base.portions import in_portions
from knowledge_base.text_normalisation import matching_form

MOST_PHRASINGS = 10_000
ROWS = 500
NEAR_BY_VECTOR, NEAR_BY_WORDS = 0.8, 0.5
"""Phrasings of two entries nearer than both are near-duplicates."""
LEAST_TAKEN = 3
"""So many phrasings that are nearest to another entry's make a pair, where that goes both ways."""
MOST_PAIRS = 100

_PHRASINGS = """
select p.entry, p.text, p.embedding from knowledge_phrasings p
  join knowledge_items i on i.kind = 'entry' and i.id = p.entry
 where p.embedding is not null and (select starts_with(encoder, %s) from knowledge_base)
   and (not p.is_title or p.text in (select title.value from jsonb_each_text(i.published -> 'title') title))
 order by i.published_at desc nulls last, p.id limit %s
"""
"""Phrasings and titles; sentences of answers, which help to find entries without phrasings, are left out."""
_COUNT = "select count(*) from knowledge_phrasings"


@dataclass(frozen=True, kw_only=True)
class Phrasing:
    """A phrasing of an entry."""

    entry: str
    text: str


@dataclass(frozen=True, kw_only=True)
class SimilarPair:
    """Two entries; `similarity` is that of their two nearest phrasings (mean of vectors' and words' cosine).

    `a_to_b` counts phrasings of `a` whose nearest other phrasing belongs to `b`.
    """

    a: str
    b: str
    similarity: float
    phrasings: tuple[str, str]
    a_to_b: int = 0
    b_to_a: int = 0


@dataclass(frozen=True, kw_only=True)
class Compared:
    """The pairs, the most similar first, and how many of all phrasings were looked at."""

    pairs: tuple[SimilarPair, ...]
    compared: int
    of: int


async def read_phrasings(conn: AsyncConnection[Any], encoder: str) -> tuple[list[Phrasing], Vectors, int]:
    """Phrasings with their vectors, those of the entries published last first, and how many there are in all."""
    async with conn.cursor(row_factory=tuple_row, binary=True) as cursor:
        await cursor.execute(_PHRASINGS, (encoder, MOST_PHRASINGS))
        rows = await in_portions(cursor)
    async with conn.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(_COUNT)
        counted = await cursor.fetchone()
    phrasings = [Phrasing(entry=entry, text=text) for entry, text, _ in rows]
    vectors = await asyncio.to_thread(_vectors, [stored for _, _, stored in rows])
    return phrasings, vectors, counted[0] if counted else 0


def _vectors(stored: Sequence[bytes]) -> Vectors:
    vectors = [HalfVector.from_binary(one).to_numpy().astype(np.float32) for one in stored]
    return np.stack(vectors) if vectors else np.zeros((0, 1), np.float32)


def similar_pairs(phrasings: Sequence[Phrasing], vectors: Vectors) -> tuple[SimilarPair, ...]:
    """Near-duplicates, and entries that take each other's questions. Deterministic; some ten seconds for 10,000 phrasings."""
    numbers = {entry: n for n, entry in enumerate(dict.fromkeys(p.entry for p in phrasings))}
    owners = np.array([numbers[p.entry] for p in phrasings], np.int64)
    nearest_pair: dict[tuple[int, int], tuple[float, int, int]] = {}
    led: Counter[tuple[int, int]] = Counter()
    for start in range(0, len(phrasings), ROWS):
        cosines = vectors[start : start + ROWS] @ vectors.T
        rows = np.arange(len(cosines))
        cosines[rows, start + rows] = -1
        is_own = owners[start + rows][:, None] == owners[None, :]
        own = np.where(is_own, cosines, -1).max(axis=1)
        cosines[is_own] = -1
        others = cosines.argmax(axis=1)
        foreign = cosines[rows, others]
        led.update(
            zip(
                owners[start + rows][foreign > own].tolist(),
                owners[others[foreign > own]].tolist(),
                strict=True,
            )
        )
        for row in np.flatnonzero(foreign >= NEAR_BY_VECTOR).tolist():
            _keep_nearest(nearest_pair, phrasings, owners, start + row, int(others[row]), float(foreign[row]))
    names = list(numbers)
    return _ranked(_with_takers(nearest_pair, led, phrasings, owners, vectors), led, phrasings, names)


_Pairs = dict[tuple[int, int], tuple[float, int, int]]


def _keep_nearest(
    found: _Pairs,
    phrasings: Sequence[Phrasing],
    owners: np.ndarray[Any, Any],
    one: int,
    other: int,
    cosine: float,
) -> None:
    words = word_cosine(phrasings[one].text, phrasings[other].text)
    if words < NEAR_BY_WORDS:
        return
    a, b = sorted((one, other), key=lambda row: int(owners[row]))
    key = (int(owners[a]), int(owners[b]))
    similarity = (cosine + words) / 2
    if similarity > found.get(key, (0.0, 0, 0))[0]:
        found[key] = (similarity, a, b)


def _with_takers(
    found: _Pairs,
    led: Mapping[tuple[int, int], int],
    phrasings: Sequence[Phrasing],
    owners: np.ndarray[Any, Any],
    vectors: Vectors,
) -> _Pairs:
    """Adds the pairs that take each other's questions without a near-duplicate."""
    for (a, b), count in led.items():
        back = led.get((b, a), 0)
        if a < b and back and count + back >= LEAST_TAKEN and (a, b) not in found:
            rows, others = np.flatnonzero(owners == a), np.flatnonzero(owners == b)
            cosines = vectors[rows] @ vectors[others].T
            row, other = np.unravel_index(int(cosines.argmax()), cosines.shape)
            one, two = int(rows[row]), int(others[other])
            words = word_cosine(phrasings[one].text, phrasings[two].text)
            found[(a, b)] = ((float(cosines.max()) + words) / 2, one, two)
    return found


def _ranked(
    found: _Pairs,
    led: Mapping[tuple[int, int], int],
    phrasings: Sequence[Phrasing],
    names: Sequence[str],
) -> tuple[SimilarPair, ...]:
    pairs = [
        SimilarPair(
            a=names[a],
            b=names[b],
            similarity=round(similarity, 4),
            phrasings=(phrasings[one].text, phrasings[other].text),
            a_to_b=led.get((a, b), 0),
            b_to_a=led.get((b, a), 0),
        )
        for (a, b), (similarity, one, other) in found.items()
    ]
    return tuple(sorted(pairs, key=lambda pair: (-pair.similarity, pair.a, pair.b))[:MOST_PAIRS])


def word_cosine(one: str, other: str) -> float:
    """Of the pieces that search compares, each by its kind's weight; synonyms are the vectors' part."""
    left, right = _literal(one), _literal(other)
    product = sum(weight * right[piece] for piece, weight in left.items() if piece in right)
    lengths = sum(w * w for w in left.values()) * sum(w * w for w in right.values())
    return float(product / lengths**0.5) if lengths else 0.0


def _literal(text: str) -> dict[str, float]:
    found = pieces(matching_form(text))
    return {piece: weight for piece, weight in found.items() if not piece.startswith("m:")}


class SimilarEntries:
    """One per process: compares in a thread, once for each state of the base."""

    def __init__(self, pool: AsyncConnectionPool, encoder: str) -> None:
        self._pool = pool
        self._encoder = encoder
        self._comparing = asyncio.Lock()
        self._known: tuple[int, Compared] | None = None

    async def find(self) -> Compared:
        """The pairs of the base as it is published now."""
        async with self._comparing:
            async with self._pool.connection() as conn:
                version = await self._version(conn)
                if self._known is not None and self._known[0] == version:
                    return self._known[1]
                phrasings, vectors, count = await read_phrasings(conn, self._encoder)
            pairs = await asyncio.to_thread(similar_pairs, phrasings, vectors)
            found = Compared(pairs=pairs, compared=len(phrasings), of=count)
            self._known = (version, found)
            return found

    @staticmethod
    async def _version(conn: AsyncConnection[Any]) -> int:
        async with conn.cursor(row_factory=tuple_row) as cursor:
            await cursor.execute("select search_version from knowledge_base")
            row = await cursor.fetchone()
        return int(row[0]) if row else 0
