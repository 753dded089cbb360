"""The two halves of the search in PostgreSQL: entries near by meaning (pgvector) and by their words (our own postings).

Finds candidates only, a few dozen whatever the size of the base; knowledge_base/entry_index.py compares them exactly.
The same statement tells the base's version, so that nobody answers from an older one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from statistics import median
from typing import Any

import numpy as np
import numpy.typing as npt
from psycopg import AsyncConnection
from psycopg.rows import tuple_row

from knowledge_base.encoder import Encoder
from knowledge_base.features import Cut, cut

Vector = npt.NDArray[np.float32]


@dataclass(frozen=True, kw_only=True)
class Limits:
    """How much each half looks at."""

    candidates_of_a_half: int = 64
    """Entries that each half puts forward."""
    neighbours: int = 128
    """Nearest phrasings that the vector half looks at; an entry has about twenty."""
    looked_at: int = 128
    """hnsw.ef_search of pgvector: an index over vectors never tells more neighbours than this, by itself only 40."""
    lexemes: int = 16
    """Of a query's pieces the most telling ones are looked up; all of them count in the comparison."""
    postings: int = 4_000
    """Entries looked up by pieces, the most telling pieces first: what a half may cost at any size."""
    compared: int = 32
    """Candidates that are compared exactly, the most promising of both halves."""


LIMITS = Limits()
MOST_POSTINGS = 4_000
"""A piece that stands in more entries tells too little to be looked up by; they are only counted."""

TOLD = 0.5
"""How much the share of the telling pieces that an entry has weighs against the nearness of its nearest phrasing."""
CENTRE = 0.5
"""How much the nearness of all of its phrasings together does."""

SEARCH = """
with asked as materialized (
    select %(vector)s::halfvec({dimensions}) as vector
), base as materialized (
    select version, search_version, entries, starts_with(encoder, %(encoder)s) as has_our_vectors,
           set_config('hnsw.ef_search', '{looked_at}', true)
    from knowledge_base
), query as materialized (
    select t.number, l.entries, l.postings, t.weight * ln(1 + b.entries::float8 / l.entries) as told
    from unnest(%(pieces)s::bigint[], %(weights)s::float8[]) as t (number, weight)
    join knowledge_lexemes l using (number) cross join base b
), telling as materialized (
    select postings, told from (
        select postings, told, number, sum(entries) over (order by told desc, number) as so_far from query
        where postings is not null
    ) by_told
    where so_far <= {postings} order by told desc, number limit {lexemes}
), hits as materialized (
    select p.number, sum(t.told) as told from telling t cross join unnest(t.postings) as p (number)
    where p.number is distinct from (select number from knowledge_entry_numbers where entry = %(without_entry)s)
    group by 1
), by_words as materialized (
    select number, entry, told from (select number, told from hits order by told desc, number limit {candidates_of_a_half}) best
    join knowledge_entry_numbers using (number)
), neighbours as (
    select entry, embedding::halfvec({dimensions}) <=> (select vector from asked) as distance
    from knowledge_phrasings
    where vector_dims(embedding) = {dimensions} and id <> all(%(without)s::bigint[]) and entry <> %(without_entry)s
    order by 2 limit {neighbours}
), by_meaning as materialized (
    select entry, distance, (select number from knowledge_entry_numbers where entry = nearest.entry) as number from (
        select entry, min(distance) as distance from neighbours
        where %(has_vector)s and (select has_our_vectors from base)
        group by entry order by 2, 1 limit {candidates_of_a_half}
    ) nearest
)
select 'version', '', version::float8 from base
union all select 'search_version', '', search_version from base
union all select 'entries', '', entries from base
union all select 'calibration', '', coalesce(max(id), 0) from knowledge_calibrations where encoder = %(encoder)s
union all select 'piece', number::text, entries from query
union all select 'told', '', sum(told) from telling
union all (select 'words', entry, told from by_words order by told desc, entry)
union all (select 'meaning', entry, distance from by_meaning order by distance, entry)
union all (
    select 'words too', entry, told from by_meaning join hits using (number)
    where entry <> all(array(select entry from by_words))
)
union all (
    select 'meaning too', w.entry, (
        select min(distance) from (  -- offset 0: min() alone may walk the index over vectors, which tells some neighbours only
            select embedding::halfvec({dimensions}) <=> (select vector from asked) as distance from knowledge_phrasings
            where entry = w.entry and vector_dims(embedding) = {dimensions} and id <> all(%(without)s::bigint[]) offset 0
        ) own
    ) from by_words w
    where %(has_vector)s and (select has_our_vectors from base) and w.entry <> all(array(select entry from by_meaning))
)
union all (
    select 'centre', entry, centre::halfvec({dimensions}) <=> (select vector from asked) from knowledge_entry_numbers
    where %(has_vector)s and (select has_our_vectors from base) and vector_dims(centre) = {dimensions}
    and number in (select number from by_words union all select number from by_meaning)
)
"""


