"""A knowledge base in a real database, with an index that only remembers what it was given."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from psycopg import AsyncConnection
from psycopg.types.json import Jsonb
from psycopg_pool import AsyncConnectionPool

from knowledge_base import editing
from knowledge_base.entries import Entry
from knowledge_base.items import Item, ItemKind

NOW = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)
ENTRY: dict[str, Any] = {
    "group": "returns",
    "title": {"zh-Hans": "退货", "zh-Hant-HK": "退貨", "en": "Returns"},
    "answer": {
        "zh-Hans": "{return_window_days}内可以退。",
        "zh-Hant-HK": "{return_window_days}內可以退。",
        "en": "Within {return_window_days}.",
    },
    "phrasings": {"zh-Hans": ["怎么退"], "zh-Hant-HK": ["點退"], "en": ["how to return"]},
    "variants": [],
    "related": [],
    "start_form": None,
}
OTHER: dict[str, Any] = {
    **ENTRY,
    "group": "exchange",
    "title": {"zh-Hans": "换货", "zh-Hant-HK": "換貨", "en": "Exchange"},
    "phrasings": {"zh-Hans": ["怎么换"], "zh-Hant-HK": ["點換"], "en": ["how to exchange"]},
}
WINDOW = {"value": 7, "unit": "days", "description": "No-reason return"}
VIP_WINDOW = {"value": 15, "unit": "days", "description": "No-reason return for VIPs"}


def entry(**fields: Any) -> dict[str, Any]:
    """A fresh copy of ENTRY with other fields."""
    return {**deepcopy(ENTRY), **fields}


@dataclass
class RememberedIndex:
    """An Index that keeps what it was told, in order."""

    replaced: list[str] = field(default_factory=list)

    async def replace(self, conn: AsyncConnection[Any], entries: Sequence[Entry]) -> None:
        self.replaced += [entry.id for entry in entries]


@dataclass
class Editor:
    """Somebody who edits, each step in a transaction of its own."""

    pool: AsyncConnectionPool
    index: RememberedIndex
    by: UUID

    def connection(self) -> AbstractAsyncContextManager[AsyncConnection[Any]]:
        return self.pool.connection()

    async def create(self, id_: str, content: dict[str, Any]) -> Item:
        async with self.pool.connection() as conn:
            return await editing.create_entry(conn, id_, content, by=self.by, now=NOW)

    async def save(self, kind: ItemKind, id_: str, content: dict[str, Any], version: int) -> Item:
        async with self.pool.connection() as conn:
            return await editing.save_draft(conn, kind, id_, content, version=version, by=self.by, now=NOW)

    async def publish(self, kind: ItemKind, id_: str, version: int, note: str = "") -> Item:
        async with self.pool.connection() as conn:
            return await editing.publish(
                conn, kind, id_, version=version, note=note, by=self.by, now=NOW, index=self.index
            )

    async def read(self, kind: ItemKind, id_: str) -> Item:
        async with self.pool.connection() as conn:
            return await editing.read_item(conn, kind, id_)

    async def discard(self, kind: ItemKind, id_: str, version: int) -> Item:
        async with self.pool.connection() as conn:
            return await editing.discard_draft(conn, kind, id_, version=version)

    async def restore(self, kind: ItemKind, id_: str, revision: int, version: int) -> Item:
        async with self.pool.connection() as conn:
            return await editing.restore(conn, kind, id_, revision, version=version, by=self.by, now=NOW)

    async def base(self) -> tuple[int, int]:
        """Version and search version."""
        async with self.pool.connection() as conn:
            cursor = await conn.execute("select version, search_version from knowledge_base")
            row = await cursor.fetchone()
        assert row is not None
        return row[0], row[1]


@pytest.fixture
async def editor(pool: AsyncConnectionPool) -> AsyncIterator[Editor]:
    """An editor, in a base with two figures, one entry `returns` and one `exchange`, all published."""
    async with pool.connection() as conn:
        by = await add_person(conn, "editor")
        for position, (name, content) in enumerate(
            {"return_window_days": WINDOW, "return_window_vip_days": VIP_WINDOW}.items(), start=1
        ):
            await add_figure(conn, name, content, position)
    made = Editor(pool=pool, index=RememberedIndex(), by=by)
    for id_, content in {"returns": ENTRY, "exchange": OTHER}.items():
        created = await made.create(id_, content)
        await made.publish("entry", id_, created.version)
    made.index.replaced.clear()
    yield made


async def add_person(conn: AsyncConnection[Any], login: str) -> UUID:
    """Somebody with an account."""
    id_ = uuid4()
    await conn.execute(
        "insert into agents (id, login, name, password_hash, role, level, skills, languages, capacity, created_at)"
        " values (%s, %s, '小林', 'x', 'editor', 'agent', '{}', '{zh-Hans}', 5, %s)",
        (id_, login, NOW),
    )
    return id_


async def add_figure(conn: AsyncConnection[Any], name: str, content: dict[str, Any], position: int) -> None:
    """A figure as an import leaves it; what runs already hears of it by the base's version."""
    await conn.execute(
        "with base as (update knowledge_base set version = version + 1 returning version)"
        " insert into knowledge_items (kind, id, position, published, revision, base_version, published_at)"
        " select 'figure', %s, %s, %s, 1, version, %s from base",
        (name, position, Jsonb(content), NOW),
    )
    await conn.execute(
        "insert into knowledge_revisions (kind, id, revision, content, at) values ('figure', %s, 1, %s, %s)",
        (name, Jsonb(content), NOW),
    )
