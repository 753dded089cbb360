"""Rasa's trackers in our PostgreSQL: only how they are cleared away. The desk is the record, they are a cache."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from psycopg import AsyncConnection

SCHEMA = "rasa"
"""The schema that Rasa's own table (`events`) lies in."""

_EXISTS = "select to_regclass('rasa.events') is not null"
_DELETE_PREFIX = "delete from rasa.events where starts_with(sender_id, %s)"
_DELETE_OLD = """
delete from rasa.events where sender_id in (
    select sender_id from rasa.events group by sender_id having max(timestamp) < %s limit %s)
"""


async def delete_trackers(conn: AsyncConnection[Any], sender_prefix: str) -> int:
    """Delete every generation whose sender starts with `{conversation}.`; the number of events that went."""
    if not sender_prefix:
        raise ValueError("an empty prefix would delete every tracker")
    return await _delete(conn, _DELETE_PREFIX, (sender_prefix,))


async def delete_trackers_before(conn: AsyncConnection[Any], moment: datetime, *, limit: int = 500) -> int:
    """Delete up to `limit` trackers whose last event is older than `moment`; the number of events that went."""
    return await _delete(conn, _DELETE_OLD, (moment.timestamp(), limit))


async def _delete(conn: AsyncConnection[Any], query: str, arguments: tuple[Any, ...]) -> int:
    row = await (await conn.execute(_EXISTS)).fetchone()
    if not row or not row[0]:
        return 0  # Rasa has never run on this database
    return (await conn.execute(query, arguments)).rowcount
