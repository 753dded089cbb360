"""How the parts are: the database and Rasa, asked every few seconds; what /readyz, the sockets and metrics tell.

It mends nothing: the pool reconnects by itself, the supervisor restarts Rasa.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Literal

import psycopg
import structlog
from psycopg_pool import AsyncConnectionPool

from service.metrics import Metrics

log = structlog.get_logger(__name__)

CHECK_TIMEOUT_S = 2.0
QUEUE_SIZE = "select count(*) from queue_entries"

RasaCheck = Callable[[], Awaitable[bool]]


class Health:
    """The last known state of the parts; `on_change` hears when it changes."""

    def __init__(self, pool: AsyncConnectionPool, *, is_rasa_up: RasaCheck, metrics: Metrics) -> None:
        self._pool = pool
        self._is_rasa_up = is_rasa_up
        self._metrics = metrics
        self._is_up: dict[str, bool] = {"database": True, "rasa": True}
        self._listeners: list[Callable[[dict[str, Any]], None]] = []
        self._workers_are_up: Callable[[], bool] = lambda: True

    def on_change(self, listener: Callable[[dict[str, Any]], None]) -> None:
        """Call the listener with `service()` whenever a part goes down or comes back."""
        self._listeners.append(listener)

    def watch_workers(self, are_up: Callable[[], bool]) -> None:
        """Ask this whether the turn workers of the process run."""
        self._workers_are_up = are_up

    def service(self) -> dict[str, Any]:
        """`service` of docs/api/websocket.md."""
        parts = [part for part, is_up in self._is_up.items() if not is_up]
        return {"status": "degraded" if parts else "ok", "parts": parts}

    async def ready(self) -> tuple[Literal["ok", "degraded", "down"], Mapping[str, str]]:
        """The state now: down without database or workers, degraded without Rasa."""
        await self.check()
        is_up = {**self._is_up, "workers": self._workers_are_up()}
        parts = {part: "ok" if up else "down" for part, up in is_up.items()}
        if not (is_up["database"] and is_up["workers"]):
            return "down", parts
        return ("ok" if is_up["rasa"] else "degraded"), parts

    async def check(self) -> None:
        """Ask both parts once."""
        before = self.service()
        database, rasa = await asyncio.gather(self._database_answers(), self._rasa_answers())
        self._is_up = {"rasa": rasa, "database": database}
        self._metrics.database_up.set(database)
        self._metrics.rasa_up.set(rasa)
        if self.service() != before:
            log.warning("service_state_changed", **self.service())
            for listener in self._listeners:
                listener(self.service())

    async def _database_answers(self) -> bool:
        try:
            async with (
                asyncio.timeout(CHECK_TIMEOUT_S),
                self._pool.connection(timeout=CHECK_TIMEOUT_S) as conn,
            ):
                cursor = await conn.execute(QUEUE_SIZE)
                row = await cursor.fetchone()
        except (psycopg.Error, TimeoutError, OSError):
            return False
        self._metrics.queue_size.set(row[0] if row else 0)
        return True

    async def _rasa_answers(self) -> bool:
        try:
            async with asyncio.timeout(CHECK_TIMEOUT_S):
                return await self._is_rasa_up()
        except (TimeoutError, OSError):
            return False
