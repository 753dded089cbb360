"""Index and calibration after a change of the encoder, of the program, of the base; several processes at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from psycopg import AsyncConnection
from psycopg.types.json import Jsonb
from psycopg_pool import AsyncConnectionPool

from knowledge_base import editing
from knowledge_base.calibrating import recalibrate_if_needed
from knowledge_base.calibration import UNFITTED, read_newest
from knowledge_base.indexing import PhrasingIndexer
from knowledge_base.live import LiveKnowledgeBase
from knowledge_base.upkeep import bring_up_to_date, is_needed
from tests import knowledge

NOW = datetime(2026, 11, 21, 10, tzinfo=UTC)
QUESTION = "七天无理由退货怎么算"


class OtherEncoder:
    """Half the dimensions of the shipped one."""

    hash = "0123456789abcdef"
    dimensions = 128

    def encode(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        vectors = knowledge.encoder().encode(texts)[:, : self.dimensions].copy()
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        return np.asarray(np.divide(vectors, lengths, out=vectors, where=lengths > 0), np.float32)


@pytest.fixture
async def pool(knowledge_database_url: str) -> AsyncIterator[AsyncConnectionPool]:
    async with AsyncConnectionPool(knowledge_database_url, min_size=1, max_size=4, open=False) as opened:
        yield opened


async def publish_phrasing(pool: AsyncConnectionPool, text: str, index: PhrasingIndexer) -> None:
    """One more phrasing of `return_how`."""
    async with pool.connection() as conn, conn.transaction():
        item = await editing.read_item(conn, "entry", "return_how")
        phrasings = item.newest["phrasings"]
        content = {**item.newest, "phrasings": phrasings | {"en": [*phrasings["en"], text]}}
        item = await editing.save_draft(
            conn, "entry", item.id, content, version=item.version, by=None, now=NOW
        )
        await editing.publish(
            conn, "entry", item.id, version=item.version, note="", by=None, now=NOW, index=index
        )


async def dimensions(pool: AsyncConnectionPool) -> set[int]:
    async with pool.connection() as conn:
        cursor = await conn.execute(
            "select distinct vector_dims(embedding) from knowledge_phrasings where embedding is not null"
        )
        return {row[0] for row in await cursor.fetchall()}


async def test_a_publish_by_another_encoder_leaves_no_mixture_and_upkeep_writes_the_index_anew(
    pool: AsyncConnectionPool,
) -> None:
    """As a new program does that brings both another encoder and other content."""
    other = OtherEncoder()
    await publish_phrasing(pool, "gimme back my stuff", PhrasingIndexer(other))
    assert await dimensions(pool) == {256}
    await bring_up_to_date(pool, other)
    assert await dimensions(pool) == {128}
    found = await LiveKnowledgeBase(pool, other).search(QUESTION, language="zh-Hans")
    assert found.answered == ("return_window",)
    assert not await is_needed(pool, other.hash)


async def test_what_another_encoder_published_is_found_by_its_words_before_upkeep(
    pool: AsyncConnectionPool,
) -> None:
    strange = (
        "退款几天能到我的卡上啊急死了"  # much nearer to other entries in meaning, and this one has no vectors
    )
    await publish_phrasing(pool, strange, PhrasingIndexer(OtherEncoder()))
    found = await knowledge.knowledge_base(pool).search(strange, language="zh-Hans")
    assert (found.answered, found.is_verbatim) == (("return_how",), True)


async def test_before_upkeep_unknown_words_after_an_answer_are_no_error(pool: AsyncConnectionPool) -> None:
    """No half puts an entry forward for them; only the entry before and its related ones are looked at."""
    base = LiveKnowledgeBase(pool, OtherEncoder())
    found = await base.search("zzqj?", language="en", context="return_window")
    assert (found.outcome, found.answered) == ("ask", ())


async def test_a_process_with_another_encoder_than_the_index_searches_by_words(
    pool: AsyncConnectionPool,
) -> None:
    found = await LiveKnowledgeBase(pool, OtherEncoder()).search(QUESTION, language="zh-Hans")
    assert found.candidates[0].entry == "return_window"


async def test_a_process_of_before_does_not_take_the_index_back(pool: AsyncConnectionPool) -> None:
    async with pool.connection() as conn:
        await conn.execute("update knowledge_base set encoder = 'new', search_version = version + 1")
    assert not await is_needed(pool, knowledge.encoder().hash)
    assert not await recalibrate_if_needed(pool, knowledge.encoder())


async def test_other_lexemes_write_the_index_anew(pool: AsyncConnectionPool) -> None:
    encoder = knowledge.encoder()
    async with pool.connection() as conn:
        assert await PhrasingIndexer(encoder).is_current(conn)
        await conn.execute("update knowledge_base set encoder = %s", (encoder.hash,))
        assert not await PhrasingIndexer(encoder).is_current(conn)


async def test_a_calibration_of_another_program_is_not_used_and_asks_for_a_new_one(
    pool: AsyncConnectionPool,
) -> None:
    encoder = knowledge.encoder()
    async with pool.connection() as conn:
        assert await read_newest(conn, encoder.hash) != UNFITTED
        await conn.execute(
            "update knowledge_calibrations set model = model || %s", (Jsonb({"features": ["of_before"]}),)
        )
        assert await read_newest(conn, encoder.hash) == UNFITTED
    assert await is_needed(pool, encoder.hash)


async def test_nothing_is_needed_while_a_process_is_at_it(pool: AsyncConnectionPool) -> None:
    """Else each process of the service would start a command every two seconds until the first is done."""
    encoder = knowledge.encoder()
    await publish_phrasing(pool, "gimme back my stuff", PhrasingIndexer(encoder))
    assert await is_needed(pool, encoder.hash)
    fitting = asyncio.create_task(recalibrate_if_needed(pool, encoder))
    async with pool.connection() as watching:
        await until_fitting(watching)
    assert not await is_needed(pool, encoder.hash)
    assert not await recalibrate_if_needed(pool, encoder)
    fitting.cancel()
    await asyncio.wait([fitting])
    assert await is_needed(pool, encoder.hash)


async def until_fitting(conn: AsyncConnection[Any]) -> None:
    """Return when a process holds the lock of the fit."""
    async with asyncio.timeout(20):
        query = "select from pg_locks where locktype = 'advisory' and granted"
        while True:
            if await (await conn.execute(query)).fetchone() is not None:
                return
            await asyncio.sleep(0.01)
