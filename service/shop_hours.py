"""The hours in force, kept in memory for decisions that must not wait for the database.

Changed here at once, in other processes within some seconds.
"""

from __future__ import annotations

from psycopg_pool import AsyncConnectionPool

from desk import hours
from desk.hours import ShopHours
from routing.hours import Hours


class CurrentHours:
    """Business hours as last read; the defaults of config.yml until then."""

    def __init__(self, pool: AsyncConnectionPool, default: ShopHours) -> None:
        self._pool = pool
        self.default = default
        self._hours = default.hours

    def __call__(self) -> Hours:
        """The hours for routing."""
        return self._hours

    async def refresh(self) -> None:
        """Read them now; while the database is away the last known hours stay in force."""
        self._hours = (await hours.read(self._pool, self.default)).hours
