"""What is published is used by the very next search, answer and rule, in every process; and nothing that is not."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from knowledge_base import editing
from knowledge_base.indexing import PhrasingIndexer
from knowledge_base.items import ItemKind
from knowledge_base.live import LiveKnowledgeBase
from knowledge_base.upkeep import bring_up_to_date, is_needed
from tests import knowledge

NOW = datetime(2026, 11, 21, 10, tzinfo=UTC)


@pytest.fixture
async def pool(knowledge_database_url: str) -> AsyncIterator[AsyncConnectionPool]:
    async with AsyncConnectionPool(knowledge_database_url, min_size=1, max_size=4, open=False) as opened:
        yield opened


@pytest.fixture
async def processes(
    knowledge_database_url: str, pool: AsyncConnectionPool
) -> AsyncIterator[list[LiveKnowledgeBase]]:
    """Two service processes that have both searched before."""
    async with AsyncConnectionPool(knowledge_database_url, min_size=1, max_size=2, open=False) as other:
        both = [knowledge.knowledge_base(pool), knowledge.knowledge_base(other)]
        for base in both:
            await base.search("七天无理由退货怎么算", language="zh-Hans")
            await base.policy()
        yield both


async def publish(
    pool: AsyncConnectionPool, kind: ItemKind, id_: str, changes: dict[str, Any], *, is_published: bool = True
) -> None:
    """Change an item's content, and publish it."""
    async with pool.connection() as conn, conn.transaction():
        item = await editing.read_item(conn, kind, id_)
        item = await editing.save_draft(
            conn, kind, id_, item.newest | changes, version=item.version, by=None, now=NOW
        )
        if is_published:
            index = PhrasingIndexer(knowledge.encoder())
            await editing.publish(
                conn, kind, id_, version=item.version, note="", by=None, now=NOW, index=index
            )


async def phrasings_of(pool: AsyncConnectionPool, entry: str) -> dict[str, list[str]]:
    """By language, drafts included."""
    async with pool.connection() as conn:
        found: dict[str, list[str]] = (await editing.read_item(conn, "entry", entry)).newest["phrasings"]
    return found


async def test_a_policy_figure_is_in_the_next_answer_and_the_next_rule(
    pool: AsyncConnectionPool, processes: list[LiveKnowledgeBase]
) -> None:
    await publish(pool, "figure", "return_window_days", {"value": 15})
    for base in processes:
        [answer] = (await base.search("七天无理由退货怎么算", language="zh-Hans")).answers
        assert "15 天" in answer
        assert (await base.policy()).number("return_window_days") == 15


async def test_an_answer_is_said_the_next_time(
    pool: AsyncConnectionPool, processes: list[LiveKnowledgeBase]
) -> None:
    said = dict.fromkeys(("zh-Hans", "zh-Hant-HK", "en"), "Ask at the counter.")
    await publish(pool, "entry", "return_window", {"answer": said, "variants": []})
    for base in processes:
        found = await base.search("七天无理由退货怎么算", language="en")
        assert found.answers == ("Ask at the counter.",)
        assert await base.render("return_window", "zh-Hans", {}) == "Ask at the counter."


async def test_a_phrasing_is_found_the_next_time_and_one_taken_out_no_more(
    pool: AsyncConnectionPool, processes: list[LiveKnowledgeBase]
) -> None:
    strange = "蓝月亮打烊之前送回去行不行"
    phrasings = await phrasings_of(pool, "return_window")
    await publish(
        pool,
        "entry",
        "return_window",
        {"phrasings": phrasings | {"zh-Hans": [*phrasings["zh-Hans"], strange]}},
    )
    for base in processes:
        assert (await base.search(strange, language="zh-Hans")).answered == ("return_window",)
    await publish(pool, "entry", "return_window", {"phrasings": phrasings})
    for base in processes:
        assert (await base.search(strange, language="zh-Hans")).answered == ()


async def test_a_phrasing_in_which_the_encoder_knows_nothing_takes_no_meaning_from_the_others(
    pool: AsyncConnectionPool, processes: list[LiveKnowledgeBase]
) -> None:
    unknown = "한국"
    phrasings = await phrasings_of(pool, "return_window")
    await publish(
        pool, "entry", "return_window", {"phrasings": phrasings | {"en": [*phrasings["en"], unknown]}}
    )
    async with pool.connection() as conn:
        base = processes[0].published
        await base.refresh(conn)
        found = (await base.entries(conn, ["return_window"]))["return_window"].phrasings
    expected = knowledge.encoder().encode(list(found.forms))
    assert list(found.ids) == sorted(found.ids) and not expected[found.texts.index(unknown)].any()
    assert np.allclose(found.vectors[:-1], expected, atol=2e-3)  # as halves of a number keep them


