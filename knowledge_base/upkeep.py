"""Keeps what search looks at in step with what is published: vectors of the encoder in use, probabilities fitted to both.

Both take seconds, so they run in a process of their own (`anxin kb upkeep`), never on the event loop of the service.
"""

from __future__ import annotations

from psycopg.rows import tuple_row
from psycopg_pool import AsyncConnectionPool

from knowledge_base.calibrating import is_calibration_needed, recalibrate_if_needed
from knowledge_base.encoder import Encoder
from knowledge_base.indexing import PhrasingIndexer
from knowledge_base.items import entry_from_json

PUBLISHED = "select id, published from knowledge_items where kind = 'entry' and published is not null order by position"


async def is_needed(pool: AsyncConnectionPool, encoder: str) -> bool:
    """Whether `bring_up_to_date` has something to do; cheap."""
    async with pool.connection() as conn:
        return await is_calibration_needed(conn, encoder)


async def bring_up_to_date(pool: AsyncConnectionPool, encoder: Encoder) -> None:
    """Index anew after a change of the encoder or of the cutting into lexemes, and calibrate after a change of phrasings or encoder."""
    indexer = PhrasingIndexer(encoder)
    async with pool.connection() as conn, conn.transaction():
        await conn.execute("select from knowledge_base for update")
        if not await indexer.is_current(conn):
            async with conn.cursor(row_factory=tuple_row) as cursor:
                await cursor.execute(PUBLISHED)
                rows = await cursor.fetchall()
            await indexer.write_anew(conn, [entry_from_json(id_, content) for id_, content in rows])
            await conn.execute(
                "update knowledge_base set version = version + 1, search_version = version + 1"
            )
        await indexer.add_vector_index(conn)
    await recalibrate_if_needed(pool, encoder)
