"""The shop's hours as admins change them, with a version so that two admins do not overwrite each other.

Until somebody changes them the defaults of config.yml are in force. routing.hours says whether it is open.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb
from psycopg_pool import AsyncConnectionPool

from desk import audit
from desk.errors import Conflict, InvalidInput

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_TIME = re.compile(r"^(?:[01]\d|2[0-3]):[0-5]\d$|^24:00$")

READ = "select value, version from shop_settings where key = 'hours'"
INSERT = """
insert into shop_settings (key, value, version, changed_by, changed_at)
values ('hours', %(value)s, 1, %(by)s, %(now)s) on conflict (key) do nothing returning version
"""
UPDATE = """
update shop_settings set value = %(value)s, version = version + 1, changed_by = %(by)s, changed_at = %(now)s
where key = 'hours' and version = %(version)s returning version
"""

Spans = tuple[tuple[str, str], ...]


@dataclass(frozen=True, kw_only=True)
class ShopHours:
    """Opening spans per weekday in the shop's zone, and closed dates. Version 0 = the defaults."""

    version: int
    days: Mapping[str, Spans]
    closed_dates: tuple[str, ...] = ()

    def as_json(self) -> dict[str, object]:
        """The hours as the API shows them."""
        days = {day: [list(span) for span in self.days.get(day, ())] for day in DAYS}
        return {"version": self.version, "days": days, "closed_dates": list(self.closed_dates)}


def default_hours(open_from: str, open_until: str) -> ShopHours:
    """The same span on every day."""
    return ShopHours(version=0, days={day: ((open_from, open_until),) for day in DAYS})


def check(days: Mapping[str, Sequence[tuple[str, str]]], closed_dates: Sequence[str]) -> None:
    """Raise InvalidInput where a day, a time or a date is not one, or spans overlap or run backwards."""
    for day, spans in days.items():
        if day not in DAYS:
            raise InvalidInput(f"days: {day!r} is no day; use {', '.join(DAYS)}.", field="days")
        _check_spans(day, spans)
    for closed in closed_dates:
        try:
            date.fromisoformat(closed)
        except ValueError:
            raise InvalidInput(
                f"closed_dates: {closed[:20]!r} is no date like 2027-02-06.", field="closed_dates"
            ) from None


def _check_spans(day: str, spans: Sequence[tuple[str, str]]) -> None:
    previous = "00:00"
    for start, end in spans:
        if not (_TIME.match(start) and _TIME.match(end)):
            raise InvalidInput(f"days.{day}: times are written 08:00, until 24:00.", field=f"days.{day}")
        if not previous <= start < end:
            raise InvalidInput(
                f"days.{day}: spans must run forwards, one after the other.", field=f"days.{day}"
            )
        previous = end


async def read(pool: AsyncConnectionPool, default: ShopHours) -> ShopHours:
    """The hours in force."""
    async with pool.connection() as conn, conn.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(READ)
        row = await cursor.fetchone()
    if row is None:
        return default
    days = {day: tuple((a, b) for a, b in spans) for day, spans in row["value"]["days"].items()}
    return ShopHours(
        version=row["version"], days=days, closed_dates=tuple(row["value"].get("closed_dates", ()))
    )


async def change(pool: AsyncConnectionPool, hours: ShopHours, *, by: UUID, now: datetime) -> ShopHours:
    """Store new hours; `hours.version` is the one that was read. Conflict when that is old."""
    check(hours.days, hours.closed_dates)
    value = {
        "days": {day: [list(s) for s in spans] for day, spans in hours.days.items()},
        "closed_dates": list(hours.closed_dates),
    }
    row = {"value": Jsonb(value), "by": by, "now": now, "version": hours.version}
    async with pool.connection() as conn, conn.transaction():
        version = await _write(conn, INSERT if hours.version == 0 else UPDATE, row)
        await audit.record(
            conn, actor_kind="agent", actor_id=by, action="hours.changed", subject="hours", now=now
        )
    return ShopHours(version=version, days=hours.days, closed_dates=hours.closed_dates)


async def _write(conn: AsyncConnection, sql: str, row: Mapping[str, object]) -> int:
    async with conn.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(sql, row)
        written = await cursor.fetchone()
    if written is None:
        raise Conflict("Somebody else changed the hours; read them again.", field="version")
    return int(written["version"])