async def test_the_centre_of_an_entry_is_that_of_its_published_phrasings(
    pool: AsyncConnectionPool, processes: list[LiveKnowledgeBase]
) -> None:
    phrasings = {"zh-Hans": ["蓝月亮几点打烊", "绿太阳几点开门"], "zh-Hant-HK": [], "en": []}
    await publish(pool, "entry", "return_window", {"phrasings": phrasings})
    async with pool.connection() as conn:
        base = processes[0].published
        await base.refresh(conn)
        vectors = (await base.entries(conn, ["return_window"]))["return_window"].phrasings.vectors
        cursor = await conn.execute(
            "select centre::text from knowledge_entry_numbers where entry = 'return_window'"
        )
        [(stored,)] = await cursor.fetchall()
    centre = np.asarray(json.loads(stored))
    assert centre / np.linalg.norm(centre) @ vectors[-1] == pytest.approx(1.0, abs=1e-3)


async def test_a_draft_changes_nothing(pool: AsyncConnectionPool, processes: list[LiveKnowledgeBase]) -> None:
    await publish(pool, "figure", "return_window_days", {"value": 15}, is_published=False)
    for base in processes:
        assert "7 天" in (await base.search("七天无理由退货怎么算", language="zh-Hans")).answers[0]


async def test_only_changed_phrasings_ask_for_a_new_calibration(pool: AsyncConnectionPool) -> None:
    encoder = knowledge.encoder()
    await publish(pool, "figure", "return_window_days", {"value": 15})
    assert not await is_needed(pool, encoder.hash)
    async with pool.connection() as conn:
        phrasings = (await editing.read_item(conn, "entry", "return_how")).newest["phrasings"]
    await publish(
        pool, "entry", "return_how", {"phrasings": phrasings | {"en": [*phrasings["en"], "gimme back"]}}
    )
    assert await is_needed(pool, encoder.hash)
    await bring_up_to_date(pool, encoder)
    assert not await is_needed(pool, encoder.hash)


async def test_what_was_read_before_a_publish_is_not_said_after_it(pool: AsyncConnectionPool) -> None:
    """A turn reads an entry and is held up, somebody publishes it, another turn notices that, the first one goes on."""
    base = knowledge.knowledge_base(pool)
    await base.policy()
    async with pool.connection() as holding:
        await holding.execute("lock table knowledge_lexemes")
        first = asyncio.create_task(base.render("return_window", "en", {"vip": True}))
        await is_waiting(holding, "knowledge_lexemes")
        await publish(pool, "entry", "return_window", {"variants": []})
        second = asyncio.create_task(base.policy())
        await asyncio.wait([second], timeout=0.5)
    before, _ = await asyncio.gather(first, second)
    assert "15 days" in before
    assert "15 days" not in await base.render("return_window", "en", {"vip": True})


async def test_a_small_base_is_in_memory_before_anybody_asks_and_again_after_a_publish(
    pool: AsyncConnectionPool,
) -> None:
    base = knowledge.knowledge_base(pool)
    async with pool.connection() as conn:
        every = await base.published.not_in_memory(conn)
        await base.get_ready()
        assert len(every) == base.published.versions.entries > 80
        assert await base.published.not_in_memory(conn) == [] and base.published.has_all_rarities
        phrasings = (await editing.read_item(conn, "entry", "return_how")).newest["phrasings"]
    await publish(
        pool, "entry", "return_how", {"phrasings": phrasings | {"en": [*phrasings["en"], "gimme back"]}}
    )
    await base.policy()
    assert not base.published.has_all_rarities, "the words of an entry have changed"
    await base.get_ready()
    await publish(pool, "entry", "return_window", {"variants": []})
    await base.policy()
    assert base.published.has_all_rarities, "its words are as they were"
    await base.get_ready()
    async with pool.connection() as conn:
        assert await base.published.not_in_memory(conn) == []
    found = await base.search("gimme back", language="en")
    assert found.answered == ("return_how",)


async def is_waiting(conn: AsyncConnection[Any], table: str) -> None:
    """Return when somebody waits for this table."""
    async with asyncio.timeout(20):
        while True:
            query = "select from pg_locks where relation = %s::regclass and not granted"
            if await (await conn.execute(query, (table,))).fetchone() is not None:
                return
            await asyncio.sleep(0.01)
