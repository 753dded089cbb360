"""Writes what search looks at: phrasings and titles with lexemes and vectors, and how rare each lexeme is.

Always inside the transaction of a publish or an import. The vectors belong to one encoder; another one re-indexes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from psycopg import AsyncConnection

from knowledge_base.encoder import Encoder
from knowledge_base.entries import Entry
from knowledge_base.features import pieces
from knowledge_base.policy import LANGUAGES, Language
from knowledge_base.retrieval import vector_text
from knowledge_base.text_normalisation import matching_form

BATCH = 512
"""Phrasings that are encoded and written together."""
LARGE = 20_000
"""Phrasings from which on an approximate vector index pays; below it the exact search takes a few milliseconds."""

FORGET = """
update knowledge_lexemes l set entries = l.entries - o.entries
from (
    select lexeme, count(distinct entry) as entries
    from knowledge_phrasings, unnest(tsvector_to_array(lexemes)) as lexeme where entry = any(%(entries)s) group by lexeme
) o where l.lexeme = o.lexeme
"""
INSERT = """
insert into knowledge_phrasings (entry, language, text, lexemes, embedding)
values (%s, %s, %s, array_to_tsvector(%s::text[]), %s::halfvec)
"""
LEARN = """
insert into knowledge_lexemes (lexeme, entries)
select lexeme, count(distinct entry)
from knowledge_phrasings, unnest(tsvector_to_array(lexemes)) as lexeme where entry = any(%(entries)s) group by lexeme
on conflict (lexeme) do update set entries = knowledge_lexemes.entries + excluded.entries
"""
COUNT = "update knowledge_base set entries = (select count(distinct entry) from knowledge_phrasings), encoder = %(encoder)s"
VECTOR_INDEX = """
create index if not exists knowledge_phrasings_vectors_{dimensions} on knowledge_phrasings
using hnsw ((embedding::halfvec({dimensions})) halfvec_cosine_ops)
"""


@dataclass(frozen=True, kw_only=True)
class Phrasing:
    """A text by which an entry is found."""

    entry: str
    language: Language
    text: str


@dataclass(frozen=True)
class PhrasingIndexer:
    """The Index of editing.py in PostgreSQL, with the vectors of one encoder."""

    encoder: Encoder

    async def replace(self, conn: AsyncConnection[Any], entries: Sequence[Entry]) -> None:
        """As the Protocol says."""
        await self.remove(conn, [entry.id for entry in entries])
        rows = [phrasing for entry in entries for phrasing in phrasings_of(entry)]
        for start in range(0, len(rows), BATCH):
            await self._insert(conn, rows[start : start + BATCH])
        await conn.execute(LEARN, {"entries": [entry.id for entry in entries]})
        await conn.execute(COUNT, {"encoder": self.encoder.hash})

    async def remove(self, conn: AsyncConnection[Any], entries: Sequence[str]) -> None:
        """Take entries out of the index."""
        await conn.execute(FORGET, {"entries": list(entries)})
        await conn.execute("delete from knowledge_lexemes where entries <= 0")
        await conn.execute("delete from knowledge_phrasings where entry = any(%s)", (list(entries),))
        await conn.execute(COUNT, {"encoder": self.encoder.hash})

    async def is_current(self, conn: AsyncConnection[Any]) -> bool:
        """Whether the stored vectors are this encoder's."""
        cursor = await conn.execute("select encoder in ('', %s) from knowledge_base", (self.encoder.hash,))
        row = await cursor.fetchone()
        return row is not None and bool(row[0])

    async def add_vector_index(self, conn: AsyncConnection[Any]) -> None:
        """For a large base, an approximate index over the vectors; does nothing for a small one."""
        cursor = await conn.execute("select count(*) from knowledge_phrasings")
        row = await cursor.fetchone()
        if row is not None and row[0] > LARGE:
            await conn.execute(VECTOR_INDEX.replace("{dimensions}", str(self.encoder.dimensions)).encode())

    async def _insert(self, conn: AsyncConnection[Any], rows: Sequence[Phrasing]) -> None:
        forms = [matching_form(row.text) for row in rows]
        vectors = self.encoder.encode(forms)
        async with conn.cursor() as cursor:
            await cursor.executemany(
                INSERT,
                [
                    (r.entry, r.language, r.text, list(pieces(form)), vector_text(v) if v.any() else None)
                    for r, form, v in zip(rows, forms, vectors, strict=True)
                ],
            )


def phrasings_of(entry: Entry) -> Iterator[Phrasing]:
    """Phrasings and titles of an entry."""
    for language in LANGUAGES:
        for text in (*entry.phrasings.get(language, ()), entry.title.get(language, "")):
            if text:
                yield Phrasing(entry=entry.id, language=language, text=text)
