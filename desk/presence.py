"""Signs of life of agents' consoles; who has none for a while is not offered anything."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from desk.conversations import Pool
from desk.wake import Wake, notify


async def touch(pool: Pool, agent_ids: Iterable[UUID], now: datetime, *, joins: bool = False) -> None:
    """These agents' consoles are alive. `joins` wakes the offering: somebody came who may take what waits."""
    async with pool.connection() as conn:
        await conn.execute("update agents set seen_at = %s where id = any(%s)", (now, list(agent_ids)))
        if joins:
            await notify(conn, Wake(agents=True))
