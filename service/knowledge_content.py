"""The configured content folder into the database, with the index of the configured encoder, and a row in the audit log."""

from __future__ import annotations

import asyncio
from collections.abc import Set
from datetime import datetime
from pathlib import Path

from psycopg_pool import AsyncConnectionPool

from desk import audit
from knowledge_base.archiving import archive
from knowledge_base.editing import Index
from knowledge_base.encoder import load_encoder
from knowledge_base.entries import load_content
from knowledge_base.importing import Imported, import_content
from knowledge_base.indexing import PhrasingIndexer
from service.settings import Settings


async def import_folder(
    pool: AsyncConnectionPool,
    settings: Settings,
    folder: Path | None = None,
    *,
    now: datetime,
    overwrite: bool = False,
) -> Imported:
    """Import in one transaction; without a folder the configured one. Raises ContentError, EncoderError."""
    section = settings.sections.knowledge_base
    content = await asyncio.to_thread(load_content, folder or settings.home / section.content)
    encoder = await asyncio.to_thread(load_encoder, settings.home / section.encoder)
    async with pool.connection() as conn:
        imported = await import_content(
            conn,
            content,
            index=PhrasingIndexer(encoder),
            now=now,
            overwrite=overwrite,
            is_shipped=folder is None,
        )
        if imported.new or imported.changed:
            await audit.record(
                conn,
                actor_kind="system",
                actor_id=None,
                action="knowledge.imported",
                details={"new": len(imported.new), "changed": list(imported.changed)},
                now=now,
            )
    return imported


async def archive_others(pool: AsyncConnectionPool, ids: Set[str], *, index: Index, now: datetime) -> int:
    """Every published entry that is not among `ids` goes into the archive, with its history; how many."""
    async with pool.connection() as conn, conn.transaction():
        cursor = await conn.execute(
            "select id, version from knowledge_items where kind = 'entry' and published is not null and id <> all(%s)",
            (list(ids),),
        )
        others = await cursor.fetchall()
        for id_, version in others:
            await archive(conn, id_, version=version, note="import --only", by=None, now=now, index=index)
    return len(others)
