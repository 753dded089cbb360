"""Counts for the admin page: the queue and the bot's turns of the last hour."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from psycopg.rows import dict_row
from psycopg_pool import AsyncConnectionPool

QUEUE = """
select count(*) as waiting, count(offered_to) as offered, min(enqueued_at) as longest_since,
       count(*) filter (where first_response_due_at < %(now)s) as overdue
from queue_entries
"""
TURNS = """
select count(*) filter (where state = 'committed') as committed, count(*) filter (where state = 'dropped') as dropped,
       count(*) filter (where state = 'claimed') as claimed
from turns where claimed_at > %(since)s
"""
DROPPED = """
select drop_reason, count(*) as n from turns where claimed_at > %(since)s and state = 'dropped' group by drop_reason
"""


async def read(pool: AsyncConnectionPool, *, now: datetime) -> dict[str, Any]:
    """`queue` and `turns` of `GET /api/admin/status`."""
    values = {"now": now, "since": now - timedelta(hours=1)}
    async with pool.connection() as conn, conn.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(QUEUE, values)
        queue = await cursor.fetchone() or {}
        await cursor.execute(TURNS, values)
        turns = await cursor.fetchone() or {}
        await cursor.execute(DROPPED, values)
        reasons = {str(row["drop_reason"]): row["n"] for row in await cursor.fetchall()}
    longest = queue.get("longest_since")
    longest_s = (now - longest).total_seconds() if longest else None
    return {
        "queue": {
            "waiting": queue["waiting"],
            "offered": queue["offered"],
            "overdue": queue["overdue"],
            "longest_wait_s": longest_s,
        },
        "turns": {**turns, "dropped_by_reason": reasons, "window_s": 3600},
    }
