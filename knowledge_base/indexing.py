"""Writes what search looks at: phrasings and titles with lexemes and vectors, and how rare each lexeme is.

Always inside the transaction of a publish or an import. The index belongs to one encoder and one way of cutting texts
into lexemes; with another one it is written anew as a whole (knowledge_base/upkeep.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, LiteralString

from psycopg import AsyncConnection

from knowledge_base.encoder import Encoder
from knowledge_base.entries import Entry
from knowledge_base.features import pieces, pieces_hash
from knowledge_base.policy import LANGUAGES, PLACEHOLDER, Language
from knowledge_base.retrieval import vector_text
from knowledge_base.text_normalisation import matching_form

BATCH = 512
"""Phrasings that are encoded and written together."""
FEW = 2
"""With fewer phrasings than this in a language, an entry is found by the words of its answer too: somebody's FAQ."""
MOST_SENTENCES, SHORTEST_SENTENCE, LONGEST_SENTENCE = 6, 4, 200
_SENTENCE_END = re.compile(r"[。！？；!?;\n]+|\.(?=\s|$)")
LARGE = 20_000
"""Phrasings from which on an approximate vector index pays; below it the exact search takes a few milliseconds."""

FORGET = """
update knowledge_lexemes l set entries = l.entries - o.entries
from (
    select lexeme, count(distinct entry) as entries
    from knowledge_phrasings, unnest(pieces) as lexeme where entry = any(%(entries)s) group by lexeme
) o where l.lexeme = o.lexeme
"""
SWEEP = """
delete from knowledge_lexemes where entries <= 0 and lexeme in (
    select lexeme from knowledge_phrasings, unnest(pieces) as lexeme where entry = any(%(entries)s)
)
"""
INSERT = """
copy knowledge_phrasings (entry, language, text, is_title, form, pieces, weights, embedding) from stdin
"""
LEARN = """
insert into knowledge_lexemes (lexeme, entries)
select lexeme, count(distinct entry)
from knowledge_phrasings, unnest(pieces) as lexeme where entry = any(%(entries)s) group by lexeme
on conflict (lexeme) do update set entries = knowledge_lexemes.entries + excluded.entries
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
        await conn.execute(FORGET, {"entries": ids})
        await conn.execute(SWEEP, {"entries": ids})
        await conn.execute(COUNT, {"entries": ids, "sign": -1})
        await conn.execute("delete from knowledge_phrasings where entry = any(%s)", (ids,))
        rows = [phrasing for entry in entries for phrasing in phrasings_of(entry)]
        for start in range(0, len(rows), BATCH):
            await self._insert(conn, rows[start : start + BATCH], with_vectors=has_our_vectors)
        await conn.execute(LEARN, {"entries": ids})
        await conn.execute(COUNT, {"entries": ids, "sign": 1})

    async def write_anew(self, conn: AsyncConnection[Any], entries: Sequence[Entry]) -> None:
        """The whole index, of all published entries, by this encoder."""
        await conn.execute("delete from knowledge_phrasings")
        await conn.execute("delete from knowledge_lexemes")
        await conn.execute("update knowledge_base set encoder = '', entries = 0")
        await self.replace(conn, entries)

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
                found = pieces(form)
                written = vector_text(vector) if with_vectors and vector.any() else None
                await copy.write_row(
                    (
                        row.entry,
                        row.language,
                        row.text,
                        row.is_title,
                        form,
                        list(found),
                        list(found.values()),
                        written,
                    )
                )


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
