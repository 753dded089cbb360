"""Writes what search looks at: phrasings and titles with pieces and vectors, and in which entries each piece stands.

Always inside the transaction of a publish or an import. The index belongs to one encoder and one way of cutting texts
into pieces; with another one it is written anew as a whole (knowledge_base/upkeep.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, LiteralString

import numpy as np
from psycopg import AsyncConnection
from psycopg.rows import tuple_row

from knowledge_base.encoder import Encoder
from knowledge_base.entries import Entry
from knowledge_base.features import Numbers, cut, pieces_hash
from knowledge_base.policy import LANGUAGES, PLACEHOLDER, Language
from knowledge_base.retrieval import MOST_POSTINGS, vector_text
from knowledge_base.text_normalisation import matching_form

BATCH = 512
"""Phrasings that are encoded and written together."""
FEW = 2
"""With fewer phrasings than this in a language, an entry is found by the words of its answer too: somebody's FAQ."""
MOST_SENTENCES, SHORTEST_SENTENCE, LONGEST_SENTENCE = 6, 4, 200
_SENTENCE_END = re.compile(r"[。！？；!?;\n]+|\.(?=\s|$)")
LARGE = 8_000
"""Phrasings from which on an approximate vector index pays; below it the exact search takes a few milliseconds."""

NUMBER = """
insert into knowledge_entry_numbers (entry) select unnest(%s::text[]) on conflict do nothing
"""
NUMBERS = "select entry, number from knowledge_entry_numbers where entry = any(%s)"
PIECES = "select entry, pieces from knowledge_phrasings where entry = any(%s)"
FORGET = """
update knowledge_lexemes l set
    entries = l.entries - o.entries,
    postings = case when l.postings is not null
        then array(select p from unnest(l.postings) as p where p <> all(o.postings)) end
from (
    select number, count(*) as entries, array_agg(posting) as postings
    from unnest(%s::bigint[], %s::int[]) as t (number, posting) group by number
) o where l.number = o.number
"""
SWEEP = "delete from knowledge_lexemes where entries <= 0 and number = any(%s)"
INSERT = """
copy knowledge_phrasings (entry, language, text, is_title, form, pieces, weights, embedding) from stdin
"""
LEARN = f"""
insert into knowledge_lexemes as l (number, entries, postings)
select number, count(*), case when count(*) <= {MOST_POSTINGS} then array_agg(posting) end
from unnest(%s::bigint[], %s::int[]) as t (number, posting) group by number order by number
on conflict (number) do update set
    entries = l.entries + excluded.entries,
    postings = case when l.entries + excluded.entries <= {MOST_POSTINGS} then l.postings || excluded.postings end
"""
CENTRE = """
update knowledge_entry_numbers n set centre = (select avg(embedding) from knowledge_phrasings p where p.entry = n.entry)
where entry = any(%s)
"""
COUNT = """
update knowledge_base set entries = entries + %(sign)s * (
    select count(distinct entry) from knowledge_phrasings where entry = any(%(entries)s)
)
"""
CLAIM = "update knowledge_base set encoder = %s where encoder = ''"
HAS_OUR_VECTORS = "select starts_with(encoder, %s) from knowledge_base"
VECTOR_INDEX = """
create index if not exists knowledge_phrasings_vectors_{dimensions} on knowledge_phrasings
using hnsw ((embedding::halfvec({dimensions})) halfvec_cosine_ops) where vector_dims(embedding) = {dimensions}
"""


@dataclass(frozen=True, kw_only=True)
class Phrasing:
    """A text by which an entry is found."""

    entry: str
    language: Language
    text: str
    is_title: bool = False
    """A title or a sentence of the answer: found by it, but not what a customer typed."""


