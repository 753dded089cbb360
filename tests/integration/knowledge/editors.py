"""An editor of the shipped base: drafts, and publishing through the gate as a service process does."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from knowledge_base import editing
from knowledge_base.costs import DEFAULT_COSTS
from knowledge_base.due import DueWork, Step
from knowledge_base.gate_runs import GateRun
from knowledge_base.gatekeeping import Gatekeeper
from knowledge_base.indexing import PhrasingIndexer
from knowledge_base.items import Item, ItemKind
from knowledge_base.live import LiveKnowledgeBase
from knowledge_base.publishing import Override, Publishing
from knowledge_base.settings import KnowledgeBaseSettings
from tests import knowledge
from tests.integration.knowledge.conftest import NOW

LANGUAGES = ("zh-Hans", "zh-Hant-HK", "en")


@dataclass
class Office:
    """One service process as far as editing goes; `now` is its clock."""

    pool: AsyncConnectionPool
    live: LiveKnowledgeBase
    gatekeeper: Gatekeeper
    publishing: Publishing
    due: DueWork
    steps: list[tuple[str, Step]] = field(default_factory=list)

    async def read(self, id_: str, kind: ItemKind = "entry") -> Item:
        async with self.pool.connection() as conn:
            return await editing.read_item(conn, kind, id_)

    async def begin(self, id_: str, content: Mapping[str, Any]) -> Item:
        async with self.pool.connection() as conn:
            return await editing.create_entry(conn, id_, content, by=None, now=NOW)

    async def save(
        self, id_: str, changes: Mapping[str, Any], kind: ItemKind = "entry", by: UUID | None = None
    ) -> Item:
        """Other fields over the newest content."""
        async with self.pool.connection() as conn:
            item = await editing.read_item(conn, kind, id_)
            content = {**item.newest, **changes}
            return await editing.save_draft(conn, kind, id_, content, version=item.version, by=by, now=NOW)

    async def publish(self, item: Item, *, note: str = "", override: Override | None = None) -> Item:
        async def then(conn: AsyncConnection[Any], published: Item, run: GateRun) -> None:
            assert run.item == published.id

        return await self.publishing.publish(
            item.kind,
            item.id,
            version=item.version,
            note=note,
            by=None,
            now=NOW,
            override=override,
            then=then,
        )

    async def run(self, item: Item) -> GateRun:
        return await self.gatekeeper.run(item.kind, item.id, item.version, by=None)

    async def answered(self, text: str, language: str = "zh-Hans") -> tuple[str, ...]:
        return (await self.live.search(text, language=language)).answered


def office(pool: AsyncConnectionPool, now: list[datetime] | None = None, **settings: Any) -> Office:
    """A process with these settings of the knowledge base; `now` holds its clock."""
    clock = now if now is not None else [NOW]
    live = knowledge.knowledge_base(pool)
    index = PhrasingIndexer(knowledge.encoder())
    gatekeeper = Gatekeeper(pool, live, DEFAULT_COSTS, lambda: clock[0])
    publishing = Publishing(pool, gatekeeper, index, KnowledgeBaseSettings(**settings))
    steps: list[tuple[str, Step]] = []

    async def record(conn: AsyncConnection[Any], item: Item, step: Step) -> None:
        steps.append((item.id, step))

    due = DueWork(pool=pool, publishing=publishing, index=index, record=record)
    return Office(pool=pool, live=live, gatekeeper=gatekeeper, publishing=publishing, due=due, steps=steps)


def content(title: str, phrasings: Mapping[str, Iterable[str]], **fields: Any) -> dict[str, Any]:
    """An entry of its own, in three languages."""
    return {
        "group": "service",
        "title": dict.fromkeys(LANGUAGES, title),
        "answer": dict.fromkeys(LANGUAGES, f"{title}。"),
        "phrasings": {language: list(texts) for language, texts in phrasings.items()},
        "variants": [],
        "related": [],
        "start_form": None,
        **fields,
    }


GIFT_WRAP = content(
    "礼品包装",
    {
        "zh-Hans": ["可以包成礼物吗", "礼品包装怎么选", "能送礼盒吗"],
        "zh-Hant-HK": ["可唔可以包禮物", "有冇禮盒"],
        "en": ["do you gift wrap", "can you wrap it as a present"],
    },
)
"""A question that the shipped base does not know."""


def thief_of(item: Item, phrasings: int = 8) -> dict[str, Any]:
    """An entry that asks what another one asks, in hardly other words."""
    written = (item.published or {})["phrasings"]
    return content(
        "小偷",
        {
            language: [f"in your shop {t}" if language == "en" else f"店里{t}" for t in texts[:phrasings]]
            for language, texts in written.items()
        },
    )