@dataclass(frozen=True, kw_only=True)
class Query:
    """A message as search sees it: matching form without small talk and lead-in, what that is cut into, its vector."""

    form: str
    said: str
    """The matching form of all of it."""
    cut: Cut
    vector: Vector

    @property
    def has_vector(self) -> bool:
        """False where the encoder knows no token of it."""
        return bool(self.vector.any())


@dataclass(frozen=True, kw_only=True)
class Versions:
    """What the base was at a moment: publishes counted, the last of them that changed phrasings, published entries,
    the newest calibration of the encoder (0: none)."""

    version: int
    search_version: int
    entries: int
    calibration: int


@dataclass(frozen=True, kw_only=True)
class Found:
    """Candidates of both halves, each best first, and what the base was at that moment."""

    versions: Versions
    rarity: Mapping[int, int]
    """Piece of the query → in how many entries it stands; unknown ones are missing."""
    by_words: tuple[str, ...]
    by_meaning: tuple[str, ...]

    candidates: tuple[str, ...] = ()
    """The most promising of both, best first."""


def make_query(form: str, encoder: Encoder, *, said: str | None = None) -> Query:
    """A query from a text in matching form; `said` where more was said."""
    vector = encoder.encode([form])[0]
    return Query(form=form, said=form if said is None else said, cut=cut(form), vector=vector)


async def retrieve(
    conn: AsyncConnection[Any],
    query: Query,
    *,
    encoder: str,
    without: Sequence[int] = (),
    without_entry: str = "",
    limits: Limits = LIMITS,
) -> Found:
    """One round trip. `encoder` is the hash of the one that made the query.

    `without` and `without_entry` leave phrasings or an entry out, for calibration and gate; a phrasing that is left out
    still counts in the half of the words and in its entry's centre, so it may help the entry to be compared, and the
    comparison then does without it.
    """
    parameters = {
        "pieces": query.cut.numbers.tolist(),
        "weights": query.cut.weights.tolist(),
        "vector": vector_text(query.vector),
        "has_vector": query.has_vector,
        "encoder": encoder,
        "without": list(without),
        "without_entry": without_entry,
    }
    async with conn.cursor(row_factory=tuple_row, binary=True) as cursor:
        await cursor.execute(_statement(len(query.vector), limits), parameters)
        rows = await cursor.fetchall()
    return _found(rows, limits)


def _found(rows: Sequence[tuple[str, str, float]], limits: Limits) -> Found:
    by_kind: defaultdict[str, dict[str, float]] = defaultdict(dict)
    for kind, name, value in rows:
        if value is not None:
            by_kind[kind][name] = value
    told = {**by_kind["words"], **by_kind["words too"]}
    distance = {**by_kind["meaning"], **by_kind["meaning too"]}
    centre = by_kind["centre"]
    # An entry without vectors is taken for one as near as most: its words alone decide then.
    usual, usual_centre = (median(found.values()) if found else 0.0 for found in (distance, centre))
    most = by_kind["told"].get("") or 1.0
    promise = {
        entry: TOLD * told.get(entry, 0.0) / most
        - distance.get(entry, usual)
        - CENTRE * centre.get(entry, usual_centre)
        for entry in {**distance, **told}
    }
    return Found(
        versions=Versions(**{kind: int(by_kind[kind][""]) for kind in _VERSIONS}),
        rarity={int(name): int(count) for name, count in by_kind["piece"].items()},
        by_words=tuple(by_kind["words"]),
        by_meaning=tuple(by_kind["meaning"]),
        candidates=tuple(sorted(promise, key=lambda entry: (-promise[entry], entry))[: limits.compared]),
    )


_VERSIONS = ("version", "search_version", "entries", "calibration")


def vector_text(vector: Vector) -> str:
    """As pgvector reads it."""
    return "[" + ",".join(f"{x:.5g}" for x in vector.tolist()) + "]"


@lru_cache(maxsize=4)
def _statement(dimensions: int, limits: Limits) -> bytes:
    """The limits stand in it as they are, so that PostgreSQL sees one plan for all queries and need not plan each."""
    return SEARCH.format(dimensions=dimensions, **asdict(limits)).encode()
