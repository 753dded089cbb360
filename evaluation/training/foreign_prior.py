"""Learns how sure to be in a base with one question an entry and no phrasings: `python -m evaluation.training.foreign_prior`.

The shipped entries, thinned until they look like somebody's FAQ: one language, one of their phrasings as the question,
the answer, nothing else. The other phrasings are what customers ask. Writes knowledge_base/foreign_prior.json.
"""

from __future__ import annotations

import asyncio
import json
import random
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from psycopg import AsyncConnection
from psycopg.types.json import Jsonb

from desk import schema
from knowledge_base.calibrating import Asked, asker_of, fitted
from knowledge_base.encoder import Encoder, load_encoder
from knowledge_base.entries import Entry, load_content
from knowledge_base.exchange.naming import written_language
from knowledge_base.foreign import PRIOR
from knowledge_base.indexing import PhrasingIndexer
from knowledge_base.items import entry_as_json
from knowledge_base.policy import LANGUAGES, Language
from knowledge_base.ranking import rank
from service.postgres.embedded import EmbeddedPostgres

CONTENT = Path(__file__).parents[2] / "knowledge_base" / "content"
DRAWS = 2
"""Thinned bases of each language, each with other phrasings as the questions."""
ASKED_OF_AN_ENTRY = 4
LEFT_OUT_OF_AN_ENTRY = 1
SHORTEST_QUESTION = 6
SEED = 20261122
EMPTY = """
truncate knowledge_items cascade;
truncate knowledge_phrasings;
truncate knowledge_lexemes;
update knowledge_base set encoder = '', entries = 0, version = version + 1, search_version = version + 1
"""


def thinned(
    entries: Sequence[Entry], language: Language, rng: random.Random
) -> Iterator[tuple[Entry, list[str]]]:
    """Each entry as a foreign FAQ would have it, and phrasings that it then lacks."""
    for entry in entries:
        texts = [t for t in entry.phrasings.get(language, ()) if len(t) >= SHORTEST_QUESTION]
        if len(texts) < 2:
            continue
        rng.shuffle(texts)
        kept = replace(
            entry,
            title={language: texts[0]},
            answer={language: entry.answer[language]},
            phrasings={},
            variants=(),
            related=(),
        )
        yield kept, texts[1 : 1 + ASKED_OF_AN_ENTRY]


async def fill(conn: AsyncConnection[Any], entries: Sequence[Entry], encoder: Encoder) -> None:
    """The database holds these entries and nothing else."""
    await conn.execute(EMPTY)
    async with conn.cursor() as cursor:
        await cursor.executemany(
            "insert into knowledge_items (kind, id, position, published, revision) values ('entry', %s, %s, %s, 1)",
            [(entry.id, n, Jsonb(entry_as_json(entry))) for n, entry in enumerate(entries)],
        )
    await PhrasingIndexer(encoder).write_anew(conn, entries)


async def asked_of(
    conn: AsyncConnection[Any], encoder: Encoder, language: Language, rng: random.Random
) -> tuple[list[Asked], list[tuple[Asked, bool]]]:
    """Questions inside and outside one thinned base."""
    rows = list(thinned(tuple(load_content(CONTENT).entries.values()), language, rng))
    await fill(conn, [entry for entry, _ in rows], encoder)
    asker = await asker_of(conn, encoder)
    inside = [await asker.ask(text, entry=entry.id) for entry, texts in rows for text in texts]
    outside = [
        (await asker.ask(text, without_entry=entry.id), True)
        for entry, texts in rows
        for text in texts[:LEFT_OUT_OF_AN_ENTRY]
    ]
    known = [text for text in asker.outside.texts if written_language(text) == language]
    outside += [(await asker.ask(text), False) for text in known]
    return [a for a in inside if a.compared], [(a, left) for a, left in outside if a.compared]


async def learn(encoder: Encoder) -> dict[str, Any]:
    """The prior as it is stored."""
    inside: list[Asked] = []
    outside: list[tuple[Asked, bool]] = []
    rng = random.Random(SEED)
    with tempfile.TemporaryDirectory(prefix="anxin-prior-") as data:
        server = EmbeddedPostgres(Path(data))
        try:
            server.start()
            schema.upgrade(server.url)
            for language in LANGUAGES:
                for _ in range(DRAWS):
                    async with await AsyncConnection.connect(server.url) as conn:
                        some = await asked_of(conn, encoder, language, rng)
                    inside += some[0]
                    outside += some[1]
        finally:
            server.destroy()
    found = fitted(inside, outside)
    right_first = [rank(a.compared, found.ranking_array)[0].similarity.entry == a.entry for a in inside]
    share = round(sum(right_first) / len(right_first), 4)
    return {**found.as_json(), "encoder": encoder.hash, "right_first": share}


def main() -> None:
    """Write the file, and say how well it holds."""
    found = asyncio.run(learn(load_encoder()))
    PRIOR.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    print(
        f"{PRIOR.name}: {found['examples']} questions, calibration error {found['error']}, right first {found['right_first']}"
    )


if __name__ == "__main__":
    main()
