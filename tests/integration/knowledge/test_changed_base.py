"""The search over the published base with changes in place: what it finds is what a publish would bring, and nothing is written."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from psycopg.types.json import Jsonb
from psycopg_pool import AsyncConnectionPool

from knowledge_base.changed_base import Changes
from knowledge_base.entries import Entry
from knowledge_base.indexing import PhrasingIndexer
from knowledge_base.items import entry_as_json, entry_from_json
from knowledge_base.live import LiveKnowledgeBase
from knowledge_base.policy import Figure
from tests import knowledge

QUESTION = "七天无理由退货怎么算"


@pytest.fixture
async def pool(knowledge_database_url: str) -> AsyncIterator[AsyncConnectionPool]:
    async with AsyncConnectionPool(knowledge_database_url, min_size=1, max_size=4, open=False) as opened:
        yield opened


@pytest.fixture
def base(pool: AsyncConnectionPool) -> LiveKnowledgeBase:
    return knowledge.knowledge_base(pool)


async def published(pool: AsyncConnectionPool, id_: str) -> Entry:
    async with pool.connection() as conn:
        cursor = await conn.execute("select published from knowledge_items where id = %s", (id_,))
        row = await cursor.fetchone()
    assert row is not None
    return entry_from_json(id_, row[0])


async def changed(pool: AsyncConnectionPool, base: LiveKnowledgeBase, changes: Changes) -> LiveKnowledgeBase:
    async with pool.connection() as conn:
        return await base.with_changes(conn, changes)


async def test_a_changed_answer_and_a_changed_figure_are_said(
    pool: AsyncConnectionPool, base: LiveKnowledgeBase
) -> None:
    entry = await published(pool, "return_window")
    said = dict.fromkeys(entry.answer, "{return_window_days}!")
    window = Figure(name="return_window_days", value=15, unit="days", description="")
    changes = Changes(
        entries={entry.id: replace(entry, answer=said, variants=())}, figures={window.name: window}
    )
    found = await (await changed(pool, base, changes)).search(QUESTION, language="zh-Hans")
    assert found.answers == ("15 天!",)
    assert "7 天" in (await base.search(QUESTION, language="zh-Hans")).answers[0]


async def test_an_entry_taken_away_is_no_candidate_and_no_related_one(
    pool: AsyncConnectionPool, base: LiveKnowledgeBase
) -> None:
    without = await changed(pool, base, Changes(removed=frozenset({"return_window"})))
    found = await without.search(QUESTION, language="zh-Hans")
    assert found.candidates and "return_window" not in {c.entry for c in found.candidates}
    followed = await without.search("那运费呢", language="zh-Hans", context="return_window")
    assert "return_window" not in {c.entry for c in followed.candidates}


async def test_a_new_entry_is_found_as_it_is_after_its_publish(
    pool: AsyncConnectionPool, base: LiveKnowledgeBase
) -> None:
    entry = replace(
        await published(pool, "return_window"),
        id="gift_wrap",
        title=dict.fromkeys(("zh-Hans", "zh-Hant-HK", "en"), "礼品包装"),
        phrasings={
            "zh-Hans": ("可以包成礼物吗", "礼品包装怎么选"),
            "zh-Hant-HK": ("可唔可以包禮物",),
            "en": ("do you gift wrap",),
        },
    )
    asked = ("可以帮我包装成礼物吗", "gift wrapping available?", QUESTION, "发票怎么开", "快递三天没动了")
    before = await changed(pool, base, Changes(entries={entry.id: entry}))
    told = [await before.search(text, language="zh-Hans") for text in asked]
    assert told[0].candidates[0].entry == "gift_wrap"
    async with pool.connection() as conn:
        await conn.execute(
            "insert into knowledge_items (kind, id, position, published, revision, base_version)"
            " select 'entry', %s, 999, %s, 1, version + 1 from knowledge_base",
            (entry.id, Jsonb(entry_as_json(entry))),
        )
        await PhrasingIndexer(knowledge.encoder()).replace(conn, [entry])
        await conn.execute("update knowledge_base set version = version + 1, search_version = version + 1")
    for text, expected in zip(asked, told, strict=True):
        found = await base.search(text, language="zh-Hans")
        assert (found.outcome, found.candidates[0].entry) == (
            expected.outcome,
            expected.candidates[0].entry,
        ), text
        assert abs(found.probability - expected.probability) < 0.03, text
