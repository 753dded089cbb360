"""Does what is planned when its time has come: publishes through the gate, archives, brings a figure's old value back.

Any process may look; an item that one works on is left alone by the others for a while, and each step names the
version it was planned for, so that it happens once. What does not go stays a draft, and its schedule says why.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

import structlog
from psycopg import AsyncConnection
from psycopg.rows import class_row
from psycopg.types.json import Jsonb
from psycopg_pool import AsyncConnectionPool

from knowledge_base import archiving, editing
from knowledge_base.editing import COLUMNS_OF_I, Index
from knowledge_base.errors import ContentError, EditConflict, GateStopped, KnowledgeBaseError, ReviewNeeded
from knowledge_base.gate_runs import GateRun
from knowledge_base.items import Item
from knowledge_base.publishing import Publishing

log = structlog.get_logger(__name__)

WORKED_ON_S = 120
"""After so long another process takes over; a gate takes seconds."""
AT_ONCE = 10

Step = Literal["published", "archived", "brought_back"]
Record = Callable[[AsyncConnection[Any], Item, Step], Awaitable[None]]
"""Tells the audit log, in the transaction of the step."""

CLAIM = f"""
update knowledge_items i set due_until = %(until)s
from (
    select kind, id from knowledge_items
    where least(publish_at, expires_at) <= %(now)s and (due_until is null or due_until < %(now)s)
      and not coalesce(schedule, '{{}}'::jsonb) ? 'problem'
    order by least(publish_at, expires_at), kind, id limit %(at_once)s for update skip locked
) due
where (i.kind, i.id) = (due.kind, due.id) returning {COLUMNS_OF_I}
"""
RELEASE = "update knowledge_items set due_until = null where kind = %s and id = %s and version = %s"
PROBLEM = """
update knowledge_items
set schedule = schedule || jsonb_build_object('problem', %s::jsonb), due_until = null, version = version + 1
where kind = %s and id = %s and version = %s
"""
FORGET = """
update knowledge_items
set expires_at = null, due_until = null, version = version + 1,
    schedule = case when publish_at is null then null else schedule end
where kind = %s and id = %s and version = %s
"""


@dataclass(frozen=True, kw_only=True)
class DueWork:
    """One per process."""

    pool: AsyncConnectionPool
    publishing: Publishing
    index: Index
    record: Record

    async def do(self, now: datetime) -> int:
        """All that is due and that nobody works on; how many items that were."""
        async with self.pool.connection() as conn, conn.cursor(row_factory=class_row(Item)) as cursor:
            until = now + timedelta(seconds=WORKED_ON_S)
            await cursor.execute(CLAIM.encode(), {"now": now, "until": until, "at_once": AT_ONCE})
            items = await cursor.fetchall()
        for item in items:
            await self._do_one(item, now)
        return len(items)

    async def _do_one(self, item: Item, now: datetime) -> None:
        try:
            if item.publish_at is not None and item.publish_at <= now:
                await self._publish(item, now)
            else:
                await self._end(item, now)
        except EditConflict:
            await self._execute(
                RELEASE, item
            )  # somebody edits it just now; the next round sees what is there
        except (GateStopped, ReviewNeeded, ContentError) as error:
            log.info("knowledge_schedule_stopped", kind=item.kind, item=item.id, code=error.code)
            await self._execute(PROBLEM, item, Jsonb(_problem(error)))
        except Exception as error:
            # Tried again when its time to be worked on is over; the others must not wait for it.
            log.error("knowledge_schedule_failed", kind=item.kind, item=item.id, exc_info=error)

    async def _publish(self, item: Item, now: datetime) -> None:
        async def then(conn: AsyncConnection[Any], published: Item, run: GateRun) -> None:
            await self.record(conn, published, "published")

        planned = item.schedule or {}
        await self.publishing.publish(
            item.kind,
            item.id,
            version=item.version,
            note=planned.get("note", ""),
            by=UUID(planned["by"]) if "by" in planned else None,
            now=now,
            override=None,
            then=then,
        )

    async def _end(self, item: Item, now: datetime) -> None:
        note = (item.schedule or {}).get("note", "")
        if item.published is None:
            await self._execute(FORGET, item)
            return
        async with self.pool.connection() as conn:
            ended: Item | None
            step: Step = "archived"
            if item.kind == "entry":
                ended = await archiving.archive(
                    conn, item.id, version=item.version, note=note, by=None, now=now, index=self.index
                )
            else:
                step = "brought_back"
                ended = await self._bring_back(conn, item, note, now)
            if ended is not None:
                await self.record(conn, ended, step)

    async def _bring_back(
        self, conn: AsyncConnection[Any], item: Item, note: str, now: datetime
    ) -> Item | None:
        await editing.lock_base(conn)
        if (await editing.read_item(conn, item.kind, item.id)).version != item.version:
            return None
        ended = await editing.bring_back(conn, item.id, note=note, now=now, index=self.index)
        if ended is None:
            await conn.execute(FORGET, (item.kind, item.id, item.version))
        return ended

    async def _execute(self, query: str, item: Item, *first: object) -> None:
        async with self.pool.connection() as conn:
            await conn.execute(query.encode(), (*first, item.kind, item.id, item.version))


def _problem(error: KnowledgeBaseError) -> dict[str, str]:
    """What the schedule says: the error's code, and the gate's run where it stopped it."""
    problem = {"code": "invalid_content" if isinstance(error, ContentError) else error.code}
    return problem | ({"run": str(error.run.id)} if isinstance(error, GateStopped) else {})
