"""Imports of files with the index of the configured encoder, and a row in the audit log; for the command and the service."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from psycopg_pool import AsyncConnectionPool

from desk import audit
from knowledge_base.encoder import Encoder, load_encoder
from knowledge_base.exchange import imports, running
from knowledge_base.exchange.imports import Import
from knowledge_base.exchange.running import Progress
from knowledge_base.indexing import PhrasingIndexer
from service.settings import Settings


async def run_import(
    pool: AsyncConnectionPool,
    encoder: Encoder,
    id_: UUID,
    *,
    now: Callable[[], datetime],
    progress: Progress = lambda done, total: None,
) -> Import:
    """To its end, from wherever it is. The pool needs three connections. Raises UnknownImport."""
    found = await running.run(pool, id_, index=PhrasingIndexer(encoder), now=now, progress=progress)
    if found.state in ("done", "failed") and found.finished_at is not None:
        async with pool.connection() as conn:
            rows = await imports.read_rows(conn, id_)
            await audit.record(
                conn,
                actor_kind="agent" if found.by else "system",
                actor_id=found.by,
                action="knowledge.imported",
                subject=found.name,
                details={
                    "import": str(id_),
                    "state": found.state,
                    **Counter(row.outcome for row in rows),
                },
                now=found.finished_at,
            )
    return found


async def run_open_imports(pool: AsyncConnectionPool, settings: Settings, now: Callable[[], datetime]) -> int:
    """All that wait or were cut off, oldest first; how many."""
    async with pool.connection() as conn:
        waiting = await imports.open_imports(conn)
    if waiting:
        encoder = await asyncio.to_thread(
            load_encoder, settings.home / settings.sections.knowledge_base.encoder
        )
        for id_ in waiting:
            await run_import(pool, encoder, id_, now=now)
    return len(waiting)


async def are_imports_open(pool: AsyncConnectionPool) -> bool:
    """Whether one waits or was cut off, and no process works on it; cheap."""
    async with pool.connection() as conn:
        waiting = await imports.open_imports(conn)
        return any([not await running.is_worked_on(conn, id_) for id_ in waiting])
