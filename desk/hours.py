"""The shop's hours as admins change them, with a version so that two admins do not overwrite each other.

Until somebody changes them the defaults of config.yml are in force. routing.hours says whether it is open.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb
from psycopg_pool import AsyncConnectionPool

from desk import audit
from desk.errors import Conflict, InvalidInput
from routing.hours import Hours, HoursError

READ = "select value, version from shop_settings where key = 'hours'"
INSERT = """
insert into shop_settings (key, value, version, changed_by, changed_at)
values ('hours', %(value)s, 1, %(by)s, %(now)s) on conflict (key) do nothing returning version
"""
UPDATE = """
update shop_settings set value = %(value)s, version = version + 1, changed_by = %(by)s, changed_at = %(now)s
where key = 'hours' and version = %(version)s returning version
"""


@dataclass(frozen=True, kw_only=True)
class ShopHours:
    """Opening hours in the shop's zone as somebody read or wants them. Version 0 = the defaults."""

    version: int
    hours: Hours

    @classmethod
    def from_json(cls, version: int, written: Mapping[str, Any]) -> ShopHours:
        """Checked by routing.hours; InvalidInput names the day or the dates that make no sense."""
        try:
            return cls(version=version, hours=Hours.from_json(written))
        except HoursError as error:
            raise InvalidInput(str(error), field=error.field) from None

    def as_json(self) -> dict[str, object]:
        """The hours as the API shows them."""
        return {"version": self.version, **self.hours.as_json()}


def default_hours(open_from: str, open_until: str) -> ShopHours:
    """The same span on every day."""
    return ShopHours(version=0, hours=Hours.every_day(open_from, open_until))


async def read(pool: AsyncConnectionPool, default: ShopHours) -> ShopHours:
    """The hours in force."""
    async with pool.connection() as conn, conn.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(READ)
        row = await cursor.fetchone()
    if row is None:
        return default
    return ShopHours(version=row["version"], hours=Hours.from_json(row["value"]))


async def change(pool: AsyncConnectionPool, hours: ShopHours, *, by: UUID, now: datetime) -> ShopHours:
    """Store new hours; `hours.version` is the one that was read. Conflict when that is old."""
    row = {"value": Jsonb(hours.hours.as_json()), "by": by, "now": now, "version": hours.version}
    async with pool.connection() as conn, conn.transaction():
        version = await _write(conn, INSERT if hours.version == 0 else UPDATE, row)
        await audit.record(
            conn, actor_kind="agent", actor_id=by, action="hours.changed", subject="hours", now=now
        )
    return ShopHours(version=version, hours=hours.hours)


async def _write(conn: AsyncConnection, sql: str, row: Mapping[str, object]) -> int:
    async with conn.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(sql, row)
        written = await cursor.fetchone()
    if written is None:
        raise Conflict("Somebody else changed the hours; read them again.", field="version")
    return int(written["version"])
