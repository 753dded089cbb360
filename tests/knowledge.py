"""The shipped knowledge base in a test's database, as the first start brings it there."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache

from psycopg_pool import AsyncConnectionPool

from bot.rasa_places import PROGRAM
from knowledge_base.encoder import Encoder, load_encoder
from knowledge_base.entries import load_content
from knowledge_base.importing import import_content
from knowledge_base.indexing import PhrasingIndexer
from knowledge_base.live import LiveKnowledgeBase
from knowledge_base.upkeep import bring_up_to_date

CONTENT = PROGRAM / "knowledge_base" / "content"


@lru_cache(maxsize=1)
def encoder() -> Encoder:
    """The shipped one."""
    return load_encoder()


async def fill(url: str) -> None:
    """Import the shipped content, and calibrate."""
    async with AsyncConnectionPool(url, min_size=1, max_size=2, open=False) as pool:
        async with pool.connection() as conn, conn.transaction():
            await import_content(
                conn, load_content(CONTENT), index=PhrasingIndexer(encoder()), now=datetime.now(UTC)
            )
        await bring_up_to_date(pool, encoder())


def knowledge_base(pool: AsyncConnectionPool) -> LiveKnowledgeBase:
    """As one service process has it."""
    return LiveKnowledgeBase(pool, encoder())