@dataclass(frozen=True)
class PhrasingIndexer:
    """The Index of editing.py in PostgreSQL, with the vectors of one encoder."""

    encoder: Encoder

    async def replace(self, conn: AsyncConnection[Any], entries: Sequence[Entry]) -> None:
        """As the Protocol says. In an index of another encoder these entries get no vectors, until it is written anew."""
        ids = [entry.id for entry in entries]
        await conn.execute(CLAIM, (self._made_by,))
        has_our_vectors = await _is(conn, HAS_OUR_VECTORS, self.encoder.hash)
        await conn.execute(NUMBER, (ids,))
        await self._forget(conn, ids)
        await conn.execute(COUNT, {"entries": ids, "sign": -1})
        await conn.execute("delete from knowledge_phrasings where entry = any(%s)", (ids,))
        rows = [phrasing for entry in entries for phrasing in phrasings_of(entry)]
        for start in range(0, len(rows), BATCH):
            await self._insert(conn, rows[start : start + BATCH], with_vectors=has_our_vectors)
        await conn.execute(CENTRE, (ids,))
        await conn.execute(LEARN, await _postings(conn, ids))
        await conn.execute(COUNT, {"entries": ids, "sign": 1})

    async def write_anew(self, conn: AsyncConnection[Any], entries: Sequence[Entry]) -> None:
        """The whole index, of all published entries, by this encoder."""
        await conn.execute("delete from knowledge_phrasings")
        await conn.execute("delete from knowledge_lexemes")
        await conn.execute("delete from knowledge_entry_numbers")
        await conn.execute("update knowledge_base set encoder = '', entries = 0")
        await self.replace(conn, entries)

    async def _forget(self, conn: AsyncConnection[Any], ids: Sequence[str]) -> None:
        """Take the pieces of these entries out of the lists."""
        pieces, postings = await _postings(conn, ids)
        if pieces:
            await conn.execute(FORGET, (pieces, postings))
            await conn.execute(SWEEP, (pieces,))

    async def is_current(self, conn: AsyncConnection[Any]) -> bool:
        """Whether all of the index was made by this encoder, and cut by this program."""
        return await _is(conn, "select encoder in ('', %s) from knowledge_base", self._made_by)

    @property
    def _made_by(self) -> str:
        """What stands in knowledge_base.encoder: the encoder's hash first, then that of the cutting."""
        return f"{self.encoder.hash} {pieces_hash()}"

    async def add_vector_index(self, conn: AsyncConnection[Any]) -> None:
        """For a large base, an approximate index over the vectors; does nothing for a small one."""
        cursor = await conn.execute("select count(*) from knowledge_phrasings")
        row = await cursor.fetchone()
        if row is not None and row[0] > LARGE:
            await conn.execute(VECTOR_INDEX.replace("{dimensions}", str(self.encoder.dimensions)).encode())

    async def _insert(
        self, conn: AsyncConnection[Any], rows: Sequence[Phrasing], *, with_vectors: bool
    ) -> None:
        forms = [matching_form(row.text) for row in rows]
        vectors = self.encoder.encode(forms)
        async with conn.cursor() as cursor, cursor.copy(INSERT) as copy:
            for row, form, vector in zip(rows, forms, vectors, strict=True):
                found = cut(form)
                written = vector_text(vector) if with_vectors and vector.any() else None
                await copy.write_row(
                    (
                        row.entry,
                        row.language,
                        row.text,
                        row.is_title,
                        form,
                        found.numbers.astype("<i8").tobytes(),
                        found.weights.astype("<f4").tobytes(),
                        written,
                    )
                )


async def _postings(conn: AsyncConnection[Any], ids: Sequence[str]) -> tuple[list[int], list[int]]:
    """Each piece of these entries once for each of them, and the entries' numbers."""
    async with conn.cursor(row_factory=tuple_row, binary=True) as cursor:
        await cursor.execute(NUMBERS, (list(ids),))
        numbers: dict[str, int] = dict(await cursor.fetchall())
        found: dict[str, list[Numbers]] = {}
        await cursor.execute(PIECES, (list(ids),))
        for entry, stored in await cursor.fetchall():
            found.setdefault(entry, []).append(np.frombuffer(stored, "<i8"))
    pieces = {numbers[entry]: np.unique(np.concatenate(rows)).tolist() for entry, rows in found.items()}
    listed = [number for number, of_entry in pieces.items() for _ in of_entry]
    return [piece for of_entry in pieces.values() for piece in of_entry], listed


async def _is(conn: AsyncConnection[Any], query: LiteralString, value: str) -> bool:
    row = await (await conn.execute(query, (value,))).fetchone()
    return row is not None and bool(row[0])


def phrasings_of(entry: Entry) -> Iterator[Phrasing]:
    """Phrasings and titles of an entry; where a language has hardly any, the sentences of its answer too."""
    for language in LANGUAGES:
        texts = entry.phrasings.get(language, ())
        for text in texts:
            yield Phrasing(entry=entry.id, language=language, text=text)
        if title := entry.title.get(language, ""):
            yield Phrasing(entry=entry.id, language=language, text=title, is_title=True)
        if len(texts) < FEW:
            for text in sentences_of(entry.answer.get(language, "")):
                yield Phrasing(entry=entry.id, language=language, text=text, is_title=True)


def sentences_of(answer: str) -> Iterator[str]:
    """The first sentences of an answer, without its {figures}."""
    plain = PLACEHOLDER.sub(" ", answer)
    parts = [part.strip() for part in _SENTENCE_END.split(plain)]
    told = [part for part in parts if len(part) >= SHORTEST_SENTENCE]
    yield from (part[:LONGEST_SENTENCE] for part in told[:MOST_SENTENCES])
